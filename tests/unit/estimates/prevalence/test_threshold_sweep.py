import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.registry import definitions
from rupture_outcome.estimates.prevalence.threshold_sweep import (
    COLUMNS,
    steps_around,
    swept_codes,
    threshold_sweep,
)

INSTRUMENTS = {
    "wai": {
        "measures": "alliance_patient",
        "range": [12, 60],
        "direction": 1,
        "reliability": 0.9,
    }
}
DEFINITIONS = {"drop_sd": {"k": 1}, "drop_rci": {}, "running_chart": {}, "psq_patient": {}}


@pytest.fixture(scope="module")
def sessions():
    rng = np.random.default_rng(3)
    rows = pd.MultiIndex.from_product([range(40), range(1, 11)], names=["patient_id", "session"])
    frame = rows.to_frame(index=False).astype({"patient_id": "str"})
    frame["alliance_patient"] = np.clip(np.rint(rng.normal(45, 7, len(frame))), 12, 60)
    frame["psq_patient_rupture"] = rng.integers(0, 2, len(frame))
    frame["psq_patient_tension"] = rng.integers(1, 6, len(frame)).astype(float)
    frame["alliance_therapist"] = 50.0
    return frame


def swept(sessions, definitions=None, **more):
    coding = {"definitions": DEFINITIONS if definitions is None else definitions}
    more = {"rng": np.random.default_rng(1), "permutations": 5} | more
    return threshold_sweep(sessions, None, INSTRUMENTS, coding, **more)


@pytest.fixture(scope="module")
def sweep(sessions):
    return swept(sessions)


def test_the_value_in_use_gives_the_codes_of_the_study(sessions, sweep):
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, {"definitions": DEFINITIONS})
    counts = ruptures.groupby(["definition", "verdict"], observed=False).size()
    used = sweep[sweep["in_use"]].set_index("definition")
    assert list(used.index) == list(DEFINITIONS)
    for definition in DEFINITIONS:
        assert used.loc[definition, "sessions_detected"] == counts[definition, "detected"]
        testable = len(sessions) - counts[definition, "not_testable"]
        assert used.loc[definition, "sessions_testable"] == testable


def test_higher_thresholds_find_fewer_in_the_study_and_by_chance(sweep):
    for name, own in sweep.groupby("definition"):
        assert own["sessions_detected"].is_monotonic_decreasing
        if name != "psq_patient":
            assert own["expected_by_chance"].is_monotonic_decreasing
            assert own["expected_without_change"].is_monotonic_decreasing
            assert own["sessions_testable"].eq(own["sessions_testable"].iloc[0]).all()


def test_scores_without_order_are_found_as_often_as_by_chance(sessions):
    drops = swept(sessions, {"drop_sd": {"k": 1}}, permutations=200)
    some = drops[drops["sessions_detected"] > 30]
    excess = some["sessions_detected"] - some["expected_by_chance"]
    assert (excess.abs() < 4 * np.sqrt(some["expected_by_chance"])).all()


def test_reports_have_no_expectation_and_end_with_the_report_alone(sessions, sweep):
    own = sweep[sweep["definition"] == "psq_patient"]
    assert own["value"].tolist()[:-1] == [2, 3, 4, 5]
    assert np.isnan(own["value"].iloc[-1])
    assert own["in_use"].tolist() == [False] * 4 + [True]
    assert own["sessions_detected"].iloc[-1] == sessions["psq_patient_rupture"].sum()
    assert own[["expected_by_chance", "expected_without_change"]].isna().all(axis=None)


def test_a_study_without_tension_ratings_has_the_report_alone(sessions):
    own = swept(sessions.drop(columns="psq_patient_tension"), {"psq_patient": {}})
    assert own["value"].isna().tolist() == [True]


def test_definitions_without_a_threshold_to_move_are_left_out(sessions):
    empty = swept(sessions, {"strauss": {}})
    assert empty.columns.tolist() == COLUMNS
    assert len(empty) == 0
    coding = {"definitions": {"strauss": {}}}
    assert len(swept_codes(sessions, None, INSTRUMENTS, coding)) == 0


