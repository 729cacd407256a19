import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.rupture_history import rupture_history
from tests.unit.toy_sessions import toy_sessions

COLUMNS = ["sessions_since_rupture", "earlier_ruptures", "kind_of_rupture"]
WORDS = {"i": "intact", "u": "unrepaired", "r": "repaired"}
NONE = pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"])


def course(states, patient="a", times=None):
    n = len(states)
    return pd.DataFrame(
        {
            "patient_id": patient,
            "session": np.arange(1, n + 1),
            "time": np.arange(1, n + 1) if times is None else times,
            "definition": "d",
            "state": [WORDS[letter] for letter in states],
        }
    )


def detected(*found):
    rows = [("a", session, "d", "detected", kind) for session, kind in found]
    return pd.DataFrame(rows, columns=NONE.columns)


def test_time_and_number_by_hand():
    history = rupture_history(course("iuurruri"[:-1]), NONE)
    np.testing.assert_array_equal(history["sessions_since_rupture"], [np.nan, 0, 1, 2, 3, 0, 1])
    assert history["earlier_ruptures"].tolist() == [0, 0, 0, 0, 0, 1, 1]


def test_time_is_counted_on_the_clock():
    history = rupture_history(course("iuur", times=[0, 2, 2, 7]), NONE)
    assert history["sessions_since_rupture"].tolist()[1:] == [0, 0, 5]


def test_a_rupture_repaired_in_its_own_session_has_begun():
    history = rupture_history(course("irrr"), detected((2, "both"), (4, "withdrawal")))
    assert history["sessions_since_rupture"].tolist()[1:] == [0, 1, 0]
    assert history["earlier_ruptures"].tolist() == [0, 0, 0, 1]
    assert history["kind_of_rupture"].tolist()[1:] == ["both", "both", "withdrawal"]


def test_what_is_detected_while_open_belongs_to_the_open_rupture():
    history = rupture_history(course("uuu"), detected((1, "withdrawal"), (3, "confrontation")))
    assert history["kind_of_rupture"].tolist() == ["withdrawal"] * 3
    assert history["earlier_ruptures"].tolist() == [0, 0, 0]


def test_kinds_of_another_definition_or_not_detected_do_not_count():
    other = detected((2, "both")).assign(definition="e")
    negative = detected((2, "both")).assign(verdict="not_detected", kind=None)
    for ruptures in (other, negative, detected((2, None))):
        kind = rupture_history(course("iu"), ruptures)["kind_of_rupture"]
        assert kind.isna().tolist() == [True, False]
        assert kind.iloc[1] == "unknown"


def test_patients_do_not_touch_each_other():
    both = pd.concat([course("iuru"), course("ir", "b")], ignore_index=True)
    history = rupture_history(both, NONE)
    np.testing.assert_array_equal(history["sessions_since_rupture"][4:], [np.nan, 0])
    assert history["earlier_ruptures"].tolist() == [0, 0, 0, 1, 0, 0]


def test_later_sessions_change_nothing_earlier():
    rows = toy_sessions(seed=5, patients=60)
    rng = np.random.default_rng(5)
    found = rows[["patient_id", "session", "definition"]].assign(
        verdict=np.where(rng.random(len(rows)) < 0.3, "detected", "not_detected"),
        kind=rng.choice(["withdrawal", "confrontation"], len(rows)),
    )
    whole = rupture_history(rows, found)
    for last in range(1, 12):
        kept = rows["session"] <= last
        early = rupture_history(rows[kept], found[found["session"] <= last])
        pd.testing.assert_frame_equal(early, whole[kept])


@pytest.mark.parametrize("order", [[1, 0], [0, 2, 1], [0, 0]])
def test_rows_in_another_order_are_refused(order):
    rows = pd.concat([course("iu"), course("i", "b")], ignore_index=True)
    with pytest.raises(ValueError, match="sorted by patient and session"):
        rupture_history(rows.iloc[order], NONE)


def test_no_rows():
    assert rupture_history(course("i").iloc[:0], NONE).columns.tolist() == COLUMNS
