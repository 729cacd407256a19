"""No count of 1 to the threshold is shown, and no difference of shown counts gives one."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.publishable.suppress import (
    count_texts,
    hide_categories,
    is_small,
    is_withheld,
    publishable_effects,
    shown_count,
    suppress,
)

T = 10
few = settings(max_examples=40)


def no_small(counts) -> bool:
    return not any(is_small(n, T) for n in counts)


def no_small_difference(counts) -> bool:
    known = [n for n in counts if pd.notna(n)]
    return no_small(abs(a - b) for a, b in combinations(known, 2))


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (1, "≤10"), (10, "≤10"), (11, "11"), (1234, "1,234"), (None, "–")]
)
def test_shown_count(count, text):
    assert shown_count(count, T) == text


def test_suppressed_counts_are_marked_by_reason():
    raw = pd.DataFrame({"whole": [600, 100, 300, 8, 594], "part": [40, 95, 300, 2, 0]})
    out = suppress(raw, ["whole", "part"], T, parts={"part": "whole"})
    assert count_texts(out, "whole") == ["600", "100", "300", "≤10", "≈600"]
    assert count_texts(out, "part") == ["40", "≈100", "300", "≤10", "0"]


def test_counts_published_elsewhere_are_kept_at_a_distance():
    out = suppress(pd.DataFrame({"n": [597, 603]}), ["n"], T, published={"n": [603]})
    assert count_texts(out, "n") == ["≈603", "603"]


def test_a_threshold_of_zero_publishes_everything():
    raw = pd.DataFrame({"n": [1, 2, 0]})
    assert suppress(raw, ["n"], 0)["n"].tolist() == [1, 2, 0]


@few
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), min_size=1, max_size=8))
def test_suppress_leaves_nothing_to_derive(rows):
    raw = pd.DataFrame([(max(r), min(r)) for r in rows], columns=["whole", "part"])
    out = suppress(raw, ["whole", "part"], T, parts={"part": "whole"})
    for column in raw:
        assert no_small(out[column].dropna())
        assert no_small_difference(out[column])
    assert no_small((out["whole"] - out["part"]).dropna())


def test_a_part_whose_whole_is_not_known_is_still_compared():
    frame = pd.DataFrame({"n": [100, pd.NA], "events": [50, 45]}).astype("Int64")
    out = suppress(frame, ["n", "events"], T, parts={"events": "n"})
    assert count_texts(out, "events") == ["50", "≈50"]


def effects(patients, events) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "estimate": -0.3, "se": 0.1, "ci_low": -0.5, "ci_high": -0.1, "ratio": 0.74,
            "patients": patients, "sessions": [10 * n for n in patients], "events": events,
        }
    )  # fmt: skip


def test_estimates_from_few_events_or_few_without_are_withheld():
    out = publishable_effects(effects([600, 300, 200, 100], [120, 4, 194, 0]), T)
    assert out["estimate"].notna().tolist() == [True, False, False, True]
    assert count_texts(out, "events") == ["120", "≤10", "≈200", "0"]


def test_marks_survive_a_csv(tmp_path):
    raw = pd.DataFrame({"n": [600, 594, 7]})
    for rows in (raw, raw.head(1)):
        suppress(rows, ["n"], T).to_csv(tmp_path / "n.csv", index=False)
        back = pd.read_csv(tmp_path / "n.csv")
        assert count_texts(back, "n") == ["600", "≈600", "≤10"][: len(rows)]
        assert is_withheld(back, "n").tolist() == [False, True, True][: len(rows)]


@few
@given(st.lists(st.integers(0, 60), min_size=2, max_size=8))
def test_withheld_categories_cannot_be_told_apart(counts):
    hidden = hide_categories(counts, T)
    assert not any(is_small(n, T) and not h for n, h in zip(counts, hidden, strict=True))
    members = [n for n, h in zip(counts, hidden, strict=True) if h]
    if members and sum(members) < sum(counts):
        assert sum(members) - len(members) >= T or not any(
            n > T and not h for n, h in zip(counts, hidden, strict=True)
        )
