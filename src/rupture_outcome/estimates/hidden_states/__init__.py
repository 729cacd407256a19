"""What all reports of ruptures together say of states that nobody sees."""
