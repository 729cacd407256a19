"""Growth by state: known differences are found, and what cannot be estimated says why."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.growth.growth_effects import GROWTH_COLUMNS, growth_effects
from rupture_outcome.simulation.simulate import simulate
from rupture_outcome.simulation.truth import Truth

PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
STATES = np.array(["intact", "unrepaired", "repaired"])


def world(patients=200, sessions=8, seed=1, therapists=20):
    """Symptoms that rise by 2 after an open rupture; more ruptures in patients with more."""
    rng = np.random.default_rng(seed)
    who, when = np.divmod(np.arange(patients * sessions), sessions)
    level = rng.normal(0, 2, patients)
    prone = 0.15 + 0.3 / (1 + np.exp(-level))
    state = np.zeros(len(who), dtype=int)
    for i in range(len(who)):
        before = state[i - 1] if when[i] else 0
        begins = rng.random() < prone[who[i]]
        mends = rng.random() < 0.5
        state[i] = (2 if mends else 1) if before == 1 else (1 if begins else before)
    past = np.where(when > 0, np.roll(state, 1), 0)
    symptom = 12 + level[who] - 1.5 * np.log1p(when) + 2.0 * (past == 1)
    rows = pd.DataFrame(
        {
            "patient_id": who,
            "therapist_id": who % therapists,
            "session": when + 1,
            "time": when + 1,
            "state": STATES[state],
            "testable": True,
            "x_age": rng.normal(size=patients)[who],
            **PRIMARY,
        }
    )
    scored = rows[["patient_id", "session"]].assign(symptom=symptom + rng.normal(size=len(who)))
    return rows, scored


def row(effects, scope="whole", course="log", pair=("repaired", "unrepaired")):
    found = effects[effects["scope"].eq(scope) & effects["course"].eq(course)]
    return found[found["state_a"].eq(pair[0]) & found["state_b"].eq(pair[1])].iloc[0]


def test_the_known_difference_lies_in_the_intervals():
    effects, fits = growth_effects(*world(), PRIMARY, ["x_age"], 0.95)
    assert tuple(effects.columns) == GROWTH_COLUMNS
    for scope in ("whole", "within"):
        found = row(effects, scope)
        assert found["ci_low"] < -2.0 < found["ci_high"]
        assert found["ci_high"] - found["ci_low"] < 0.8
        nothing = row(effects, scope, pair=("repaired", "intact"))
        assert nothing["ci_low"] < 0.0 < nothing["ci_high"]
    assert {fit["model"] for fit in fits} == {
        *("growth_log:symptom", "growth_split_log:symptom"),
        *("growth_linear:symptom", "growth_split_linear:symptom"),
    }
    assert all(fit["converged"] for fit in fits)


def test_between_patients_is_told_from_within():
    """Patients with more symptoms have more ruptures: that is no effect of a rupture on them."""
    effects, _ = growth_effects(*world(), PRIMARY, [], 0.95)
    pair = ("unrepaired", "intact")
    between, within = (row(effects, s, pair=pair) for s in ("between_patients", "within"))
    assert between["ci_low"] > within["ci_high"]


def test_states_are_of_the_session_before():
    rows, scored = world()
    last = rows.groupby("patient_id")["session"].transform("max").eq(rows["session"])
    changed = rows.assign(state=rows["state"].mask(last, "repaired"))
    pd.testing.assert_frame_equal(
        growth_effects(rows, scored, PRIMARY, [], 0.95)[0],
        growth_effects(changed, scored, PRIMARY, [], 0.95)[0],
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows, scored: (rows.iloc[:0], scored), "nobody"),
        (lambda rows, scored: (rows.assign(testable=False), scored), "hardly_tested"),
        (lambda rows, scored: (rows.assign(state="intact"), scored), "nobody_followed"),
        (lambda rows, scored: (rows, scored.assign(symptom=np.nan)), "nobody"),
        (lambda rows, scored: (rows, scored.assign(symptom=7.0)), "outcome_is_constant"),
    ],
    ids=["nobody", "untested", "one state", "no score", "constant"],
)
def test_what_cannot_be_estimated_says_why(change, said):
    effects, fits = growth_effects(*change(*world(60, 5)), PRIMARY, [], 0.95)
    assert len(effects) == 24
    assert effects["estimate"].isna().all()
    assert effects["reason"].str.contains(said).all()
    assert not any(fit["converged"] for fit in fits)


def test_two_sessions_a_patient_share_one_slope():
    effects, _ = growth_effects(*world(sessions=3), PRIMARY, [], 0.95)
    found = row(effects)
    assert "one_slope" in found["reason"]
    assert found["ci_low"] < -2.0 < found["ci_high"]


def test_one_therapist_leaves_therapists_out():
    effects, _ = growth_effects(*world(therapists=1), PRIMARY, [], 0.95)
    assert "no_groups:therapist" in row(effects)["reason"]
    between = effects[effects["scope"].eq("between_therapists")]
    assert between["reason"].str.contains("collinear").all()


def test_no_measure_no_rows():
    rows, scored = world(20, 3)
    effects, fits = growth_effects(rows, scored[["patient_id", "session"]], PRIMARY, [], 0.95)
    assert effects.empty
    assert fits == []


@pytest.mark.slow
def test_true_states_recover_the_truth_of_the_simulation():
    """Of 1,500 patients the estimate is off by about 0.06 points; three errors are allowed."""
    truth = Truth(patients=1500, therapists=100)
    study = simulate(truth, np.random.default_rng(5))
    key = ["patient_id", "session"]
    latent = study.latent.rename(columns={"latent_state": "state", "attended_session": "time"})
    rows = latent[[*key, "time", "state"]].merge(study.sessions, on=key)
    known = rows[[*key, "therapist_id", "time", "state"]].assign(testable=True, **PRIMARY)
    found = row(growth_effects(known, rows[[*key, "symptom"]], PRIMARY, [], 0.95)[0], "within")
    assert found["se"] < 0.07
    assert abs(found["estimate"] + truth.symptom_unrepaired) < 3 * found["se"]
