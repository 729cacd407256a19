"""One row a patient: plan, attendance and whether symptoms improved reliably."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.treatment_endings import treatment_endings
from tests.unit.toy_treatments import INSTRUMENTS, toy_tables


def study(scores, direction=-1, reliability=0.86):
    """Patients by their symptom scores, a session each; None is an unrated session."""
    rows = [
        (patient, number, 1, "x", np.nan if score is None else score)
        for patient, own in scores.items()
        for number, score in enumerate(own, start=1)
    ]
    columns = ["patient_id", "session", "attended", "therapist_id", "symptom"]
    sessions = pd.DataFrame(rows, columns=columns)
    patients = pd.DataFrame({"patient_id": [*scores, "never"], "therapist_id": "x"})
    patients["planned_sessions"] = pd.array([8] * len(patients), dtype="Int64")
    endings = patients[["patient_id"]].assign(ending="dropout")
    instruments = {"phq9": {**INSTRUMENTS["phq9"], "direction": direction}}
    instruments["phq9"]["reliability"] = reliability
    frame = treatment_endings(sessions, patients, endings, instruments)
    return frame.set_index("patient_id")


SCORES = {"a": [20, 25, 10], "b": [10, 9], "c": [15, None, 14], "d": [12], "e": [None, 8]}


def test_change_counts_from_the_first_to_the_last_rating_and_is_positive_where_better():
    frame = study(SCORES)
    assert frame.loc[list("abc"), "symptom_change"].tolist() == [10, 1, 1]
    assert frame.loc[["d", "e", "never"], "symptom_change"].isna().all()
    assert study(SCORES, direction=1).loc["a", "symptom_change"] == -10


def test_reliable_improvement_is_jacobson_and_truax():
    first = np.array([20, 10, 15, 12, 8])
    least = 1.96 * np.sqrt(2) * first.std(ddof=1) * np.sqrt(1 - 0.86)  # 4.80
    assert 1 < least < 10
    frame = study(SCORES)
    assert frame.loc[list("abc"), "reliable_improvement"].tolist() == [True, False, False]
    assert frame.loc[["d", "e", "never"], "reliable_improvement"].isna().all()


@pytest.mark.parametrize(("past", "improved"), [(-0.01, False), (0.01, True)])
def test_the_least_change_is_a_limit(past, improved):
    least = 1.96 * np.sqrt(2) * np.std([20, 10], ddof=1) * np.sqrt(1 - 0.86)
    frame = study({"a": [20, 20 - least - past], "b": [10, 10]})
    assert bool(frame.loc["a", "reliable_improvement"]) is improved


def test_attended_sessions_and_those_until_the_second_rating():
    frame = study(SCORES)
    assert frame["attended"].tolist() == [3, 2, 3, 1, 2, 0]
    assert frame.loc[list("abc"), "rated_by"].tolist() == [2, 2, 3]
    assert frame.loc["d", "rated_by"] is pd.NA


def test_without_a_reliability_nothing_is_known_of_improvement():
    assert study(SCORES, reliability=None)["reliable_improvement"].isna().all()


def test_a_study_without_symptoms_has_the_rest():
    tables = toy_tables(patients=20)
    sessions = tables["sessions"].drop(columns="symptom")
    frame = treatment_endings(sessions, tables["patients"], tables["endings"])
    assert frame["reliable_improvement"].isna().all()
    assert frame["attended"].sum() == len(sessions)


def test_the_therapist_is_that_of_the_first_session():
    tables = toy_tables(patients=20)
    first = tables["sessions"]["patient_id"].eq("p0003") & tables["sessions"]["session"].eq(1)
    tables["sessions"].loc[first, "therapist_id"] = "other"
    frame = treatment_endings(tables["sessions"], tables["patients"], tables["endings"])
    assert frame.set_index("patient_id").loc["p0003", "therapist_id"] == "other"
