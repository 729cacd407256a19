"""Scoring: prorated sums keep their scale, whole sums stay whole."""

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rupture_outcome.study.score import (
    completeness,
    prorated_sum,
    reliability,
    score_sessions,
)

LOW, HIGH = 1, 5
SHARES = st.sampled_from([0.5, 0.7, 0.75, 0.8, 1.0])
ITEMS = ["i1", "i2", "i3", "i4"]
WAI = {
    "measures": "alliance_patient",
    "items": ITEMS,
    "range": [LOW, HIGH],
    "reversed": [],
    "subscales": {"front": ["i1", "i2"]},
    "answered": 0.75,
}
PHQ = {
    "measures": "symptom",
    "items": [],
    "range": [0, 27],
    "reversed": [],
    "subscales": {},
    "answered": 0.75,
}

answers = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12),
    elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]),
)


def sessions(**columns: list[float | None]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    blank = dict.fromkeys(
        ["alliance_patient", "alliance_therapist", "symptom", *ITEMS], [np.nan] * n
    )
    return pd.DataFrame({"attended": pd.array([1] * n, dtype="Int64"), **blank, **columns})


@given(answers, SHARES)
def test_a_score_stays_within_the_range_of_the_instrument(items: np.ndarray, share: float) -> None:
    score, n = prorated_sum(items, share), items.shape[1]
    known = score[~np.isnan(score)]
    assert ((known >= n * LOW - 1e-9) & (known <= n * HIGH + 1e-9)).all()


@given(answers, SHARES, st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(items: np.ndarray, share: float, random) -> None:
    order = list(range(items.shape[1]))
    random.shuffle(order)
    npt.assert_array_equal(prorated_sum(items, share), prorated_sum(items[:, order], share))


@given(answers, SHARES)
def test_a_score_is_missing_exactly_where_too_few_answered(items: np.ndarray, share: float) -> None:
    n = items.shape[1]
    given_items = (~np.isnan(items)).sum(axis=1)
    enough = (given_items > 0) & (100 * given_items >= round(100 * share) * n)
    npt.assert_array_equal(~np.isnan(prorated_sum(items, share)), enough)


@given(answers.map(lambda items: np.nan_to_num(items, nan=3.0)), SHARES)
def test_complete_rows_give_exact_whole_sums(items: np.ndarray, share: float) -> None:
    npt.assert_array_equal(prorated_sum(items, share), items.sum(axis=1))


@given(st.integers(1, 5), st.integers(2, 12), st.data())
def test_proration_assumes_the_mean_of_what_was_answered(
    answer: int, n: int, data: st.DataObject
) -> None:
    row = np.full((1, n), float(answer))
    row[0, : data.draw(st.integers(0, n - 1))] = np.nan
    assert prorated_sum(row, 1 / n)[0] == answer * n


def test_scores_subscales_and_delivered_scores() -> None:
    given_sessions = sessions(
        i1=[3, 3, None], i2=[4, 4, None], i3=[5, None, 5], i4=[4, 4, 4], symptom=[10, None, 7]
    )
    scored = score_sessions(given_sessions, {"wai": WAI, "phq": PHQ})
    npt.assert_array_equal(scored["alliance_patient"], [16, 44 / 3, np.nan])
    npt.assert_array_equal(scored["wai_front"], [7, 7, np.nan])
    npt.assert_array_equal(scored["symptom"], [10, np.nan, 7])
    assert scored["alliance_patient"].dtype == np.float64


def test_reversed_items_are_turned_round() -> None:
    given_sessions = sessions(i1=[1], i2=[2], i3=[5], i4=[5])
    scored = score_sessions(given_sessions, {"wai": {**WAI, "reversed": ["i1", "i2"]}})
    assert scored["alliance_patient"].tolist() == [5 + 4 + 5 + 5]
    assert scored["wai_front"].tolist() == [9]


def test_missed_sessions_have_no_score() -> None:
    given_sessions = sessions(i1=[3], i2=[3], i3=[3], i4=[3], symptom=[10]).assign(attended=0)
    scored = score_sessions(given_sessions, {"wai": WAI, "phq": PHQ})
    assert scored[["alliance_patient", "wai_front", "symptom"]].isna().all(axis=None)


def test_completeness_counts_attended_sessions() -> None:
    given_sessions = sessions(
        i1=[3, 3, None], i2=[4, 4, None], i3=[5, None, 5], i4=[4, 4, 4], symptom=[10, None, 7]
    )
    counted = completeness(given_sessions, {"wai": WAI, "phq": PHQ}).set_index("instrument")
    columns = ["sessions", "complete", "prorated", "missing"]
    assert counted.loc["wai", columns].tolist() == [3, 1, 1, 1]
    assert counted.loc["phq", columns].tolist() == [3, 2, 0, 1]


def test_alpha_follows_its_formula() -> None:
    items = np.random.default_rng(1).integers(1, 6, (40, 4)) + np.arange(40)[:, None] % 4
    given_sessions = sessions(**{name: list(items[:, i]) for i, name in enumerate(ITEMS)})
    row = reliability(given_sessions, {"wai": WAI}).iloc[0]
    expected = 4 / 3 * (1 - items.var(axis=0, ddof=1).sum() / items.sum(axis=1).var(ddof=1))
    assert row["alpha"] == pytest.approx(expected, abs=1e-12)
    assert row["ci_low"] < row["alpha"] < row["ci_high"]


def test_alpha_of_constant_answers_is_missing() -> None:
    given_sessions = sessions(**{name: [3, 3, 3] for name in ITEMS})
    assert np.isnan(reliability(given_sessions, {"wai": WAI})["alpha"].iloc[0])
