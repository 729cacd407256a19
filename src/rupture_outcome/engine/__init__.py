"""Statistics without a word of therapy: frames and arrays in, estimates out."""
