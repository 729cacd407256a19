"""Repair as reported after the session."""

from typing import Literal

import numpy as np

from rupture_outcome.coding.follow import Look, Open
from rupture_outcome.coding.registry import repair_rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Salience
from rupture_outcome.coding.verdicts import reached


@repair_rule(
    id="psq_resolved",
    provenance="recalled",
    source="Post-Session Questionnaire (Muran, Safran, Samstag & Winston 1992)",
    needs=("psq_{respondent}_rupture", "psq_{respondent}_resolution"),
    same_session=True,
)
def psq_resolved(
    rupture: Open,
    panel: Panel,
    *,
    threshold: Salience = 4.0,
    respondent: Literal["patient", "therapist"] = "patient",
) -> Look:
    """Resolution rated at or above a threshold, in the session of the rupture or a later one.

    Parameters
    ----------
    rupture : Open
    panel : Panel
    threshold : float
        Of the rating from 1 (not resolved) to 5.
    respondent : {"patient", "therapist"}
        Whose report.

    Notes
    -----
    Resolution is asked only after a reported rupture. A later session without a report of a
    rupture is therefore no evidence of repair, but its questionnaire shows that the patient could
    have said so: it counts as known.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = {"psq_patient_rupture": [1, 0], "psq_patient_resolution": [4, None]}
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], **asked})
    >>> panel, nothing = Panel.from_sessions(frame, list(asked)), np.full(2, np.nan)
    >>> rupture = Open(np.array([0, 0]), np.array([0, 1]), nothing, nothing, nothing)
    >>> look = psq_resolved(rupture, panel)
    >>> look.repaired.tolist(), look.known.tolist()
    ([True, False], [True, True])
    """
    resolution = panel[f"psq_{respondent}_resolution"][rupture.now]
    answered = ~np.isnan(panel[f"psq_{respondent}_rupture"][rupture.now])
    return Look(reached(resolution, threshold), answered | ~np.isnan(resolution))