def test_accuracy_where_the_truth_is_known(sessions, sweep):
    assert sweep[["sensitivity", "specificity"]].isna().all(axis=None)
    fall = sessions.groupby("patient_id")["alliance_patient"].diff() <= -10
    truth = sessions[["patient_id", "session"]].assign(
        latent_onset=fall.astype(int), latent_state=np.where(fall, "unrepaired", "intact")
    )
    own = swept(sessions, {"drop_rci": {}}, truth=truth, tolerance=0).set_index("value")
    assert own.loc[10.0, ["sensitivity", "specificity"]].tolist() == [1.0, 1.0]
    assert own.loc[1.0, "sensitivity"] == 1.0
    assert own.loc[1.0, "specificity"] < 1.0
    assert own.loc[12.0, "sensitivity"] < 1.0


def test_codes_of_single_sessions_add_up_to_the_sweep(sessions, sweep):
    codes = swept_codes(sessions, None, INSTRUMENTS, {"definitions": DEFINITIONS})
    keys = ["definition", "parameter", "value"]
    detected = codes["verdict"].eq("detected").groupby([codes[k] for k in keys], dropna=False)
    expected = sweep.set_index(keys)["sessions_detected"]
    pd.testing.assert_series_equal(
        detected.sum().sort_index(), expected.sort_index(), check_names=False
    )


def test_codes_of_some_patients_rest_on_the_constants_of_all(sessions):
    who = sorted(sessions["patient_id"].unique())[:2]
    coding = {"definitions": DEFINITIONS}
    everybody = swept_codes(sessions, None, INSTRUMENTS, coding)
    some = swept_codes(sessions, None, INSTRUMENTS, coding, who)
    expected = everybody[everybody["patient_id"].isin(who)].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


def test_same_seed_same_table_whatever_the_order_of_rows(sessions, sweep):
    again = swept(sessions.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(again, sweep)


@pytest.mark.parametrize("now", [0.3, 6.9, 47.0, 100.0])
def test_steps_reach_twice_the_threshold_in_few_steps(now):
    steps = steps_around(now)
    assert steps[-1] >= 2 * now > steps[-2]
    assert 5 <= len(steps) <= 17
    assert np.allclose(np.diff(steps), steps[0])


def test_no_steps_without_a_threshold():
    assert steps_around(np.nan) == steps_around(0.0) == ()


def test_every_threshold_is_a_parameter_or_a_constant(sessions, sweep):
    for definition, own in sweep.groupby("definition"):
        assert own["parameter"].unique().tolist() == [definitions()[definition].threshold.code]


def test_a_definition_used_under_another_name_is_swept_under_it(sessions, sweep):
    own = swept(sessions, {"mine": {"definition": "drop_sd", "k": 2}})
    assert own["definition"].unique().tolist() == ["mine"]
    assert own.loc[own["in_use"], "value"].tolist() == [2.0]
    same = sweep[sweep["definition"] == "drop_sd"]
    assert own["sessions_detected"].tolist() == same["sessions_detected"].tolist()


def test_discrepancy_and_markers_have_thresholds_too(sessions):
    rng = np.random.default_rng(5)
    both = sessions.assign(alliance_therapist=rng.normal(45, 7, len(sessions)).clip(12, 60))
    other = {**INSTRUMENTS["wai"], "measures": "alliance_therapist"}
    seen = sessions[["patient_id", "session"]].sample(600, replace=True, random_state=1)
    seen = seen.assign(rater_id="R1", segment=1, kind="withdrawal", party="patient", salience=2)
    table = threshold_sweep(
        both,
        None,
        INSTRUMENTS | {"therapist": other},
        {"definitions": {"discrepancy": {}, "observer_markers": {}}},
        markers=seen,
        rng=np.random.default_rng(1),
        permutations=3,
    )
    axes = table.groupby("definition")["parameter"].unique().map(list).to_dict()
    assert axes == {"discrepancy": ["sd_below_mean"], "observer_markers": ["least"]}
    for _, own in table.groupby("definition"):
        assert own["in_use"].sum() == 1
        assert own["sessions_detected"].is_monotonic_decreasing
        assert own["sessions_detected"].iloc[0] > own["sessions_detected"].iloc[-1]
