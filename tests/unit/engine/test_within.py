"""Lag models within persons."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.engine.within import CENTRINGS, lag_model, lagged_rows

COLUMNS = ("y", "x", "p", "s")


def series(seed=1, persons=60, times=8, gaps=0.0):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"p": np.repeat(np.arange(persons), times), "s": [*range(times)] * persons})
    trait = rng.normal(size=(2, persons))
    rows["x"] = trait[0][rows["p"]] + rng.normal(size=len(rows))
    before = rows.groupby("p")["x"].shift().fillna(0.0)
    rows["y"] = trait[1][rows["p"]] + 0.4 * before + rng.normal(size=len(rows))
    rows["t"] = rows["p"] % 12
    rows.loc[rng.random(len(rows)) < gaps, "x"] = np.nan
    return rows


ROWS = series()


def layout(rows, lag=1, centring="earlier", detrend="none", carry_over=True):
    return lagged_rows(rows, *COLUMNS, lag, centring, detrend, carry_over)


def test_a_series_worked_out_by_hand() -> None:
    rows = pd.DataFrame(
        {"p": [1] * 5 + [2] * 2, "s": [1, 2, 3, 4, 6, 1, 2], "x": [1.0, 3, 2, np.nan, 5, 7, 8]}
    ).assign(y=lambda d: 10.0 * np.arange(7))
    found = layout(rows)
    # Session 3 has two before it; 2 has nothing before its predictor, 4 … 6 have gaps.
    assert found.index.tolist() == [2, 3]
    assert found["within"].tolist() == [3 - 1, 2 - (1 + 3) / 2]
    assert found["between"].tolist() == [1, 2]
    assert found["carry_over"].tolist() == [10 - 0, 20 - 5]
    whole = layout(rows, centring="series")
    assert whole.index.tolist() == [1, 2, 3, 6]
    assert whole["within"].tolist() == [-1, 1, 0, 0]
    now = layout(rows, lag=0, centring="none", carry_over=False)
    assert now["within"].tolist() == [1, 3, 2, 5, 7, 8]


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(3, 7), st.sampled_from([0, 1]))
def test_earlier_centring_knows_nothing_of_what_comes_later(seed, time, lag) -> None:
    rows = series(seed, persons=4, gaps=0.2)
    later = rows["s"] >= time
    changed = rows.assign(x=rows["x"].mask(later, 99.0), y=rows["y"].mask(later, -99.0))
    one, other = (layout(each, lag=lag) for each in (rows, changed))
    before = one.index[rows.loc[one.index, "s"] < time]
    pd.testing.assert_frame_equal(one.loc[before], other.loc[before])


@pytest.mark.parametrize("cluster", [None, "t"])
def test_series_centring_is_the_regression_with_an_intercept_for_each_person(cluster) -> None:
    rows = series(gaps=0.1)
    found = lag_model(rows, *COLUMNS, cluster=cluster, centring="series")
    used = layout(rows, centring="series")
    dummies = pd.get_dummies(used["p"]).to_numpy(dtype=float)
    X = np.column_stack([used["within"], used["carry_over"], dummies])
    direct = np.linalg.lstsq(X, used["y"].to_numpy(), rcond=None)[0]
    assert found.estimates["within"].value == pytest.approx(direct[0], rel=1e-6)
    assert found.estimates["carry_over"].value == pytest.approx(direct[1], rel=1e-6)
    assert found.reason == "looks_ahead"
    assert found.clusters == (60 if cluster is None else 12)
    assert found.estimates["within"].df < found.clusters


def test_rows_may_come_in_any_order() -> None:
    one = lag_model(ROWS, *COLUMNS, cluster="t")
    other = lag_model(ROWS.sample(frac=1.0, random_state=3), *COLUMNS, cluster="t")
    for name, estimate in one.estimates.items():
        assert other.estimates[name].value == pytest.approx(estimate.value, rel=1e-7)
        assert other.estimates[name].se == pytest.approx(estimate.se, rel=1e-7)


def test_detrending() -> None:
    """With straight lines added, own lines give what they give without; a common one need not."""
    lines = ROWS["p"] % 5 * ROWS["s"]
    sloped = ROWS.assign(y=ROWS["y"] + lines, x=ROWS["x"] - lines)
    own = [lag_model(r, *COLUMNS, centring="series", detrend="own") for r in (ROWS, sloped)]
    assert own[0].estimates["within"].value == pytest.approx(own[1].estimates["within"].value)
    assert own[0].reason == "looks_ahead"
    plain = lag_model(sloped, *COLUMNS, centring="series").estimates["within"].value
    assert abs(plain - own[0].estimates["within"].value) > 0.3
    common = lag_model(ROWS.assign(y=ROWS["y"] + 2.0 * ROWS["s"]), *COLUMNS, detrend="common",
                       carry_over=False)  # fmt: skip
    assert common.estimates["trend"].value == pytest.approx(2.0, abs=0.1)
    assert common.reason == ""


@pytest.mark.parametrize("centring", CENTRINGS)
def test_each_centring_says_whether_it_looks_ahead(centring) -> None:
    found = lag_model(ROWS, *COLUMNS, centring=centring)
    assert found.reason == ("looks_ahead" if centring == "series" else "")
    assert set(found.estimates) == {"within", "carry_over"} | (
        set() if centring == "none" else {"between", "level"}
    )


def test_what_cannot_be_estimated_says_why() -> None:
    short = lag_model(ROWS[ROWS["s"] < 2], *COLUMNS)
    assert (short.rows, short.estimates, short.reason) == (0, {}, "too_few_persons")
    constant = lag_model(ROWS.assign(y=1.0), *COLUMNS)
    assert not constant.estimates
    assert constant.reason == "outcome_is_constant"
    one = lag_model(ROWS.assign(t=1), *COLUMNS, cluster="t")
    assert one.reason == "too_few_persons"
    three = lag_model(ROWS[ROWS["s"] < 3], *COLUMNS)
    assert three.reason.startswith("not_told_apart_")


@pytest.mark.parametrize(
    "wrong", [{"lag": 2}, {"centring": "grand"}, {"detrend": "own"}, {"detrend": "wavelet"}]
)
def test_settings_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"must be|promises"):
        lag_model(ROWS, *COLUMNS, **wrong)
