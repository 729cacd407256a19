"""Who has got better at the end of treatment, who has not, and who cannot be judged."""
