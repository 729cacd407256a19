"""A simulated world that shows why the naive comparison misleads."""
