"""Weights against endings other than dropout."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.sensitivity.ending_weights import ending_weights
from rupture_outcome.estimates.sensitivity.marginal_structural import marginal_structural
from rupture_outcome.estimates.sensitivity.symptom_history import symptom_history
from tests.unit.toy_sessions import toy_sessions

PATIENTS, SESSIONS = 4000, 6


def selected(seed=3):
    """Half of the patients are well, and end by agreement four times as often; nobody drops out."""
    rng = np.random.default_rng(seed)
    ill = rng.random(PATIENTS) < 0.5
    ends = rng.random((PATIENTS, SESSIONS)) < np.where(ill, 0.06, 0.24)[:, None]
    ends[:, -1] = False
    last = np.where(ends.any(axis=1), ends.argmax(axis=1), SESSIONS - 1)
    patient, t = np.nonzero(np.arange(SESSIONS) <= last[:, None])
    rows = pd.DataFrame(
        {
            "patient_id": pd.Categorical(patient.astype(str)),
            "therapist_id": pd.Categorical((patient % 20).astype(str)),
            "session": t + 1,
            "time": t + 1,
            "state": pd.Categorical(["intact"] * len(t), ["intact", "unrepaired", "repaired"]),
            "dropout": 0,
            "event": np.where(ends[patient, t], "agreed_ending", "none"),
            "at_risk": t + 1 < SESSIONS,
        }
    )
    scores = rows[["patient_id", "session"]].assign(symptom=10.0 + ill[patient])
    return rows, scores, ill


def test_weighted_those_who_stay_are_those_who_came():
    """At session 6, 37 in 50 of those who stay are ill, of all half: unweighted and weighted.

    About 2,000 of the patients stay, so that the weighted share has a standard error of 0.013 at
    most; three are allowed.
    """
    rows, scores, ill = selected()
    found = ending_weights(rows, symptom_history(rows, scores), [])
    here = rows["session"].eq(SESSIONS).to_numpy()
    whose = ill[rows.loc[here, "patient_id"].astype(int)]
    assert whose.mean() > 0.7
    assert np.average(whose, weights=found.weights[here]) == pytest.approx(ill.mean(), abs=0.04)
    assert (found.weights[rows["session"].eq(1)] == 1).all()
    assert found.weights[here].mean() == pytest.approx(1.0, abs=0.05)


def test_without_other_endings_nothing_is_weighted():
    rows = toy_sessions(patients=120)
    rows = rows.assign(event=np.where(rows["dropout"].eq(1), "dropout", "none"))
    scores = rows[["patient_id", "session"]].assign(
        symptom=np.random.default_rng(1).normal(size=len(rows))
    )
    found = ending_weights(rows, symptom_history(rows, scores), [])
    assert (found.weights == 1).all()
    assert found.fits[0].reason == "no_weight_needed:never"
    effects = pd.DataFrame(marginal_structural(rows, scores, HazardSettings(covariates=())).rows)
    by_setting = effects.set_index(["analysis", "setting", "contrast"])["estimate"]
    plain = by_setting["marginal_structural", "unweighted"]
    np.testing.assert_allclose(by_setting["other_endings", "weighted"], plain)


def test_the_future_does_not_enter_the_weight_of_a_session():
    rows, scores, _ = selected()
    early = rows["session"].le(3).to_numpy()
    symptoms = symptom_history(rows, scores)
    whole = ending_weights(rows, symptoms, [])
    changed = symptoms.assign(symptom=symptoms["symptom"].where(early, 0.0))
    first = rows["session"].eq(1).to_numpy()
    assert (ending_weights(rows, changed, []).weights[first] == whole.weights[first]).all()
