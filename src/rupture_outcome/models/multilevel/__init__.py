"""Parts of the multilevel hazard; `rupture_outcome.models.hazard` is the entry."""
