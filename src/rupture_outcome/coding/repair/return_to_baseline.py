"""Repair as a return to the score from before the rupture."""

import numpy as np

from rupture_outcome.coding.follow import Look, Open
from rupture_outcome.coding.registry import repair_rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import reached


@repair_rule(
    id="return_to_baseline",
    provenance="project",
    source="in the spirit of the return criteria of Stiles 2004 and Strauss 2006, not read",
    needs=("{source}",),
    from_baseline=True,
)
def return_to_baseline(rupture: Open, panel: Panel) -> Look:
    r"""Score back at the pre-rupture score: x_t ≥ x_{s−1}, for a rupture at s < t ≤ s + k.

    Notes
    -----
    A session that itself is coded as a rupture cannot be the return. An unrated session neither
    repairs nor speaks against it.

    Examples
    --------
    From 50 down to 38, so that 50 is asked for (the panel is not read):

    >>> rupture = Open(onset=np.array([1, 1]), now=np.array([2, 3]), baseline=np.array([50.0, 50]),
    ...                nadir=np.array([38.0, 38]), score=np.array([49.0, 50]))
    >>> return_to_baseline(rupture, None).repaired.tolist()
    [False, True]
    """
    return Look(reached(rupture.score, rupture.baseline), ~np.isnan(rupture.score))
