"""Cox model with time-varying states: an independent check of the hazard."""
