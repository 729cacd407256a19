"""Do therapists who repair more lose fewer? The correlation of their true effects."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.estimates.hazard.exposure_hazard import GROUPS
from rupture_outcome.estimates.therapists.therapist_hazards import (
    EVENT,
    GIVEN_STATE,
    TherapistHazard,
)
from rupture_outcome.estimates.therapists.therapist_joint import (
    LARGEST_SD,
    Relation,
    joint_relation,
)

FIRST, SECONDS = "repair", ("dropout", GIVEN_STATE)
COLUMNS = [
    *("first", "second", "method", "measure", "estimate", "ci_low", "ci_high", "p"),
    *("therapists", "patients", "events", "converged", "reason"),
]
FEWEST = 5
AT_END = reason("at_end")
OPEN = reason("unbounded")
MISLEADING = {
    "raw_rates": reason("misleading_rates"),
    "shrunken_effects": reason("misleading_effects"),
}


def therapist_relation(
    hazards: Mapping[str, TherapistHazard], confidence: float, definition: str, repair_rule: str
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Relate therapists' effects on repair to their effects on dropout.

    Under ``joint`` the effects on both outcomes are bivariate normal in one model: their
    correlation, and the slope of the effect on dropout on that on repair, take the errors of both
    into account. Beside it, to show the difference, the correlations of raw rates (events over
    sessions at risk) and of shrunken effects.

    Parameters
    ----------
    hazards : mapping of str to TherapistHazard
        From `therapist_hazards`.
    confidence : float
        Level of the intervals.
    definition, repair_rule : str
        For the audit.

    Returns
    -------
    relation : DataFrame
        A row a method and measure for dropout, and for dropout given the state: NaN and a note
        where there is no estimate. A negative correlation: who repairs more loses fewer. An end
        of an interval may be infinite (slope) or ±1 (correlation): the data do not bound it.
    fits : list of dict
        One a joint fit, for the audit.
    """
    rows, fits = [], []
    for second in SECONDS:
        pair = hazards[FIRST], hazards[second]
        why, found = why_not(*pair), None
        if not why:
            found = joint_relation(pair[0].fit, pair[1].fit, confidence)
            why = "" if found.audit["converged"] else str(found.audit["reason"])
        name = f"therapists_jointly:{second}"
        audit = {**found.audit} if found else {"converged": False, "reason": why}
        fits.append({**audit, "model": name, "definition": definition, "repair_rule": repair_rule})
        shared = {"first": FIRST, "second": second, **_counts(*pair)}
        rows += [shared | row for row in _joint_rows(found, why)]
        rows += [shared | row for row in _naive_rows(*pair)]
    return pd.DataFrame(rows, columns=COLUMNS), fits


def why_not(first: TherapistHazard, second: TherapistHazard) -> str:
    """Say why the correlation of two outcomes cannot be estimated; empty if it can be."""
    for name, hazard in ((FIRST, first), ("dropout", second)):
        if hazard.fit is None:
            return joined(reason("no_estimate", name), hazard.reason)
        if hazard.fit.boundary:
            return reason("sd_of_0", name)
        if hazard.fit.group_sd > LARGEST_SD:
            return reason("large_sd", name, LARGEST_SD)
    in_both = set(first.rows[GROUPS]) & set(second.rows[GROUPS])
    return reason("few_therapists", FEWEST) if len(in_both) < FEWEST else ""


def _counts(first: TherapistHazard, second: TherapistHazard) -> dict[str, int]:
    """Count what is in both outcomes; the events are the fewer of the two."""
    return {
        "therapists": len(set(first.rows[GROUPS]) & set(second.rows[GROUPS])),
        "patients": len(set(first.rows["patient_id"]) & set(second.rows["patient_id"])),
        "events": int(min(first.rows[EVENT].sum(), second.rows[EVENT].sum())),
    }


def _joint_rows(found: Relation | None, why: str) -> list[dict[str, Any]]:
    shared = {"method": "joint", "converged": not why, "reason": why}
    if found is None or why:
        return [{"measure": measure, **shared} for measure in ("correlation", "slope")]
    values = {
        "correlation": (found.correlation, *found.correlation_interval, found.p),
        "slope": (found.slope, *found.slope_interval, found.p),
    }
    at_end = AT_END if abs(found.correlation) > 1.0 - 1e-4 else ""
    rows = []
    for measure, (estimate, low, high, p) in values.items():
        unbounded = OPEN if (low, high) in ((-1.0, 1.0), (-np.inf, np.inf)) else ""
        found_here = {"estimate": estimate, "ci_low": low, "ci_high": high, "p": p}
        note = joined(at_end, unbounded)
        rows.append({"measure": measure, **shared, **found_here, "reason": note})
    return rows


def _naive_rows(first: TherapistHazard, second: TherapistHazard) -> list[dict[str, Any]]:
    values = {"raw_rates": _rates, "shrunken_effects": _effects}
    rows = []
    for method, of in values.items():
        both = pd.concat([of(first), of(second)], axis=1).dropna()
        row = {"method": method, "measure": "correlation", "converged": False}
        if len(both) < FEWEST or (both.std() < 1e-12).any():
            rows.append(row | {"reason": reason("no_effects")})
            continue
        r = float(np.corrcoef(both.T)[0, 1])
        rows.append(row | {"estimate": r, "converged": True, "reason": MISLEADING[method]})
    return rows


def _rates(hazard: TherapistHazard) -> pd.Series:
    return hazard.rows.groupby(GROUPS, observed=True)[EVENT].mean()


def _effects(hazard: TherapistHazard) -> pd.Series:
    return pd.Series(dtype=float) if hazard.fit is None else hazard.fit.group_effects["effect"]
