"""Who is at risk of what, when: endings, definitions of dropout, risk set, exposure, clusters."""
