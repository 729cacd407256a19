"""Sentences about a study and its results, for notebooks and report."""
