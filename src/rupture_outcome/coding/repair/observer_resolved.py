"""Repair as observers rated it."""

import numpy as np

from rupture_outcome.coding.follow import Look, Open
from rupture_outcome.coding.registry import repair_rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Salience
from rupture_outcome.coding.verdicts import reached


@repair_rule(
    id="observer_resolved",
    provenance="project",
    source="Rupture Resolution Rating System, 3RS v2022; the threshold is the analyst's choice",
    needs=("observer_resolution",),
    same_session=True,
)
def observer_resolved(rupture: Open, panel: Panel, *, threshold: Salience = 4.0) -> Look:
    """Mean rater resolution at or above a threshold, in the session of the rupture or a later one.

    Parameters
    ----------
    rupture : Open
    panel : Panel
    threshold : float
        Of the rating from 1 to 5.

    Notes
    -----
    A session that no rater gave a resolution neither repairs nor speaks against it.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], "observer_resolution": [2, 5]})
    >>> panel, nothing = Panel.from_sessions(frame, ["observer_resolution"]), np.full(2, np.nan)
    >>> rupture = Open(np.array([0, 0]), np.array([0, 1]), nothing, nothing, nothing)
    >>> observer_resolved(rupture, panel).repaired.tolist()
    [False, True]
    """
    resolution = panel["observer_resolution"][rupture.now]
    return Look(reached(resolution, threshold), ~np.isnan(resolution))
