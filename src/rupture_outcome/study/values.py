"""From the texts of a column to its values: each distinct text is looked at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.errors import Problem
from rupture_outcome.study.constraints import breaches
from rupture_outcome.study.contract import DTYPES
from rupture_outcome.study.parse import DATE, PARSERS, UNREADABLE, Codes, cast, parse
from rupture_outcome.study.tables import Source

# Texts that exports write for a missing value; in a text column nothing else would give them away.
MARKERS = frozenset(
    ["*", ".", "NULL", "#NULL!", "NA", "#N/A", "N/A", "NaN", "nan", "-99", "-999", "None"]
)

IN_WORDS = {
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "yes or no in the codes that the dictionary gives (trueValues, falseValues)",
}
CONTRACT_IN_WORDS = {**IN_WORDS, "boolean": "yes or no as 1 or 0"}

# What was expected, what to do, and the positions of the distinct texts that are not so.
Found = tuple[str, str, list[int]]


@dataclass(frozen=True)
class ColumnRules:
    """All that is known about a column before it is read.

    Parameters
    ----------
    name : str
        Its name in the contract.
    own : mapping
        Its field in the study's dictionary.
    contract : mapping
        Its field in the data contract, with the bounds that the config adds.
    missing : Codes
        Texts that mean "missing".
    codes : Codes
        The study's own codes and the contract's, from the config.
    """

    name: str
    own: Mapping[str, Any]
    contract: Mapping[str, Any]
    missing: Codes
    codes: Codes

    def constraint(self, name: str) -> bool:
        """Whether dictionary or contract set a constraint that is either on or off."""
        fields = (self.own, self.contract)
        return any(field.get("constraints", {}).get(name) for field in fields)


def convert_column(
    column: pd.Categorical, lines: np.ndarray, rules: ColumnRules, source: Source
) -> tuple[pd.Series, list[Problem]]:
    """Convert a column's texts and check them against dictionary, config and contract.

    Parameters
    ----------
    column : Categorical
        Texts of the column.
    lines : array of int, shape (rows,)
        Line of each row, the index of the result.
    rules : ColumnRules
    source : Source
        For messages.

    Returns
    -------
    Series, list of Problem
        The values, missing wherever a problem was found.
    """
    texts = [text.strip() for text in column.categories.tolist()]
    values, found = convert_texts(texts, rules)
    codes = np.asarray(column.codes)
    missing = np.array([rules.missing.has(text) for text in texts], dtype=bool)[codes]
    problems = [
        source.problem(expected, remedy, rules.name, lines[np.isin(codes, positions)].tolist())
        for expected, remedy, positions in found
    ]
    problems += _whole_column(codes, missing, lines, rules, source)
    distinct = pd.Series(values, dtype=DTYPES[rules.contract["type"]])
    return pd.Series(distinct.array.take(codes), index=lines, name=rules.name), problems


def convert_texts(texts: Sequence[str], rules: ColumnRules) -> tuple[list[Any], list[Found]]:
    """Convert distinct texts; each that breaks a rule becomes None and is reported once.

    Parameters
    ----------
    texts : sequence of str
    rules : ColumnRules

    Returns
    -------
    list, list of tuple
        Values of the contract, None where missing; and what was expected, what to do and where.
    """
    own = [None if rules.missing.has(text) else parse(text, rules.own) for text in texts]
    found = list(_unreadable(texts, own, rules))
    _forget(own, found)
    found += _breached(own, rules.own)
    values = [
        None if value is None else _contract_value(text, value, rules)
        for text, value in zip(texts, own, strict=True)
    ]
    misfits = list(_misfits(values, rules))
    _forget(values, misfits)
    return values, found + misfits + _breached(values, rules.contract)


def _unreadable(texts: Sequence[str], own: list[Any], rules: ColumnRules) -> Iterator[Found]:
    """Texts that are no value of the declared type, or are a value that no column should have."""
    kind = rules.own.get("type", "any")
    suspect = [i for i, value in enumerate(own) if value is UNREADABLE]
    if kind not in PARSERS:
        listed = rules.own.get("constraints", {}).get("enum", [])
        suspect = [
            i
            for i, value in enumerate(own)
            if value is not None and value not in listed and not rules.codes.has(value)
        ]
    dates = [i for i in suspect if DATE.fullmatch(texts[i])]
    marks = [i for i in suspect if texts[i] in MARKERS]
    rest = sorted(set(suspect) - set(dates) - set(marks)) if kind in PARSERS else []
    if dates:
        expected = "calendar dates were found; they identify persons and are not read"
        yield expected, "give days since intake as whole numbers, or remove the column", dates
    if marks:
        expected = "these cells hold a code that usually means a missing value"
        yield expected, "list it under missingValues in datapackage.json, or empty the cells", marks
    if rest:
        expected = f"the dictionary declares {IN_WORDS[kind]}, other text was found"
        remedy = "correct the cells, or type, decimalChar or missingValues in datapackage.json"
        yield expected, remedy, rest


def _breached(values: list[Any], field: Mapping[str, Any]) -> list[Found]:
    """Values that break a constraint of a field."""
    known = [i for i, value in enumerate(values) if value is not None]
    found = [
        (expected, field.get("remedy", remedy), [known[at] for at in positions])
        for expected, remedy, positions in breaches(
            [values[i] for i in known],
            field.get("constraints", {}),
            shown="remedy" not in field,
        )
    ]
    _forget(values, found)
    return found


def _forget(values: list[Any], found: Iterable[Found]) -> None:
    """Set aside what was reported, so that no later rule reports it again."""
    for _, _, positions in found:
        for i in positions:
            values[i] = None


def _contract_value(text: str, value: Any, rules: ColumnRules) -> Any:
    kind = rules.contract["type"]
    if rules.codes.has(text):
        return cast(rules.codes.meaning(text), kind)
    return cast(text if kind == "string" else value, kind)


def _misfits(values: list[Any], rules: ColumnRules) -> Iterator[Found]:
    bad = [i for i, value in enumerate(values) if value is UNREADABLE]
    if bad:
        expected = f"expected {CONTRACT_IN_WORDS[rules.contract['type']]}, found something else"
        yield expected, "correct the cells, or translate codes under values in the config", bad


def _whole_column(
    codes: np.ndarray, missing: np.ndarray, lines: np.ndarray, rules: ColumnRules, source: Source
) -> Iterator[Problem]:
    if rules.constraint("required") and missing.any():
        remedy = "fill in the cells, or remove the rows"
        rows = lines[missing].tolist()
        yield source.problem("this must not be missing", remedy, rules.name, rows)
    if rules.constraint("unique"):
        twice = pd.Series(codes).duplicated(keep=False).to_numpy() & ~missing
        if twice.any():
            remedy = "keep one row for each value, or correct the values"
            rows = lines[twice].tolist()
            yield source.problem("every value must occur once", remedy, rules.name, rows)
