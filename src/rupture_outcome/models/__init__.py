"""Models of dropout; the engine is exposed as `rupture_outcome.models.MultilevelHazard`."""

from importlib import import_module
from typing import Any

# Imported on first use: a rule that needs another model must not rerun when the engine changes.
_HOMES = {"MultilevelHazard": "rupture_outcome.models.hazard"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
