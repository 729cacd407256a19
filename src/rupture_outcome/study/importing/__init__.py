"""Import: an export of any shape becomes a study in the form of the data contract, once."""
