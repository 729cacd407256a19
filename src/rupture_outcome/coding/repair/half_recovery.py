"""Repair as a recovery of part of what was lost."""

import numpy as np

from rupture_outcome.coding.follow import Look, Open
from rupture_outcome.coding.registry import repair_rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import PositiveShare
from rupture_outcome.coding.verdicts import reached


@repair_rule(
    id="half_recovery",
    provenance="project",
    source="half of the way back from the lowest score so far",
    needs=("{source}",),
    from_baseline=True,
)
def half_recovery(rupture: Open, panel: Panel, *, share: PositiveShare = 0.5) -> Look:
    r"""Score back by half of the fall from the pre-rupture score b to the lowest so far m.

    .. math:: x_t \ge b - (1 - q) \max(b - m, 0)

    Parameters
    ----------
    rupture : Open
    panel : Panel
    share : float
        q, the share of the fall to be recovered; 1 is `return_to_baseline`.

    Notes
    -----
    A rupture without a fall of the score (a reported one) asks for the pre-rupture score, so this
    rule never sees a repair later than `return_to_baseline`.

    Examples
    --------
    From 50 down to 38, so that 44 is enough (the panel is not read):

    >>> rupture = Open(onset=np.array([1, 1]), now=np.array([2, 3]), baseline=np.array([50.0, 50]),
    ...                nadir=np.array([38.0, 38]), score=np.array([43.0, 44]))
    >>> half_recovery(rupture, None).repaired.tolist()
    [False, True]
    """
    fall = np.fmax(rupture.baseline - rupture.nadir, 0.0)
    target = rupture.baseline - (1 - share) * fall
    return Look(reached(rupture.score, target), ~np.isnan(rupture.score))
