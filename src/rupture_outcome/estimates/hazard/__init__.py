"""The main question: the hazard of dropout by the state of the alliance."""
