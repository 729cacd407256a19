"""Pages that explain each definition and repair rule, made from how it is registered."""
