"""Landmark analyses: from a fixed session on, by the state of the alliance at that session."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import patient_codes
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.estimates.effect_rows import Specification, effect_table
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.hazard.hazard_effects import contrast_rows

ANALYSIS = "landmark"
CAUSES = ("dropout", "agreed_ending", "other_ending")
EXPOSURE = "state_at_landmark"
CONTRAST = ("repaired", "unrepaired")


def after_landmark(rows: pd.DataFrame, landmark: int) -> pd.DataFrame:
    """Select the sessions after a landmark and fix the state at it.

    In treatment after the landmark is who attended a later session. The state is that of the last
    attended session up to the landmark, so nothing that happened later enters it.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and time.
    landmark : int
        On the clock of ``time``.

    Returns
    -------
    DataFrame
        The later rows with ``state_at_landmark``; patients whose first session comes later are
        not among them.
    """
    patient = patient_codes(rows)
    reached = (rows["time"] <= landmark).to_numpy()
    last = np.full(patient.max(initial=-1) + 1, -1)
    last[patient[reached]] = np.flatnonzero(reached)  # of rows in order, the last one stays
    known = last >= 0
    state = np.full(len(last), None, dtype=object)
    state[known] = rows["state"].iloc[last[known]].astype(str)
    chosen = ~reached & known[patient]
    return rows[chosen].assign(**{EXPOSURE: state[patient[chosen]]})


def landmark_hazards(
    person_sessions: pd.DataFrame,
    landmarks: Sequence[int],
    dropout_definition: str,
    settings: HazardSettings,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Hazard of dropout after each landmark, repaired against unrepaired at it.

    The model of the primary analysis, on the sessions after the landmark of those with a rupture
    so far, with the state fixed at the landmark. It answers another question than the hazard with
    the current state: ruptures repaired, or new, after the landmark stay in the group they were
    in, which draws the ratio towards 1.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    landmarks : sequence of int
        Sessions on the clock.
    dropout_definition : str
        For the column of that name.
    settings : HazardSettings
        How to fit.

    Returns
    -------
    effects : DataFrame
        One row a definition, rule and landmark, in the columns of ``dropout_effects.csv``.
    fits : list of dict
        One entry a fit, for ``landmark_fits.json``.
    """
    rows: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for definition, rule, landmark, later in _each_landmark(person_sessions, landmarks):
        given = Specification(ANALYSIS, definition, rule, dropout_definition, settings.link)
        result = fit_exposure(later, EXPOSURE, CONTRAST[::-1], (CONTRAST,), settings)
        rows += contrast_rows(
            given, EXPOSURE, (CONTRAST,), result, settings, exposure=EXPOSURE, landmark=landmark
        )
        named = {"model": f"{EXPOSURE}:{landmark}", "definition": definition, "repair_rule": rule}
        fits.append({**named, **result.report(settings.confidence)})
    return effect_table(rows), fits


def _each_landmark(
    person_sessions: pd.DataFrame, landmarks: Sequence[int]
) -> Iterator[tuple[str, str, int, pd.DataFrame]]:
    for definition, rule, part in each_specification(person_sessions):
        for landmark in landmarks:
            yield definition, rule, landmark, after_landmark(part, landmark)
