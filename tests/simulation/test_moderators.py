"""The joint test of a moderator keeps its size and finds what is there; errors hold for units."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.unit_covariance import unit_covariance
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.moderators.levels import Moderator
from rupture_outcome.estimates.moderators.moderator_fit import CONTRASTS, NESTINGS, fit_moderator
from tests.unit.toy_sessions import toy_sessions

REPLICATES, PATIENTS = 200, 600
SETTINGS = HazardSettings(min_events=20)
HEADLINE = CONTRASTS[0]
# Beyond 3.29 standard errors a normal variable falls once in a thousand times.
WIDE = 3.29


def fitted(rows, level, units=None):
    at_risk = rows["at_risk"].to_numpy()
    here = rows[at_risk].reset_index(drop=True)
    moderator = Moderator("m", pd.Series(pd.Categorical(level[at_risk])))
    patient = here["patient_id"].cat.codes.to_numpy()
    units = np.unique(patient // 2, return_inverse=True)[1] if units is None else units
    return fit_moderator(here, moderator, units, SETTINGS)


@pytest.mark.slow
def test_without_a_moderator_the_joint_test_keeps_its_size():
    p = []
    for seed in range(REPLICATES):
        rows = toy_sessions(seed=seed, patients=PATIENTS, therapists=30, base=-2.6)
        level = np.random.default_rng(seed).choice(list("abc"), PATIENTS)
        tests = fitted(rows, level[rows["patient_id"].cat.codes]).tests
        p.append([tests[nesting, pair].p for nesting in NESTINGS for pair in CONTRASTS])
    # About 14 dropouts in the smallest cell: Wald tests are a little conservative there.
    for alpha in (0.05, 0.1, 0.2):
        rejected = (np.array(p) < alpha).mean(axis=0)
        error = np.sqrt(alpha * (1 - alpha) / REPLICATES)
        assert (rejected < alpha + WIDE * error).all()
        assert (rejected > alpha - WIDE * error - 0.25 * alpha).all()


@pytest.mark.slow
def test_a_true_interaction_is_recovered():
    """Repair halves the odds in one half of the patients, and does nothing in the other."""
    parts = [
        toy_sessions(seed=1, patients=6000, therapists=40, base=-2.6, effects=(0.0, 0.8, 0.8)),
        toy_sessions(seed=2, patients=6000, therapists=40, base=-2.6, effects=(0.0, 0.8, -0.4)),
    ]
    for name, part in zip("ab", parts, strict=True):
        part["patient_id"] = part["patient_id"].astype(str) + name
        part["therapist_id"] = part["therapist_id"].astype(str) + name
    rows = pd.concat(parts, ignore_index=True)
    for column in ("patient_id", "therapist_id"):
        rows[column] = rows[column].astype("category")
    result = fitted(rows, rows["patient_id"].astype(str).str[-1].to_numpy())
    for nesting in NESTINGS:
        for level, truth in (("a", 0.0), ("b", -1.2)):
            found = result.estimates[nesting, HEADLINE, level]
            assert abs(found.value - truth) < WIDE * found.se
        assert result.tests[nesting, HEADLINE].p < 1e-6
        assert result.tests[nesting, CONTRASTS[1]].p > 0.001


@pytest.mark.slow
def test_errors_hold_where_patients_of_one_unit_resemble_each_other():
    """Couples and groups of SD 1 within therapists, and a column that is constant in them."""
    rng = np.random.default_rng(20261123)
    therapist = np.repeat(np.arange(40), 60)
    units = np.arange(len(therapist)) // 6
    X = np.column_stack([np.ones(len(units)), units % 2]).astype(float)
    found = []
    for _ in range(REPLICATES):
        effects = 0.5 * rng.normal(size=40)[therapist] + rng.normal(size=400)[units]
        chance = 1 / (1 + np.exp(-(X @ [-2.0, -0.7] + effects)))
        fit = MultilevelHazard((rng.random(len(units)) < chance).astype(float), X, therapist).fit()
        robust = np.sqrt(unit_covariance(fit, units)[1, 1])
        found.append((fit.params.iloc[1], fit.bse.iloc[1], robust))
    estimate, naive, robust = np.array(found).T
    # The relative error of an SD from 200 replicates is 1/√400 = .05.
    assert robust.mean() == pytest.approx(estimate.std(ddof=1), rel=WIDE * 0.05)
    assert naive.mean() < 0.9 * robust.mean()
