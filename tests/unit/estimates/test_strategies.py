import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.strategies import following_strategies, strategy_resolution
from tests.unit.estimates.agreement.toy_raters import markers_of

MARKERS = markers_of(
    ("a", 1, 2, "R1", "withdrawal", "patient", "denial", 3),
    ("a", 1, 3, "R1", "resolution", "therapist", "validate", 3),
    ("a", 1, 4, "R1", "resolution", "therapist", "redirect", 3),
    ("a", 1, 2, "R2", "withdrawal", "patient", "denial", 3),
    ("b", 1, 5, "R1", "confrontation", "patient", "defends_self", 4),
    ("b", 1, 4, "R1", "resolution", "therapist", "clarify", 3),
    ("b", 2, 1, "R1", "withdrawal", "patient", "denial", 3),
    ("b", 2, 1, "R1", "resolution", "therapist", "validate", 3),
    ("b", 2, 1, "R1", "resolution", "therapist", None, 3),
)
RATINGS = pd.DataFrame(
    {
        "patient_id": ["a", "a", "b", "b"],
        "session": [1, 1, 1, 2],
        "rater_id": ["R1", "R2", "R1", "R1"],
        "withdrawal": 1.0,
        "confrontation": 1.0,
        "resolution": [4.0, 3.0, 2.0, np.nan],
    }
)


def followed(within: int) -> set[tuple]:
    frame = following_strategies(MARKERS, within=within)
    columns = ["patient_id", "session", "rater_id", "marker_kind", "strategy"]
    return set(frame[columns].itertuples(index=False, name=None))


def test_same_segment_only() -> None:
    assert followed(0) == {
        ("a", 1, "R1", "withdrawal", "none"),
        ("a", 1, "R2", "withdrawal", "none"),
        ("b", 1, "R1", "confrontation", "none"),
        ("b", 2, "R1", "withdrawal", "validate"),
        ("b", 2, "R1", "withdrawal", "not_named"),
    }


def test_the_next_segments_too_but_never_an_earlier_one_nor_another_raters() -> None:
    assert ("a", 1, "R1", "withdrawal", "validate") in followed(1)
    assert ("a", 1, "R1", "withdrawal", "redirect") not in followed(1)
    assert ("a", 1, "R1", "withdrawal", "redirect") in followed(2)
    assert ("a", 1, "R2", "withdrawal", "none") in followed(2)
    assert ("b", 1, "R1", "confrontation", "none") in followed(2)


def test_sessions_patients_and_resolution_by_hand() -> None:
    table = strategy_resolution(MARKERS, RATINGS).set_index(["marker_kind", "strategy"])
    validate = table.loc[("withdrawal", "validate")]
    assert validate[["sessions", "patients", "n", "share"]].tolist() == [2, 2, 2, 1]
    # the session that nobody rated is not in the mean
    assert validate[["resolution_mean", "resolution_n", "resolved"]].tolist() == [3.5, 1, 1]
    none = table.loc[("confrontation", "none")]
    assert none[["sessions", "resolution_mean", "resolved"]].tolist() == [1, 2, 0]
    assert np.isnan(table.loc[("withdrawal", "not_named"), "resolution_mean"])


def test_none_means_that_nobody_saw_a_strategy_follow() -> None:
    table = strategy_resolution(MARKERS, RATINGS)
    assert ("withdrawal", "none") not in set(table[["marker_kind", "strategy"]].itertuples(False))
    alone = strategy_resolution(MARKERS.loc[MARKERS["rater_id"] == "R2"], RATINGS)
    assert alone[["marker_kind", "strategy", "sessions"]].to_numpy().tolist() == [
        ["withdrawal", "none", 1]
    ]


def test_most_frequent_first_and_numbers_are_numbers() -> None:
    table = strategy_resolution(MARKERS.convert_dtypes(), RATINGS)
    assert table["marker_kind"].tolist() == ["withdrawal", "withdrawal", "confrontation"]
    assert table["sessions"].tolist() == [2, 1, 1]
    assert table["share"].dtype == np.float64
    assert table["sessions"].dtype == np.int64


@pytest.mark.parametrize("keep", ["none", "resolution"])
def test_without_rupture_markers_the_table_is_empty(keep) -> None:
    table = strategy_resolution(MARKERS.loc[MARKERS["kind"] == keep], RATINGS)
    assert table.empty
    assert list(table.columns[:2]) == ["marker_kind", "strategy"]
