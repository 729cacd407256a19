"""Rupture definitions, repair rules and episodes."""
