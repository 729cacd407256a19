"""Short ways: fits from the estimate of a problem nearby, ends of intervals by steps."""

from dataclasses import replace

import numpy as np
import pytest

from rupture_outcome.engine.multilevel import fit
from rupture_outcome.engine.multilevel.fit import Rows, fit_hazard, profile_interval, refit


def rows_of(sd: float, seed: int = 1) -> Rows:
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(40), 60)
    X = np.column_stack([np.ones(len(codes)), rng.normal(size=len(codes)), codes % 2])
    X[:, 2] *= rng.random(len(codes)) < 0.5
    eta = X @ [-1.5, 0.6, 0.3] + sd * rng.normal(size=40)[codes]
    y = (rng.random(len(codes)) < 1 / (1 + np.exp(-eta))).astype(float)
    return Rows(X, y, codes, "logit")


def start_of(fitted) -> np.ndarray:
    return np.append(fitted.beta, fitted.sd)


@pytest.mark.parametrize("quadrature", [1, 7])
def test_a_fit_from_nearby_ends_where_the_whole_fit_does(quadrature) -> None:
    rows = rows_of(sd=0.8)
    start = fit_hazard(rows, quadrature)
    X = rows.X.copy()
    X[::7, 2] = 1.0 - X[::7, 2]
    changed = replace(rows, X=X)
    near, whole = refit(changed.grouped(), start, quadrature), fit_hazard(changed, quadrature)
    assert near is not None
    assert not np.allclose(near.beta, start.beta, atol=1e-3)
    np.testing.assert_allclose(start_of(near), start_of(whole), atol=1e-6)
    np.testing.assert_allclose(near.cov, whole.cov, rtol=1e-5)
    assert near.llf == pytest.approx(whole.llf, abs=1e-9)


def test_near_the_boundary_only_the_whole_fit_is_safe() -> None:
    start = fit_hazard(rows_of(sd=0.8), 1)
    without = rows_of(sd=0.0, seed=3)
    assert fit_hazard(without, 1).sd < 0.1
    assert refit(without.grouped(), start, 1) is None


def test_where_there_may_be_separation_only_the_whole_fit_is_safe() -> None:
    rows = rows_of(sd=0.8)
    start = fit_hazard(rows, 1)
    X = rows.X.copy()
    X[:, 2] = rows.y * (np.arange(len(X)) % 3 == 0)
    separated = replace(rows, X=X)
    assert fit_hazard(separated, 1).separation is not None
    assert refit(separated.grouped(), start, 1) is None


@pytest.mark.parametrize("quadrature", [1, 7])
@pytest.mark.parametrize("sd", [0.15, 0.5, 2.0])
def test_steps_end_where_bracketing_does(sd, quadrature, monkeypatch) -> None:
    fitted = fit_hazard(rows_of(sd), quadrature)
    by_steps = profile_interval(fitted)
    assert fit._limit(fitted, 1.96, 1.0) is not None
    monkeypatch.setattr(fit, "_limit", lambda *given: None)
    np.testing.assert_allclose(by_steps, profile_interval(fitted), atol=2 * fit.SD_STEP)


def test_on_the_boundary_the_interval_is_bracketed() -> None:
    fitted = next(f for seed in range(20) if (f := fit_hazard(rows_of(0.0, seed), 1)).boundary)
    assert fit._limit(fitted, 1.96, 1.0) is None
    low, high = profile_interval(fitted)
    assert low == 0.0 < high
