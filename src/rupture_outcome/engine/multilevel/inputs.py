"""Check what a multilevel hazard model is given, before anything is estimated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.multilevel.links import LINKS, Array
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason

# Relative size of what is left of a column, given those before it, below which it counts as their
# combination.
COLLINEAR = 1e-9
# Smallest eigenvalue of the correlation-like Gram matrix above which no column can be that close to
# collinear.
CLEARLY_INDEPENDENT = 1e-6
SHOWN = 5
BLOCK = 4096


NOT_POSSIBLE = reason("model_not_possible")


class ModelError(ValueError):
    """A model cannot be fitted to these data; the message says what, where and what to do.

    Parameters
    ----------
    message : str
    reason : str
        The same as a code of `rupture_outcome.engine.reasons`, for a row without an estimate.
    """

    def __init__(self, message: str, reason: str = NOT_POSSIBLE) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Inputs:
    """Checked columns of equal length; `dropped` rows with a missing value have gone.

    `index` are the labels that the outcome's rows came with; `constant` says whether a column of
    the design is constant.
    """

    endog: "pd.Series[float]"
    exog: pd.DataFrame
    constant: bool
    groups: "pd.Series[Any]"
    weights: "pd.Series[float] | None"
    index: "pd.Index[Any]"
    dropped: int


@steady
def check_inputs(
    endog: Any, exog: Any, groups: Any, freq_weights: Any, link: str, missing: str
) -> Inputs:
    """Bring the inputs into one form and refuse those that no model fits.

    Parameters
    ----------
    endog : array or Series of 0 and 1, shape (rows,)
        Whether the event happened.
    exog : array or DataFrame, shape (rows, columns)
        Design, with its constant if there is to be one.
    groups : array or Series, shape (rows,), or None
        Group of each row, such as its therapist; None: a model without groups.
    freq_weights : array or Series, shape (rows,), or None
        How many like rows each stands for.
    link : {"logit", "cloglog"}
    missing : {"raise", "drop"}
        What becomes of rows with a missing value.

    Raises
    ------
    ModelError
        Unknown link, lengths that differ, missing or infinite values, an outcome that is not 0/1 or
        does not vary, weights that are not positive, fewer than two groups, a constant or collinear
        column.

    Examples
    --------
    >>> design = pd.DataFrame({"constant": 1.0, "severity": [0.2, 0.9, None, 0.1]})
    >>> given = check_inputs([0, 1, 0, 0], design, ["x", "x", "y", "y"], None, "logit", "drop")
    >>> given.endog.tolist(), given.constant, given.dropped
    ([0.0, 1.0, 0.0], True, 1)
    """
    check_choice("link", link, LINKS)
    check_choice("missing", missing, ("raise", "drop"))
    outcome, design = as_series(endog, "y"), as_frame(exog)
    # without groups all rows are of one
    of_all = np.zeros(len(outcome), dtype=int) if groups is None else groups
    group, weights = as_series(of_all, "group"), _optional(freq_weights)
    index = endog.index if isinstance(endog, pd.Series | pd.DataFrame) else outcome.index
    check_lengths(len(design), outcome=outcome, groups=group, freq_weights=weights)
    complete, dropped = complete_rows(design, [outcome, group, weights], missing)
    if dropped:
        outcome, design, group = outcome[complete], design[complete], group[complete]
        weights = None if weights is None else weights[complete]
    outcome, weights = _zero_one(outcome), _positive(weights)
    if groups is not None:
        _check_groups(group, weights)
    constant = check_columns(design)
    return Inputs(outcome, design, constant, group, weights, index[complete], dropped)


def check_choice(what: str, value: str, allowed: Sequence[str] | dict[str, Any]) -> None:
    """Refuse a word that is not one of those allowed.

    Parameters
    ----------
    what : str
        What is chosen, for the message.
    value : str
    allowed : sequence of str, or mapping by such words

    Examples
    --------
    >>> check_choice("link", "probit", LINKS)
    Traceback (most recent call last):
        ...
    rupture_outcome.engine.multilevel.inputs.ModelError: link 'probit' is not known; choose ...
    """
    if value not in allowed:
        raise ModelError(f"{what} '{value}' is not known; choose one of: {', '.join(allowed)}.")


def refuse_missing(counts: "pd.Series[int]", missing: str) -> None:
    """Refuse missing values, counted by column, unless their rows are to be dropped.

    Examples
    --------
    >>> refuse_missing(pd.Series({"severity": 3, "age": 0}), "raise")
    Traceback (most recent call last):
        ...
    rupture_outcome.engine.multilevel.inputs.ModelError: missing values: 'severity' 3 (column, ...
    """
    if missing == "raise" and counts.any():
        found = ", ".join(f"'{name}' {n}" for name, n in counts[counts > 0].items())
        raise ModelError(
            f"missing values: {found} (column, rows). Remove or fill these rows, or pass "
            "missing='drop' to leave them out and have them counted."
        )


def check_columns(exog: pd.DataFrame) -> bool:
    """Refuse a design whose columns do not each add something; say whether one is constant.

    Examples
    --------
    >>> check_columns(pd.DataFrame({"constant": [1.0, 1.0, 1.0], "severity": [0.2, 0.9, 0.4]}))
    True
    """
    X, names = exog.to_numpy(), exog.columns
    low, high = X.min(axis=0), X.max(axis=0)
    _refuse(
        names[~np.isfinite(low) | ~np.isfinite(high)],
        "infinite in some rows",
        "Correct these values, or change the transformation that gives them.",
    )
    _refuse(
        names[(low == 0) & (high == 0)],
        "zero in every row",
        "A category that occurs in no row gives such a column: drop unused categories, or leave "
        "the term out.",
    )
    constant = names[low == high]
    _refuse(
        constant[1:],
        f"constant, as '{constant[0] if len(constant) else ''}' is already",
        "Leave the term out: what is the same in every row cannot be told from the intercept.",
    )
    _check_independence(names, X)
    return len(constant) > 0


def _check_independence(names: "pd.Index[Any]", X: Array) -> None:
    gram = X.T @ X
    size = np.sqrt(np.diag(gram))
    if np.linalg.eigvalsh(gram / np.outer(size, size))[0] < CLEARLY_INDEPENDENT:
        _check_rank(names, np.asarray(np.linalg.qr(X / size, mode="r")))


def _check_rank(names: "pd.Index[Any]", R: Array) -> None:
    left = np.abs(np.diag(R)) / np.linalg.norm(R, axis=0)
    dependent = np.flatnonzero(np.append(left, np.zeros(R.shape[1] - len(left))) < COLLINEAR)
    if dependent.size == 0:
        return
    j = int(dependent[0])
    weights = np.linalg.lstsq(R[:, :j], R[:, j], rcond=None)[0]
    others = names[:j][np.abs(weights) > 1e-7]
    raise ModelError(
        f"column '{names[j]}' is a linear combination of {_listed(others)}, so its effect is not "
        "identified. Leave one of these terms out.",
        reason("collinear"),
    )


def _refuse(columns: "pd.Index[Any]", what: str, remedy: str) -> None:
    if len(columns):
        verb = "column {} is" if len(columns) == 1 else "columns {} are"
        raise ModelError(f"{verb.format(_listed(columns))} {what}. {remedy}", reason("collinear"))


def as_series(values: Any, name: str) -> "pd.Series[Any]":
    """Make a series of values, with rows numbered from 0; `name` serves where it has none."""
    if isinstance(values, pd.DataFrame):
        if values.shape[1] != 1:
            raise ModelError(
                f"{name}: one column is needed, {values.shape[1]} were given "
                f"({_listed(values.columns)}). An outcome must be a column of 0 and 1."
            )
        values = values.iloc[:, 0]
    out = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
    return out.rename(name if out.name is None else str(out.name)).reset_index(drop=True)


def _optional(values: Any) -> "pd.Series[Any] | None":
    return None if values is None else as_series(values, "freq_weights")


def as_frame(exog: Any) -> pd.DataFrame:
    """Make a frame of numbers of a design; columns without a name are x1, x2 …."""
    given = exog if isinstance(exog, pd.DataFrame) else pd.DataFrame(np.asarray(exog))
    names = given.columns if given is exog else [f"x{j + 1}" for j in range(given.shape[1])]
    try:
        X = given.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ModelError(
            "the design holds something other than numbers. Use from_formula, which codes words as "
            "categories, or code them yourself."
        ) from error
    return pd.DataFrame(_row_major(X), columns=names, copy=False)


def _row_major(X: Array) -> Array:
    """Lay rows out one after the other, in blocks that a processor's cache can turn around."""
    out = np.empty(X.shape)
    for begin in range(0, len(X), BLOCK):
        out[begin : begin + BLOCK] = X[begin : begin + BLOCK]
    return out


def check_lengths(columns: int, **series: "pd.Series[Any] | None") -> None:
    """Refuse series that differ in length from the design, or that have no row; None is no series.

    Examples
    --------
    >>> check_lengths(3, outcome=pd.Series([0.0, 1.0]))
    Traceback (most recent call last):
        ...
    rupture_outcome.engine.multilevel.inputs.ModelError: the inputs differ in length (columns 3, ...
    """
    lengths = {"columns": columns}
    lengths |= {name: len(values) for name, values in series.items() if values is not None}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise ModelError(f"the inputs differ in length ({found}). Give one value a row for each.")
    if columns == 0:
        raise ModelError(
            "there are no rows. Check the selection that made the data.", reason("no_rows")
        )


def complete_rows(
    design: pd.DataFrame, series: Sequence["pd.Series[Any] | None"], missing: str
) -> tuple[Any, int]:
    """Say which rows are complete, as a mask or a slice of all, and how many are not.

    Parameters
    ----------
    design : DataFrame, shape (rows, columns)
    series : sequence of Series, shape (rows,), or None
    missing : {"raise", "drop"}

    Raises
    ------
    ModelError
        Rows are not complete and are not to be dropped, or none is complete.

    Examples
    --------
    >>> mask, dropped = complete_rows(pd.DataFrame({"x": [1.0, None]}), [None], "drop")
    >>> mask.tolist(), dropped
    ([True, False], 1)
    """
    sides = [each.isna() for each in series if each is not None]
    holes = np.isnan(design.to_numpy())
    counts = pd.concat([pd.Series(holes.sum(axis=0), index=design.columns), _sums(sides)])
    if not counts.any():
        return slice(None), 0
    refuse_missing(counts, missing)
    complete = ~(holes.any(axis=1) | np.any(sides, axis=0)) if sides else ~holes.any(axis=1)
    if not complete.any():
        raise ModelError(
            "every row has a missing value. Check the columns of the model.", reason("no_rows")
        )
    return complete, int((~complete).sum())


def _sums(gaps: list["pd.Series[bool]"]) -> "pd.Series[int]":
    return pd.Series({gap.name: int(gap.sum()) for gap in gaps})


def _zero_one(outcome: "pd.Series[Any]") -> "pd.Series[float]":
    values = pd.to_numeric(outcome, errors="coerce").astype(float)
    wrong = ~values.isin([0.0, 1.0])
    if wrong.any():
        raise ModelError(
            f"the outcome '{outcome.name}' must be 0 or 1; {int(wrong.sum())} rows hold something "
            "else. Code the event as 1 and everything else as 0."
        )
    if values.min() == values.max():
        found = (
            "no event (no row is 1)"
            if values.iloc[0] == 0
            else "nothing but events (every row is 1)"
        )
        raise ModelError(
            f"the outcome '{outcome.name}' has {found} in {len(values)} rows, so there is no "
            "hazard to estimate. Check its coding and the selection of rows.",
            reason("no_events") if values.iloc[0] == 0 else reason("only_events"),
        )
    return values


def _positive(weights: "pd.Series[Any] | None") -> "pd.Series[float] | None":
    if weights is None:
        return None
    values = pd.to_numeric(weights, errors="coerce").astype(float)
    wrong = ~(np.isfinite(values) & (values > 0))
    if wrong.any():
        raise ModelError(
            f"freq_weights ('{weights.name}') must be positive numbers; {int(wrong.sum())} rows "
            "are not. Leave rows that do not count out of the data."
        )
    return values


def _check_groups(group: "pd.Series[Any]", weights: "pd.Series[float] | None") -> None:
    n = group.nunique()
    if n == 1:
        raise ModelError(
            f"groups ('{group.name}') has a single group, so that differences between groups "
            "cannot be estimated. Give groups=None for the model without them.",
            reason("one_group"),
        )
    if n == len(group) and (weights is None or (weights == 1).all()):
        raise ModelError(
            f"groups ('{group.name}') has one row in every group, so that the group effect cannot "
            "be told from chance. Use a column that several rows share, such as the therapist.",
            reason("one_row_a_group"),
        )


def _listed(names: Any) -> str:
    shown = ", ".join(f"'{name}'" for name in list(names)[:SHOWN])
    more = len(names) - SHOWN
    return shown + (f" and {more} more" if more > 0 else "")
