"""Growth: rows in persons in groups, with random intercepts and slopes."""
