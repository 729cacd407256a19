from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.risk_set import person_sessions
from rupture_outcome.errors import StudyError

CELLS = [("drop_rci", "psq_resolved"), ("drop_sd", "psq_resolved"), ("drop_sd", "half_recovery")]


def study():
    """Five patients: misses a session; completes; goes on; unclassifiable; drops out at the end."""
    courses = {"a": "1011", "b": "111", "c": "11", "d": "1", "e": "11"}
    rows = [
        (patient, number, 6 * (number - 1), int(held), pd.NA)
        for patient, course in courses.items()
        for number, held in enumerate(course, start=1)
    ]
    columns = ["patient_id", "session", "day", "attended", "therapist_id"]
    sessions = pd.DataFrame(rows, columns=columns).astype(
        {"session": "Int64", "day": "Int64", "attended": "Int64", "therapist_id": "string"}
    )
    sessions.loc[(sessions["patient_id"] == "b") & (sessions["session"] == 3), "therapist_id"] = "y"
    patients = pd.DataFrame(
        {
            "patient_id": list("abcde"),
            "therapist_id": "x",
            "planned_sessions": pd.array([10, 3, pd.NA, 10, 2], dtype="Int64"),
            "severity": pd.array([10.0, 14.0, 12.0, 30.0, 20.0], dtype="Float64"),
            "format": ["individual", "couple", "individual", "individual", "couple"],
        }
    )
    endings = pd.DataFrame(
        {
            "patient_id": list("abcde"),
            "ending": pd.array(
                ["dropout", "completed", "ongoing", pd.NA, "dropout"], dtype="string"
            ),
        }
    )
    return {"sessions": sessions, "patients": patients, "endings": endings}


def coding(sessions):
    held = sessions[sessions["attended"] == 1]
    states = pd.concat(
        [
            held[["patient_id", "session"]].assign(
                definition=definition,
                repair_rule=rule,
                state=np.where(held["session"] > 1, "unrepaired", "intact"),
            )
            for definition, rule in CELLS
        ]
    ).sample(frac=1.0, random_state=1)
    ruptures = pd.concat(
        [
            held[["patient_id", "session"]].assign(
                definition=definition,
                verdict=np.where(held["session"] == 1, "not_testable", "detected"),
            )
            for definition in ("drop_sd", "drop_rci", "change_point")
        ]
    )
    return {"states": states, "ruptures": ruptures}


def build(tables=None, **options):
    tables = tables or study()
    settings = {"dropout_definition": "recorded_ending"} | options
    return person_sessions(**tables, **coding(tables["sessions"]), **settings)


def one(frame, patient):
    cell = (frame["definition"] == "drop_rci") & (frame["patient_id"] == patient)
    return frame[cell].reset_index(drop=True)


def test_one_row_a_patient_session_definition_and_rule():
    frame, _ = build()
    key = ["definition", "repair_rule", "patient_id", "session"]
    assert not frame.duplicated(key).any()
    assert frame[key].equals(frame[key].sort_values(key, ignore_index=True))
    held = {"a": 3, "b": 3, "c": 2, "e": 2}
    counts = frame.groupby(["definition", "repair_rule", "patient_id"], observed=True).size()
    assert {(*cell, p): n for cell, (p, n) in product(CELLS, held.items())} == counts.to_dict()


def test_the_event_follows_the_last_attended_session():
    frame, _ = build()
    assert one(frame, "a")["event"].tolist() == ["none", "none", "dropout"]
    assert one(frame, "b")["event"].tolist() == ["none", "none", "agreed_ending"]
    assert one(frame, "c")["event"].tolist() == ["none", "none"]
    assert one(frame, "a")["dropout"].tolist() == [0, 0, 1]
    assert one(frame, "b")["agreed_ending"].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("clock", "times"), [("attended", [1, 2, 3]), ("scheduled", [1, 3, 4]), ("weeks", [0, 1, 2])]
)
def test_clocks(clock, times):
    frame, _ = build(clock=clock)
    assert one(frame, "a")["time"].tolist() == times
    assert one(frame, "a")["session"].tolist() == [1, 3, 4]


