"""Cox models of dropout, as a check."""
