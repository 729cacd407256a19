"""Repair rules, one idea a file; whatever is put here is found by the registry."""
