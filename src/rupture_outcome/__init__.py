"""From psychotherapy session data to evidence on alliance rupture, repair and dropout."""

__version__ = "0.1.0"
