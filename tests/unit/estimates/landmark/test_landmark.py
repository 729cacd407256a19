import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.landmark.landmark import (
    after_landmark,
    landmark_hazards,
)
from rupture_outcome.estimates.landmark.landmark_bootstrap import Draws
from rupture_outcome.estimates.landmark.landmark_incidence import CURVE_COLUMNS, landmark_incidence
from tests.unit.toy_sessions import toy_sessions

ROWS = toy_sessions(patients=900)
SETTINGS = HazardSettings()


def test_the_state_is_fixed_at_the_landmark():
    later = after_landmark(ROWS, 4)
    at = ROWS[ROWS["session"] == 4].set_index("patient_id")["state"].astype(str)
    assert (later["session"] > 4).all()
    assert (later["state_at_landmark"] == later["patient_id"].map(at).astype(str)).all()


def test_a_session_missed_at_the_landmark_takes_the_state_before():
    without = ROWS[ROWS["session"] != 4]
    later = after_landmark(without, 4)
    at = ROWS[ROWS["session"] == 3].set_index("patient_id")["state"].astype(str)
    assert (later["state_at_landmark"] == later["patient_id"].map(at).astype(str)).all()


def test_what_happens_later_does_not_change_the_groups():
    changed = ROWS.assign(state=ROWS["state"].where(ROWS["session"] <= 4, "unrepaired"))
    pd.testing.assert_series_equal(
        after_landmark(changed, 4)["state_at_landmark"],
        after_landmark(ROWS, 4)["state_at_landmark"],
    )


def test_curves_have_the_columns_of_the_contract():
    curves = landmark_incidence(ROWS, [4, 6], Draws(100))
    assert list(curves.columns) == list(CURVE_COLUMNS)
    assert curves["landmark"].unique().tolist() == [4, 6]
    assert curves["state"].unique().tolist() == ["intact", "unrepaired", "repaired"]
    starts = curves[curves["session"] == curves["landmark"]]
    assert (starts["estimate"] == 0).all()


def test_everybody_has_ended_so_the_causes_add_up_to_one():
    curves = landmark_incidence(ROWS, [4], Draws(100))
    end = curves[curves["session"] == 12].groupby("state")["estimate"].sum()
    np.testing.assert_allclose(end, 1.0)


def test_a_landmark_that_nobody_passed_is_marked():
    assert landmark_incidence(ROWS, [99], Draws(100)).empty
    row = landmark_hazards(ROWS, [99], "recorded_ending", SETTINGS)[0].iloc[0]
    assert np.isnan(row["estimate"])
    assert "nobody_at_risk" in row["reason"]
    assert row["patients"] == 0


def test_effect_from_the_landmark_on():
    row = landmark_hazards(ROWS, [4], "recorded_ending", SETTINGS)[0].iloc[0]
    later = after_landmark(ROWS, 4)
    ruptured = later[later["at_risk"] & (later["state_at_landmark"] != "intact")]
    assert (row["term"], row["landmark"]) == ("state_at_landmark", 4)
    assert row["contrast"] == "repaired vs unrepaired"
    assert (row["sessions"], row["events"]) == (len(ruptured), ruptured["dropout"].sum())
    assert row["converged"]


def test_state_that_lasts_is_recovered_by_the_landmark():
    """Where nobody changes state after the landmark, it answers the same question as the hazard."""
    fixed = ROWS.copy()
    fixed["state"] = pd.Categorical(after_or_now(ROWS), categories=ROWS["state"].cat.categories)
    later = fixed[(fixed["session"] > 4) & (fixed["state"] != "intact")]
    row = landmark_hazards(fixed, [4], "recorded_ending", SETTINGS)[0].iloc[0]
    levels = ["unrepaired", "repaired"]
    same = fit_exposure(later, "state", levels, [("repaired", "unrepaired")], SETTINGS)
    assert row["estimate"] == pytest.approx(same.estimates["repaired vs unrepaired"].value)


def after_or_now(rows):
    at = rows[rows["session"] == 4].set_index("patient_id")["state"].astype(str)
    held = rows["patient_id"].map(at).astype(object)
    return held.where(rows["session"] > 4, rows["state"].astype(object))


def test_every_landmark_has_a_fit_to_audit():
    _, fits = landmark_hazards(ROWS, [4, 99], "recorded_ending", SETTINGS)
    assert [(fit["model"], fit["converged"]) for fit in fits] == [
        ("state_at_landmark:4", True),
        ("state_at_landmark:99", False),
    ]
    assert "nobody_at_risk" in fits[1]["reason"]
