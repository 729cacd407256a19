"""The hazard of repair, the shift it gives, and what dropout would be."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from rupture_outcome.cohort.clusters import first_therapists
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.multistate.aalen_johansen import courses, occupancy
from rupture_outcome.estimates.multistate.bands import (
    drawn_chains,
    observed_chain,
)
from rupture_outcome.estimates.multistate.repair_hazard import (
    age_ratio,
    fit_age_of_rupture,
    fit_repair,
    repair_chances,
)
from rupture_outcome.estimates.multistate.repair_what_if import (
    BEST,
    BEST_MODEL,
    best_quarter,
    repair_what_if,
    shifted,
    therapist_shifts,
)
from rupture_outcome.estimates.therapists.therapist_hazards import therapist_hazards
from tests.unit.toy_sessions import STATES, toy_sessions

SETTINGS = HazardSettings(covariates=())
REPLICATES = 200


def therapists_who_differ(sd=0.8, seed=3, patients=900, therapists=30, sessions=12):
    """Open ruptures are repaired at the pace of the therapist; they double the odds to leave."""
    rng = np.random.default_rng(seed)
    effect = sd * rng.standard_normal(therapists)
    therapist = rng.integers(0, therapists, patients)
    state = np.zeros((patients, sessions), dtype=int)
    for t in range(1, sessions):
        before = state[:, t - 1]
        repair = rng.random(patients) < 1 / (1 + np.exp(1.2 - effect[therapist]))
        rupture = rng.random(patients) < 0.25
        state[:, t] = np.select([(before == 1) & repair, (before != 1) & rupture], [2, 1], before)
    drop = rng.random((patients, sessions)) < np.where(state == 1, 0.12, 0.03)
    drop[:, -1] = False
    last = np.where(drop.any(axis=1), drop.argmax(axis=1), sessions - 1)
    patient, t = np.nonzero(np.arange(sessions) <= last[:, None])
    event = np.where(t == last[patient], "agreed_ending", "none")
    event = np.where(drop[patient, t], "dropout", event)
    return pd.DataFrame(
        {
            "patient_id": pd.Categorical([f"p{i:04d}" for i in patient]),
            "therapist_id": pd.Categorical([f"t{i:02d}" for i in therapist[patient]]),
            "time": t + 1,
            "state": pd.Categorical(np.array(STATES)[state[patient, t]], categories=STATES),
            "event": event,
            "dropout": (event == "dropout").astype(int),
            "at_risk": t + 1 < sessions,
            "testable": True,
        }
    )


ROWS = therapists_who_differ()


@pytest.fixture(scope="module")
def repair():
    return fit_repair(ROWS, SETTINGS)


@pytest.fixture(scope="module")
def chains():
    course = courses(ROWS, 10)
    rng = np.random.default_rng(1)
    drawn = drawn_chains(course, first_therapists(ROWS), REPLICATES, rng)
    return course, observed_chain(course), drawn


def test_chances_of_repair_follow_an_open_rupture():
    chances = repair_chances(ROWS)
    counts = courses(ROWS).counts().sum(axis=0)
    assert chances["repaired"].sum() == counts[1, 2]
    assert len(chances) == counts[1, 2] + counts[1, 1]


def test_the_hazard_of_repair_is_one_with_that_of_therapists():
    """Without the untested sessions in both: nothing can be seen in them."""
    untested = np.random.default_rng(5).random(len(ROWS)) < 0.3
    rows = ROWS.assign(testable=~untested | ROWS["state"].eq("repaired"))
    here = fit_repair(rows, SETTINGS).fit
    there = therapist_hazards(rows, SETTINGS)["repair"].fit
    assert here.nobs < fit_repair(ROWS, SETTINGS).fit.nobs
    assert (here.nobs, here.n_events) == (there.nobs, there.n_events)
    assert here.group_sd == there.group_sd


def test_the_sd_of_therapists_is_recovered(repair):
    """Truth 0.8 with 30 therapists: the SD of an SD is about 0.8/√60 = 0.10, more with noise."""
    assert repair.fit.group_sd == pytest.approx(0.8, abs=0.35)


def test_shift_of_the_best_quarter(repair):
    shrunken, modelled = therapist_shifts(repair, 2000, np.random.default_rng(1))
    best = best_quarter(repair.fit)
    assert (shrunken.scenario, modelled.scenario) == (BEST, BEST_MODEL)
    assert len(best) == 8
    assert shrunken.value == pytest.approx(best["effect"].mean())
    assert modelled.value == pytest.approx(1.2711 * repair.fit.group_sd, rel=1e-4)
    assert 0 < shrunken.value < modelled.value * 1.3
    # draws are centred on the estimates, up to the curvature of shrinkage in σ
    assert np.mean(shrunken.draws) == pytest.approx(shrunken.value, rel=0.1)
    assert np.mean(modelled.draws) == pytest.approx(modelled.value, rel=0.05)


def test_only_repair_moves_and_by_the_shift(chains):
    _, found, _ = chains
    moved = shifted(found.matrices, 0.5)
    before, after = (m[:, 1, 2] / (m[:, 1, 1] + m[:, 1, 2]) for m in (found.matrices, moved))
    inner = (before > 0) & (before < 1)
    np.testing.assert_allclose(logit(after[inner]) - logit(before[inner]), 0.5)
    rest = np.ones((6, 6), dtype=bool)
    rest[1, 1:3] = False
    np.testing.assert_array_equal(moved[:, rest], found.matrices[:, rest])
    np.testing.assert_allclose(moved.sum(axis=-1), 1.0)
    np.testing.assert_allclose(shifted(found.matrices, 0.0), found.matrices)


def test_more_repair_means_less_dropout_here(chains, repair):
    course, found, drawn = chains
    shifts = therapist_shifts(repair, REPLICATES, np.random.default_rng(2))
    frame = repair_what_if(found, drawn, shifts, course.times, 0.95)
    last = frame[frame["session"].eq(10)].set_index("scenario")
    observed = occupancy(found.initial, found.matrices)[-1, 3]
    assert last.loc["observed", "estimate"] == pytest.approx(observed)
    for scenario in (BEST, BEST_MODEL):
        row = last.loc[scenario]
        assert row["difference_low"] < row["difference"] < row["difference_high"] < 0
        assert row["estimate"] - observed == pytest.approx(row["difference"])


def test_therapists_who_do_not_differ_change_nothing(chains):
    course, found, drawn = chains
    same = fit_repair(toy_sessions(seed=5, patients=300), SETTINGS)
    assert same.fit.boundary
    shifts = therapist_shifts(same, REPLICATES, np.random.default_rng(2))
    frame = repair_what_if(found, drawn, shifts, course.times, 0.95)
    for scenario in (BEST, BEST_MODEL):
        rows = frame[frame["scenario"].eq(scenario)]
        assert rows["difference"].abs().max() < 1e-12
        assert rows["reason"].eq("no_difference_in_repair").all()
        # an SD that is estimated as 0 may be larger: more repair, and less dropout, are left open
        low, high = rows[["difference_low", "difference_high"]].iloc[-1]
        assert low < -1e-3
        assert low < -2 * high


def test_draws_of_the_sd_have_the_profile_interval_as_percentiles(repair):
    """20,000 draws: a quantile at 0.025 is off by 0.01 SD of the estimate, about 1 %."""
    for fit in (repair.fit, fit_repair(toy_sessions(seed=5, patients=300), SETTINGS).fit):
        drawn = fit.draw_group_sd(20000, np.random.default_rng(1))
        low, high = fit.group_sd_conf_int()
        assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([low, high], rel=0.03)
        assert np.mean(drawn > fit.group_sd) == pytest.approx(0.5, abs=0.015)


def test_the_evidence_on_a_group_is_in_its_shrunken_effect(repair):
    evidence, effects = repair.fit.group_evidence, repair.fit.group_effects
    precision = evidence["weight"] + repair.fit.group_sd**-2
    np.testing.assert_allclose(effects["sd"], precision**-0.5, rtol=1e-6)
    np.testing.assert_allclose(effects["effect"], evidence["pull"] / precision, atol=1e-6)


def test_no_fit_is_said(chains):
    course, found, drawn = chains
    nobody = ROWS.assign(state=ROWS["state"].where(ROWS["state"].ne("repaired"), "unrepaired"))
    fitted = fit_repair(nobody, SETTINGS)
    assert fitted.report(0.95)["converged"] is False
    shifts = therapist_shifts(fitted, REPLICATES, np.random.default_rng(2))
    frame = repair_what_if(found, drawn, shifts, course.times, 0.95)
    best = frame[frame["scenario"].eq(BEST)]
    assert best["estimate"].isna().all()
    assert best["reason"].str.startswith("not_estimable; few_sessions:5:").all()


def test_age_of_the_rupture_does_not_matter_in_a_markov_world():
    row = age_ratio(fit_age_of_rupture(ROWS, SETTINGS), 0.99)
    assert row["ci_low"] < 1 < row["ci_high"]
    assert row["reason"].startswith("markov_test:")


def test_age_of_the_rupture_matters_where_it_does():
    """Most dropout is from ruptures just opened: the odds ratio per session is below 1."""
    state, patient = ROWS["state"], ROWS["patient_id"]
    new = state.ne(state.shift()) | patient.ne(patient.shift())
    late = ROWS["dropout"].eq(1) & state.eq("unrepaired") & ~new
    spared = late & (late.cumsum() % 5 > 0)
    young = ROWS.assign(dropout=ROWS["dropout"].mask(spared, 0))
    row = age_ratio(fit_age_of_rupture(young, SETTINGS), 0.95)
    assert row["ci_high"] < 1
