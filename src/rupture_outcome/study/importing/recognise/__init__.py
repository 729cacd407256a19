"""What the columns and rows of an export are, as guesses with their reasons."""
