"""The gate: what identifies a person is looked for in every column, name and file."""

from rupture_outcome.study.gate.finding import Finding
from rupture_outcome.study.gate.look import findings

__all__ = ["Finding", "findings"]
