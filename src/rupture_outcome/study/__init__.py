"""Reading a study, checking it against its dictionary, cleaning and scoring it."""
