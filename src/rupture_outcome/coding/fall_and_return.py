"""A fall that is made good soon: what the V-shaped definitions have in common."""

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import (
    NO_SCALE,
    NONE,
    TIE,
    TOO_FEW,
    Verdicts,
    comparison_reasons,
    reached,
)
from rupture_outcome.engine.arrays import Bools, Floats

RATED_SHARE = 0.5


def fall_and_return(
    panel: Panel, level: Floats, threshold: Floats | float, *, within: int, recovery: float
) -> Verdicts:
    r"""Detect a fall that reaches a threshold, and after which the level comes back.

    .. math:: e_{s-1} - e_s \ge \theta \quad\text{and}\quad
              \max_{s < t \le s+k} e_t \ge e_s + q\,(e_{s-1} - e_s)

    Parameters
    ----------
    panel : Panel
    level : ndarray of float, shape (N,)
        e: scores, or what is left of them after taking out a trend.
    threshold : float or ndarray of float, shape (N,)
        θ; NaN where it could not be estimated.
    within : int
        k, attended sessions.
    recovery : float
        q, the share of the fall to be made good.

    Notes
    -----
    Testable only where the next k sessions took place and at least half of them were rated,
    whatever they show: were a return enough to be testable, every testable fall would return.

    Examples
    --------
    A fall of 10, of which half is back two sessions later:

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3, 4], "e": [0, -10, -6, -5]})
    >>> panel = Panel.from_sessions(frame, ["e"])
    >>> half = fall_and_return(panel, panel["e"], 8.0, within=2, recovery=0.5)
    >>> whole = fall_and_return(panel, panel["e"], 8.0, within=2, recovery=1.0)
    >>> half.detected.tolist(), whole.detected.tolist()
    ([False, True, False, False], [False, False, False, False])
    """
    before = panel.previous(level)
    fall = before - level
    best, rated, complete = _following(panel, level, within)
    returned = reached(best, level + recovery * fall)
    reason = comparison_reasons(panel, level)
    reason[(reason == NONE) & np.isnan(threshold)] = NO_SCALE
    reason[(reason == NONE) & ~(complete & (rated >= RATED_SHARE * within))] = TOO_FEW
    return Verdicts.of(reached(fall, threshold) & (fall > TIE) & returned, reason)


def _following(panel: Panel, level: Floats, within: int) -> tuple[Floats, NDArray[np.int64], Bools]:
    """Highest of the next levels, how many there are, and whether all sessions took place."""
    best, rated = np.full(len(panel), np.nan), np.zeros(len(panel), np.int64)
    row = np.arange(len(panel))
    for step in range(1, within + 1):
        there = row + step < panel.end
        next_one = np.where(there, level[np.where(there, row + step, 0)], np.nan)
        best, rated = np.fmax(best, next_one), rated + ~np.isnan(next_one)
    return best, rated, row + within < panel.end
