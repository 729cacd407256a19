"""Rows of the table of hazard models: contrasts, slopes and joint tests of one fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import chi2

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import NOT_CONVERGED, reason
from rupture_outcome.estimates.effect_rows import (
    FEWEST,
    basis_of,
    cautioned,
    compared,
    label,
    ratio_columns,
)
from rupture_outcome.estimates.hazard.exposure_hazard import ExposureFit

Pairs = Sequence[tuple[str, str]]
Weights = Mapping[str, float]
SLOPE = {"state_a": "", "state_b": ""}
MODEL_COLUMNS = (
    *("model", "event", "link", "nodes", "groups", "term", "contrast"),
    *("estimate", "se", "ci_low", "ci_high", "ratio", "joint_df", "joint_p"),
    *("patients", "sessions", "events", "converged", "reason", "state_a", "state_b"),
    *("events_a", "events_b", *FEWEST, "fewest_joint", "fewest_rest"),
)


def exposure_rows(
    given: Mapping[str, Any],
    result: ExposureFit,
    exposure: str,
    pairs: Pairs,
    confidence: float,
    rest: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """Lay out the contrasts of the exposure, with the joint test that none of its levels differ.

    Parameters
    ----------
    given : mapping
        Leading columns, with ``event``.
    result : ExposureFit
        Its contrasts, and the rows that it rests on.
    exposure : str
        Column of `result.rows`.
    pairs : sequence of (str, str)
        The contrasts, "first against second".
    confidence : float
        Level of the intervals.
    rest : mapping of str to int, optional
        By level: events that the same level has in the main model and not in this one.
    """
    rest = rest or {}
    design = result.design
    own = [] if design is None else [{design.names[j]: 1.0} for j in design.levels.values()]
    joint = joint_test(result.fit, own)
    joint["fewest_joint"] = _smallest(
        [fewest(result, exposure, [level], given["event"]) for level in result.levels]
    )
    rows = []
    for pair in pairs:
        what = {**given, "term": "state", **compared(pair)}
        basis = fewest(result, exposure, pair, given["event"])
        basis |= events_of(result, exposure, pair, given["event"])
        found = cautioned(result.estimates[label(pair)], basis)
        beside = min((rest[level] for level in pair if rest.get(level)), default=0)
        rows.append(
            {**what, **ratio_columns(found, confidence), **joint, **basis, "fewest_rest": beside}
        )
    return rows


def slope_rows(
    given: Mapping[str, Any], result: ExposureFit, slopes: Mapping[str, str], confidence: float
) -> list[dict[str, Any]]:
    """Lay out the coefficients of numeric terms, with the joint test that all of them are 0.

    Parameters
    ----------
    given : mapping
        Leading columns of every row.
    result : ExposureFit
    slopes : mapping of str to str
        Column of the term, and the code of its contrast.
    confidence : float
        Level of the intervals.
    """
    names = [] if result.fit is None else list(result.fit.params.index)
    joint = joint_test(result.fit, [{name: 1.0} for name in slopes if name in names])
    parts = {column: result.rows[result.rows[column].ne(0)] for column in slopes}
    bases = {key: basis_of(result.rows, [part], given["event"]) for key, part in parts.items()}
    joint["fewest_joint"] = _smallest(list(bases.values()))
    rows = []
    for column, code in slopes.items():
        found = _slope(result, column) if column in names else Estimate(reason=result.reason)
        what = {**given, "term": given["model"], **SLOPE, "contrast": code}
        shown = ratio_columns(found, confidence)
        rows.append({**what, **shown, **joint, **bases[column], "fewest_rest": 0})
    return rows


def joint_test(fit: Any, combinations: Sequence[Weights]) -> dict[str, float]:
    """Wald test that several combinations of coefficients are all 0.

    W = (Lβ)' (L V L')⁻¹ (Lβ), χ² with as many degrees of freedom as there are combinations.

    Returns
    -------
    dict
        ``joint_df`` and ``joint_p``; nan for fewer than two combinations, or where one of them
        has no finite estimate.
    """
    nothing = {"joint_df": np.nan, "joint_p": np.nan}
    if fit is None or len(combinations) < 2 or not fit.finite_part_converged:
        return nothing
    names = list(fit.params.index)
    L = np.array([[weights.get(name, 0.0) for name in names] for weights in combinations])
    if fit.fitted.limits(L).any():
        return nothing
    effect = L @ fit.fitted.beta
    statistic = effect @ np.linalg.solve(L @ fit.fitted.cov[:-1, :-1] @ L.T, effect)
    return {"joint_df": float(len(L)), "joint_p": float(chi2.sf(statistic, len(L)))}


def _slope(result: ExposureFit, column: str) -> Estimate:
    if not result.fit.finite_part_converged:
        return Estimate(reason=NOT_CONVERGED)
    found = result.fit.contrast({column: 1.0})
    known = Estimate(float(found.estimate), float(found.se), result.reason)
    return known if known.known else Estimate(reason=reason("infinite"))


def fewest(result: ExposureFit, exposure: str, levels: Sequence[str], event: str) -> dict[str, int]:
    """Count what a fit rests on, and the fewest in one of several levels of the exposure.

    Parameters
    ----------
    result : ExposureFit
    exposure : str
    levels : sequence of str
        Of the exposure.
    event : str
        Column of 0 and 1.
    """
    rows = result.rows[["patient_id", event, exposure]]
    return basis_of(rows, [rows[rows[exposure].eq(level)] for level in levels], event)


def events_of(
    result: ExposureFit, exposure: str, pair: Sequence[str], event: str
) -> dict[str, int]:
    """Count the events in each of two levels: ``events_a`` and ``events_b``.

    Parameters
    ----------
    result : ExposureFit
    exposure : str
    pair : (str, str)
        Levels of the exposure.
    event : str
        Column of 0 and 1.
    """
    events = result.rows[event].groupby(result.rows[exposure].astype("str")).sum()
    return {f"events_{k}": int(events.get(level, 0)) for k, level in zip("ab", pair, strict=True)}


def _smallest(bases: Sequence[Mapping[str, int]]) -> int:
    """Fewest of anything in any level that a joint test is about; 0 where it is about none."""
    return min((basis[cell] for basis in bases for cell in FEWEST if basis[cell]), default=0)
