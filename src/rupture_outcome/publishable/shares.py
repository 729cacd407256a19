"""Small-cell suppression of shares and coefficients, which could give small counts back.

A share that rests on a small count, or on the small rest of a whole, is rounded until a step of the
rounding is worth more than twice the threshold, or withheld where no rounding does. ``kappa ≈`` in
the column ``withheld`` says that kappa was rounded, ``kappa –`` that it is withheld.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    is_small,
    is_withheld,
    mark_of,
    suppress,
)

ROUNDED = "≈"
TOO_FEW = "withheld: too few patients or sessions"
INTERVAL = ["ci_low", "ci_high"]
Published = Mapping[str, Iterable[int]]


def coarse(
    shares: pd.Series, n: pd.Series, threshold: int, decimals: Iterable[int] = (1, 2)
) -> pd.Series:
    """Round shares of n so that a step is more than twice the threshold, or withhold them.

    Of the decimals that are allowed, ascending, the most that can be had are kept.

    Examples
    --------
    >>> coarse(pd.Series([0.123, 0.123, 0.123]), pd.Series([5000, 500, 50]), 10).tolist()
    [0.12, 0.1, nan]
    """
    out = pd.Series(np.nan, index=shares.index)
    for places in decimals:
        wide = n.astype(float) * 10.0**-places > 2 * threshold
        out = out.mask(wide, shares.astype(float).round(places))
    return out


def any_small(counts: pd.DataFrame, threshold: int) -> pd.Series:
    """Rows in which any of some counts is small."""
    return ((counts >= 1) & (counts <= threshold)).fillna(False).any(axis=1).astype(bool)


def row_by_row(
    frame: pd.DataFrame,
    counts: list[str],
    threshold: int,
    wholes: Mapping[str, str],
    published: Published | None,
) -> pd.DataFrame:
    """`suppress`, with no row compared with another."""
    if frame.empty:
        return suppress(frame, counts, threshold)
    rows = [frame.iloc[[i]] for i in range(len(frame))]
    return pd.concat([suppress(row, counts, threshold, wholes, published) for row in rows])


def noted(out: pd.DataFrame, column: str, rows: pd.Series, marks: pd.Series) -> pd.DataFrame:
    """Add a mark to the note of rows that have none for the column."""
    new = rows & ~is_withheld(out, column)
    added = (out[WITHHELD].astype("str") + "; " + column + " " + marks).str.removeprefix("; ")
    return out.assign(**{WITHHELD: out[WITHHELD].mask(new, added)})


def marked(out: pd.DataFrame, column: str, marks: pd.Series) -> pd.DataFrame:
    """Withhold a count where there is a mark for it."""
    out = out.assign(**{column: out[column].astype("Int64").mask(marks != "")})
    return noted(out, column, marks != "", marks)


def without_counts(
    out: pd.DataFrame, raw: pd.DataFrame, columns: list[str], rows: pd.Series, threshold: int
) -> pd.DataFrame:
    """Withhold counts in some rows, the small ones marked as such."""
    for column in columns:
        small = raw[column].map(lambda n: is_small(n, threshold)).astype(bool)
        marks = pd.Series(HIDDEN, index=out.index).mask(small, f"≤{threshold}").where(rows, "")
        out = marked(out, column, marks)
    return out


def without(out: pd.DataFrame, columns: list[str], rows: pd.Series) -> pd.DataFrame:
    """Withhold numbers that are no counts in some rows."""
    for column in columns:
        out = noted(out, column, rows, pd.Series(HIDDEN, index=out.index))
        out[column] = out[column].astype(float).mask(rows)
    return out


def rounded(
    out: pd.DataFrame,
    columns: list[str],
    rows: pd.Series,
    n: pd.Series,
    threshold: int,
    decimals: Iterable[int] = (1, 2),
) -> pd.DataFrame:
    """Round shares of n in some rows as `coarse` does."""
    for column in columns:
        values = out[column].astype(float)
        near = coarse(values, n, threshold, decimals)
        marks = pd.Series(ROUNDED, index=out.index).mask(near.isna(), HIDDEN)
        out = noted(out, column, rows & values.notna(), marks)
        out[column] = values.mask(rows, near)
    return out


def to_hundredths(out: pd.DataFrame, columns: list[str], rows: pd.Series) -> pd.DataFrame:
    """Round numbers to two decimals in some rows."""
    for column in columns:
        values = out[column].astype(float)
        out[column] = values.mask(rows, values.round(2))
    return out


def too_few(out: pd.DataFrame, columns: list[str], rows: pd.Series) -> pd.DataFrame:
    """Withhold numbers in some rows, with the reason in their note."""
    out = without(out, columns, rows)
    return out.assign(note=out["note"].astype(object).mask(rows, TOO_FEW))


def nearest(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the published count, or the one given after ≈."""
    marks = [mark_of(note, column) for note in frame[WITHHELD]]
    near = [float(mark[1:]) if mark.startswith("≈") else np.nan for mark in marks]
    return frame[column].astype(float).fillna(pd.Series(near, index=frame.index))
