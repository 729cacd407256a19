"""Whether the effect of repair differs between subgroups."""
