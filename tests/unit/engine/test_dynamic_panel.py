"""Dynamic panels of long, incomplete series."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.dynamic_panel import dynamic_panel


def panel(seed=1, persons=300, times=5):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, persons, times))
    trait = rng.normal(size=(persons, 1))
    for t in range(1, times):
        y[:, t] += 0.4 * x[:, t - 1] + 0.3 * y[:, t - 1]
        x[:, t] += 0.2 * y[:, t - 1]
    rows = pd.DataFrame({"p": np.repeat(np.arange(persons), times), "s": [*range(times)] * persons})
    rows["w"] = rows["p"] % 3
    return rows.assign(x=(x + trait).ravel(), y=(y + trait).ravel())


ROWS = panel()


def test_degrees_of_freedom() -> None:
    """Five times, one predictor: y 5, x 4; 10 + 4 given covariances, 5 of α, and the rest."""
    plain = dynamic_panel(ROWS, "y", "p", "s", exogenous=["x"]).fit
    assert plain.df == 9 * 10 // 2 - (2 + 15 + 1 + 5 + 1)
    later = dynamic_panel(ROWS, "y", "p", "s", predetermined=["x"]).fit
    assert plain.df - later.df == 2 + 1
    free = dynamic_panel(ROWS, "y", "p", "s", predetermined=["x"], free_errors=True).fit
    assert later.df - free.df == 3
    assert later.chi2 > free.chi2


def test_units_and_order_do_not_matter() -> None:
    one = dynamic_panel(ROWS, "y", "p", "s", predetermined=["x"], constant=["w"])
    changed = ROWS.sample(frac=1.0, random_state=1).assign(
        x=lambda d: 100 * d["x"] + 5, y=lambda d: d["y"] / 10, s=lambda d: d["s"] + 3
    )
    other = dynamic_panel(changed, "y", "p", "s", predetermined=["x"], constant=["w"])
    assert other.fit.chi2 == pytest.approx(one.fit.chi2, abs=1e-4)
    for name, unit in {"carry_over": 1.0, "x": 1e-3, "w": 0.1}.items():
        assert other.estimates[name].value == pytest.approx(
            unit * one.estimates[name].value, rel=1e-3, abs=1e-6
        )


def test_missing_rows_and_missing_values_are_the_same() -> None:
    rng = np.random.default_rng(2)
    gone = (rng.random(len(ROWS)) < 0.15) & (ROWS["s"] > 0)
    found = [
        dynamic_panel(rows, "y", "p", "s", predetermined=["x"])
        for rows in (ROWS[~gone], ROWS.assign(x=ROWS["x"].mask(gone), y=ROWS["y"].mask(gone)))
    ]
    assert found[0].fit.converged
    assert found[0].persons == 300
    assert found[0].fit.chi2 == pytest.approx(found[1].fit.chi2)
    whole = dynamic_panel(ROWS, "y", "p", "s", predetermined=["x"]).estimates["x"]
    some = found[0].estimates["x"]
    assert abs(some.value - whole.value) < 3 * some.se
    assert some.se > whole.se


def test_what_cannot_be_estimated_says_why() -> None:
    two = dynamic_panel(ROWS[ROWS["s"] < 2], "y", "p", "s", predetermined=["x"])
    assert (two.estimates, two.reason) == ({}, "too_few_persons")
    few = dynamic_panel(ROWS[ROWS["p"] < 8], "y", "p", "s", predetermined=["x"])
    assert few.reason == "too_few_persons"
    still = dynamic_panel(ROWS.assign(x=1.0), "y", "p", "s", predetermined=["x"])
    assert still.reason == "left_out:x"
    never = dynamic_panel(ROWS.assign(x=ROWS["x"].mask(ROWS["s"] == 2)), "y", "p", "s", ["x"])
    assert never.reason == "too_few_persons"
