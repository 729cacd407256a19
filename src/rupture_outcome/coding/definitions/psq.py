"""Ruptures that patient or therapist report after the session."""

from collections.abc import Mapping

import numpy as np

from rupture_outcome.coding.limits import least
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Salience
from rupture_outcome.coding.verdicts import MISSING_SCORE, NONE, Verdicts, reached

TENSION = Threshold("tension", (2.0, 3.0, 4.0, 5.0))
SOURCE = "Post-Session Questionnaire (Muran, Safran, Samstag & Winston 1992)"


@definition(
    id="psq_patient",
    kind_class="prospective",
    provenance="recalled",
    source=SOURCE,
    needs=("psq_patient_rupture",),
    needs_with={"tension": "psq_patient_tension"},
    threshold=TENSION,
    limit=least("tension"),
)
def psq_patient(
    panel: Panel, constants: Mapping[str, float], *, tension: Salience | None = None
) -> Verdicts:
    """Rupture reported by the patient.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        None are used.
    tension : float, optional
        A tension rating (1–5) from which a session counts as a rupture although none was reported.

    Notes
    -----
    A session without an answer is not testable, never "no rupture". A tension rating that is
    missing after a reported "no" is taken as missing by design; alone, it decides only when it
    reaches the threshold.

    Examples
    --------
    No rupture, though with a tension of 4; a rupture; no answer:

    >>> import pandas as pd
    >>> asked = {"psq_patient_rupture": [0, 1, None], "psq_patient_tension": [4, 2, None]}
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], **asked})
    >>> panel = Panel.from_sessions(frame, list(asked))
    >>> psq_patient(panel, {}).detected.tolist(), psq_patient(panel, {}).testable.tolist()
    ([False, True, False], [True, True, False])
    >>> psq_patient(panel, {}, tension=4).detected.tolist()
    [True, True, False]
    """
    return _reported(panel, "patient", tension)


@definition(
    id="psq_therapist",
    kind_class="prospective",
    provenance="recalled",
    source=SOURCE,
    needs=("psq_therapist_rupture",),
    needs_with={"tension": "psq_therapist_tension"},
    threshold=TENSION,
    limit=least("tension"),
)
def psq_therapist(
    panel: Panel, constants: Mapping[str, float], *, tension: Salience | None = None
) -> Verdicts:
    """Rupture reported by the therapist.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        None are used.
    tension : float, optional
        A tension rating (1–5) from which a session counts as a rupture although none was reported.

    Notes
    -----
    As `psq_patient`: unanswered is not testable.
    """
    return _reported(panel, "therapist", tension)


def _reported(panel: Panel, respondent: str, tension: float | None) -> Verdicts:
    rupture = panel[f"psq_{respondent}_rupture"]
    detected = rupture == 1
    if tension is not None:
        detected = detected | reached(panel[f"psq_{respondent}_tension"], tension)
    unanswered = np.isnan(rupture) & ~detected
    return Verdicts.of(detected, np.where(unanswered, MISSING_SCORE, NONE).astype(np.int8))
