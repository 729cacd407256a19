"""Path models, against likelihoods of single persons and regressions."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from rupture_outcome.engine.path_model import (
    PathModel,
    Slot,
    deviance,
    fit_paths,
    gradient,
    patterns,
    saturated,
)

# x → y → z, and a latent that y and z share; the variances of y and z are one parameter.
SLOTS = (
    Slot("path", 1, 0, 0),
    Slot("path", 2, 1, 1),
    Slot("covariance", 0, 0, 2),
    Slot("covariance", 1, 1, 3),
    Slot("covariance", 2, 2, 3),
    Slot("covariance", 3, 3, 4),
    Slot("covariance", 0, 3, 5),
)
PATHS = np.zeros((4, 4))
PATHS[1:3, 3] = 1.0
MODEL = PathModel(3, 4, PATHS, np.zeros((4, 4)), SLOTS, 6)
THETA = np.array([0.4, 0.3, 1.2, 0.8, 0.5, 0.2])


def persons(seed=1, n=400, missing=0.0):
    rng = np.random.default_rng(seed)
    values = 2.0 + rng.multivariate_normal(np.zeros(3), MODEL.implied(THETA).sigma, n)
    values[rng.random(values.shape) < missing] = np.nan
    return values


def test_implied_covariance_by_hand() -> None:
    sigma = MODEL.implied(THETA).sigma
    y = 0.4**2 * 1.2 + 0.5 + 2 * 0.4 * 0.2 + 0.8
    np.testing.assert_allclose(sigma[:2, :2], [[1.2, 0.4 * 1.2 + 0.2], [0.4 * 1.2 + 0.2, y]])


def test_deviance_is_that_of_single_persons() -> None:
    values, mean, sigma = (
        persons(missing=0.3),
        np.array([1.0, 2.0, 3.0]),
        MODEL.implied(THETA).sigma,
    )
    direct = 0.0
    for row in values:
        seen = np.isfinite(row)
        if seen.any():
            of = multivariate_normal(mean[seen], sigma[np.ix_(seen, seen)])
            direct -= 2.0 * of.logpdf(row[seen])
    assert deviance(patterns(values), mean, sigma) == pytest.approx(direct, rel=1e-12)


def test_gradient() -> None:
    data, at = patterns(persons(missing=0.3)), np.append(THETA, [1.0, 2.0, 3.0])
    h = 1e-6 * np.eye(9)

    def value(parameters):
        return deviance(data, parameters[6:], MODEL.implied(parameters[:6]).sigma)

    slope = [(value(at + step) - value(at - step)) / 2e-6 for step in h]
    np.testing.assert_allclose(gradient(MODEL, data, at), slope, rtol=1e-6, atol=1e-5)


def test_errors_are_those_of_the_curvature() -> None:
    """Differences of the gradient are good to about 1e-7 of the information."""
    values = persons(missing=0.3)
    fit = fit_paths(MODEL, values, np.array([0.0, 0.0, 1.0, 1.0, 0.3, 0.0]))
    data, at = patterns(values), np.append(fit.theta, fit.mean)
    h = 1e-5 * np.eye(9)
    bend = [(gradient(MODEL, data, at + s) - gradient(MODEL, data, at - s)) / 4e-5 for s in h]
    np.testing.assert_allclose(np.linalg.inv(fit.cov), _schur(np.array(bend), 6), rtol=1e-5)


def _schur(matrix, k):
    rest = np.linalg.solve(matrix[k:, k:], matrix[k:, :k])
    return matrix[:k, :k] - matrix[:k, k:] @ rest


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_fit_is_a_maximum_and_recovers_the_truth(missing) -> None:
    values = persons(n=4000, missing=missing)
    fit = fit_paths(MODEL, values, np.array([0.0, 0.0, 1.0, 1.0, 0.3, 0.0]))
    assert fit.converged
    assert fit.df == 0
    assert abs(fit.chi2) < 1e-5
    at = np.append(fit.theta, fit.mean)
    np.testing.assert_allclose(gradient(MODEL, patterns(values), at), 0.0, atol=1e-2)
    assert (np.abs(fit.theta - THETA) < 4 * np.sqrt(np.diag(fit.cov))).all()


def test_saturated_moments_are_a_maximum() -> None:
    values = persons(missing=0.3)
    data = patterns(values)
    mean, sigma = saturated(data)
    best = deviance(data, mean, sigma)
    rng = np.random.default_rng(2)
    for _ in range(20):
        change = 1e-3 * rng.normal(size=(3, 3))
        assert deviance(data, mean + 1e-3 * rng.normal(size=3), sigma + change + change.T) > best
    whole = persons()
    exact = saturated(patterns(whole))
    np.testing.assert_allclose(exact[1], np.cov(whole.T, ddof=0))


def test_a_regression_has_the_errors_of_a_regression() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    y = 0.5 * x + rng.normal(size=200)
    slots = (Slot("path", 1, 0, 0), Slot("covariance", 0, 0, 1), Slot("covariance", 1, 1, 2))
    model = PathModel(2, 2, np.zeros((2, 2)), np.zeros((2, 2)), slots, 3)
    fit = fit_paths(model, np.column_stack([x, y]), np.array([0.0, 1.0, 1.0]))
    slope, at = np.polyfit(x, y, 1)
    error = np.sqrt(np.mean((y - slope * x - at) ** 2) / ((x - x.mean()) ** 2).sum())
    assert fit.theta[0] == pytest.approx(slope)
    assert np.sqrt(fit.cov[0, 0]) == pytest.approx(error, rel=1e-5)


def test_what_is_not_identified_has_no_errors() -> None:
    more = (*SLOTS[:-1], Slot("covariance", 0, 3, 5), Slot("covariance", 1, 3, 6))
    model = PathModel(3, 4, PATHS, np.zeros((4, 4)), more, 7)
    fit = fit_paths(model, persons(), np.array([0.0, 0.0, 1.0, 1.0, 0.3, 0.0, 0.0]))
    assert not fit.converged
    assert np.isnan(fit.cov).all()


def test_fit_indices() -> None:
    """Independent x and y under a structure that says so: nothing is lost."""
    slots = tuple(Slot("covariance", k, k, k) for k in range(3))
    model = PathModel(3, 3, np.zeros((3, 3)), np.zeros((3, 3)), slots, 3)
    fit = fit_paths(model, persons(), np.ones(3))
    assert fit.llf == pytest.approx(fit.llf_baseline)
    assert (fit.df, fit.df_baseline, fit.cfi) == (3, 3, pytest.approx(0.0, abs=1e-9))
    assert fit.rmsea == pytest.approx(np.sqrt((fit.chi2 - 3) / (3 * 400)))
    assert fit.p_value < 1e-10


def test_without_free_covariances_there_is_no_measure_of_fit() -> None:
    """z is seen in three persons: x and y then tell it without error, and nothing is too likely."""
    values = persons()
    values[3:, 2] = np.nan
    slots = tuple(Slot("covariance", k, k, k) for k in range(3))
    model = PathModel(3, 3, np.zeros((3, 3)), np.zeros((3, 3)), slots, 3)
    fit = fit_paths(model, values, np.ones(3))
    assert fit.converged
    assert np.isnan([fit.chi2, fit.rmsea, fit.cfi, fit.p_value]).all()
