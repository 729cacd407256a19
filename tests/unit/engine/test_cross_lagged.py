"""Cross-lagged panels with random intercepts."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.cross_lagged import NAMES, cross_lagged


def panel(seed=1, persons=400, times=5):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, persons, times))
    trait = rng.normal(size=(2, persons, 1))
    for t in range(1, times):
        y[:, t] += 0.4 * x[:, t - 1] + 0.3 * y[:, t - 1]
        x[:, t] += 0.2 * y[:, t - 1]
    rows = pd.DataFrame({"p": np.repeat(np.arange(persons), times), "s": [*range(times)] * persons})
    return rows.assign(x=(x + trait[0]).ravel(), y=(y + trait.sum(axis=0)).ravel())


ROWS = panel()


def fit(rows=ROWS, first="x", second="y", **settings):
    return cross_lagged(rows, first, second, "p", "s", **settings)


@pytest.mark.parametrize(("times", "df"), [(3, 1), (4, 9)])
def test_degrees_of_freedom_with_free_paths_are_the_known_ones(times, df) -> None:
    assert fit(ROWS[ROWS["s"] < times], free_paths=True).fit.df == df


def test_measures_can_change_places() -> None:
    one, other = fit(), fit(first="y", second="x")
    assert other.fit.chi2 == pytest.approx(one.fit.chi2, abs=1e-5)
    there = dict(zip(NAMES, (NAMES[1], NAMES[0], NAMES[3], NAMES[2]), strict=True))
    for name, back in there.items():
        assert other.estimates[back].value == pytest.approx(one.estimates[name].value, abs=1e-6)


def test_units_and_a_common_trend_do_not_matter() -> None:
    other = fit(ROWS.assign(x=100 * ROWS["x"] - 7 * ROWS["s"], y=ROWS["y"] + ROWS["s"] ** 2))
    one = fit()
    for name, unit in dict(zip(NAMES, (1, 1, 100, 0.01), strict=True)).items():
        assert other.estimates[name].value == pytest.approx(unit * one.estimates[name].value, 1e-4)


def test_lines_of_persons_do_not_matter_where_slopes_are_theirs() -> None:
    lines = np.random.default_rng(3).normal(size=400)[ROWS["p"]] * ROWS["s"]
    with_lines = fit(ROWS.assign(y=ROWS["y"] + lines), slopes=True)
    assert with_lines.fit.converged
    effect = with_lines.estimates["first_to_second"]
    assert abs(effect.value - 0.4) < 3 * effect.se


def test_what_cannot_be_estimated_says_why() -> None:
    assert fit(ROWS[ROWS["s"] < 2]).reason == "too_few_persons"
    assert fit(ROWS[ROWS["p"] < 8]).reason == "too_few_persons"
    assert fit(ROWS.assign(y=2.0)).reason == "left_out:y"
    assert fit(ROWS.assign(y=ROWS["y"].mask(ROWS["s"] == 3))).reason == "too_few_persons"
