from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp

from rupture_outcome.engine.multilevel import marginal_derivatives
from rupture_outcome.engine.multilevel.links import LINKS
from rupture_outcome.engine.multilevel.marginal_likelihood import (
    Grouped,
    MarginalLikelihood,
    find_modes,
)

THETA = np.array([-0.8, 0.5, -0.3, 0.9])


def small_problem(link, seed=3, rows=90, groups=8, weighted=False):
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, groups, rows))
    X = np.column_stack([np.ones(rows), rng.normal(size=(rows, 2))])
    y = (rng.random(rows) < 0.3).astype(float)
    weights = rng.integers(1, 4, rows).astype(float) if weighted else None
    return Grouped.of(X, y, codes, link, weights)


def brute_force(data, theta):
    """Sum over groups of the log of the integral, by adaptive integration on a wide range."""
    fixed, sd = data.X.times(theta[:-1]), theta[-1]
    total = 0.0
    for start, count in zip(data.starts, data.counts, strict=True):
        mine = slice(start, start + count)
        kernel = LINKS[type(data.kernel).__name__.lower()](data.kernel.y[mine])

        def density(u, kernel=kernel, mine=mine):
            return np.exp(kernel.loglik(fixed[mine] + sd * u).sum() - u**2 / 2)

        total += np.log(quad(density, -12, 12, epsabs=0, epsrel=1e-12, limit=500)[0])
    return total - len(data.starts) * np.log(2 * np.pi) / 2


@pytest.mark.parametrize("link", LINKS)
def test_many_nodes_agree_with_brute_force_integration(link):
    data = small_problem(link)
    exact = brute_force(data, THETA)
    for nodes, tolerance in [(15, 1e-6), (25, 1e-9)]:
        value = MarginalLikelihood(data, nodes).evaluate(THETA).value
        assert value == pytest.approx(exact, abs=tolerance)


@pytest.mark.parametrize("link", LINKS)
def test_error_shrinks_as_nodes_grow(link):
    data = small_problem(link)
    exact = brute_force(data, THETA)
    error = [
        abs(MarginalLikelihood(data, nodes).evaluate(THETA).value - exact)
        for nodes in (3, 5, 9, 15)
    ]
    assert all(later < 0.5 * earlier for earlier, later in pairwise(error))


def test_one_node_is_the_laplace_approximation():
    data = small_problem("logit")
    at = MarginalLikelihood(data, 1).evaluate(THETA)
    inside = data.total(data.loglik(at.fixed + data.spread(at.sd * at.modes)))
    laplace = inside - at.modes**2 / 2 + np.log(at.scales)
    assert at.value == pytest.approx(laplace.sum(), rel=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("nodes", [1, 2, 7])
@pytest.mark.parametrize("link", LINKS)
def test_gradient_and_hessian_are_those_of_numerical_differentiation(link, nodes, weighted):
    like = MarginalLikelihood(small_problem(link, weighted=weighted), nodes)
    gradient, hessian = marginal_derivatives.score_and_hessian(like, like.evaluate(THETA))
    step = 1e-5 * np.eye(len(THETA))
    value = [(like.evaluate(THETA + h).value - like.evaluate(THETA - h).value) for h in step]
    slope = [
        marginal_derivatives.score(like, like.evaluate(THETA + h))
        - marginal_derivatives.score(like, like.evaluate(THETA - h))
        for h in step
    ]
    np.testing.assert_allclose(gradient, np.array(value) / 2e-5, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(hessian, np.array(slope) / 2e-5, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("nodes", [1, 5])
def test_likelihood_is_even_in_the_sd_and_flat_at_zero(nodes):
    like = MarginalLikelihood(small_problem("cloglog"), nodes)
    mirrored = THETA * np.array([1, 1, 1, -1])
    assert like.evaluate(mirrored).value == pytest.approx(like.evaluate(THETA).value, rel=1e-13)
    none = THETA * np.array([1, 1, 1, 0])
    at = like.evaluate(none)
    assert at.value == pytest.approx(like.data.loglik(at.fixed).sum(), rel=1e-13)
    assert marginal_derivatives.score(like, at)[-1] == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("sd", [0.1, 3.0, 40.0])
def test_modes_are_found_from_bad_starts(link, sd):
    data = small_problem(link)
    fixed = data.X.times(THETA[:-1])
    for start in (-30.0, 0.0, 30.0):
        u = find_modes(data, fixed, sd, np.full(len(data.starts), start))
        first = data.derivatives(fixed + data.spread(sd * u), 1)[0]
        np.testing.assert_allclose(sd * data.total(first) - u, 0.0, atol=1e-7)


def test_a_group_alone_has_the_integral_of_its_rows():
    data = Grouped.of(np.ones((2, 1)), np.array([1.0, 0.0]), np.zeros(2, dtype=np.intp), "logit")
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    inside = [data.loglik(np.full(2, -1.0 + 0.7 * u)).sum() for u in z]
    expected = logsumexp(np.array(inside) + np.log(weight / weight.sum()))
    value = MarginalLikelihood(data, 31).evaluate(np.array([-1.0, 0.7])).value
    assert value == pytest.approx(expected, rel=1e-12)
