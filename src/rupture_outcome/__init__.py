"""From psychotherapy session data to evidence on alliance rupture, repair and dropout."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Imported on first use: a rule that needs another module must not rerun when one of these changes.
_API = ("code_ruptures", "episodes", "person_sessions", "simulated_study", "states")
_HOMES = {
    "MultilevelHazard": "rupture_outcome.engine.hazard",
    "NestedGrowth": "rupture_outcome.engine.growth.model",
    "StudyError": "rupture_outcome.errors",
    **dict.fromkeys(_API, "rupture_outcome.api"),
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
