"""Cells of a raw table as texts, numbers, days or yes and no."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from rupture_outcome.study.parse import UNREADABLE, parse

# What exports write where nothing was entered, in small letters.
# fmt: off
NOTHING = frozenset(
    [
        "", "na", "n/a", "#n/a", "nan", "null", "#null!", "#wert!", "#value!", "#div/0!", ".", "*",
        "-", "--", "none", "k.a.", "k. a.", "keine angabe", "missing", "fehlend",
    ]
)
# Codes for missing data that REDCap proposes.
REDCAP_NOTHING = frozenset(
    ["ni", "inv", "unk", "nask", "asku", "nav", "msk", "navu", "np", "qs", "qi", "trc", "unc",
     "der", "oth"]
)
# fmt: on
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y")
# A whole number as programs write it that know numbers with decimals only.
WHOLE = re.compile(r"^([+-]?[0-9]+)[.,]0+$")
SLASHED = ("%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y")
# Days from 1899-12-30, as spreadsheets count: from 1982 to 2064.
SERIAL_DAYS = (30_000, 60_000)


def texts(column: pd.Series, missing: Iterable[str] = ()) -> pd.Series:
    """Cells as texts without space around them; whole numbers without decimals.

    >>> texts(pd.Series([7.0, None])).tolist()
    ['7', nan]
    """
    if pd.api.types.is_numeric_dtype(column):
        out = column.map(_number_text, na_action="ignore")
    elif pd.api.types.is_datetime64_any_dtype(column):
        out = column.dt.strftime("%Y-%m-%d")
    else:
        out = column.str.strip().str.replace(WHOLE, r"\1", regex=True)
    out = out.astype("str")
    nothing = NOTHING | {str(code).strip().lower() for code in missing}
    return out.mask(out.str.lower().isin(nothing))


def numbers(
    column: pd.Series, decimal: str = ".", missing: Iterable[str] = ()
) -> tuple[pd.Series, pd.Series]:
    """Cells as numbers, and which of them hold something else.

    Parameters
    ----------
    column : Series
    decimal : str
        Character before decimals in texts.
    missing : iterable of str
        Codes for a missing value; those that are the same number are the same code.

    Returns
    -------
    Series of float, Series of bool

    Examples
    --------
    >>> numbers(pd.Series(["2,5", "99,0", "x"]), ",", ["99"])[0].tolist()
    [2.5, nan, nan]
    """
    if pd.api.types.is_numeric_dtype(column):
        out, wrong = column.astype("float64"), pd.Series(False, column.index)
    else:
        shown = texts(column, missing)
        field = {"type": "number", "decimalChar": decimal}
        read = {text: parse(text, field) for text in shown.dropna().unique()}
        if decimal == ",":  # whole numbers are the same in every country
            read |= {t: float(t) for t in read if t.lstrip("+-").isdigit() and t.isascii()}
        good = {text: value for text, value in read.items() if value is not UNREADABLE}
        out = shown.map(good).astype("float64")
        wrong = shown.notna() & out.isna()
    codes = [value for code in missing if (value := parse(str(code), NUMBER)) is not UNREADABLE]
    return out.mask(out.isin(codes)), wrong


NUMBER = {"type": "number"}


def dates(column: pd.Series, form: str | None = None) -> tuple[pd.Series, pd.Series]:
    """Cells as moments, and which of them hold something else.

    Parameters
    ----------
    column : Series
    form : str, optional
        Format of the texts; found by trying if it is not given.

    Returns
    -------
    Series of datetime64, Series of bool
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.normalize(), pd.Series(False, column.index)
    if pd.api.types.is_numeric_dtype(column):
        inside = column.between(*SERIAL_DAYS)
        days = pd.to_timedelta(column.where(inside), unit="D")
        moments = (pd.Timestamp("1899-12-30") + days).dt.normalize().astype("datetime64[s]")
        return moments, column.notna() & ~inside
    if is_serial(column):
        return dates(numbers(column)[0])
    shown = texts(column)
    form = form or (date_formats(column) or ["%Y-%m-%d"])[0]
    out = pd.to_datetime(_day_part(shown), format=form, errors="coerce").astype("datetime64[s]")
    return out, shown.notna() & out.isna()


def date_formats(column: pd.Series) -> list[str]:
    """Find formats by which every text of a column is a date; two of them where that is open."""
    shown = _day_part(texts(column)).dropna().drop_duplicates()
    if shown.empty or not shown.str.contains(r"^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{2,4}$").all():
        return []
    return [
        form
        for form in (*DATE_FORMATS, *SLASHED)
        if pd.to_datetime(shown, format=form, errors="coerce").notna().all()
    ]


def is_date(column: pd.Series) -> bool:
    """Whether a column holds dates and nothing else."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return bool(column.notna().any())
    return not pd.api.types.is_numeric_dtype(column) and bool(date_formats(column))


def is_serial(column: pd.Series) -> bool:
    """Whether numbers may be days as spreadsheets count them."""
    read = numbers(column)[0].dropna() if not is_date(column) else pd.Series(dtype=float)
    return bool(len(read)) and bool(read.between(*SERIAL_DAYS).all())


def _day_part(shown: pd.Series) -> pd.Series:
    return shown.str.split(r"[T ]", n=1, regex=True).str[0]


def _number_text(value: float) -> str:
    return str(int(value)) if np.isfinite(value) and float(value).is_integer() else repr(value)
