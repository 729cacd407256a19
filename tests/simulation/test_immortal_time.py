"""A world in which repair does nothing: what the naive comparison finds there, and the hazard.

The chance of dropping out after a session is 0.03 for everybody, over 16 sessions. Ruptures come
and are repaired by chance. To be repaired a patient has to stay, so "ever repaired" is a mark of
having stayed.
"""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.models.exposure_hazard import HazardSettings, fit_exposure, label
from rupture_outcome.models.hazard_effects import CONTRASTS, hazard_effects
from rupture_outcome.models.landmark import landmark_effects
from rupture_outcome.models.naive import naive_comparison, naive_effects, ruptured_patients

HAZARD, SESSIONS, RUPTURE, REPAIR = 0.03, 16, 0.15, 0.3
PATIENTS, THERAPISTS, REPLICATES = 300, 15, 200
# Of the naive comparison, from 400,000 patients of this world.
NAIVE_RATIO = 0.178
STATES = ["intact", "unrepaired", "repaired"]
SETTINGS = HazardSettings(covariates=(), min_events=20)
HEADLINE = "repaired vs unrepaired"
# Beyond 3.29 standard errors a normal variable falls once in a thousand times.
WIDE = 3.29


def null_world(rng: np.random.Generator, patients: int = PATIENTS) -> pd.DataFrame:
    chance = rng.random((patients, SESSIONS))
    state = np.zeros((patients, SESSIONS + 1), dtype=int)
    for t in range(SESSIONS):
        is_open = state[:, t] == 1
        mends, begins = is_open & (chance[:, t] < REPAIR), ~is_open & (chance[:, t] < RUPTURE)
        state[:, t + 1] = np.select([mends, begins], [2, 1], state[:, t])
    drop = rng.random((patients, SESSIONS)) < HAZARD
    drop[:, -1] = False
    last = np.where(drop.any(axis=1), drop.argmax(axis=1), SESSIONS - 1)
    patient, t = np.nonzero(np.arange(SESSIONS) <= last[:, None])
    event = np.select([drop[patient, t], t == last[patient]], ["dropout", "agreed_ending"], "none")
    return pd.DataFrame(
        {
            "patient_id": patient,
            "therapist_id": patient % THERAPISTS,
            "session": t + 1,
            "time": t + 1,
            "definition": "drop_rci",
            "repair_rule": "psq_resolved",
            "state": pd.Categorical.from_codes(state[patient, t + 1], STATES),
            "testable": True,
            "event": event,
            "dropout": (event == "dropout").astype(int),
            "at_risk": t + 1 < SESSIONS,
        }
    )


@pytest.fixture(scope="module")
def replicates() -> pd.DataFrame:
    rng = np.random.default_rng(20261123)
    found = []
    for _ in range(REPLICATES):
        rows = null_world(rng)
        hazard = fit_exposure(rows, "state", STATES, CONTRASTS, SETTINGS).estimates
        naive = naive_comparison(ruptured_patients(rows), [])
        found += [{"contrast": name, **vars(each)} for name, each in hazard.items()]
        found.append({"contrast": "naive", **vars(naive)})
    return pd.DataFrame(found)


def mean_and_error(estimates: pd.Series) -> tuple[float, float]:
    return estimates.mean(), estimates.std() / np.sqrt(len(estimates))


@pytest.mark.slow
@pytest.mark.parametrize("contrast", [label(pair) for pair in CONTRASTS])
def test_the_hazard_finds_nothing_where_there_is_nothing(replicates, contrast):
    found = replicates.loc[replicates["contrast"] == contrast, "value"]
    mean, error = mean_and_error(found)
    # About 20 dropouts in a state: the bias of a log odds ratio is of the order of 1/20.
    assert abs(mean) < WIDE * error + 1 / 20


@pytest.mark.slow
@pytest.mark.parametrize("contrast", [label(pair) for pair in CONTRASTS])
def test_the_interval_of_the_hazard_covers_one_at_its_level(replicates, contrast):
    """The number of covering intervals is binomial with 0.95, if the interval is what it says."""
    found = replicates[replicates["contrast"] == contrast]
    covered = (found["value"].abs() < 1.959964 * found["se"]).mean()
    assert covered == pytest.approx(0.95, abs=WIDE * np.sqrt(0.95 * 0.05 / REPLICATES))


@pytest.mark.slow
def test_the_naive_comparison_finds_a_large_effect(replicates):
    found = replicates[replicates["contrast"] == "naive"]
    mean, error = mean_and_error(found["value"])
    assert abs(mean - np.log(NAIVE_RATIO)) < WIDE * error + 1 / 20
    excludes_one = found["value"] + 1.959964 * found["se"] < 0
    assert excludes_one.mean() > 0.9


@pytest.mark.slow
def test_one_large_world():
    """With 4,000 patients the two answers leave no doubt."""
    rows = null_world(np.random.default_rng(7), patients=4_000)
    naive = naive_effects(rows, "recorded_ending", (), 0.95).iloc[0]
    hazard = hazard_effects(rows, "recorded_ending", SETTINGS)[0].set_index("contrast")
    landmark = landmark_effects(rows, [6], "recorded_ending", SETTINGS).iloc[0]
    assert naive["note"] == "biased by immortal time"
    assert naive["ci_high"] < np.log(0.3)
    assert abs(naive["estimate"] - np.log(NAIVE_RATIO)) < WIDE * naive["se"]
    assert abs(hazard.loc[HEADLINE, "estimate"]) < WIDE * hazard.loc[HEADLINE, "se"]
    assert abs(landmark["estimate"]) < WIDE * landmark["se"]
