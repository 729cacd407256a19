"""Constraints of a field (range, allowed codes, pattern, length), checked by pandera."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

SHOWN_NUMBERS = 3
NOT_CELLWISE = ("required", "unique")

Breach = tuple[str, str, list[int]]


def breaches(
    values: Sequence[Any], constraints: Mapping[str, Any], *, shown: bool = True
) -> list[Breach]:
    """Find the values that break a constraint.

    Parameters
    ----------
    values : sequence
        Distinct values of a column, none missing.
    constraints : mapping
        Constraints of a Frictionless field; `required` and `unique` concern rows and are left out.
    shown : bool
        Whether numbers out of range may be shown; as dates they would identify persons.

    Returns
    -------
    list of tuple
        What was expected, what to do, and the positions of the values that are not so. Numbers
        out of range are shown (the first three), texts never.

    Examples
    --------
    >>> breaches([1, 5, 9], {"minimum": 1, "maximum": 5})[0][0]
    'expected values from 1 to 5, found 9'
    """
    wanted = {name: limit for name, limit in constraints.items() if name not in NOT_CELLWISE}
    if not wanted or not len(values):
        return []
    series = pd.Series(list(values), dtype=object if isinstance(values[0], str) else None)
    failed = _failed(series, wanted)
    out: dict[str, list[int]] = {}
    for name, position in failed:
        group = "range" if name in ("minimum", "maximum") else name
        out.setdefault(group, []).append(position)
    return [_in_words(name, wanted, series, at, shown) for name, at in out.items()]


def _failed(series: pd.Series, wanted: Mapping[str, Any]) -> list[tuple[str, int]]:
    import pandera.pandas as pa  # slow to import, and only needed while reading

    checks = [
        pa.Check(_test(name, limit), name=name, error=name)
        for name, limit in wanted.items()
        if name in TESTS
    ]
    try:
        pa.SeriesSchema(checks=checks).validate(series, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        return list(zip(cases["check"], cases["index"].astype(int), strict=True))
    return []


def _test(name: str, limit: Any) -> Callable[[pd.Series], pd.Series]:
    return lambda series: TESTS[name](series, limit)


def _allowed(series: pd.Series, codes: Sequence[Any]) -> pd.Series:
    if pd.api.types.is_numeric_dtype(series):  # 8, 8.0 and "8" are one code
        return series.isin(pd.to_numeric(pd.Series(list(codes), dtype=object), errors="coerce"))
    return series.isin(list(codes)) | series.astype(str).isin([str(code) for code in codes])


TESTS: dict[str, Callable[[pd.Series, Any], pd.Series]] = {
    "minimum": lambda series, limit: series >= limit,
    "maximum": lambda series, limit: series <= limit,
    "exclusiveMinimum": lambda series, limit: series > limit,
    "exclusiveMaximum": lambda series, limit: series < limit,
    "enum": _allowed,
    "pattern": lambda series, limit: series.astype(str).str.fullmatch(limit),
    "minLength": lambda series, limit: series.astype(str).str.len() >= limit,
    "maxLength": lambda series, limit: series.astype(str).str.len() <= limit,
}


def _in_words(
    name: str, wanted: Mapping[str, Any], series: pd.Series, at: list[int], numbers: bool
) -> Breach:
    at = sorted(set(at))
    if name == "enum":
        expected = f"expected one of {', '.join(str(code) for code in wanted['enum'])}"
        return f"{expected}, found another code", ENUM_REMEDY, at
    if name == "range":
        expected = f"expected values {_range(wanted)}"
    else:
        expected = f"expected {name} {wanted[name]}"
    if numbers and name == "range" and (shift := _shift(wanted, series)):
        low, high = wanted["minimum"] + shift, wanted["maximum"] + shift
        expected = (
            f"the range is declared as {_range(wanted)[5:]}, the values are {low:g} to {high:g}"
        )
        return f"{expected} or part of it: a scale that begins elsewhere", SHIFT_REMEDY, at
    if numbers and pd.api.types.is_numeric_dtype(series):
        shown = [f"{value:g}" for value in series.iloc[at[:SHOWN_NUMBERS]]]
        expected += f", found {', '.join(shown)}" + (" …" if len(at) > SHOWN_NUMBERS else "")
    return expected, RANGE_REMEDY, at


def _shift(wanted: Mapping[str, Any], series: pd.Series) -> int:
    """Tell by how much a short scale of whole numbers was coded lower or higher than declared.

    One end lies one beyond the declared range, and the other end is not used.

    >>> _shift({"minimum": 1, "maximum": 5}, pd.Series([0, 2, 4]))
    -1
    >>> _shift({"minimum": 1, "maximum": 5}, pd.Series([0, 2, 5]))
    0
    """
    low, high = wanted.get("minimum"), wanted.get("maximum")
    if low is None or high is None or not 1 < high - low <= LONGEST_SCALE or len(series) < 2:
        return 0
    if not pd.api.types.is_numeric_dtype(series) or (series % 1 != 0).any():
        return 0
    if series.min() == low - 1 and series.max() < high:
        return -1
    return int(series.max() == high + 1 and series.min() > low)


LONGEST_SCALE = 10


def _range(wanted: Mapping[str, Any]) -> str:
    low, high = wanted.get("minimum"), wanted.get("maximum")
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"of at least {low:g}" if low is not None else f"of at most {high:g}"


ENUM_REMEDY = (
    "correct the cells, or translate the study's codes under values in the config "
    "(or in datapackage.json, if the code is right)"
)
SHIFT_REMEDY = (
    "declare the range that the answers were coded in, in config and dictionary; or, if the value "
    "at its end means a missing answer, list it under missingValues"
)
RANGE_REMEDY = (
    "correct the cells, list codes for missing values under missingValues in datapackage.json, "
    "or correct the range in the dictionary or config"
)
