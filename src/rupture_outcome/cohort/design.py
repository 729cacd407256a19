"""The design of a hazard: session baseline, exposure, numbers and covariates as columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import codes_of
from rupture_outcome.cohort.covariates import covariate_name, varying_covariates
from rupture_outcome.engine.baseline import baseline_bands, natural_spline, spline_knots
from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.reasons import reason

Floats = NDArray[np.float64]
Columns = list[tuple[str, Any]]  # name and values

INTERCEPT = "Intercept"
BASELINES = ("bands", "spline", "constant", "free")


@dataclass(frozen=True)
class Design:
    """What a hazard is fitted to. Names of columns are labels only: nothing is read from them.

    Attributes
    ----------
    outcome : Series of 0 and 1, shape (rows,)
    matrix : DataFrame of float, shape (rows, columns)
        The intercept, the baseline, the exposure, further numbers, covariates; all names differ.
    levels : dict of str to int
        Where in `matrix` each level of the exposure stands; the reference has no column.
    terms : list of (str, list of int)
        Exposure, numbers and covariates with their columns.
    baseline : list of int
        Columns of the session baseline, without the intercept.
    groups : Series, shape (rows,), or None
        Whose rows share a random intercept; None for the model without.
    reason : str
        What was left out; may be empty.
    knots : tuple of float
        Of the spline baseline, where there is one.
    """

    outcome: "pd.Series[Any]"
    matrix: pd.DataFrame
    levels: Mapping[str, int] = field(default_factory=dict)
    terms: Sequence[tuple[str, list[int]]] = ()
    baseline: Sequence[int] = ()
    groups: "pd.Series[Any] | None" = None
    reason: str = ""
    knots: tuple[float, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.matrix.columns]

    def weights(self, first: str, second: str) -> Floats:
        """Weights of the coefficients in level `first` minus level `second` of the exposure.

        Parameters
        ----------
        first, second : str
            Levels; the reference has weight 0.

        Returns
        -------
        array, shape (columns,)
        """
        out = np.zeros(self.matrix.shape[1])
        for level, sign in ((first, 1.0), (second, -1.0)):
            if level in self.levels:
                out[self.levels[level]] += sign
        return out

    def named(self, weights: Floats) -> dict[str, float]:
        """Give the weights that are not 0 by name, as fits take them."""
        return {self.names[j]: float(weights[j]) for j in np.flatnonzero(weights)}

    def model(self, link: str) -> MultilevelHazard:
        """Make the multilevel hazard of this design; its formula is words for the audit."""
        model = MultilevelHazard(self.outcome, self.matrix, self.groups, link=link)
        terms = ["band"] if self.baseline and not self.knots else ["spline"] * bool(self.knots)
        terms += [name for name, _ in self.terms]
        model.formula = f"{self.outcome.name} ~ {' + '.join(terms) or '1'}"
        return model


def hazard_design(
    rows: pd.DataFrame,
    event: str,
    exposure: "pd.Series[Any] | None" = None,
    *,
    baseline: str = "bands",
    min_events: int = 5,
    terms: Sequence[str] = (),
    covariates: Sequence[str] = (),
    groups: str | None = None,
) -> Design:
    """Lay out the columns of a hazard, those that do not vary left out and named.

    A category becomes a column of 0 and 1 for each level that occurs but the first.

    Parameters
    ----------
    rows : DataFrame
        Sessions at risk, with ``time``, ``patient_id`` and the columns named here.
    event : str
        Column of 0 and 1.
    exposure : Series, optional
        A category; its first level is the reference. Same index as `rows`.
    baseline : {"bands", "spline", "constant", "free"}
        Session baseline: a category a band, a natural cubic spline with 3 columns, an intercept
        alone, or nothing (the model has a baseline of its own, as Cox's).
    min_events : int
        Least number of events in a band.
    terms : sequence of str
        Further columns of numbers.
    covariates : sequence of str
        Columns of numbers or categories, from `rupture_outcome.cohort.covariates.model_column`.
    groups : str, optional
        Column whose values share a random intercept, see `groups_of`.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("abcd"), "time": [1, 1, 2, 2],
    ...                      "dropout": [0, 1, 1, 0], "x_a b": [1.0, 2.0, 3.0, 4.0]})
    >>> state = pd.Series(pd.Categorical(["intact", "repaired"] * 2), name="state")
    >>> design = hazard_design(rows, "dropout", state, min_events=1, covariates=["x_a b"])
    >>> design.names, dict(design.levels)
    (['Intercept', 'band[T.2+]', 'state[T.repaired]', 'a b'], {'repaired': 2})
    """
    if baseline not in BASELINES:
        raise ValueError(f"unknown baseline '{baseline}': use one of {', '.join(BASELINES)}")
    time, knots = _baseline(rows, event, baseline, min_events)
    compared = [] if exposure is None else [(str(exposure.name), indicators(exposure))]
    varying = varying_covariates(rows, [*terms, *covariates])
    others = [(covariate_name(name), _columns(rows[name], name)) for name in varying]
    blocks = [("", _intercept(rows, baseline)), ("baseline", time), *compared, *others]
    names, places = _placed(blocks)
    group, of_groups = (None, "") if groups is None else groups_of(rows, groups)
    levels = {} if exposure is None else dict(zip(_later(exposure), places[2], strict=True))
    columns = [column for _, block in blocks for _, column in block]
    matrix = np.column_stack(columns) if columns else np.zeros((len(rows), 0))
    return Design(
        rows[event],
        pd.DataFrame(matrix, index=rows.index, columns=names),
        levels,
        [(name, at) for (name, _), at in zip(blocks[2:], places[2:], strict=True)],
        places[1],
        group,
        "; ".join(filter(None, [left_out([*terms, *covariates], varying), of_groups])),
        knots,
    )


def covariate_columns(rows: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """Lay out covariates that vary as columns of numbers.

    Examples
    --------
    >>> rows = pd.DataFrame({"x_age": [30, 40], "x_same": [1, 1], "x_site": ["a", "b"]})
    >>> covariate_columns(rows, ["x_age", "x_same", "x_site"]).columns.tolist()
    ['age', 'site[T.b]']
    """
    varying = varying_covariates(rows, covariates)
    blocks = [(name, _columns(rows[name], name)) for name in varying]
    names, _ = _placed(blocks)
    columns = [column for _, block in blocks for _, column in block]
    matrix = np.column_stack(columns) if columns else np.zeros((len(rows), 0))
    return pd.DataFrame(matrix, index=rows.index, columns=names)


def indicators(values: "pd.Series[Any]") -> Columns:
    """Give a column of 0 and 1 for each level that occurs but the first; NaN where missing.

    Examples
    --------
    >>> [(name, column.tolist()) for name, column in indicators(pd.Series(["a", "b"], name="x"))]
    [('x[T.b]', [0.0, 1.0])]
    """
    category = _category(values)
    codes = category.cat.codes.to_numpy()
    missing = codes < 0
    return [
        (f"{values.name}[T.{level}]", np.where(missing, np.nan, codes == k))
        for k, level in enumerate(category.cat.categories)
        if k
    ]


def groups_of(rows: pd.DataFrame, groups: str) -> tuple["pd.Series[Any] | None", str]:
    """Give the group of each row and what is to be noted of it.

    Where the group of a row is not known its patient stands alone. With fewer than two known groups
    there is nothing to tell groups apart by, and where each therapist has one patient only nothing
    to tell them from their patients by: None, for the model without them.

    Parameters
    ----------
    rows : DataFrame
        With ``patient_id`` and the column `groups`.
    groups : str
        Such as "therapist_id".
    """
    what = groups.removesuffix("_id")
    codes, known = codes_of(rows, groups)
    if known < 2:
        return None, reason("no_groups", what)
    if groups == "therapist_id" and _one_patient_each(rows, groups, known):
        return None, reason("one_patient_a_group", what)
    if (codes < known).all():
        return rows[groups], ""
    found = pd.Series(codes, rows.index, name=groups)
    return found, reason("group_not_known", what)


def _one_patient_each(rows: pd.DataFrame, groups: str, known: int) -> bool:
    """Whether none of the known groups has a second patient; patients may have several groups."""
    in_groups = rows[[groups, "patient_id"]].dropna()
    if known < in_groups["patient_id"].nunique():
        return False
    return not in_groups.drop_duplicates()[groups].duplicated().any()


def unusable_levels(
    rows: pd.DataFrame, exposure: str, levels: Sequence[str], event: str
) -> dict[str, str]:
    """Say of each level why it has no finite coefficient for an event; empty if it has one.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions at risk.
    exposure : str
        Column of the exposure.
    levels : sequence of str
        Its levels.
    event : str
        Column of 0 and 1.
    """
    category = pd.Categorical(rows[exposure])
    code, known = category.codes.astype(np.intp), len(category.categories)
    sessions = np.bincount(code + 1, minlength=known + 1)
    events = np.bincount(code + 1, rows[event].to_numpy(dtype=float), known + 1)
    sessions[0] = events[0] = 0  # those of no level, and what a level that nobody has finds
    place = category.categories.astype("str").get_indexer(pd.Index(list(levels))) + 1
    return {
        level: why_unusable(int(sessions[k]), int(events[k]), level, event)
        for level, k in zip(levels, place, strict=True)
    }


def why_unusable(sessions: int, events: int, level: str, event: str) -> str:
    """Say why a level with so many sessions and events has no finite coefficient.

    Parameters
    ----------
    sessions, events : int
        At risk in that level.
    level, event : str
        Their names, for the reason.

    Examples
    --------
    >>> why_unusable(8, 0, "repaired", "dropout")
    'no_event:dropout:repaired'
    """
    if sessions == 0:
        return reason("nobody_at_risk", level)
    if events == 0:
        return reason("no_event", event, level)
    return reason("only_event", event, level) if events == sessions else ""


def left_out(wanted: Sequence[str], varying: Sequence[str]) -> str:
    """Name the columns that are left out because they do not vary; empty if there are none.

    Examples
    --------
    >>> left_out(["x_severity", "x_site"], ["x_site"])
    'left_out:severity'
    """
    constant = [covariate_name(name) for name in wanted if name not in varying]
    return reason("left_out", *constant) if constant else ""


def _baseline(
    rows: pd.DataFrame, event: str, baseline: str, min_events: int
) -> tuple[Columns, tuple[float, ...]]:
    """Columns of the session baseline, none where it does not vary, and knots."""
    if baseline == "bands":
        return indicators(baseline_bands(rows["time"], rows[event], min_events)), ()
    knots = spline_knots(rows["time"], rows[event]) if baseline == "spline" else ()
    if not knots:
        return [], ()
    basis = natural_spline(rows["time"].to_numpy(), knots)
    return [(f"spline_{j + 1}", column) for j, column in enumerate(basis.T)], knots


def _intercept(rows: pd.DataFrame, baseline: str) -> Columns:
    return [] if baseline == "free" else [(INTERCEPT, np.ones(len(rows), dtype=np.float64))]


def _columns(values: "pd.Series[Any]", name: str) -> Columns:
    values = values.rename(covariate_name(name))
    if not pd.api.types.is_numeric_dtype(values):
        return indicators(values)
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return [(str(values.name), numbers)]


def _category(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return values.astype("category").cat.remove_unused_categories()


def _later(exposure: "pd.Series[Any]") -> Iterator[str]:
    """Levels that have a column."""
    return (str(level) for level in _category(exposure).cat.categories[1:])


def _placed(blocks: Sequence[tuple[str, Columns]]) -> tuple[list[str], list[list[int]]]:
    """Names of all columns, each once, and where the columns of each block stand."""
    names: list[str] = []
    places = []
    for _, block in blocks:
        places.append(list(range(len(names), len(names) + len(block))))
        for name, _ in block:
            while name in names:
                name += " (covariate)"
            names.append(name)
    return names, places
