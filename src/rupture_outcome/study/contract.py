"""The data contract: which tables and columns the pipeline understands, read from contract.json."""

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLES = ("patients", "sessions", "markers", "ratings", "endings")

# How a column of the contract is kept in a frame; a number that is missing is NaN.
DTYPES = {"string": "str", "integer": "Int64", "boolean": "Int64", "number": "float64"}


def fields(table: str) -> dict[str, dict[str, Any]]:
    """Columns of a table as Frictionless fields, by name, in the contract's order."""
    return {field["name"]: field for field in _resource(table)["schema"]["fields"]}


def names(table: str) -> list[str]:
    """Names of a table's columns.

    >>> names("endings")[:3]
    ['patient_id', 'last_session', 'ending']
    """
    return list(fields(table))


def key(table: str) -> list[str]:
    """Columns that together identify a row of a table."""
    return list(_resource(table)["schema"]["primaryKey"])


def is_required(table: str) -> bool:
    """Whether every study must have this table."""
    return _resource(table)["required"]


def about(table: str) -> str:
    """Say what a row of a table is."""
    return str(_resource(table)["description"])


def starred(table: str) -> list[str]:
    """Columns that every such table must have, without missing values."""
    return [n for n, f in fields(table).items() if f.get("constraints", {}).get("required")]


@cache
def _contract() -> dict[str, Any]:
    path = Path(__file__).with_name("contract.json")
    return json.loads(path.read_text(encoding="utf-8"))


def _resource(table: str) -> dict[str, Any]:
    return next(one for one in _contract()["resources"] if one["name"] == table)
