"""Errors for few clusters equal R's, and hold what theory says of them."""

import numpy as np
import pytest
from scipy.special import expit

from rupture_outcome.engine.cluster_sandwich import Sandwich, cluster_sandwich

I = np.arange(1, 61)  # noqa: E741
X = np.column_stack([np.ones(60), I * 7 % 5, I * I % 11])
CLUSTERS = np.repeat(np.arange(1, 8), [3, 5, 6, 8, 10, 12, 16])
Y = 3 * np.sin(I) + X[:, 1] / 2 + np.cos(CLUSTERS)


def linear(x, y, clusters) -> Sandwich:
    beta = np.linalg.lstsq(x, y)[0]
    return cluster_sandwich(x, y - x @ beta, np.ones(len(y)), clusters)


def test_a_linear_regression_has_the_errors_of_clubsandwich():
    """R 4.2.2, clubSandwich 0.5.8: vcovCR(lm(y ~ a + b), g, "CR2"), coef_test, Wald_test(HTZ)."""
    found = linear(X, Y, CLUSTERS)
    expected = [
        [0.966277215384, -0.121118583692, -0.14090024449],
        [-0.121118583692, 0.0443978316582, 0.00697383002113],
        [-0.14090024449, 0.00697383002113, 0.0304663658249],
    ]
    np.testing.assert_allclose(found.cov, expected, rtol=1e-10)
    freedom = [found.error(row)[1] for row in np.eye(3)]
    np.testing.assert_allclose(freedom, [3.48642076031, 4.58100280851, 4.71752503074], rtol=1e-10)
    test = found.test(np.eye(3)[1:], np.linalg.lstsq(X, Y)[0])
    assert test.statistic == pytest.approx(3.14906050827, rel=1e-10)
    assert (test.df, test.df_within) == (2, pytest.approx(3.44462146569, rel=1e-10))
    assert test.p_value == pytest.approx(0.166843116719, rel=1e-10)


def dense(x, residual, weight, clusters):
    """Covariance and freedom of each coefficient with matrices as large as the data."""
    root = np.sqrt(weight)
    information = (x * weight[:, None]).T @ x
    inverse = np.linalg.inv(information)
    hat = root[:, None] * x @ inverse @ (root[:, None] * x).T
    sides = []
    for g in np.unique(clusters):
        rows = clusters == g
        values, vectors = np.linalg.eigh(np.eye(rows.sum()) - hat[np.ix_(rows, rows)])
        side = np.zeros((len(x), x.shape[1]))
        side[rows] = (vectors / np.sqrt(values)) @ vectors.T @ (root[rows, None] * x[rows])
        sides.append(side @ inverse)
    pearson = residual / root
    moved = np.array([side.T @ pearson for side in sides])
    freedom = []
    for k in range(x.shape[1]):
        own = (np.eye(len(x)) - hat) @ np.column_stack([side[:, k] for side in sides])
        varies = own.T @ own
        freedom.append(np.trace(varies) ** 2 / (varies**2).sum())
    return moved.T @ moved, freedom


def test_a_logistic_regression_has_the_errors_of_matrices_as_large_as_the_data():
    chance = expit(X @ [-0.3, 0.2, -0.1])
    residual, weight = (Y > 0) - chance, chance * (1 - chance)
    found = cluster_sandwich(X, residual, weight, CLUSTERS)
    cov, freedom = dense(X, residual, weight, CLUSTERS)
    np.testing.assert_allclose(found.cov, cov, rtol=1e-9)
    np.testing.assert_allclose([found.error(row)[1] for row in np.eye(3)], freedom, rtol=1e-9)


def test_where_rows_are_independent_the_mean_covariance_is_the_inverse_information():
    found = linear(X, Y, CLUSTERS)
    inverse = np.linalg.inv(found.information)
    drawn = found.parts - found.parts @ inverse @ found.parts  # covariance of the scores
    roots = np.linalg.cholesky(drawn)
    scores = [roots @ unit for unit in np.eye(3)]  # whose squares add up to it
    mean = sum(Sandwich(found.information, found.parts, each).cov for each in scores)
    np.testing.assert_allclose(mean, inverse, rtol=1e-9)


def test_with_many_clusters_it_is_the_sandwich_without_a_factor():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(4000), rng.normal(size=4000)])
    clusters = np.arange(4000) % 400
    found = linear(x, rng.normal(size=4000) + rng.normal(size=400)[clusters], clusters)
    influence = found.scores @ np.linalg.inv(found.information)
    np.testing.assert_allclose(found.cov, influence.T @ influence, rtol=0.01)
    assert found.error([0.0, 1.0])[1] > 300


def test_names_and_order_of_clusters_do_not_matter():
    order = np.random.default_rng(4).permutation(60)
    again = linear(X[order], Y[order], np.array([f"T{g}" for g in CLUSTERS])[order])
    np.testing.assert_allclose(again.cov, linear(X, Y, CLUSTERS).cov, rtol=1e-9)


def test_what_one_cluster_alone_tells_has_neither_freedom_nor_test():
    alone = np.column_stack([X, CLUSTERS == 7])
    found = linear(alone, Y, CLUSTERS)
    assert np.isnan(found.error([0, 0, 0, 1.0])).all()
    assert found.estimate([0, 0, 0, 1.0], np.ones(4)).reason == "one_cluster"
    assert np.isnan(found.test([0, 0, 0, 1.0], np.ones(4)).p_value)
    assert np.isfinite(found.error([0, 1.0, 0, 0])).all()
