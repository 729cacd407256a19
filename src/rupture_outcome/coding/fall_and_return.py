"""A fall that is made good soon: what the V-shaped definitions have in common."""

import numpy as np

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
    fall = panel.previous(level) - level
    returned = reached(_highest_after(panel, level, within), level + recovery * fall)
    reason = comparison_reasons(panel, level)
    reason[(reason == NONE) & np.isnan(threshold)] = NO_SCALE
    looked = panel.once_a_pattern(
        f"looked_at {within}", level, lambda: _looked_at(panel, level, within)
    )
    reason[(reason == NONE) & ~looked] = TOO_FEW
    return Verdicts.of(reached(fall, threshold) & (fall > TIE) & returned, reason)


def _highest_after(panel: Panel, level: Floats, within: int) -> Floats:
    """Highest of the patient's next levels; −∞ where there is none."""
    known = np.append(np.where(np.isnan(level), -np.inf, level), -np.inf)
    best = np.full(len(panel), -np.inf)
    for step in range(1, within + 1):
        np.maximum(best, known[panel.later(step)], out=best)
    return best


def _looked_at(panel: Panel, level: Floats, within: int) -> Bools:
    """Whether all the next sessions took place, and enough of them were rated."""
    row = np.arange(len(panel))
    rated = np.append(0, np.cumsum(~np.isnan(level)))
    last = np.minimum(row + within, panel.end - 1)
    following = rated[last + 1] - rated[row + 1]
    return (row + within < panel.end) & (following >= RATED_SHARE * within)
