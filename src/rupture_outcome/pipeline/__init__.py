"""A run: config, command line, logs, provenance, checks."""
