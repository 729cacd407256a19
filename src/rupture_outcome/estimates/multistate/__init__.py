"""From intact to rupture, repair and ending: occupancy, transitions, what-if of more repair."""
