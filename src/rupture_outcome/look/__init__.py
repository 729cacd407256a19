"""How everything looks: words for codes, number formats, layout of tables, style of figures."""
