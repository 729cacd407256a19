"""From a fixed session on, by the state of the alliance at it."""
