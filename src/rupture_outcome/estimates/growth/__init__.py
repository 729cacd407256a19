"""How measures change over sessions with the state of ruptures."""
