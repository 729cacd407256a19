"""Parts of the simulated example study; `rupture_outcome.simulate` is the entry."""
