"""A world in which repair does nothing: what the naive comparison finds there, and the hazard.

The chance of dropping out after a session is 0.03 for everybody, over 16 sessions. Ruptures come
and are repaired by chance. To be repaired a patient has to stay, so "ever repaired" is a mark of
having stayed. Where repair does something, the hazard finds it.
"""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, hazard_effects
from rupture_outcome.estimates.immortal_time.worlds import immortal_time
from rupture_outcome.estimates.landmark.landmark import landmark_hazards
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.simulation.leaving import World, draw_courses, person_sessions

PATIENTS, THERAPISTS, REPLICATES = 300, 15, 200
# Of the naive comparison, from 400,000 patients of this world.
NAIVE_RATIO = 0.178
STATES = ["intact", "unrepaired", "repaired"]
SETTINGS = HazardSettings(covariates=(), min_events=20)
HEADLINE = "repaired vs unrepaired"
# Beyond 3.29 standard errors a normal variable falls once in a thousand times.
WIDE = 3.29


def null_world(rng: np.random.Generator, patients: int = PATIENTS) -> pd.DataFrame:
    world = World(patients=patients, therapists=THERAPISTS)
    return person_sessions(world, draw_courses(world, rng))


@pytest.fixture(scope="module")
def replicates() -> pd.DataFrame:
    rng = np.random.default_rng(20261123)
    found = []
    for _ in range(REPLICATES):
        rows = null_world(rng)
        hazard = fit_exposure(rows, "state", STATES, CONTRASTS, SETTINGS).estimates
        naive = naive_effects(rows, "recorded_ending", (), 0.95)[0].iloc[0]
        found += [{"contrast": name, **vars(each)} for name, each in hazard.items()]
        found.append({"contrast": "naive", "value": naive["estimate"], "se": naive["se"]})
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
    naive = naive_effects(rows, "recorded_ending", (), 0.95)[0].iloc[0]
    hazard = hazard_effects(rows, "recorded_ending", SETTINGS)[0].set_index("contrast")
    landmark = landmark_hazards(rows, [6], "recorded_ending", SETTINGS)[0].iloc[0]
    assert naive["reason"].startswith("biased_by_immortal_time")
    assert naive["ci_high"] < np.log(0.3)
    assert abs(naive["estimate"] - np.log(NAIVE_RATIO)) < WIDE * naive["se"]
    assert abs(hazard.loc[HEADLINE, "estimate"]) < WIDE * hazard.loc[HEADLINE, "se"]
    assert abs(landmark["estimate"]) < WIDE * landmark["se"]


@pytest.mark.slow
def test_a_large_world_in_which_repair_halves_the_odds():
    """The models of the pipeline find it, with therapists who differ; the naive one overshoots."""
    world = World(
        patients=4_000, therapists=40, therapist_sd=0.5, rupture_ratio=2.0, repair_ratio=0.5
    )
    rows = person_sessions(world, draw_courses(world, np.random.default_rng(11)))
    hazard = hazard_effects(rows, "recorded_ending", SETTINGS)[0].set_index("contrast")
    naive = naive_effects(rows, "recorded_ending", (), 0.95)[0].iloc[0]
    assert abs(hazard.loc[HEADLINE, "estimate"] - np.log(0.5)) < WIDE * hazard.loc[HEADLINE, "se"]
    assert naive["ci_high"] < np.log(0.25)


def test_coverage_where_repair_helps_and_where_it_harms():
    found = immortal_time(
        World(), np.random.default_rng(3), ratios=(0.5, 2.0), replicates=REPLICATES
    )
    hazard = found[found["analysis"] == "hazard"]
    band = WIDE * np.sqrt(0.95 * 0.05 / REPLICATES)
    assert hazard["coverage"].tolist() == pytest.approx([0.95, 0.95], abs=band)
    bias = hazard["estimate"] - np.log(hazard["true_ratio"])
    # About 40 dropouts in the rarer state: the bias of a log odds ratio is of the order of 1/40.
    assert (bias.abs() < WIDE * hazard["estimate_error"] + 1 / 40).all()
    naive = found[found["analysis"] == "naive"]
    assert (naive["ratio_high"] < 1).all()
    assert naive["coverage"].max() < 0.05
