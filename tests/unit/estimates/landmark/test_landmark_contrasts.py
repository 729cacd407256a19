import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.clusters import first_therapists
from rupture_outcome.engine.two_stage_bootstrap import two_stage_weights
from rupture_outcome.estimates.effect_rows import HEADLINE, label
from rupture_outcome.estimates.landmark.landmark import CAUSES
from rupture_outcome.estimates.landmark.landmark_bootstrap import (
    at_horizon,
    follow_from,
    percentile_interval,
)
from rupture_outcome.estimates.landmark.landmark_contrasts import (
    CONTRAST_COLUMNS,
    NO_THERAPISTS,
    Draws,
    landmark_contrasts,
)
from rupture_outcome.estimates.landmark.landmark_incidence import landmark_incidence
from tests.unit.toy_sessions import STATES, toy_sessions

ROWS = toy_sessions(patients=900, base=-2.6)
DRAWS = Draws(replicates=200, seed=1)
FOUND = landmark_contrasts(ROWS, [4, 6], 10, DRAWS)


def of(measure, contrast, cause="dropout", landmark=4, found=FOUND):
    keep = found["measure"].eq(measure) & found["contrast"].eq(contrast)
    keep &= found["cause"].eq(cause) & found["landmark"].eq(landmark)
    return found[keep].iloc[0]


def test_one_row_a_landmark_cause_and_measure():
    assert list(FOUND.columns) == list(CONTRAST_COLUMNS)
    assert len(FOUND) == 2 * len(CAUSES) * (3 + 3 + 4)
    assert not FOUND.duplicated(["landmark", "cause", "measure", "contrast"]).any()


@pytest.mark.parametrize("landmark", [4, 6])
def test_incidence_is_the_curve_at_the_horizon(landmark):
    curves = landmark_incidence(ROWS, [landmark], Draws(100))
    at = curves[curves["session"].eq(10)].set_index(["state", "cause"])["estimate"]
    for state in STATES:
        for cause in ("dropout", "agreed_ending"):
            row = of("incidence", state, cause, landmark)
            assert row["estimate"] == pytest.approx(at[state, cause])


@pytest.mark.parametrize("landmark", [4, 6])
def test_a_number_has_one_interval(landmark):
    curves = landmark_incidence(ROWS, [landmark], DRAWS)
    at = curves[curves["session"].eq(10)].set_index(["state", "cause"])
    for state in STATES:
        row = of("incidence", state, "dropout", landmark)
        # curves are drawn in single precision
        np.testing.assert_allclose(
            at.loc[(state, "dropout"), ["ci_low", "ci_high"]].to_numpy(float),
            [row["ci_low"], row["ci_high"]],
            atol=1e-7,
        )


def test_therapists_who_differ_widen_the_curves_too():
    rows = ROWS.assign(therapist_id=ROWS["patient_id"].astype(str))
    ended = rows.groupby("patient_id", observed=True)["dropout"].transform("max")
    alike = rows.assign(therapist_id=ended.astype(str) + rows["patient_id"].astype(str).str[-1])
    width = [
        landmark_incidence(each, [4], DRAWS).eval("ci_high - ci_low").mean()
        for each in (rows, alike)
    ]
    assert width[1] > 2 * width[0]


def test_time_lost_is_the_area_under_the_curve():
    curves = landmark_incidence(ROWS, [4], Draws(100))
    area = curves[curves["session"].lt(10) & curves["cause"].eq("dropout")]
    for state, lost in area.groupby("state")["estimate"].sum().items():
        assert of("time_lost", state)["estimate"] == pytest.approx(lost)


def test_time_lost_is_the_mean_over_patients_where_nobody_is_censored():
    later = ROWS[ROWS["time"] > 4].drop_duplicates("patient_id", keep="last")
    at = ROWS[ROWS["time"] == 4].set_index("patient_id")["state"]
    here = later[later["patient_id"].map(at).astype(str).eq("repaired")]
    lost = np.where(here["event"].eq("dropout"), np.maximum(10 - here["time"], 0), 0)
    assert of("time_lost", "repaired")["estimate"] == pytest.approx(lost.mean())


def test_contrasts_are_those_of_the_states():
    one, other = of("incidence", "repaired"), of("incidence", "unrepaired")
    assert (
        of("incidence_difference", label(HEADLINE))["estimate"]
        == one["estimate"] - other["estimate"]
    )
    assert of("incidence_ratio", label(HEADLINE))["estimate"] == one["estimate"] / other["estimate"]
    assert (
        of("incidence_difference", label(HEADLINE))["patients"]
        == one["patients"] + other["patients"]
    )
    assert of("incidence_difference", label(HEADLINE))["events"] == one["events"] + other["events"]


