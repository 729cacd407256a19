"""How often ruptures are found, and how often by chance."""
