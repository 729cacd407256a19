"""States that nobody sees: what reports with errors say of them, and an outcome that follows."""