def test_the_plan_is_counted_on_the_clock():
    tables = study()
    tables["patients"].loc[0, "planned_sessions"] = 4
    attended, _ = build(tables)
    scheduled, _ = build(tables, clock="scheduled")
    assert one(attended, "a")["at_risk"].tolist() == [True, True, True]
    assert one(scheduled, "a")["at_risk"].tolist() == [True, True, False]


def test_the_last_planned_session_is_not_at_risk():
    frame, _ = build()
    assert one(frame, "b")["at_risk"].tolist() == [True, True, False]
    assert one(frame, "c")["at_risk"].all()  # nobody said how many were planned


def test_dropout_at_the_last_planned_session_counts_as_agreed():
    frame, flow = build()
    assert one(frame, "e")["event"].tolist() == ["none", "agreed_ending"]
    assert not frame.loc[~frame["at_risk"], "dropout"].any()
    contradiction = flow.set_index("step").loc["no_contradiction"]
    assert contradiction["removed_sessions"] == 1


def test_every_session_is_accounted_for():
    _, flow = build()
    by_step = flow.set_index("step")
    classified = by_step.loc["ending_classified"]
    assert classified[["patients", "sessions"]].tolist() == [4, 10]
    assert classified[["removed_patients", "removed_sessions"]].tolist() == [1, 1]
    assert by_step.loc["at_risk", "sessions"] == 8
    for before, after in pairwise(flow.to_dict("records")):
        for unit in ("patients", "sessions"):
            assert before[unit] - after[f"removed_{unit}"] == after[unit]


def test_therapist_is_who_held_the_session():
    frame, _ = build()
    assert one(frame, "b")["therapist_id"].tolist() == ["x", "x", "y"]


def test_numeric_covariates_are_standardised_over_patients():
    frame, _ = build(covariates=["severity", "format"])
    z = frame.drop_duplicates("patient_id").set_index("patient_id")["x_severity"]
    expected = np.array([10.0, 14.0, 12.0, 20.0])  # the unclassifiable patient has left
    expected = (expected - expected.mean()) / expected.std(ddof=1)
    np.testing.assert_allclose(z[list("abce")], expected)
    assert one(frame, "b")["x_format"].unique().tolist() == ["couple"]


def test_missing_covariates_leave_by_the_flow():
    tables = study()
    tables["patients"].loc[1, "severity"] = pd.NA
    frame, flow = build(tables)
    assert "b" not in set(frame["patient_id"])
    assert flow.set_index("step").loc["covariate_known:severity", "removed_sessions"] == 3


def test_a_covariate_that_the_study_lacks_removes_nobody():
    tables = study()
    tables["patients"]["severity"] = pd.array([pd.NA] * 5, dtype="Float64")
    frame, flow = build(tables)
    assert frame["x_severity"].isna().all()
    assert set(frame["patient_id"]) == set("abce")
    assert flow.set_index("step").loc["covariate_absent:severity", "removed_sessions"] == 0


def test_sessions_without_a_day_have_no_week():
    tables = study()
    tables["sessions"].loc[3, "day"] = pd.NA
    frame, flow = build(tables, clock="weeks")
    assert one(frame, "a")["event"].tolist() == ["none", "none"]
    assert flow.set_index("step").loc["placed_in_time", "removed_sessions"] == 1


def test_testable_follows_the_definition():
    frame, _ = build()
    assert (frame["testable"] == (frame["session"] > 1)).all()


def test_order_of_rows_does_not_matter():
    tables = study()
    expected, _ = build(tables)
    shuffled = {name: t.sample(frac=1.0, random_state=2) for name, t in tables.items()}
    frame, _ = build(shuffled)
    pd.testing.assert_frame_equal(frame, expected)


