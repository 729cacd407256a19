import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.segments import (
    coded_sessions,
    coder_markers,
    frequencies,
)
from tests.unit.estimates.agreement.toy_raters import markers_of

MARKERS = markers_of(
    ("a", 1, 2, "R1", "withdrawal", "patient", "denial", 2),
    ("a", 1, 2, "R1", "withdrawal", "therapist", "denial", 5),
    ("a", 1, 6, "R1", "withdrawal", "patient", "appeasing", 3),
    ("a", 1, 2, "R2", "withdrawal", "patient", "denial", 4),
    ("a", 2, 1, "R2", "resolution", None, "clarify", np.nan),
)
RATINGS = pd.DataFrame(
    {
        "patient_id": ["a", "a", "a", "a", "b"],
        "session": [1, 1, 2, 2, 1],
        "rater_id": ["R1", "R2", "R1", "R2", "R3"],
        "withdrawal": 1.0,
        "session_minutes": [60.0, 60, 40, 40, 50],
        "segment_minutes": 5.0,
    }
)


def row(frame: pd.DataFrame, **values) -> pd.Series:
    for column, value in values.items():
        frame = frame.loc[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_coded_session_without_a_marker_is_zero_and_not_missing() -> None:
    found = coder_markers(MARKERS, RATINGS)
    assert len(found) == 4 * 3 * 3
    none = row(found, session=2, rater_id="R1", kind="withdrawal", party="any")
    assert none["markers"] == 0
    assert none["per_hour"] == 0
    assert np.isnan(none["salience"])


def test_a_rater_without_any_marker_coded_no_segments() -> None:
    assert "R3" not in set(coded_sessions(MARKERS, RATINGS)["rater_id"])


def test_counts_maxima_and_means_by_party() -> None:
    found = coder_markers(MARKERS, RATINGS)
    own = row(found, session=1, rater_id="R1", kind="withdrawal", party="patient")
    numbers = ["markers", "segments", "maximum", "salience", "per_hour"]
    assert own[numbers].tolist() == [2, 2, 3, 2.5, 2]
    either = row(found, session=1, rater_id="R1", kind="withdrawal", party="any")
    assert either[numbers].tolist() == [3, 2, 5, pytest.approx(10 / 3), 3]


def test_a_marker_without_a_party_counts_under_any_only() -> None:
    found = coder_markers(MARKERS, RATINGS)
    at = {"session": 2, "rater_id": "R2", "kind": "resolution"}
    assert [row(found, party=p, **at)["markers"] for p in ("patient", "therapist", "any")] == [
        *(0, 0, 1)
    ]
    assert row(found, party="any", **at)["per_hour"] == 1.5


def test_frequencies_are_per_hour_or_counts_where_length_is_unknown() -> None:
    hourly = frequencies(MARKERS, RATINGS).set_index(["session", "rater_id"])
    assert hourly.loc[(1, "R1"), "withdrawal_per_hour"] == 3
    assert hourly.loc[(2, "R1"), "confrontation_per_hour"] == 0
    counted = frequencies(MARKERS, RATINGS.drop(columns=["session_minutes"]))
    assert counted.set_index(["session", "rater_id"]).loc[(1, "R1"), "withdrawal_markers"] == 3


def test_without_markers_there_is_nothing() -> None:
    assert coder_markers(MARKERS.head(0), RATINGS).empty
    assert list(frequencies(MARKERS.head(0), RATINGS).columns[3:]) == [
        f"{kind}_markers" for kind in ("withdrawal", "confrontation", "resolution")
    ]
