"""How far the effect of repair would move if assumptions behind it did not hold."""
