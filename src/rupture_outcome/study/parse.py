"""One text as a value of its column's type, by the field that the dictionary gives for it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
INTEGER = re.compile(r"[+-]?\d+")
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")

_DAY, _MONTH = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])"
DATE = re.compile(
    rf"(\d{{4}}[-./]{_MONTH}[-./]{_DAY}|{_DAY}[-./]{_MONTH}[-./](\d{{4}}|\d{{2}})"
    rf"|{_MONTH}/{_DAY}/(\d{{4}}|\d{{2}}))([T ].*)?"
)


class Unreadable:
    """Stands for a text that is not a value of its column's type."""


UNREADABLE = Unreadable()

Field = Mapping[str, Any]


def parse(text: str, field: Field) -> Any:
    """Read a text as the dictionary says.

    Parameters
    ----------
    text : str
        Without white space around it, and not a code for a missing value.
    field : mapping
        A Frictionless field: `type`, `decimalChar`, `groupChar`, `trueValues`, `falseValues`.

    Returns
    -------
    int, float, bool, str or UNREADABLE

    Examples
    --------
    >>> parse("1.234,5", {"type": "number", "decimalChar": ",", "groupChar": "."})
    1234.5
    >>> parse("3,5", {"type": "number"}) is UNREADABLE
    True
    """
    kind = field.get("type", "any")
    return PARSERS[kind](text, field) if kind in PARSERS else text


def _number(text: str, field: Field) -> Any:
    plain = _ungrouped(text, field)
    decimal = field.get("decimalChar", ".")
    if decimal != ".":
        plain = plain.replace(".", "?").replace(decimal, ".")
    return float(plain) if NUMBER.fullmatch(plain) else UNREADABLE


def _integer(text: str, field: Field) -> Any:
    plain = _ungrouped(text, field)
    return int(plain) if INTEGER.fullmatch(plain) else UNREADABLE


def _ungrouped(text: str, field: Field) -> str:
    group = field.get("groupChar")
    return text.replace(group, "") if group else text


def _boolean(text: str, field: Field) -> Any:
    if text in field.get("trueValues", TRUE):
        return True
    return False if text in field.get("falseValues", FALSE) else UNREADABLE


PARSERS: dict[str, Callable[[str, Field], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
}


def cast(value: Any, kind: str) -> Any:
    """Cast a value to a type of the data contract; yes and no become 1 and 0.

    >>> cast(3.0, "integer"), cast(True, "boolean"), cast("2.5", "number")
    (3, 1, 2.5)
    """
    if kind == "string":
        return str(value)
    if isinstance(value, str):  # a text column with own codes, some of which are numbers
        value = _number(value, {})
    if value is UNREADABLE or kind == "number":
        return value if value is UNREADABLE else float(value)
    fits = float(value).is_integer() and (kind == "integer" or value in (0, 1))
    return int(value) if fits else UNREADABLE
