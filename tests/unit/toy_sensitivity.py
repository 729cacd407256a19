"""Sensitivity analyses of a toy study, made once for tests of what is published of them."""

from functools import cache

import numpy as np
import pandas as pd

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hidden_states.hidden_states import hidden_states
from rupture_outcome.estimates.hidden_states.reports import StudyReports
from rupture_outcome.estimates.sensitivity.sensitivity_effects import (
    Sensitivity,
    sensitivity_effects,
)
from tests.unit.toy_sessions import toy_sessions


@cache
def toy_sensitivity() -> Sensitivity:
    """250 patients, of whom those about to leave are rated less often."""
    rows = toy_sessions(patients=250)
    rng = np.random.default_rng(3)
    chance = rng.random(len(rows))
    rows["testable"] = chance < np.where(rows["dropout"].eq(1), 0.6, 0.95)
    scores = rows[["patient_id", "session"]].assign(symptom=rng.normal(10, 4, len(rows)))
    truth = rows[["patient_id", "session"]].assign(latent_state=rows["state"].astype(str))
    flipped = (rng.random(len(rows)) < 0.05) & rows["state"].ne("intact")
    open_now = np.where(rows["state"].eq("unrepaired"), "repaired", "unrepaired")
    truth.loc[flipped, "latent_state"] = open_now[flipped]
    settings = HazardSettings(covariates=())
    return sensitivity_effects(rows, scores, settings, rng=rng, truth=truth)


def toy_hidden() -> pd.DataFrame:
    """Give the effects with states told from all reports, of which the toy study has none."""
    rows = toy_sessions(patients=250)
    nothing = StudyReports((), np.zeros((len(rows), 0), np.int8))
    return hidden_states(rows, nothing, HazardSettings(covariates=())).effects


def failed(effects: pd.DataFrame, note: str) -> pd.DataFrame:
    """Rows as they are where nothing could be estimated."""
    numbers = ["estimate", "se", "ci_low", "ci_high", "ratio", "e_value", "e_value_limit"]
    out = effects.assign(converged=False, reason=note)
    out[numbers] = np.nan
    return out
