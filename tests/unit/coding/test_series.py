import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tests.unit.coding.toy_series import panel_of, studies, study

NAN = np.nan


@pytest.mark.parametrize(
    ("series", "bridge", "expected"),
    [
        ([50, 40, 45], {}, [NAN, 50, 40]),
        # an attended session without a score is skipped
        ([50, None, 45], {}, [NAN, 50, 50]),
        ([50, None, 45], {"bridge_unrated": False}, [NAN, 50, NAN]),
        # a missed one is not bridged unless asked for
        ([50, "missed", 45, 44], {}, [NAN, NAN, 45]),
        ([50, "missed", 45, 44], {"bridge_missed": True}, [NAN, 50, 45]),
        ([50, None, "missed", None, 45], {}, [NAN, 50, NAN, NAN]),
        ([None, 50, 40], {}, [NAN, NAN, 50]),
    ],
)
def test_previous_score(series, bridge, expected) -> None:
    panel = panel_of(study({"a": series}), **bridge)
    np.testing.assert_array_equal(panel.previous(panel["alliance_patient"]), expected)


def test_a_session_number_left_out_is_a_missed_session() -> None:
    sessions = study({"a": [50, 40, 45]}).query("session != 2")
    panel = panel_of(sessions)
    np.testing.assert_array_equal(panel.previous(panel["alliance_patient"]), [NAN, NAN])


def test_patients_are_never_compared_with_each_other() -> None:
    panel = panel_of(study({"a": [50, 40], "b": [30], "c": [20, 10]}))
    np.testing.assert_array_equal(
        panel.previous(panel["alliance_patient"]), [NAN, 50, NAN, NAN, 20]
    )


def test_attendance_that_is_not_stated_is_attendance() -> None:
    sessions = study({"a": [50, 40]}).assign(attended=pd.array([None, 1], dtype="Int64"))
    assert len(panel_of(sessions)) == 2


def test_the_order_of_rows_does_not_matter() -> None:
    sessions = study({"b": [50, "missed", 40], "a": [30, None, 20]})
    shuffled = panel_of(sessions.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(
        shuffled["alliance_patient"], panel_of(sessions)["alliance_patient"]
    )
    assert list(shuffled.ids) == ["a", "b"]


@settings(max_examples=12)
@given(studies())
def test_mean_of_earlier_scores_agrees_with_pandas(sessions) -> None:
    panel = panel_of(sessions)
    score = panel["alliance_patient"]
    mean, n = panel.earlier_mean(score)
    by_patient = pd.Series(score).groupby(panel.patient)
    np.testing.assert_allclose(mean, by_patient.transform(lambda x: x.expanding().mean().shift()))
    before = by_patient.transform(lambda x: x.notna().cumsum().shift(fill_value=0))
    np.testing.assert_array_equal(n, before)


def test_an_empty_study_has_an_empty_panel() -> None:
    panel = panel_of(study({"a": [50]}).iloc[:0])
    assert len(panel) == 0
    assert len(panel.previous(panel["alliance_patient"])) == 0
