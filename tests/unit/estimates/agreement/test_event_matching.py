import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.estimates.agreement.event_matching import (
    COLUMNS,
    match_onsets,
    onset_agreement,
)
from tests.unit.estimates.agreement.toy_raters import verdicts_of

EVENTS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), unique=True, max_size=15).map(
    lambda rows: np.array(sorted(rows), np.int64).reshape(-1, 2)
)


def matched(a, b, tolerance) -> list[tuple[int, int]]:
    in_a, in_b = match_onsets(a[:, 0], a[:, 1], b[:, 0], b[:, 1], tolerance)
    return sorted(zip(in_a.tolist(), in_b.tolist(), strict=True))


def by_the_list(a, b, tolerance) -> list[tuple[int, int]]:
    """The rule as it is told: through the sorted list, one pair after another."""
    pairs = [
        (abs(x - y), min(x, y), i, j)
        for i, (p, x) in enumerate(a.tolist())
        for j, (q, y) in enumerate(b.tolist())
        if p == q and abs(x - y) <= tolerance
    ]
    taken: list[tuple[int, int]] = []
    for _, _, i, j in sorted(pairs):
        if all(i != k and j != m for k, m in taken):
            taken.append((i, j))
    return sorted(taken)


@settings(max_examples=30)
@given(EVENTS, EVENTS, st.integers(0, 4))
def test_rounds_give_what_the_list_gives(a, b, tolerance) -> None:
    assert matched(a, b, tolerance) == by_the_list(a, b, tolerance)


@settings(max_examples=30)
@given(EVENTS, EVENTS, st.integers(0, 4))
def test_matching_is_symmetric_and_one_to_one(a, b, tolerance) -> None:
    pairs = matched(a, b, tolerance)
    assert sorted((j, i) for i, j in pairs) == matched(b, a, tolerance)
    for side in (0, 1):
        assert len({pair[side] for pair in pairs}) == len(pairs)


@settings(max_examples=30)
@given(EVENTS, st.integers(0, 4))
def test_events_match_themselves(a, tolerance) -> None:
    assert matched(a, a, tolerance) == [(i, i) for i in range(len(a))]


def test_the_nearest_goes_first_even_where_more_could_be_matched() -> None:
    a, b = np.array([[0, 3], [0, 6]]), np.array([[0, 1], [0, 4]])
    assert matched(a, b, 2) == [(0, 1)]
    assert matched(a, b, 0) == []


SEEN = verdicts_of({"x": {"p": "?" + "-" * 9}, "y": {"p": "-" * 10}, "z": {"p": "-" * 4 + "?" * 6}})


def onsets(**sessions) -> pd.DataFrame:
    rows = [("p", name, onset) for name, own in sessions.items() for onset in own]
    return pd.DataFrame(rows, columns=["patient_id", "definition", "onset"])


def test_sensitivity_precision_and_lag_by_hand() -> None:
    table = onset_agreement(onsets(x=[3, 8], y=[4, 6, 8]), SEEN, tolerance=1)
    row = table.iloc[0]
    assert row[["definition_a", "definition_b", "matched"]].tolist() == ["x", "y", 2]
    assert row["sensitivity"] == pytest.approx(2 / 3)
    assert row["precision"] == 1
    assert row["positive_agreement"] == pytest.approx(4 / 5)
    assert row["lag_mean"] == 0.5
    assert row["patients"] == 1


def test_onsets_that_the_other_could_not_see_do_not_count() -> None:
    table = onset_agreement(onsets(y=[2, 5, 9], z=[3]), SEEN, tolerance=1)
    row = table.set_index(["definition_a", "definition_b"]).loc[("y", "z")]
    # z is testable up to session 4, so y's onset at 5 counts and that at 9 does not
    assert row[["onsets_a", "onsets_b", "matched"]].tolist() == [2, 1, 1]


def test_patients_are_apart() -> None:
    seen = verdicts_of({"x": {"p": "---", "q": "???"}, "y": {"p": "???", "q": "---"}})
    rows = [("p", "x", 3), ("q", "y", 1)]
    frame = pd.DataFrame(rows, columns=["patient_id", "definition", "onset"])
    row = onset_agreement(frame, seen, tolerance=3).iloc[0]
    assert row[["onsets_a", "onsets_b", "matched"]].tolist() == [0, 0, 0]
    assert np.isnan(row["sensitivity"])


def test_definitions_exchange_sensitivity_and_precision() -> None:
    events = onsets(x=[3, 8], y=[4, 6, 8])
    one = onset_agreement(events, SEEN).iloc[0]
    other = onset_agreement(events, SEEN.iloc[::-1])
    other = other.set_index(["definition_a", "definition_b"]).loc[("y", "x")]
    assert one["sensitivity"] == other["precision"]
    assert one["lag_mean"] == -other["lag_mean"]


def test_episodes_of_two_repair_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="one repair rule"):
        onset_agreement(onsets(x=[3, 3]), SEEN)


def test_no_onsets() -> None:
    table = onset_agreement(onsets(x=[3]).head(0), SEEN)
    assert list(table.columns) == COLUMNS
    assert table["matched"].eq(0).all()
