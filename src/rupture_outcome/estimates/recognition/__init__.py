"""Whether a rupture that one person reports is reported by another."""