def test_a_session_without_state_is_an_error():
    tables = study()
    codes = coding(tables["sessions"])
    codes["states"] = codes["states"].iloc[1:]
    with pytest.raises(ValueError, match="every attended session"):
        person_sessions(**tables, **codes, dropout_definition="recorded_ending")


def test_nobody_left_is_said_with_the_reason():
    tables = study()
    tables["sessions"]["day"] = pd.array([pd.NA] * len(tables["sessions"]), dtype="Int64")
    with pytest.raises(StudyError, match="day missing"):
        build(tables, clock="weeks")


def test_an_unknown_covariate_is_named():
    with pytest.raises(StudyError, match="sevrity"):
        build(covariates=["sevrity"])


PHQ = {"phq9": {"measures": "symptom", "range": [0, 27], "direction": -1, "reliability": 0.86}}


def with_symptoms(scores=(20, 19, 18, 14, 9, 2, 8, 8, 10, 16, 16)):
    tables = study()
    tables["sessions"]["symptom"] = np.nan
    tables["sessions"].loc[tables["sessions"]["attended"] == 1, "symptom"] = scores
    return tables


def test_nobody_is_at_risk_of_fewer_sessions_once_the_share_is_reached():
    tables = study()
    tables["patients"]["planned_sessions"] = pd.array([4, 3, pd.NA, 10, 3], dtype="Int64")
    options = {"dropout_definition": "fewer_than_planned"}
    frame, flow = build(tables, limits=DropoutLimits(planned_share=0.75), **options)
    assert one(frame, "a")["at_risk"].tolist() == [True, True, False]  # 3 of 4 is the share
    assert one(frame, "a")["event"].tolist()[-1] == "other_ending"
    assert one(frame, "e")["event"].tolist() == ["none", "dropout"]  # 2 of 3
    assert not one(frame, "c")["at_risk"].any()  # goes on, and nobody knows the plan
    assert not frame.loc[~frame["at_risk"], "dropout"].any()
    assert (
        flow.set_index("step").loc["dropout_possible", "sessions"]
        == frame.query("definition == 'drop_rci'")["at_risk"].sum()
    )


def test_nobody_is_at_risk_once_the_first_sessions_are_attended():
    options = {"dropout_definition": "first_sessions", "limits": DropoutLimits(first_sessions=2)}
    frame, _ = build(**options)
    for patient in "abce":
        assert one(frame, patient)["at_risk"].tolist()[0]
        assert not one(frame, patient)["at_risk"][1:].any()


def test_nobody_is_at_risk_before_symptoms_were_rated_twice():
    tables = with_symptoms()
    options = {"dropout_definition": "no_reliable_improvement", "instruments": PHQ}
    frame, _ = build(tables, **options)
    assert one(frame, "a")["at_risk"].tolist() == [False, True, True]
    assert one(frame, "a")["event"].tolist()[-1] == "dropout"
    assert one(frame, "b")["event"].tolist()[-1] == "agreed_ending"
    assert not frame.loc[~frame["at_risk"], "dropout"].any()


@pytest.mark.parametrize("definition", ["recorded_ending", "fewer_than_planned", "first_sessions"])
def test_a_dropout_does_not_depend_on_the_exposure(definition):
    tables = study()
    codes = coding(tables["sessions"])
    frame, _ = person_sessions(**tables, **codes, dropout_definition=definition)
    swapped = codes["states"].assign(state="repaired")
    other, _ = person_sessions(
        **tables, states=swapped, ruptures=codes["ruptures"], dropout_definition=definition
    )
    assert (other["state"] == "repaired").all()
    pd.testing.assert_frame_equal(other.drop(columns="state"), frame.drop(columns="state"))


def test_nobody_at_risk_is_said():
    tables = study()
    tables["patients"]["planned_sessions"] = pd.array([1] * 5, dtype="Int64")
    with pytest.raises(StudyError, match="nobody is at risk of dropout by recorded ending"):
        build(tables)
