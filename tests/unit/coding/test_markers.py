"""Markers as columns of the panel, and the definition that reads them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.inputs import build_panel
from rupture_outcome.coding.markers import marker_column, with_markers
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import study
from tests.unit.estimates.agreement.toy_raters import markers_of

NAN = np.nan
SESSIONS = study({"a": [None] * 4})
MARKERS = markers_of(
    ("a", 1, 1, "R1", "withdrawal", "patient", "denial", 2),
    ("a", 1, 2, "R1", "confrontation", "therapist", "complains", 4),
    ("a", 1, 1, "R2", "withdrawal", "patient", "denial", 3),
    ("a", 2, 3, "R1", "confrontation", "therapist", "complains", 4),
    ("a", 2, 3, "R2", "resolution", None, "clarify", NAN),
)
RATINGS = pd.DataFrame(
    {
        "patient_id": "a",
        "session": [1, 1, 2, 2, 3],
        "rater_id": ["R1", "R2", "R1", "R2", "R1"],
        **dict.fromkeys(["withdrawal", "confrontation", "resolution"], 1.0),
        "session_minutes": [60.0, 60, 30, 30, NAN],
        "segment_minutes": 5.0,
    }
)


def numbers(markers=MARKERS, ratings=RATINGS, **wanted) -> list[float]:
    asked = {"kind": "withdrawal", "party": "any", "per": "session", "salience": None, **wanted}
    column = marker_column(**asked)
    return list(with_markers(SESSIONS, markers, ratings, [column])[column])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        # two raters, two, one without a marker, and a session that nobody coded
        ({}, [1, 0, 0, NAN]),
        ({"kind": "confrontation"}, [0.5, 0.5, 0, NAN]),
        ({"kind": "confrontation", "party": "patient"}, [0, 0, 0, NAN]),
        ({"kind": "resolution", "party": "therapist"}, [0, 0, 0, NAN]),
        ({"kind": "resolution"}, [0, 0.5, 0, NAN]),
        ({"kind": "confrontation", "per": "hour"}, [0.5, 1, NAN, NAN]),
        ({"salience": 3}, [0.5, 0, 0, NAN]),
        # the only marker that could count has no salience
        ({"kind": "resolution", "salience": 2.5}, [0, 0, 0, NAN]),
    ],
)
def test_numbers_are_means_over_the_raters_who_coded(wanted, expected) -> None:
    np.testing.assert_array_equal(numbers(**wanted), expected)


def test_a_marker_of_unknown_salience_is_no_zero() -> None:
    markers = MARKERS.assign(salience=NAN)
    np.testing.assert_array_equal(numbers(markers, salience=2), [NAN, 0, 0, NAN])


def test_without_ratings_sessions_are_known_by_their_markers() -> None:
    np.testing.assert_array_equal(numbers(ratings=None), [1, 0, NAN, NAN])


def code(markers=MARKERS, **parameters) -> tuple[str, list[str]]:
    coding = {"definitions": {"m": {"definition": "observer_markers", **parameters}}}
    ruptures, _ = code_ruptures(SESSIONS, RATINGS, {}, coding, markers=markers)
    letters = {"detected": "+", "not_detected": "-", "not_testable": "?"}
    detected = ruptures.loc[ruptures["verdict"] == "detected", "kind"]
    return "".join(letters[v] for v in ruptures["verdict"]), list(detected)


@pytest.mark.parametrize(
    ("parameters", "verdicts", "kinds"),
    [
        ({}, "+--?", ["both"]),
        ({"least": 0.5}, "++-?", ["both", "confrontation"]),
        ({"least": 0}, "++-?", ["both", "confrontation"]),
        ({"party": "patient"}, "+--?", ["withdrawal"]),
        ({"party": "therapist", "least": 0.5}, "++-?", ["confrontation"] * 2),
        ({"kind": "withdrawal", "least": 0.5}, "+--?", ["withdrawal"]),
        ({"per": "hour"}, "++??", ["both", "confrontation"]),
        ({"salience": 3, "least": 1.5}, "---?", []),
    ],
)
def test_ruptures_by_markers(parameters, verdicts, kinds) -> None:
    assert code(**parameters) == (verdicts, kinds)


@pytest.mark.parametrize("name", ["party", "kind", "per"])
def test_what_can_be_asked_for_is_told(name) -> None:
    with pytest.raises(StudyError, match=rf"definitions\.m: '{name}' should be .*'both'"):
        code(**{name: "both"})


@pytest.mark.parametrize("markers", [None, MARKERS.head(0)])
def test_a_study_without_markers_is_told_so(markers) -> None:
    with pytest.raises(StudyError, match="coded by segment"):
        code(markers)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(1, 6))
def test_later_markers_change_no_earlier_number(seed, cut) -> None:
    rng = np.random.default_rng(seed)
    sessions = study({p: [None] * 6 for p in "abc"})
    coded = sessions.sample(9, random_state=rng)[["patient_id", "session"]]
    ratings = coded.assign(rater_id="R1", session_minutes=50.0, segment_minutes=5.0)
    at = ratings.sample(30, replace=True, random_state=rng)
    markers = at[["patient_id", "session", "rater_id"]].assign(
        segment=rng.integers(1, 9, 30),
        kind=rng.choice(["withdrawal", "confrontation"], 30),
        party=rng.choice(["patient", "therapist"], 30),
        salience=rng.integers(1, 6, 30) * 1.0,
    )
    # That a rater coded segments at all is known of the study, as a scale constant is.
    trained = markers.head(1).assign(patient_id="z", session=1)
    columns = [marker_column("withdrawal", "patient", "hour", 3)]

    def panel(until):
        seen = pd.concat([markers.query("session <= @until"), trained])
        rated = ratings.query("session <= @until")
        return build_panel(sessions.query("session <= @until"), rated, {}, {}, columns, seen)

    whole = panel(6)
    np.testing.assert_array_equal(whole[columns[0]][whole.session <= cut], panel(cut)[columns[0]])
