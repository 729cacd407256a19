"""Scores at the start and the end, by hand and against the model's own predictions."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.growth.model import NestedGrowth
from rupture_outcome.engine.reasons import parsed
from rupture_outcome.estimates.failure.end_points import END_COLUMNS, end_points
from rupture_outcome.look.reasons import TEMPLATES


def came(scores, therapist="t"):
    """Sessions of patients a, b, … in order; None where a session was not rated."""
    rows = [
        (chr(97 + i), s + 1, value) for i, own in enumerate(scores) for s, value in enumerate(own)
    ]
    frame = pd.DataFrame(rows, columns=["patient_id", "session", "symptom"])
    return frame.assign(attended=1, therapist_id=therapist).astype({"symptom": float})


def growing(patients=60, sessions=8, seed=3):
    """Courses along the log of sessions, three therapists, a fifth of the last ones not rated."""
    rng = np.random.default_rng(seed)
    i, t = np.divmod(np.arange(patients * sessions), sessions)
    start, pace = rng.normal(18, 4, patients), rng.normal(-3, 1.5, patients)
    score = start[i] + pace[i] * np.log1p(t) + rng.normal(0, 1.5, len(i))
    score[(t == sessions - 1) & (i % 5 == 0)] = np.nan
    given = {"patient_id": i, "session": t + 1, "attended": 1, "therapist_id": i % 3}
    return pd.DataFrame({**given, "symptom": score})


def test_the_last_rating_is_carried_forward_and_only_two_make_a_change():
    ends = end_points(came([[20, None, 12, None], [15], [None, None], [9, 8]]))
    assert tuple(ends.columns) == END_COLUMNS
    assert ends["ratings"].tolist() == [2, 1, 0, 2]
    assert ends["before"].tolist()[:2] == [20, 15]
    nan = pytest.approx(np.nan, nan_ok=True)
    assert ends["last_rating"].tolist() == [12, nan, nan, 8]
    assert ends["last_rating_at"].tolist() == [3, nan, nan, 2]
    assert ends["modelled_at"].tolist() == [4, nan, nan, 2]


def test_missed_sessions_are_none():
    sessions = came([[20, 15, 3]])
    sessions.loc[2, "attended"] = 0
    ends = end_points(sessions)
    assert ends[["last_rating", "modelled_at"]].iloc[0].tolist() == [15, 2]


def test_a_rated_last_session_is_its_own_and_others_are_what_the_growth_model_expects():
    sessions = growing()
    ends = end_points(sessions).set_index("patient_id")
    last = sessions.groupby("patient_id").tail(1).set_index("patient_id")
    rated = last["symptom"].notna()
    assert ends.loc[rated, "modelled"].equals(last.loc[rated, "symptom"].rename("modelled"))
    rows = sessions.assign(course=np.log(sessions["session"])).dropna(subset="symptom")
    formula = "symptom ~ course"
    at = {"patient": "patient_id", "slope": "course", "therapist": "therapist_id"}
    fit = NestedGrowth.from_formula(formula, rows, **at).fit()
    new = last[~rated].reset_index().assign(course=np.log(8))
    expected = fit.predict(new, effects="patient")
    found = ends.loc[~rated, "modelled"]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    carried = ends.loc[~rated, "last_rating"]
    assert 0 < (found - carried).abs().mean() < 3


def test_what_is_expected_lies_within_the_scale():
    sessions = growing()
    unrated = sessions.groupby("patient_id").tail(1).set_index("patient_id")["symptom"].isna()
    found = end_points(sessions, (12.0, 13.0)).set_index("patient_id")["modelled"][unrated]
    assert found.between(12, 13).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.assign(symptom=rows["symptom"].where(rows["symptom"].isna(), 7.0)),
        lambda rows: rows[rows["patient_id"].eq(0)],
    ],
    ids=["constant", "one patient"],
)
def test_a_model_that_cannot_be_fitted_says_why(change):
    ends = end_points(change(growing()))
    asked = ends["modelled_reason"].ne("")
    assert asked.any()
    assert ends.loc[asked, "modelled"].isna().all()
    assert {code for code, _ in parsed(ends.loc[asked, "modelled_reason"].iloc[0])} <= set(
        TEMPLATES
    )
    assert ends.loc[asked, "last_rating"].notna().all()


def test_a_study_without_symptoms_has_no_end_points():
    ends = end_points(growing().drop(columns="symptom"))
    assert len(ends) == 60
    assert ends["ratings"].eq(0).all()
    assert ends[["before", "last_rating", "modelled"]].isna().all(axis=None)
