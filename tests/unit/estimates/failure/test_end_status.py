"""What became of each patient, worked out by hand, and why some cannot be judged."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.engine.reliable_change import METHODS
from rupture_outcome.estimates.failure.cutoffs import FailureSettings
from rupture_outcome.estimates.failure.end_status import STATUS_COLUMNS, end_status

PHQ9 = {"measures": "symptom", "range": [0, 27], "direction": -1, "reliability": 0.84, "cutoff": 10}
SCORES = {
    "recovers": [20, 9],
    "improves": [16, 12, 11],
    "same": [14, 12],
    "harmed": [8, 14],
    "worse": [12, 14, 18],
    "once": [None, 14],
    "never": [None, None],
    "stays": [20, 9],
    "unknown": [20, 9],
}
EXPECTED = ["recovered", "improved", "unchanged", "harmed", "deteriorated", *["not_judged"] * 4]
WHY = ["", "", "", "", "", "rated_once", "never_rated", "in_treatment", "not_followed"]


def study(scores=SCORES):
    rows = [(who, s + 1, x) for who, own in scores.items() for s, x in enumerate(own)]
    sessions = pd.DataFrame(rows, columns=["patient_id", "session", "symptom"])
    sessions = sessions.assign(attended=1, therapist_id="t").astype({"symptom": float})
    last = ~sessions["patient_id"].duplicated(keep="last")
    event = np.where(last & sessions["patient_id"].ne("stays"), "dropout", "none")
    followed = sessions.assign(event=event, time=sessions["session"], state="intact")
    followed = followed[followed["patient_id"].ne("unknown")].drop(columns=["symptom", "attended"])
    return followed, sessions, pd.DataFrame({"patient_id": list(scores), "age_band": "30-44"})


def judged(instrument=PHQ9, scores=SCORES, settings=FailureSettings(), methods=()):  # noqa: B008
    return end_status(*study(scores), {"phq9": instrument}, settings, methods)


def own(status, end_point="last_rating", method="JT"):
    part = status[status["end_point"].eq(end_point) & status["method"].eq(method)]
    return part.set_index("patient_id").loc[list(SCORES)]


# All who were ever rated: the SD is that of eight first scores.
FIRST = [20, 16, 14, 8, 12, 14, 20, 20]
LEAST = 1.96 * sqrt(2 * (1 - 0.84)) * float(np.std(FIRST, ddof=1))


def test_everybody_is_judged_or_has_one_reason():
    assert 4 < LEAST < 5
    status = judged()
    assert tuple(status.columns) == STATUS_COLUMNS
    for end_point in ("last_rating", "modelled"):
        found = own(status, end_point)
        assert found["status"].tolist() == EXPECTED
        assert found["why"].tolist() == WHY
    clinical = [before > 10 for before in (20, 16, 14, 8, 12)]
    assert own(status)["start"].eq("clinical").tolist()[:5] == clinical
    assert own(status)["start"]["never"] == "not_known"
    assert status["reason"].eq("").all()


def test_reliable_improvement_is_that_of_the_definitions_of_dropout():
    _, sessions, patients = study()
    endings = patients.assign(ending="dropout")
    patients = patients.assign(therapist_id="t", planned_sessions=12)
    treated = treatment_endings(sessions, patients, endings, {"phq9": PHQ9})
    theirs = treated.set_index("patient_id")["reliable_improvement"].dropna().astype(bool)
    ours = own(judged())["status"].isin(["recovered", "improved"])
    there = own(judged())["why"].eq("")
    assert theirs[there[there].index].tolist() == ours[there].tolist()


def test_all_methods_judge_the_same_patients():
    status = judged(methods=METHODS)
    assert len(status) == 2 * len(METHODS) * len(SCORES)
    for method in METHODS:
        assert own(status, method=method)["why"].tolist() == WHY
    assert own(status, method="HLL")["status"]["same"] != "recovered"


def test_a_cutoff_may_differ_by_age():
    young = {**PHQ9, "norms": [{"age_band": "30-44", "cutoff": 12}]}
    assert own(judged(young))["status"]["improves"] == "recovered"
    assert own(judged({**PHQ9, "norms": [{"age_band": "65+", "cutoff": 12}]}))[
        "status"
    ].tolist() == (EXPECTED)


def test_without_a_cutoff_nobody_recovers_and_the_rest_is_known():
    found = own(judged({**PHQ9, "cutoff": None}))
    kept = {"recovered": "improved", "harmed": "deteriorated"}
    assert found["status"].tolist() == [kept.get(status, status) for status in EXPECTED]
    assert found["reason"].eq("no_cutoff").all()
    assert found["start"].eq("not_known").all()


@pytest.mark.parametrize(
    ("instrument", "said"),
    [
        ({**PHQ9, "reliability": None}, "no_reliability"),
        ({**PHQ9, "reliability": 1.0}, "impossible_reliability:1"),
        ({**PHQ9, "reliability": 0.0}, "impossible_reliability:0"),
    ],
)
def test_without_a_reliability_nobody_is_judged(instrument, said):
    found = own(judged(instrument))
    assert found["status"].eq("not_judged").all()
    assert found["why"].tolist()[:5] == ["no_index"] * 5
    assert found["reason"].eq(said).all()


@pytest.mark.parametrize("rated", [True, False])
def test_identifiers_may_be_categories_as_they_are_in_files(rated):
    tables = study()
    if not rated:
        tables = (tables[0], tables[1].assign(symptom=np.nan), tables[2])
    as_read = [frame.astype({"patient_id": "category"}) for frame in tables[:2]]
    found = end_status(*as_read, tables[2], {"phq9": PHQ9}, FailureSettings())
    expected = end_status(*tables, {"phq9": PHQ9}, FailureSettings())
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_a_low_reliability_is_a_caution():
    found = own(judged({**PHQ9, "reliability": 0.3}))
    assert found["reason"].eq("low_reliability:0.3").all()
    assert found["status"]["same"] == "unchanged"
    assert found["status"]["improves"] == "unchanged"


def test_scores_that_do_not_vary_judge_nobody():
    found = own(judged(scores={who: [12] * len(own) for who, own in SCORES.items()}))
    assert found["reason"].eq("scores_do_not_vary").all()
    assert found["status"].eq("not_judged").all()


def test_no_symptoms_judge_nobody():
    followed, sessions, patients = study()
    nothing = sessions.drop(columns="symptom")
    status = end_status(followed, nothing, patients, {}, FailureSettings())
    assert status["status"].eq("not_judged").all()
    assert own(status)["why"]["recovers"] == "never_rated"


def test_a_flipped_scale_is_noticed_where_most_start_beyond_the_cutoff():
    found = own(judged({**PHQ9, "direction": 1}))
    assert found["reason"].str.startswith("most_start_functional:0.8").all()
    assert found["status"]["recovers"] == "harmed" or found["status"]["recovers"] == "deteriorated"
