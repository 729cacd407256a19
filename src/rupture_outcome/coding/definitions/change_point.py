"""A lasting downward shift of the level."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from rupture_outcome.coding.individuals_chart import D2
from rupture_outcome.coding.levels import lower_levels
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constant, Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, NotNegative
from rupture_outcome.coding.verdicts import (
    NO_SCALE,
    NONE,
    TOO_FEW,
    Codes,
    Verdicts,
    comparison_reasons,
)
from rupture_outcome.engine.arrays import Floats, Rows

# Fewest sessions on a level.
LEVEL = 3
SMALLEST_PENALTY = 1e-9

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
    ranges = panel.ranges(score)
    ranges = ranges[~np.isnan(ranges)]
    return {"sigma": Constant(float(ranges.mean()) / D2 if len(ranges) else np.nan, len(ranges))}


@definition(
    id="change_point",
    kind_class="retrospective",
    provenance="project",
    source="penalised least squares (optimal partitioning, Jackson et al. 2005)",
    needs=("{source}",),
    constants=constants,
)
def change_point(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    penalty: NotNegative | None = None,
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

    Every session is looked at. In Python: `ruptures.KernelCPD(kernel="linear", min_size=3)`, where
    `ruptures.Pelt` by default takes every fifth session.
    """
    score = panel[source]
    reason = panel.once_a_pattern("levels_reasons", score, lambda: _reasons(panel, score)).copy()
    if np.isnan(constants["sigma"]):
        reason[reason == NONE] = NO_SCALE
        return Verdicts.of(np.zeros(len(panel), bool), reason)
    rows, starts = panel.once_a_pattern("levels_courses", score, lambda: _courses(panel, score))
    price = default_penalty(np.diff(starts)) if penalty is None else penalty
    spread = np.fmax(_own_sigma(panel, score)[panel.patient[rows[starts[:-1]]]], constants["sigma"])
    # A penalty of 0 (flat series) would make every score a level of its own.
    penalties = np.maximum(price * spread**2, SMALLEST_PENALTY)
    detected = np.zeros(len(panel), bool)
    detected[rows] = lower_levels(score[rows], starts, penalties, least=LEVEL)
    return Verdicts.of(detected, reason)


def default_penalty(n: ArrayLike) -> Floats:
    """Penalty for courses of n scores, between those of `PENALTIES` on the scale of log n.

    Parameters
    ----------
    n : array_like of int, shape (C,)

    Examples
    --------
    >>> default_penalty([20, 25]).round(2).tolist()
    [6.2, 6.67]
    """
    return np.interp(np.log(n), np.log(list(PENALTIES)), list(PENALTIES.values()))


def _own_sigma(panel: Panel, score: Floats) -> Floats:
    """Error SD from each patient's own moving ranges, shape (P,); 0 where there are none."""
    mean, _ = panel.mean(panel.ranges(score))
    return np.nan_to_num(mean) / D2


def _courses(panel: Panel, score: Floats) -> tuple[Rows, Rows]:
    """Rated rows of patients with enough of them for two levels, and where each course begins."""
    rated = np.flatnonzero(~np.isnan(score))
    n = np.bincount(panel.patient[rated], minlength=len(panel.ids))
    enough = n >= 2 * LEVEL
    return rated[enough[panel.patient[rated]]], np.append(0, np.cumsum(n[enough]))


def _reasons(panel: Panel, score: Floats) -> Codes:
    reason = comparison_reasons(panel, score)
    rated = ~np.isnan(score)
    rank = np.cumsum(rated) - 1
    first = np.searchsorted(np.flatnonzero(rated), panel.starts)
    before = rank - first[panel.patient]
    after = first[panel.patient + 1] - rank
    reason[(reason == NONE) & ((before < LEVEL) | (after < LEVEL))] = TOO_FEW
    return reason
