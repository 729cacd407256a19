"""Definitions of dropout compared."""
