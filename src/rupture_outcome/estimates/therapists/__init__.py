"""How much therapists differ in rupture, repair and dropout."""
