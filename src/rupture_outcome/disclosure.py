"""One rule for what may leave a study: counts are rounded, and what rests on few is withheld.

A count of persons, sessions or events is 0, "≤10", or the nearest multiple of 10 (10 is the
threshold; 0 switches the rule off). The same count always becomes the same number. Shares, means
and curves over n persons are multiples of 10/n. An estimate is withheld when a cell that it rests
on is 1 to 10, and else given to the digits that its standard error supports, with an error and an
interval that are widened to the next step: the fewer it rests on, the larger are the steps. Tests
become weaker by as much, for they tell the error of what they test. A category of 1 to 10 persons
loses its label. In memory a small count is minus the threshold, in a file "≤10".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from rupture_outcome.engine.digits import decimals, to_digits
from rupture_outcome.engine.estimate import normal_quantile

OTHER = "other"
SMALL = "≤"
KINDS = {
    "code": "a code or a label; look/words has its name",
    "text": "words; `of`: cells of the estimate that they are about, empty where it is withheld",
    "flag": "true or false; `of`: as a text, false where the estimate is withheld",
    "number": "a number that no person can be counted by, such as a session or a setting",
    "count": "persons, therapists, sessions or events; `of`: a group that it lies within",
    "difference": "what one row counts less than the row before; `of`: the count",
    "share": "a quotient of two counts; `of`: part and whole; `ends`: its interval",
    "mean": "a mean, share or curve over n persons; `of`: n, then cells as of an estimate, which "
    "it is where n is missing",
    "estimate": "from a model; `of`: cells that it rests on, `ends`: its interval, `se`: its error",
    "test": "a statistic, or its degrees of freedom; `of`: as an estimate",
    "p": "a p-value; `of`: as an estimate, `se`: the error of the estimate that it is a test of",
    "follows": "rounded with the estimate or mean whose `ends` or `se` it is",
    "basis": "the smallest cell that an estimate rests on; never leaves",
}


@dataclass(frozen=True)
class Column:
    """One column of a published table: what kind of number it is, and how it is read.

    Parameters
    ----------
    name : str
        As in the CSV file.
    kind : str
        A key of `KINDS`.
    label, unit : str
        For people; a column without a label is not laid out. A share in "%" is given per hundred.
    of : sequence of str
        Columns that decide what may be shown, see `KINDS`.
    ends, se : sequence of str, str
        Columns of the interval (and of a wider one), and of the standard error, rounded with it.
    most : float
        Largest value that an end of the interval can have.
    """

    name: str
    kind: str = "code"
    label: str = ""
    unit: str = ""
    of: Sequence[str] = ()
    ends: Sequence[str] = ()
    se: str = ""
    most: float = np.inf

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: '{self.kind}' is no kind of column")


@dataclass(frozen=True)
class Categories:
    """Labels that must not single out few: rows of a small one join those of ``other``.

    Parameters
    ----------
    label : str
        Column of the category; a row where it is empty is none.
    count : str
        Column of its persons.
    within : sequence of str
        Columns that tell one set of categories from the next, and are kept.
    """

    label: str
    count: str
    within: Sequence[str] = field(default=())


def protect(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    threshold: int,
    categories: Categories | None = None,
) -> pd.DataFrame:
    """Give a frame as it may leave.

    Parameters
    ----------
    frame : DataFrame
        One row a published line, with every column named in `columns`.
    columns : sequence of Column
        What leaves, in this order; columns of kind "basis" are read and dropped.
    threshold : int
        Largest count that is not shown; 0 where nobody has to be protected.
    categories : Categories, optional
        Labels of small groups to be joined. What is withheld is missing in the result.

    Examples
    --------
    >>> raw = pd.DataFrame({"patients": [600, 87, 4], "events": [121, 3, 0]})
    >>> columns = [Column("patients", "count"), Column("events", "count", of=["patients"])]
    >>> shown = protect(raw, columns, 10)
    >>> [shown[column].tolist() for column in shown]
    [[600, 90, -10], [120, -10, -10]]
    """
    if categories is not None and threshold:
        frame = _joined(frame, columns, categories, threshold)
    out = pd.DataFrame(index=frame.index)
    for column in columns:
        if column.kind == "count":
            inside = [frame[whole] for whole in column.of]
            out[column.name] = _counts(frame[column.name], inside, threshold)
        else:
            out[column.name] = frame[column.name]
    if threshold:
        for column in columns:
            _settle(out, frame, column, threshold)
    return out[[column.name for column in columns if column.kind != "basis"]]


def rounded(count: float, threshold: int) -> int:
    """Round one count as it may be shown; a small one becomes ``-threshold``.

    Examples
    --------
    >>> [rounded(n, 10) for n in (0, 3, 10, 11, 126)]
    [0, -10, -10, 10, 130]
    """
    if not threshold or count == 0:
        return int(count)
    return -threshold if count <= threshold else int(np.floor(count / threshold + 0.5)) * threshold


def is_small(counts: pd.Series, threshold: int) -> pd.Series:
    """Which counts are 1 to the threshold; a missing one is not."""
    return counts.between(1, threshold).fillna(False).astype(bool)


def known(counts: pd.Series) -> pd.Series:
    """Give published counts as floats to be drawn; a small or missing one is NaN."""
    values = counts.astype("Float64").astype(float)
    return values.where(values >= 0)


def _counts(counts: pd.Series, inside: Sequence[pd.Series], threshold: int) -> pd.Series:
    """Round a column of counts; nothing is counted inside a small group, not even 0."""
    values = counts.astype("Int64")
    if not threshold:
        return values
    shown = values.map(lambda n: rounded(n, threshold), na_action="ignore").astype("Int64")
    for whole in inside:
        shown = shown.mask(is_small(whole, threshold) & values.notna(), -threshold)
    return shown


def _settle(out: pd.DataFrame, frame: pd.DataFrame, column: Column, threshold: int) -> None:
    """Round or withhold what follows from counts, in place in the frame that is built."""
    if column.kind == "difference":
        counts = known(out[column.of[0]])
        change = (counts.shift() - counts).abs()
        change.iloc[:1] = 0
        out[column.name] = change.astype("Float64").round().astype("Int64")
    elif column.kind == "share":
        part, whole = column.of
        if column.ends:
            _coarsen(out, frame, replace(column, of=[whole]), threshold)
        of = known(_counts(frame[whole], (), threshold))
        per = 100 if column.unit == "%" else 1
        out[column.name] = per * known(out[part]) / of.where(of > 0)
    elif column.kind == "mean":
        _coarsen(out, frame, column, threshold)
        if len(column.of) > 1:
            modelled = frame[column.of[0]].isna()
            few = _rests_on_few(frame, column.of[1:], threshold)
            _limit(out, frame, column, few, modelled, threshold)
    elif column.kind in ("text", "flag") and column.of:
        few = _rests_on_few(frame, column.of, threshold)
        out[column.name] = out[column.name].mask(few, "" if column.kind == "text" else False)
    elif column.kind == "estimate":
        every = pd.Series(True, index=frame.index)
        few = _rests_on_few(frame, column.of, threshold)
        _limit(out, frame, column, few, every, threshold)
    elif column.kind in ("test", "p"):
        weaker = _weaker(frame, column, threshold)
        few = _rests_on_few(frame, column.of, threshold)
        out[column.name] = to_digits(weaker, decimals(weaker)).mask(few)


def _limit(
    out: pd.DataFrame,
    frame: pd.DataFrame,
    column: Column,
    few: pd.Series,
    modelled: pd.Series,
    threshold: int,
) -> None:
    """Withhold what rests on few, and give what is from a model to the digits of its error."""
    wider, value = _widening(frame, column, threshold), frame[column.name].astype(float)
    digits = _digits(frame, column, wider)
    exact = {column.name: value}
    for name in column.ends:
        end = frame[name].astype(float)
        moved = value + (end - value) * wider
        exact[name] = moved.where(moved * end >= 0, 0.0).where(end.notna()).clip(upper=column.most)
    if column.se:
        exact[column.se] = frame[column.se].astype(float) * wider
    for name, numbers in exact.items():
        digested = to_digits(numbers, digits)
        out[name] = digested.where(modelled, out[name].astype(float)).mask(few)


def _widening(frame: pd.DataFrame, column: Column, threshold: int) -> pd.Series:
    """By how much the error of each row is taken up to the next step.

    A squared error is the sum of 1 / n of the arms, so three errors of one model tell each n. Steps
    by the factor 1 + threshold / 4n leave about threshold / 2 of n open either way.
    """
    if column.se:
        error = frame[column.se].astype(float)
    elif column.ends:
        low, high = (frame[name].astype(float) for name in column.ends[:2])
        error = high - low
    else:
        return pd.Series(1.0, index=frame.index)
    step, size = _step(frame, column.of, threshold), np.log(error.where(error > 0))
    return np.exp(np.ceil((size / step).round(9)) * step - size).fillna(1.0)


def _step(frame: pd.DataFrame, cells: Sequence[str], threshold: int) -> pd.Series:
    """Give the steps of errors, as logs of factors."""
    sizes = frame[list(cells)].astype("Float64").astype(float)
    n = sizes.where(sizes > 0).min(axis=1).map(lambda n: rounded(n, threshold), na_action="ignore")
    return np.log1p(threshold / (4 * n.where(n > 0)))


def _weaker(frame: pd.DataFrame, column: Column, threshold: int) -> pd.Series:
    """Take a test down: by as much as the error that it rests on goes up, or to the next step."""
    value = frame[column.name].astype(float)
    z = value.map(_z, na_action="ignore") if column.kind == "p" else value**0.5
    if column.se:
        z = z / _widening(frame, column, threshold)
    else:
        step, size = _step(frame, column.of, threshold), np.log(z.where(z > 0))
        z = np.exp(np.floor((size / step).round(9)) * step).fillna(z)
    return z.map(lambda z: math.erfc(z / math.sqrt(2))) if column.kind == "p" else z**2


def _z(p: float) -> float:
    """Give the normal deviate whose two-sided p-value this is."""
    return normal_quantile(1 - p) if p > 1e-15 else 8.0


def _rests_on_few(frame: pd.DataFrame, cells: Sequence[str], threshold: int) -> pd.Series:
    few = pd.Series(False, index=frame.index)
    for cell in cells:
        few |= is_small(frame[cell], threshold)
    return few


def _coarsen(out: pd.DataFrame, frame: pd.DataFrame, column: Column, threshold: int) -> None:
    """Give a mean over n as a multiple of threshold / n, its interval widened to such."""
    exact = frame[column.of[0]].astype(float)
    n = known(_counts(frame[column.of[0]], (), threshold))
    step = threshold / n.where(n > 0)
    mean = frame[column.name].astype(float)
    few = is_small((mean.abs() * exact).round(6), threshold) | n.isna()
    names = [column.name, *column.ends]
    for name, rule in zip(names, ("rint", *["floor", "ceil"] * 2), strict=False):
        steps = (frame[name].astype(float) / step).round(9)
        out[name] = (steps.map(getattr(np, rule)) * step).mask(few)
    if column.se:
        out[column.se] = to_digits(frame[column.se].astype(float), decimals(step)).mask(few)


def _digits(frame: pd.DataFrame, column: Column, wider: pd.Series) -> pd.Series:
    """Decimals that the standard error of each row supports: two significant digits of it."""
    if column.se:
        return decimals(frame[column.se].astype(float) * wider)
    if column.ends:
        low, high = (frame[name].astype(float) for name in column.ends[:2])
        return decimals((high - low) / 4 * wider)
    return decimals(frame[column.name].astype(float).abs())


def _joined(
    frame: pd.DataFrame, columns: Sequence[Column], categories: Categories, threshold: int
) -> pd.DataFrame:
    """Join the rows of small categories: counts are added, all else is missing."""
    label, keys = categories.label, list(categories.within)
    small = is_small(frame[categories.count], threshold) & frame[label].ne("")
    if not small.any():
        return frame
    every = pd.Series(0, index=frame.index)
    own = small.groupby([every, *(frame[key] for key in keys)], observed=True).transform("any")
    small |= frame[label].eq(OTHER) & own
    counts = [c.name for c in columns if c.kind == "count" and c.name not in keys]
    rest = frame[small].assign(**{label: OTHER})
    grouped = rest.groupby([*keys, label], sort=False, observed=True)
    joined = grouped[counts].sum().reset_index().set_axis(grouped.tail(1).index)
    return pd.concat([frame[~small], joined.reindex(columns=frame.columns)]).sort_index()
