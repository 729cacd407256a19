"""A lasting downward shift of the level."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.definitions.running_chart import D2
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constant, Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import (
    NO_SCALE,
    NONE,
    TOO_FEW,
    Codes,
    Verdicts,
    comparison_reasons,
)
from rupture_outcome.engine.arrays import Bools, Floats
from rupture_outcome.errors import Problem, StudyError

NO_LIBRARY = Problem(
    "config, coding.definitions.change_point",
    "the library 'ruptures', which finds change points, is not installed here",
    "leave this definition out, or use a Python below 3.14, for which the library is released",
)

# Fewest sessions on a level.
LEVEL = 3

# By number of scores: the least penalty, in error variances, with which at most 5 % of 4,000
# simulated courses without change (independent normal scores) show a downward shift.
PENALTIES = {
    6: 2.78,
    8: 3.78,
    10: 4.75,
    12: 5.23,
    16: 5.90,
    20: 6.20,
    30: 7.05,
    45: 7.49,
    70: 8.27,
    100: 8.72,
}


def constants(
    panel: Panel, instrument: Instrument, *, source: str, penalty: float | None
) -> Constants:
    """Error SD from the moving ranges of all patients.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        Not read.
    source, penalty
        As in `change_point`.

    Examples
    --------
    Moving ranges of 2 and 3 points, so σ = 2.5 / 1.128:

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "score": [50, 52, 49]})
    >>> panel = Panel.from_sessions(frame, ["score"])
    >>> sigma = constants(panel, Instrument(), source="score", penalty=None)["sigma"]
    >>> round(sigma.value, 3), sigma.n
    (2.216, 2)
    """
    score = panel[source]
    ranges = _known(np.abs(score - panel.previous(score)))
    return {"sigma": Constant(float(ranges.mean()) / D2 if len(ranges) else np.nan, len(ranges))}


@definition(
    id="change_point",
    kind_class="retrospective",
    provenance="project",
    source="penalised least squares (PELT, Killick, Fearnhead & Eckley 2012), library ruptures",
    needs=("{source}",),
    constants=constants,
)
def change_point(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: str = "alliance_patient",
    penalty: float | None = None,
) -> Verdicts:
    r"""First session of a lower level, in the best division of the course into levels.

    .. math:: \min_{0 = \tau_0 < \dots < \tau_{m+1} = n}
              \sum_j \sum_{\tau_j < t \le \tau_{j+1}} (x_t - \bar x_j)^2 + \beta m \sigma^2

    with at least three scores on each level.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `sigma`, from the mean moving range of all patients. A patient with larger ranges has his
        own, so that restless courses do not break up.
    source : str
        Column of scores.
    penalty : float, optional
        β, price of a shift in error variances. If not given, it depends on the number of scores, so
        that 5 % of patients without any change have a downward shift.

    Notes
    -----
    A patient's rated sessions make one series, whatever lies between; a session after a missed one
    is not testable as the first of a level. The first and last sessions are not either. A
    trend comes out as steps, and a dip of two sessions passes for a level together with a
    neighbour.

    `ruptures.KernelCPD` with the linear kernel is the library's PELT for means: every session is
    looked at, where `ruptures.Pelt` by default takes every fifth.
    """
    score = panel[source]
    reason = _reasons(panel, score)
    if np.isnan(constants["sigma"]):
        reason[reason == NONE] = NO_SCALE
        return Verdicts.of(np.zeros(len(panel), bool), reason)
    detected, ranges = np.zeros(len(panel), bool), np.abs(score - panel.previous(score))
    for rows in _courses(panel, score):
        x, own = score[rows], _known(ranges[rows])
        spread = max(constants["sigma"], own.mean() / D2 if len(own) else 0.0)
        price = default_penalty(len(x)) if penalty is None else penalty
        detected[rows] = downward_shifts(x, price * spread**2)
    return Verdicts.of(detected, reason)


def default_penalty(n: int) -> float:
    """Penalty for a course of n scores, between those of `PENALTIES` on the scale of log n.

    Examples
    --------
    >>> round(default_penalty(20), 2), round(default_penalty(25), 2)
    (6.2, 6.67)
    """
    return float(np.interp(np.log(n), np.log(list(PENALTIES)), list(PENALTIES.values())))


def downward_shifts(x: Floats, penalty: float) -> Bools:
    """First scores of levels that are lower than the one before, in one course without gaps.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        At least six scores; a missing one is a ValueError, which the library would pass over.
    penalty : float
        In squared points.
    """
    if np.isnan(x).any():
        raise ValueError("a course with missing scores has no change points")
    # A penalty of 0 (flat series) would make every score a level of its own.
    fitted = _kernel_cpd()(kernel="linear", min_size=LEVEL).fit(x)
    bounds = [0, *fitted.predict(pen=max(penalty, 1e-9))]
    levels = [x[low:high].mean() for low, high in pairwise(bounds)]
    shifts = np.zeros(len(x), bool)
    shifts[bounds[1:-1]] = np.diff(levels) < 0
    return shifts


def _kernel_cpd() -> Any:
    # Importing the library takes longer than coding thousands of courses, and only this needs it.
    try:
        from ruptures import KernelCPD
    except ImportError:
        raise StudyError([NO_LIBRARY]) from None
    return KernelCPD


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _courses(panel: Panel, score: Floats) -> list[NDArray[np.intp]]:
    rated = np.flatnonzero(~np.isnan(score))
    cuts = np.searchsorted(rated, panel.starts[1:-1])
    return [rows for rows in np.split(rated, cuts) if len(rows) >= 2 * LEVEL]


def _reasons(panel: Panel, score: Floats) -> Codes:
    reason = comparison_reasons(panel, score)
    rated = ~np.isnan(score)
    rank = np.cumsum(rated) - 1
    first = np.searchsorted(np.flatnonzero(rated), panel.starts)
    before = rank - first[panel.patient]
    after = first[panel.patient + 1] - rank
    reason[(reason == NONE) & ((before < LEVEL) | (after < LEVEL))] = TOO_FEW
    return reason