def test_intervals_hold_their_estimates_and_are_the_same_again():
    known = FOUND[FOUND["ci_low"].notna()]
    assert len(known) > 15
    assert (known["ci_low"] <= known["estimate"]).all()
    assert (known["ci_high"] >= known["estimate"]).all()
    pd.testing.assert_frame_equal(landmark_contrasts(ROWS, [4, 6], 10, DRAWS), FOUND)


def test_spread_of_replicates_agrees_with_the_variance_of_cmprsk():
    """Where each patient is a cluster. 2,000 replicates give an SD to 1.6 %; five of those."""
    patients = pd.Index(ROWS["patient_id"].drop_duplicates())
    followed = follow_from(ROWS, 4, 10, patients)
    rng = np.random.default_rng(20261123)
    blocks = two_stage_weights(np.arange(len(patients)), 2000, rng)
    drawn = np.concatenate([at_horizon(followed.counts(w)).incidence for w in blocks])
    variance = at_horizon(followed.counts(np.ones((1, len(patients))))).variance[0]
    np.testing.assert_allclose(drawn[..., :2].std(axis=0), np.sqrt(variance[:, :2]), rtol=0.08)


def test_percentiles_are_those_of_numpy_without_the_undefined():
    values = np.random.default_rng(1).normal(size=(101, 3))
    values[:4, 1], values[:, 2] = np.nan, np.nan
    low, high, undefined = percentile_interval(values, 0.9)
    expected = [np.quantile(values[:, 0], q) for q in (0.05, 0.95)]
    np.testing.assert_allclose([low[0], high[0]], expected)
    np.testing.assert_allclose(low[1], np.quantile(values[4:, 1], 0.05))
    np.testing.assert_allclose(undefined, [0, 4 / 101, 1])
    assert np.isnan(low[2])


def test_nobody_repaired_is_said():
    state = ROWS["state"].where(ROWS["state"] != "repaired", "unrepaired")
    found = landmark_contrasts(ROWS.assign(state=state), [4], 10, DRAWS)
    difference = of("incidence_difference", label(HEADLINE), found=found)
    assert np.isnan(difference["estimate"])
    assert difference["reason"] == "nobody_followed:repaired"
    assert of("gray", label(HEADLINE), found=found)["reason"] == "no_test; nobody_followed:repaired"
    assert np.isfinite(of("incidence", "unrepaired", found=found)["ci_low"])


def test_an_ending_that_never_happened_has_no_interval():
    row = of("incidence_difference", label(HEADLINE), "other_ending")
    assert row["estimate"] == 0
    assert np.isnan(row["ci_low"])
    assert row["reason"] == "no_interval; no_event:event:repaired:unrepaired"
    assert (
        of("gray", label(HEADLINE), "other_ending")["reason"] == "no_test; no_ending:other_ending"
    )


def test_a_landmark_that_nobody_passed_or_beyond_the_horizon_is_said():
    found = landmark_contrasts(ROWS, [99, 10], 10, DRAWS)
    assert found.loc[found["measure"].ne("gray"), "estimate"].isna().all()
    assert found["reason"].ne("").all()
    assert of("incidence", "intact", landmark=10, found=found)["reason"] == "early_horizon"


def test_data_that_end_before_the_horizon_are_said():
    ended = ROWS[ROWS["time"] <= 8]
    last = ~ended["patient_id"].duplicated(keep="last") & ended["time"].eq(8)
    censored = ended.assign(event=ended["event"].mask(last, "none"))
    found = landmark_contrasts(censored, [4], 10, DRAWS)
    row = of("incidence", "intact", found=found)
    assert np.isnan(row["estimate"])
    assert "short_data" in row["reason"]
    assert np.isfinite(of("gray", label(HEADLINE), found=found)["statistic"])


@pytest.mark.parametrize("therapist", ["a", None])
def test_one_therapist_and_none(therapist):
    rows = ROWS.assign(therapist_id=therapist)
    row = of(
        "incidence_difference", label(HEADLINE), found=landmark_contrasts(rows, [4], 10, DRAWS)
    )
    assert NO_THERAPISTS in row["reason"]
    assert np.isfinite(row["ci_low"])
    clusters = len(np.unique(first_therapists(rows)))
    assert clusters == (1 if therapist else ROWS["patient_id"].nunique())


def test_draws_serve_every_definition():
    """Two definitions with the same states give the same intervals."""
    rows = pd.concat(
        [ROWS.assign(definition="drop_rci"), ROWS.assign(definition="drop_sd")], ignore_index=True
    )
    found = landmark_contrasts(rows, [4], 10, DRAWS)
    first, second = (
        found[found["definition"].eq(d)].drop(columns="definition").reset_index(drop=True)
        for d in ("drop_rci", "drop_sd")
    )
    pd.testing.assert_frame_equal(first, second)


def test_nothing_to_contrast_is_an_empty_table():
    assert list(landmark_contrasts(ROWS[:0], [4], 10, DRAWS).columns) == list(CONTRAST_COLUMNS)
