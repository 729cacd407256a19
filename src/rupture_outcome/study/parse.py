"""One text as a value of its column's type, by the field that the dictionary gives for it."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

# Digits of other scripts are numbers to Python, too; in a study they are slips.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
# What a column of whole numbers can hold.
LARGEST = 2**63 - 1
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")

_DAY, _MONTH = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])"
DATE_FORM = (
    rf"\d{{4}}[-./]{_MONTH}[-./]{_DAY}|{_DAY}[-./]{_MONTH}[-./](\d{{4}}|\d{{2}})"
    rf"|{_MONTH}/{_DAY}/(\d{{4}}|\d{{2}})"
)
DATE = re.compile(rf"({DATE_FORM})([T ].*)?")


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
    plain = _plain(text, field)
    value = float(plain) if NUMBER.fullmatch(plain) else math.inf
    return value if math.isfinite(value) else UNREADABLE


def _integer(text: str, field: Field) -> Any:
    """Whole numbers, also as programs write them that know numbers with decimals only: 3.0."""
    plain = _plain(text, field)
    value = int(plain.partition(".")[0]) if WHOLE.fullmatch(plain) else LARGEST + 1
    return value if abs(value) <= LARGEST else UNREADABLE


def _plain(text: str, field: Field) -> str:
    """Write a number without group characters and with a decimal point."""
    group, decimal = field.get("groupChar"), field.get("decimalChar", ".")
    plain = text.replace(group, "") if group else text
    return plain if decimal == "." else plain.replace(".", "?").replace(decimal, ".")


class Codes:
    """What some texts stand for, where texts that are the same number are the same code.

    Parameters
    ----------
    meanings : mapping of str to object
        By text, as dictionary or config write it.
    field : mapping
        The column's field; gives the decimal and group characters.
    numeric : bool
        Whether the column holds numbers: 99, 99.0 and 099 are then one code. As identifiers or
        names of categories they are three.

    Examples
    --------
    >>> Codes({"99": None}, {"decimalChar": ","}, numeric=True).has("99,00")
    True
    >>> Codes({"7": "x"}, {}, numeric=False).has("007")
    False
    """

    def __init__(self, meanings: Mapping[str, Any], field: Field, *, numeric: bool) -> None:
        self.meanings, self.field, self.numeric = meanings, field, numeric
        read = [(self._value(text), text) for text in meanings] if numeric else []
        self.numbers = {value: text for value, text in read if value is not None}

    def has(self, text: str) -> bool:
        """Whether a text is one of the codes."""
        return self._code(text) is not None

    def meaning(self, text: str) -> Any:
        """Look up what a text that is one of the codes stands for."""
        return self.meanings[self._code(text) or ""]

    def _code(self, text: str) -> str | None:
        if text in self.meanings:
            return text
        value = self._value(text) if self.numeric else None
        return None if value is None else self.numbers.get(value)

    def _value(self, text: str) -> float | None:
        read = (_number(text, field) for field in (self.field, {}))
        return next((value for value in read if value is not UNREADABLE), None)


def _boolean(text: str, field: Field) -> Any:
    for meaning, texts in ((True, "trueValues"), (False, "falseValues")):
        given = field.get(texts, TRUE if meaning else FALSE)
        if Codes(dict.fromkeys(given), field, numeric=True).has(text):
            return meaning
    return UNREADABLE


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
