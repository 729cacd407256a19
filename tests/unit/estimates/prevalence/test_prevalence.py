import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.engine.estimate import wilson
from rupture_outcome.estimates.prevalence.chance import permuted
from rupture_outcome.estimates.prevalence.prevalence import clustered_interval, rupture_prevalence
from tests.unit.coding.toy_series import INSTRUMENTS, panel_of, study

NAN = np.nan
CODING = {
    "definitions": {"drop_rci": {"sd": 10.0}, "psq_patient": {}},
    "repair_rules": {},
}


def prevalence(sessions, coding=CODING, seed=1, **arguments) -> pd.DataFrame:
    if "therapist_id" not in sessions:
        sessions = sessions.assign(therapist_id=sessions["patient_id"])
    ruptures, scales = code_ruptures(sessions, None, INSTRUMENTS, coding)
    rng = np.random.default_rng(seed)
    table = rupture_prevalence(
        ruptures, scales, sessions, INSTRUMENTS, coding, rng=rng, **arguments
    )
    return table.set_index("definition")


def test_counts_by_hand() -> None:
    sessions = study({"a": [50, 40, 41], "b": [50, None, 52], "c": [50]})
    sessions["psq_patient_rupture"] = [0, 1, 1, NAN, 0, 0, NAN]
    table = prevalence(sessions)
    fall = table.loc["drop_rci"]
    assert fall["sessions_testable"] == 3
    assert fall["sessions_detected"] == 1
    assert fall["patients_testable"] == 2
    assert fall["patients_detected"] == 1
    assert fall["rate"] == pytest.approx(1 / 3)
    report = table.loc["psq_patient"]
    assert report[["sessions_testable", "sessions_detected"]].tolist() == [5, 2]
    assert np.isnan(report["expected_by_chance"])


def test_leading_columns_are_those_of_the_results_contract() -> None:
    sessions = study({"a": [50, 40]}, psq_patient_rupture=0.0)
    columns = [
        *("class", "provenance", "sessions_testable", "sessions_detected"),
        *("patients_testable", "patients_detected", "rate", "expected_by_chance"),
    ]
    assert list(prevalence(sessions).columns[:8]) == columns


def test_expected_by_chance_in_closed_form() -> None:
    # of the six orders of 50, 40, 45 only those with 40 right after 50 hold a fall of 10: two
    sessions = study({"a": [50, 40, 45]}, psq_patient_rupture=0.0)
    expected = prevalence(sessions, permutations=4000).loc["drop_rci", "expected_by_chance"]
    assert expected == pytest.approx(2 / 6, abs=0.03)


def test_the_seed_decides() -> None:
    sessions = study({"a": [50, 40, 45, 30, 60]}, psq_patient_rupture=0.0)
    one, again, other = (prevalence(sessions, seed=s, permutations=20) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert one["expected_by_chance"].iloc[0] != other["expected_by_chance"].iloc[0]


def test_permuting_keeps_each_patients_scores_and_unrated_sessions() -> None:
    panel = panel_of(study({"a": [1, None, 2, 3], "b": [7, 8, 9, None]}))
    score = panel["alliance_patient"]
    shuffled = permuted(panel, score, np.random.default_rng(5))
    np.testing.assert_array_equal(np.isnan(shuffled), np.isnan(score))
    for patient in (0, 1):
        own = panel.patient == patient
        np.testing.assert_array_equal(np.sort(shuffled[own]), np.sort(score[own]))
    assert not np.array_equal(shuffled, score, equal_nan=True)


def test_interval_of_unclustered_sessions_is_wilsons() -> None:
    # one session a patient: n* = m − 1 by the estimator's degrees of freedom, times (z / t_99)²
    low, high = clustered_interval(np.r_[np.ones(20), np.zeros(80)], np.ones(100), 0.95)
    assert (low, high) == pytest.approx(
        wilson(0.2, 99 * (1.959964 / 1.984217) ** 2, 0.95), abs=1e-6
    )


def test_clustering_widens_the_interval() -> None:
    same = np.r_[np.full(20, 10.0), np.zeros(80)]
    low, high = clustered_interval(same, np.full(100, 10.0), 0.95)
    assert high - low > 0.15
    assert clustered_interval(np.zeros(30), np.ones(30), 0.95)[1] == pytest.approx(0.1135, abs=1e-3)
    assert np.isnan(clustered_interval(np.ones(1), np.ones(1), 0.95)).all()


def test_expected_without_change_comes_last_and_needs_a_score() -> None:
    sessions = study({f"p{i}": [50, 40 + i, 41, 52] for i in range(6)})
    sessions["psq_patient_rupture"] = 0
    table = prevalence(sessions, permutations=5)
    assert table.columns[-1] == "expected_without_change"
    assert table["expected_without_change"].notna().tolist() == [True, False]


def test_patients_of_one_therapist_who_are_alike_widen_the_interval_of_the_rate() -> None:
    falls = {f"p{i}": [50, 50, 50, 20 if i < 20 else 50, 50] for i in range(40)}
    sessions = study(falls, psq_patient_rupture=0.0)
    alike = sessions.assign(therapist_id=[f"t{int(p[1:]) // 4}" for p in sessions["patient_id"]])
    apart, together = (prevalence(each).iloc[0] for each in (sessions, alike))
    assert apart["rate"] == together["rate"]
    width = [row["ci_high"] - row["ci_low"] for row in (apart, together)]
    assert width[1] > 1.5 * width[0]
