"""Regression on an exposure that is coded with errors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from rupture_outcome.engine.misclassified import (
    Errors,
    MisclassifiedLikelihood,
    fit_misclassified,
)
from rupture_outcome.engine.weighted_hazard import fit_weighted

LINKS = ["logit", "cloglog"]
ERRORS = Errors(0.75, 0.85, 0.03, 0.02)


def drawn(link="logit", n=2000, seed=1, errors=ERRORS):
    """An exposure that depends on x, as the outcome does, coded with errors."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    X = np.column_stack([np.ones(n), x])
    exposed = rng.random(n) < expit(-0.2 + 0.5 * x)
    y = (rng.random(n) < expit(-2 + 0.4 * x - 0.9 * exposed)).astype(float)
    chance = rng.random(n)
    coded = np.where(exposed, chance < errors.present, chance > errors.absent).astype(float)
    Z = np.column_stack([X, x**2])
    return MisclassifiedLikelihood(X, Z, y, coded, errors, link)


@pytest.mark.parametrize("link", LINKS)
def test_derivatives_are_those_of_differences(link):
    """Central differences of step 1e-5 are right to about 1e-10 of sums of 2,000 rows."""
    likelihood = drawn(link)
    theta = np.array([0.1, 0.4, -0.1, -1.8, 0.3, -0.5])
    gradient, hessian = likelihood.derivatives(likelihood.evaluate(theta))
    step = 1e-5 * np.eye(len(theta))
    ends = [(likelihood.evaluate(theta + d), likelihood.evaluate(theta - d)) for d in step]
    slope = [(up.value - down.value) / 2e-5 for up, down in ends]
    bend = [
        (likelihood.derivatives(up)[0] - likelihood.derivatives(down)[0]) / 2e-5
        for up, down in ends
    ]
    np.testing.assert_allclose(gradient, slope, atol=1e-5)
    np.testing.assert_allclose(hessian, bend, atol=1e-5)


@pytest.mark.parametrize("link", LINKS)
def test_the_maximum_is_that_of_another_search(link):
    """scipy's search without our derivatives stops about 1e-5 from the maximum."""
    likelihood = drawn(link)
    fit = fit_misclassified(likelihood)
    other = minimize(lambda theta: -likelihood.evaluate(theta).value, np.zeros(6), method="BFGS")
    assert fit.optimum.converged
    np.testing.assert_allclose(fit.optimum.point.theta, other.x, atol=1e-4)


@pytest.mark.parametrize("link", LINKS)
def test_without_errors_it_is_the_regression_on_what_was_coded(link):
    likelihood = replace(drawn(link), errors=Errors(1.0, 1.0))
    clusters = np.arange(2000) % 30
    fit = fit_misclassified(likelihood)
    design = pd.DataFrame(likelihood.X).assign(exposed=likelihood.coded)
    plain = fit_weighted(design, likelihood.y, link=link, clusters=clusters)
    assert fit.log_ratio == pytest.approx(plain.params["exposed"], abs=1e-6)
    pulls = plain.sandwich.scores @ np.linalg.inv(plain.information)[-1]
    assert fit.error(clusters) == pytest.approx((np.sqrt(30 / 29 * pulls @ pulls), 29), rel=1e-5)
    assert np.isnan(fit.error(np.zeros(2000))).all()


def test_without_covariates_it_is_the_matrix_method():
    likelihood = drawn()
    one = np.ones((2000, 1))
    fit = fit_misclassified(replace(likelihood, X=one, Z=one))
    true = [
        (likelihood.coded[likelihood.y == k].mean() + ERRORS.absent - 1)
        / (ERRORS.present + ERRORS.absent - 1)
        for k in (1, 0)
    ]
    log_odds = np.log(true) - np.log1p(-np.array(true))
    assert fit.log_ratio == pytest.approx(log_odds[0] - log_odds[1], abs=1e-6)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("errors", [ERRORS, Errors(1.0, 0.85), Errors(0.75, 1.0)])
def test_slopes_in_the_shares_are_those_of_fits_nearby(link, errors):
    """One-sided at 1; differences of fits are right to about the step times the curvature."""
    likelihood = drawn(link, errors=errors)
    found = fit_misclassified(likelihood)
    step = 1e-5
    for k, share in enumerate(("present", "absent")):
        at = getattr(errors, share)
        ends = [at - step, min(at + step, 1.0)]
        ratios = [
            fit_misclassified(replace(likelihood, errors=replace(errors, **{share: end}))).log_ratio
            for end in ends
        ]
        assert found.slopes()[k] == pytest.approx(np.diff(ratios)[0] / np.diff(ends)[0], rel=1e-3)


def test_what_is_not_known_of_the_shares_widens_the_error_and_its_freedom():
    likelihood, clusters = drawn(), np.arange(2000) % 12
    fit = fit_misclassified(likelihood)
    known = fit_misclassified(replace(likelihood, errors=Errors(0.75, 0.85)))
    (error, df), (less, fewer) = fit.error(clusters), known.error(clusters)
    more = (fit.slopes() * [0.03, 0.02]) ** 2
    assert error**2 == pytest.approx(less**2 + more.sum())
    assert df == pytest.approx(fewer * (error / less) ** 4)
