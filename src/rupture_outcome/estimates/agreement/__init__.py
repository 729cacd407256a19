"""How far definitions and observers agree."""
