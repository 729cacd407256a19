import numpy as np
import pytest
from scipy.linalg import block_diag

from rupture_outcome.engine.actor_partner import pair_regression, partner_values
from rupture_outcome.engine.multilevel.inputs import ModelError

REPLICATES, COVERAGE = 400, 0.95


def simulated(rng, pairs, rho, singles=0):
    pair = np.r_[np.repeat(np.arange(pairs), 2), pairs + np.arange(singles)]
    own = rng.normal(size=len(pair))
    partner = np.nan_to_num(partner_values(own, pair))
    shared = np.repeat(rng.normal(size=(pairs, 1)), 2, axis=1)
    noise = np.sqrt(1 - abs(rho)) * rng.normal(size=(pairs, 2))
    noise += np.sqrt(abs(rho)) * shared * [1.0, np.sign(rho)]
    errors = np.r_[noise.ravel(), rng.normal(size=singles)]
    design = np.column_stack([np.ones(len(pair)), own, partner])
    return design @ [1.0, 0.5, -0.3] + errors, design, pair


def restricted(y, X, pair, rho):
    """-2 log restricted likelihood, with the whole covariance matrix written out."""
    sizes = np.bincount(pair)
    V = block_diag(*(np.full((n, n), rho) + (1 - rho) * np.eye(n) for n in sizes))
    inverse = np.linalg.inv(V)
    information = X.T @ inverse @ X
    beta = np.linalg.solve(information, X.T @ inverse @ y)
    rest = (y - X @ beta) @ inverse @ (y - X @ beta)
    free = len(y) - X.shape[1]
    value = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1] + free * np.log(rest)
    return value, beta, np.sqrt(np.diag(np.linalg.inv(information)) * rest / free)


@pytest.mark.parametrize("rho", [0.5, -0.4])
def test_the_whole_covariance_matrix_gives_the_same(rho) -> None:
    y, X, pair = simulated(np.random.default_rng(3), 40, rho, singles=7)
    fit = pair_regression(y, X, pair)
    value, beta, se = restricted(y, X, pair, fit.rho)
    np.testing.assert_allclose(fit.params, beta, rtol=1e-9)
    np.testing.assert_allclose(fit.bse, se, rtol=1e-9)
    assert np.sign(fit.rho) == np.sign(rho)
    for other in (fit.rho - 1e-3, fit.rho + 1e-3):
        assert value < restricted(y, X, pair, other)[0]


def test_order_of_rows_does_not_matter() -> None:
    y, X, pair = simulated(np.random.default_rng(4), 30, 0.3)
    mixed = np.random.default_rng(5).permutation(len(y))
    one, other = pair_regression(y, X, pair), pair_regression(y[mixed], X[mixed], pair[mixed])
    np.testing.assert_allclose(one.params, other.params, rtol=1e-6)


@pytest.mark.parametrize("rho", [0.5, -0.4])
def test_intervals_cover_the_truth(rho) -> None:
    """Within 3 Monte-Carlo errors, of √(.95 · .05 / 400) = 1.1 points each."""
    rng, hits = np.random.default_rng(6), np.zeros(3)
    for _ in range(REPLICATES):
        fit = pair_regression(*simulated(rng, 100, rho))
        hits += np.abs(fit.params - [1.0, 0.5, -0.3]) < 1.96 * fit.bse
    error = np.sqrt(COVERAGE * (1 - COVERAGE) / REPLICATES)
    np.testing.assert_allclose(hits / REPLICATES, COVERAGE, atol=3 * error)


@pytest.mark.parametrize(
    ("pair", "design", "words"),
    [
        ([1, 1, 1, 2], np.ones((4, 1)), "more than two"),
        ([1, 2, 3, 4], np.ones((4, 1)), "no pair"),
        ([1, 1, 2, 2], np.ones((4, 2)), "say the same"),
        ([1, 1, 2, 2], np.full((4, 1), np.nan), "missing value"),
    ],
)
def test_what_is_no_pair_is_refused(pair, design, words) -> None:
    with pytest.raises(ModelError, match=words):
        pair_regression(np.arange(4.0), design, pair)


def test_partners_who_are_the_same_are_marked() -> None:
    y = np.repeat(np.arange(6.0), 2)
    assert pair_regression(y, np.ones((12, 1)), np.repeat(np.arange(6), 2)).at_boundary
