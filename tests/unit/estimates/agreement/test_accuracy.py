import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.agreement.accuracy import COLUMNS, accuracy
from tests.unit.estimates.agreement.toy_raters import verdicts_of

STATES = {"i": "intact", "u": "unrepaired", "r": "repaired", "o": "unrepaired"}


def truth_of(patients) -> pd.DataFrame:
    """States by patient, one letter a session: intact, onset, unrepaired, repaired."""
    return pd.DataFrame(
        [
            {
                "patient_id": p,
                "session": s,
                "latent_state": STATES[letter],
                "latent_onset": int(letter == "o"),
            }
            for p, letters in patients.items()
            for s, letter in enumerate(letters, 1)
        ]
    )


def row(verdicts, states, tolerance=1) -> pd.Series:
    ruptures = verdicts_of({"x": verdicts})
    return accuracy(ruptures, truth_of(states), tolerance=tolerance).iloc[0]


def test_by_hand() -> None:
    found = row({"a": "?--+--+--", "b": "+-+"}, {"a": "iioourrii", "b": "iio"})
    # a: onsets at 3 (missed: its window ends before the next) and 4 (found); b: 3 (found at once)
    assert found["onsets"] == 3
    assert found["sensitivity"] == pytest.approx(2 / 3)
    assert (found["found"], found["delay_mean"]) == (2, 0)
    # no rupture open and no window: a2, a6 to a9, b1, b2; detections at a7 and b1
    assert found["n"] == 11
    assert found["negatives"] == 7
    assert found["specificity"] == pytest.approx(5 / 7)
    assert found["detections"] == 4
    assert found["ppv"] == 0.5


def test_delay_counts_attended_sessions_and_ends_with_the_tolerance() -> None:
    late = {"a": "----+-"}, {"a": "iiouuu"}
    assert row(*late, tolerance=2)["delay_mean"] == 2
    missed = row(*late, tolerance=1)
    assert (missed["found"], missed["sensitivity"]) == (0, 0)
    assert np.isnan(missed["delay_mean"])
    # no new find, but no false alarm either: the rupture is open
    assert (missed["specificity"], missed["ppv"]) == (1, 1)


def test_an_onset_that_could_not_be_tested_is_not_missed() -> None:
    found = row({"a": "?-", "b": "-?"}, {"a": "oi", "b": "io"}, tolerance=0)
    assert found["onsets"] == 0
    assert np.isnan(found["sensitivity"])
    assert row({"a": "?-"}, {"a": "ou"}, tolerance=1)["onsets"] == 1


def test_windows_do_not_reach_into_the_next_patient() -> None:
    found = row({"a": "--", "b": "+-"}, {"a": "io", "b": "ii"}, tolerance=3)
    assert found["found"] == 0
    assert found["specificity"] == pytest.approx(2 / 3)


def test_a_perfect_definition_and_one_that_always_fires() -> None:
    states = {f"p{i}": "iiouriiori" for i in range(20)}
    perfect = row(dict.fromkeys(states, "--+----+--"), states)
    assert perfect[["sensitivity", "specificity", "ppv", "delay_mean"]].tolist() == [1, 1, 1, 0]
    always = row(dict.fromkeys(states, "+" * 10), states, tolerance=0)
    assert always["sensitivity"] == 1
    assert always["specificity"] == 0
    assert always["ppv"] == pytest.approx(0.3)
    assert always["sensitivity_low"] < 1


def test_columns_order_and_rows_in_any_order() -> None:
    states = {"a": "iouri", "b": "iiiou"}
    ruptures = verdicts_of({"z": {"a": "-+---", "b": "----+"}, "x": {"a": "?----", "b": "-----"}})
    one = accuracy(ruptures, truth_of(states))
    assert list(one.columns) == COLUMNS
    assert one["definition"].tolist() == ["z", "x"]
    mixed = ruptures.sample(frac=1, random_state=2)
    other = accuracy(mixed, truth_of(states).iloc[::-1])
    pd.testing.assert_frame_equal(
        one.set_index("definition"), other.set_index("definition").loc[["z", "x"]]
    )


def test_sessions_without_a_known_truth_are_refused() -> None:
    with pytest.raises(ValueError, match="truth is not known"):
        row({"a": "--"}, {"a": "i"})


def test_without_ruptures_there_is_no_sensitivity() -> None:
    found = row({"a": "--", "b": "--"}, {"a": "ii", "b": "ii"})
    assert np.isnan(found[["sensitivity", "ppv", "delay_mean"]].astype(float)).all()
    assert found["specificity"] == 1
