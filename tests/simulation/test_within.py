"""What lag models find in short series whose within-person effects are known."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.cross_lagged import cross_lagged
from rupture_outcome.engine.dynamic_panel import dynamic_panel
from rupture_outcome.engine.within import lag_model

CARRY, EFFECT, BACK = 0.3, 0.2, 0.1
BEFORE = 10  # steps until the series have forgotten where they began


def series(rng, persons, times, effect=EFFECT, back=BACK, groups=None):
    """Stable traits that correlate, and within persons an effect each way."""
    trait = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], persons)
    x, y = np.zeros((2, persons, times + BEFORE))
    for t in range(1, times + BEFORE):
        x[:, t] = CARRY * x[:, t - 1] + back * y[:, t - 1] + rng.normal(size=persons)
        y[:, t] = CARRY * y[:, t - 1] + effect * x[:, t - 1] + rng.normal(size=persons)
    if groups is not None:
        y += 0.5 * rng.normal(size=int(groups.max()) + 1)[groups][:, None]
    long = {"p": np.repeat(np.arange(persons), times), "s": np.tile(np.arange(times), persons)}
    seen = {"x": x[:, BEFORE:] + trait[:, :1], "y": y[:, BEFORE:] + trait[:, 1:]}
    return pd.DataFrame(long | {name: values.ravel() for name, values in seen.items()})


def nickell(phi, rows):
    """Limit of the bias of φ with an intercept for each person (Nickell 1981, eq. 18, recalled)."""
    part = 1 - (1 - phi**rows) / (rows * (1 - phi))
    return -(1 + phi) / (rows - 1) * part / (1 - 2 * phi / ((1 - phi) * (rows - 1)) * part)


def means(rng, times, studies, **world):
    found = [
        {
            (centring, name): fit.estimates[name].value
            for centring in ("earlier", "series")
            for fit in [lag_model(data, "y", "x", "p", "s", centring=centring)]
            for name in ("within", "carry_over")
        }
        for data in (series(rng, 1000, times, **world) for _ in range(studies))
    ]
    table = pd.DataFrame(found)
    return table.mean(), table.std() / np.sqrt(studies)


@pytest.mark.slow
@pytest.mark.parametrize("times", [5, 8])
def test_whole_series_means_are_biased_as_nickell_says(times) -> None:
    """Without effects between the measures the limit of the bias is known; four standard errors."""
    mean, error = means(np.random.default_rng([1, times]), times, 8, effect=0.0, back=0.0)
    of = ("series", "carry_over")
    assert abs(mean[of] - CARRY - nickell(CARRY, times - 1)) < 4 * error[of]
    assert mean[of] - CARRY < -0.15
    assert abs(mean["series", "within"]) < 4 * error["series", "within"]


@pytest.mark.slow
@pytest.mark.parametrize("times", [5, 10])
def test_the_effect_is_drawn_down_less_by_earlier_means(times) -> None:
    """10,000 persons: standard errors are 0.005 with five sessions and 0.002 with ten.

    Earlier means leave part of the trait in what is carried over, whose coefficient is too large;
    the effect itself, 0.2, comes out at 0.18 to 0.19, and at 0.16 to 0.19 with the series' means.
    """
    mean, _ = means(np.random.default_rng([2, times]), times, 10)
    bias = {centring: mean[centring, "within"] - EFFECT for centring in ("earlier", "series")}
    assert -0.03 < bias["earlier"] < 0.0
    assert bias["series"] < bias["earlier"]
    assert mean["series", "carry_over"] < CARRY < mean["earlier", "carry_over"]


@pytest.mark.slow
def test_robust_intervals_cover_the_effect_where_groups_differ() -> None:
    """Without a carry-over there is no bias to speak of; 200 studies, three standard errors."""
    rng = np.random.default_rng(3)
    groups, covered = np.arange(160) % 12, []
    for _ in range(200):
        data = series(rng, 160, 8, groups=groups, back=0.0)
        data["g"] = groups[data["p"]]
        found = lag_model(data, "y", "x", "p", "s", cluster="g").estimates["within"]
        low, high = found.interval(0.95)
        covered.append(low < EFFECT < high)
    assert abs(np.mean(covered) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 200)


@pytest.mark.slow
@pytest.mark.parametrize(("times", "stay"), [(5, 1.0), (8, 1.0), (8, 0.85)])
def test_a_dynamic_panel_has_no_such_bias(times, stay) -> None:
    """Both coefficients within 0.02; 12,000 persons leave standard errors of 0.004 to 0.006.

    In the last case a person leaves with a chance of .15 after each session, for no reason.
    """
    rng = np.random.default_rng([4, times])
    found = []
    for _ in range(6):
        data = series(rng, 2000, times)
        left = np.repeat(rng.geometric(1.0 - stay, 2000) if stay < 1 else np.full(2000, 99), times)
        kept = data[data["s"] < left + 1]
        found.append(dynamic_panel(kept, "y", "p", "s", predetermined=["x"]))
    assert all(each.fit.converged for each in found)
    estimates = pd.DataFrame([{k: e.value for k, e in f.estimates.items()} for f in found])
    assert abs(estimates["carry_over"].mean() - CARRY) < 0.02
    assert abs(estimates["x"].mean() - EFFECT) < 0.02
    errors = pd.DataFrame([{k: e.se for k, e in f.estimates.items()} for f in found])
    far = (estimates - [CARRY, EFFECT]).abs() / errors
    assert (far < 4).all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("times", [5, 10])
def test_a_cross_lagged_panel_has_no_such_bias(times) -> None:
    """All four paths within 0.02; 12,000 persons leave standard errors of 0.002 to 0.008."""
    rng = np.random.default_rng([5, times])
    found = [cross_lagged(series(rng, 2000, times), "x", "y", "p", "s") for _ in range(6)]
    assert all(each.fit.converged for each in found)
    mean = pd.DataFrame([{k: e.value for k, e in f.estimates.items()} for f in found]).mean()
    truth = {"first_carry_over": CARRY, "second_carry_over": CARRY}
    truth |= {"first_to_second": EFFECT, "second_to_first": BACK}
    for name, value in truth.items():
        assert abs(mean[name] - value) < 0.02
