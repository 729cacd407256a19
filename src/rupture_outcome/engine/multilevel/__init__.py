"""Parts of the multilevel hazard; `rupture_outcome.engine.hazard` is the entry."""
