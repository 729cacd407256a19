"""The likelihood from cross products is that of all rows together."""

import numpy as np
import pytest

from rupture_outcome.engine.growth.likelihood import GrowthLikelihood, Shape
from rupture_outcome.engine.growth.statistics import Chain, scaled, statistics

ROWS, PERSONS, GROUPS = 60, 12, 4
W = np.array([0.3, 1.0])
CASES = [(q, r, crossed) for q in (1, 2) for r in range(q + 1) for crossed in (False, True)]


def rows(q, r, crossed):
    rng = np.random.default_rng([q, r, crossed])
    person = np.sort(rng.integers(0, PERSONS, ROWS))
    person[:PERSONS] = np.arange(PERSONS)
    group = rng.integers(0, GROUPS, ROWS) if crossed else person % GROUPS
    group = group if r else None
    X = np.column_stack([np.ones(ROWS), rng.normal(size=ROWS)])
    Z = np.column_stack([np.ones(ROWS), rng.normal(size=ROWS)])[:, :q]
    return rng.normal(size=ROWS), X, Z, person, group


def dense(y, X, Z, person, group, shape, theta, reml):
    """−2 L and N_XX⁻¹ with all rows in one covariance matrix."""
    root, of_groups = shape.roots(theta)
    Z, U = Z @ root, Z[:, : shape.r] @ of_groups
    V = np.eye(ROWS) + Z @ Z.T * (person[:, None] == person)
    if group is not None:
        V += U @ U.T * (group[:, None] == group)
    N = X.T @ np.linalg.solve(V, X)
    left = y - X @ np.linalg.solve(N, X.T @ np.linalg.solve(V, y))
    freedom = ROWS - reml * X.shape[1]
    variance = left @ np.linalg.solve(V, left) / freedom
    logdet = np.linalg.slogdet(V)[1] + reml * np.linalg.slogdet(N)[1]
    return logdet + freedom * (np.log(2 * np.pi * variance) + 1), np.linalg.inv(N)


def slope_of(function, theta):
    steps = 1e-5 * np.eye(len(theta))
    return np.array([(function(theta + h) - function(theta - h)) / 2e-5 for h in steps])


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize(("q", "r", "crossed"), CASES)
def test_likelihood_and_derivatives(q, r, crossed, reml) -> None:
    given, shape = rows(q, r, crossed), Shape(q, r)
    like = GrowthLikelihood(statistics(*given), shape, reml)
    assert any(shard.crossed for shard in like.data.shards) == (crossed and r > 0)
    theta = np.random.default_rng(1).normal(size=shape.size)
    at = like.at(theta)
    deviance, inverse = dense(*given, shape, theta, reml)
    assert at.deviance == pytest.approx(deviance, rel=1e-12)
    np.testing.assert_allclose(at.inverse, inverse, rtol=1e-10, atol=1e-14)
    slope = slope_of(lambda t: like.at(t).deviance, theta)
    np.testing.assert_allclose(like.gradient(at), slope, rtol=1e-6, atol=1e-7)
    varies = slope_of(lambda t: W @ like.at(t).inverse @ W, theta)
    np.testing.assert_allclose(like.variance_slope(at, W), varies, rtol=1e-6, atol=1e-9)


def test_scaled_units_keep_what_is_far_from_zero() -> None:
    """A measure of a million, give or take one, by days of this century."""
    rng = np.random.default_rng(3)
    day = 9000.0 + rng.integers(0, 300, 200)
    X = np.column_stack([np.ones(200), day])
    y = 1e6 - 0.01 * day + rng.normal(size=200)
    units, left, design, Z = scaled(y, X, day)
    t = Z[:, 1]
    np.testing.assert_allclose(design.T @ design, 200 * np.eye(2), atol=1e-8)
    np.testing.assert_allclose(design.T @ left, 0.0, atol=1e-6)
    assert (t.mean(), t.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    near = np.linalg.lstsq(X - [0, 9000], y - 1e6, rcond=None)[0]
    assert units.beta(np.zeros(2))[1] == pytest.approx(near[1], rel=1e-6)


@pytest.mark.parametrize("rho", [0.6, -0.4])
def test_autocorrelated_residuals(rho) -> None:
    """Times with gaps, in no order; the correlation of residuals d apart is ρ^d."""
    rng = np.random.default_rng(7)
    y, X, Z, person, group = rows(2, 1, False)
    time = np.concatenate([rng.permutation(40)[:n] for n in np.bincount(person)])
    order = np.argsort(person, kind="stable")
    person, group = person[order], group[order]
    chain, shape, theta = Chain.of(person, time.astype(float)), Shape(2, 1), np.full(4, 0.5)
    free = chain.independent(np.column_stack([y, X, Z]), rho)
    data = statistics(free[:, 0], free[:, 1:3], free[:, 3:], person, group)
    found = GrowthLikelihood(data, shape, True, chain.logdet(rho)).at(theta)
    own, whom = person[:, None] == person, group[:, None] == group
    R = np.where(own, np.sign(rho) ** abs(time[:, None] - time) * 1.0, 0.0)
    R *= abs(rho) ** abs(time[:, None] - time)
    root, of_groups = shape.roots(theta)
    V = R + Z @ root @ root.T @ Z.T * own + of_groups**2 * whom
    N = X.T @ np.linalg.solve(V, X)
    left = y - X @ np.linalg.solve(N, X.T @ np.linalg.solve(V, y))
    variance = left @ np.linalg.solve(V, left) / (ROWS - 2)
    logdet = np.linalg.slogdet(V)[1] + np.linalg.slogdet(N)[1]
    direct = logdet + (ROWS - 2) * (np.log(2 * np.pi * variance) + 1)
    assert found.deviance == pytest.approx(direct, rel=1e-12)
