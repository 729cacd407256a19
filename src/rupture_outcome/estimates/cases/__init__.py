"""A few courses under every definition."""
