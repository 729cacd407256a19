import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.cumulative_incidence import (
    cumulative_incidence,
    incidence_curves,
    incidence_interval,
)

CAUSES = ["dropout", "agreed_ending"]


def patients(rng, n=200):
    time = pd.Series(rng.integers(1, 12, n))
    event = pd.Series(rng.choice(["dropout", "agreed_ending", "none"], n))
    return time, event, pd.Series(rng.choice(["repaired", "unrepaired"], n))


def test_without_censoring_it_is_the_share_of_patients():
    rng = np.random.default_rng(1)
    time, event, group = patients(rng)
    event = event.replace("none", "dropout")
    curves = cumulative_incidence(time, event, group, causes=CAUSES)
    for row in curves.itertuples():
        members = group == row.group
        share = ((time <= row.session) & (event == row.cause))[members].mean()
        assert row.estimate == pytest.approx(share)
        assert row.at_risk == (members & (time >= row.session)).sum()


def test_without_competing_causes_it_is_one_minus_kaplan_meier():
    """Six patients, events at 1, 3 and 4, censored at 2, 3 and 5: S = 5/6, 5/6·3/4, 5/6·3/4·1/2."""
    time = pd.Series([1, 2, 3, 3, 4, 5])
    event = pd.Series(["dropout", "none", "dropout", "none", "dropout", "none"])
    curve = cumulative_incidence(time, event, pd.Series(["all"] * 6), causes=["dropout"])
    expected = [0, 1 / 6, 1 / 6, 1 - 5 / 8, 1 - 5 / 16, 1 - 5 / 16]
    np.testing.assert_allclose(curve["estimate"], expected)


def test_causes_and_staying_add_up_to_one():
    rng = np.random.default_rng(2)
    leaving = rng.integers(3, 9, size=(4, 15))
    first = rng.integers(0, 2, size=(4, 15))
    events = np.stack([first, 2 - first], axis=1)
    curves = incidence_curves(events, leaving)
    stay = np.cumprod(1 - 2 / curves.at_risk, axis=-1)
    np.testing.assert_allclose(curves.estimate.sum(axis=1) + stay, 1.0)


def test_many_replicates_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(3)
    leaving = rng.integers(2, 6, size=(5, 10))
    events = rng.integers(0, 2, size=(5, 2, 10))
    together = incidence_curves(events, leaving)
    for i in range(5):
        alone = incidence_curves(events[i], leaving[i])
        np.testing.assert_array_equal(together.estimate[i], alone.estimate)
        np.testing.assert_array_equal(together.variance[i], alone.variance)


def test_variance_equals_the_double_sum():
    rng = np.random.default_rng(4)
    leaving = rng.integers(3, 7, size=12).astype(float)
    events = rng.integers(0, 3, size=(2, 12)).astype(float)
    curves = incidence_curves(events, leaving)
    n, total = curves.at_risk, events.sum(axis=0)
    stay = np.cumprod(1 - total / n)
    before = np.append(1.0, stay[:-1])
    own, other, F = events[0], events[1], curves.estimate[0]
    for t in range(11):
        s = np.arange(t + 1)
        gap = (F[t] - F[s]) / stay[s]
        tied = [d * (1 - np.maximum(d - 1, 0) / (n - 1)) for d in (own, other)]
        terms = tied[0][s] * (1 - gap) ** 2 + tied[1][s] * gap**2
        assert curves.variance[0, t] == pytest.approx(((before[s] / n[s]) ** 2 * terms).sum())


def test_unknown_after_the_last_patient_was_censored():
    group = pd.Series(["short", "short", "long", "gone"])
    curves = cumulative_incidence(
        pd.Series([1, 2, 4, 1]),
        pd.Series(["dropout", "none", "none", "dropout"]),
        group,
        causes=["dropout"],
    )
    by_group = curves.groupby("group")["estimate"].apply(list).to_dict()
    np.testing.assert_array_equal(by_group["short"], [0, 0.5, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(by_group["long"], [0, 0, 0, 0, 0])
    np.testing.assert_array_equal(by_group["gone"], [0, 1, 1, 1, 1])


def test_interval_by_hand():
    """F = 0.2, V = 0.0016: σ = 0.04/(0.8·0.22314) = 0.22407, z σ = 0.43917."""
    low, high = incidence_interval(np.array([0.2]), np.array([0.0016]), 0.95)
    assert low[0] == pytest.approx(1 - 0.8 ** np.exp(-0.439168), abs=1e-5)
    assert high[0] == pytest.approx(1 - 0.8 ** np.exp(0.439168), abs=1e-5)


def test_no_interval_at_the_ends():
    low, high = incidence_interval(np.array([0.0, 1.0, np.nan]), np.zeros(3), 0.95)
    assert np.isnan([low, high]).all()


@pytest.mark.slow
def test_intervals_cover():
    """Coverage of the 95 % interval at one session; 3.3 standard errors of 400 replicates wide."""
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(400):
        time = pd.Series(rng.geometric(0.15, 100).clip(max=12))
        event = pd.Series(rng.choice(CAUSES, 100, p=[0.4, 0.6])).where(time < 12, "none")
        curve = cumulative_incidence(time, event, pd.Series(["all"] * 100), causes=CAUSES)
        row = curve[(curve["cause"] == "dropout") & (curve["session"] == 6)].iloc[0]
        hits.append(row["ci_low"] <= 0.4 * (1 - 0.85**6) <= row["ci_high"])
    assert np.mean(hits) == pytest.approx(0.95, abs=3.3 * np.sqrt(0.95 * 0.05 / 400))
