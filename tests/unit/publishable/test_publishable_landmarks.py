"""Contrasts from landmarks give no more away than the published curves."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.cox.cox_effects import cox_effects
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.landmark.landmark import landmark_incidence
from rupture_outcome.estimates.landmark.landmark_contrasts import LABEL, Draws, landmark_contrasts
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.publishable.landmarks import publishable_checks, publishable_contrasts
from tests.unit.toy_sessions import toy_sessions

T = 10
ROWS = toy_sessions(patients=900, base=-2.6)
RAW = landmark_contrasts(ROWS, [4], 10, Draws(replicates=50))
CURVES = landmark_incidence(ROWS, [4], 0.95)


def published(rows, full, landmarks=(4,)):
    raw = landmark_contrasts(rows, list(landmarks), 11, Draws(replicates=50))
    curves = landmark_incidence(rows, list(landmarks), 0.95)
    return raw, publishable_contrasts(
        raw, publishable_incidence(curves, T, full=full), T, full=full
    )


def of(frame, measure, contrast, cause="dropout"):
    keep = frame["measure"].eq(measure) & frame["contrast"].eq(contrast)
    return frame[keep & frame["cause"].eq(cause)].iloc[0]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("patients", [60, 200, 500, 900])
def test_no_small_count_is_shown_or_follows(patients, full):
    raw, shown = published(toy_sessions(patients=patients, base=-2.6), full)
    for column in ("patients", "events"):
        assert not shown[column].between(1, T).any()
    rest = (shown["patients"] - shown["events"]).dropna()
    assert not rest.between(1, T).any()
    known = shown[shown["estimate"].notna() & shown["measure"].eq("incidence")]
    counts = raw.loc[known.index, "events"]
    assert not counts.between(1, T).any()


@pytest.mark.parametrize("full", [True, False])
def test_a_contrast_is_withheld_with_one_of_its_states(full):
    alone = 0
    for patients in range(150, 700, 50):
        _, shown = published(toy_sessions(patients=patients, base=-2.6), full)
        hidden = [
            pd.isna(of(shown, "incidence", state)["estimate"])
            for state in ("repaired", "unrepaired")
        ]
        alone += hidden[0] != hidden[1]
        for measure in ("incidence_difference", "incidence_ratio", "time_lost_difference"):
            row = of(shown, measure, LABEL)
            assert np.isnan(row["estimate"]) == any(hidden)
            assert np.isnan(row["ci_low"]) == any(hidden)
            assert ("estimate –" in row["withheld"]) == any(hidden)
        assert np.isnan(of(shown, "gray", LABEL)["p_value"]) >= any(hidden)
    assert alone > 0


def test_what_rests_on_many_is_untouched_in_full():
    shown = publishable_contrasts(RAW, publishable_incidence(CURVES, T, full=True), T, full=True)
    for measure in ("incidence_difference", "time_lost_difference"):
        raw, row = of(RAW, measure, LABEL), of(shown, measure, LABEL)
        assert row[["estimate", "ci_low"]].tolist() == raw[["estimate", "ci_low"]].tolist()


def test_strictly_the_horizon_is_shown_only_where_the_curve_is():
    raw, curves = RAW, publishable_incidence(CURVES, T)
    shown = publishable_contrasts(raw, curves, T)
    at = curves[curves["session"].eq(10)].set_index(["state", "cause"])["estimate"]
    for row in shown[shown["measure"].eq("incidence")].to_dict("records"):
        if pd.isna(at[row["contrast"], row["cause"]]):
            assert np.isnan(row["estimate"])


def test_time_lost_is_coarse_unless_curves_are_full():
    shown = publishable_contrasts(RAW, publishable_incidence(CURVES, T), T)
    lost = shown[shown["measure"].str.startswith("time_lost")]
    for row in lost[lost["estimate"].notna()].to_dict("records"):
        step = 0.1 if row["patients"] > T / 0.1 else 0.2
        assert (row["estimate"] / step) % 1 == pytest.approx(0, abs=1e-6) or (
            row["estimate"] / step
        ) % 1 == pytest.approx(1, abs=1e-6)


def test_the_note_of_a_withheld_row_tells_nothing():
    raw, shown = published(toy_sessions(patients=60, base=-2.6), True)
    hidden = shown["withheld"].str.contains("estimate")
    assert raw.loc[hidden, "note"].str.contains("replicates").any()
    assert shown.loc[hidden, "note"].eq("").all()


def test_nobody_in_a_state_is_not_a_secret():
    state = ROWS["state"].where(ROWS["state"] != "repaired", "unrepaired")
    _, shown = published(ROWS.assign(state=state), False)
    row = of(shown, "incidence", "repaired")
    assert row["patients"] == 0
    assert row["note"] == "nobody followed in state repaired"


def test_empty_tables_stay_empty():
    assert publishable_contrasts(RAW[:0], CURVES, T)["withheld"].empty


def test_checks_that_rest_on_few_dropouts_are_withheld():
    few = ROWS.assign(dropout=ROWS["dropout"].where(ROWS["dropout"].cumsum() <= T, 0))
    for rows, hidden in ((few, True), (ROWS, False)):
        _, checks, _ = cox_effects(rows, "recorded_ending", HazardSettings())
        shown = publishable_checks(checks, T)
        assert "analysis" not in shown
        tests = shown[shown["check"].eq("score_test")]
        assert tests["p_value"].isna().all() == hidden
        assert tests["events"].isna().all() == hidden
