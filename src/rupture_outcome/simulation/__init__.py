"""Parts of the simulated example study; `rupture_outcome.simulation.simulate` is the entry."""
