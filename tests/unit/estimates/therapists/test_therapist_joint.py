"""The joint likelihood of two outcomes, against closed forms and brute force."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import dblquad

from rupture_outcome.engine.multilevel.marginal_likelihood import MarginalLikelihood
from rupture_outcome.estimates.therapists.therapist_curves import Curves, Factor, JointLikelihood
from rupture_outcome.estimates.therapists.therapist_joint import by_angle, by_slope, joint_relation
from tests.unit.estimates.therapists.toy_therapists import fit_outcome, fit_pair

RNG = np.random.default_rng(20261123)
PAIR = fit_pair(RNG)
THERAPISTS = PAIR[0].model.group_labels
FOUND = joint_relation(*PAIR)


def likelihood(pair, nodes=7):
    return JointLikelihood(*(Curves.of(fit, THERAPISTS) for fit in pair), nodes)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_curves_are_the_log_likelihood_of_each_therapist(link):
    fit = fit_outcome(np.random.default_rng(1), 0.5 * RNG.standard_normal(6), 80, -2.0, link=link)
    curves = Curves.of(fit, pd.RangeIndex(6))
    data, fixed = fit.fitted.like.data, fit.fitted.point.fixed
    for x in (-6.03, -1.0, 0.0, 0.77, 2.51):
        exact = data.total(data.loglik(fixed + x))
        value, slope, _ = curves.evaluate(np.full(6, x))
        # A cubic spline of step 1/16: 5/384 × (1/16)⁴ × the fourth derivative, at most 80 here.
        np.testing.assert_allclose(value, exact, atol=2e-5)
        first = data.total(data.derivatives(fixed + x, 1)[0])
        np.testing.assert_allclose(slope, first, atol=1e-3)


def test_a_therapist_without_sessions_at_risk_has_a_flat_curve():
    curves = Curves.of(PAIR[0], THERAPISTS.append(pd.Index([999])))
    assert np.all(curves.coefficients[:, -1] == 0)


def test_without_correlation_it_is_the_product_of_the_separate_likelihoods():
    many, _ = likelihood(PAIR, nodes=7).evaluate(Factor(0.0, 0.0, 0.7, 0.0, 0.5))
    separate = 0.0
    for fit, sd in zip(PAIR, (0.7, 0.5), strict=True):
        like = MarginalLikelihood(fit.fitted.like.data, 7)
        separate += like.evaluate(np.append(fit.fitted.beta, sd)).value
    assert many == pytest.approx(separate, abs=1e-5)


@pytest.mark.parametrize("rho", [-0.9, 0.3])
def test_the_integral_is_that_of_brute_force(rho):
    pair = fit_pair(np.random.default_rng(4), therapists=3, rows=(15, 20))
    labels = pair[0].model.group_labels
    like = JointLikelihood(*(Curves.of(fit, labels) for fit in pair), 11)
    at = Factor(0.1, -0.2, 0.8, 0.6 * rho, 0.6 * np.sqrt(1 - rho**2))

    def integrand(j):
        data = [(fit.fitted.like.data, fit.fitted.point.fixed) for fit in pair]

        def density(u2, u1):
            x = at.shift_1 + at.l11 * u1, at.shift_2 + at.l21 * u1 + at.l22 * u2
            logs = [d.total(d.loglik(f + e))[j] for (d, f), e in zip(data, x, strict=True)]
            return np.exp(sum(logs) - (u1**2 + u2**2) / 2) / (2 * np.pi)

        return density

    exact = sum(np.log(dblquad(integrand(j), -6, 6, -6, 6, epsrel=1e-6)[0]) for j in range(3))
    assert like.evaluate(at)[0] == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("factor", [by_angle, by_slope])
def test_slopes_are_those_of_the_log_likelihood(factor):
    like, theta = likelihood(PAIR), np.array([0.1, -0.1, -0.5, -0.9, -0.4])
    at, derivatives = factor(theta)
    slope = like.evaluate(at)[1] @ derivatives
    for i, step in enumerate(1e-5 * np.eye(5)):
        ends = [like.evaluate(factor(theta + sign * step)[0])[0] for sign in (1, -1)]
        assert slope[i] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=2e-3)


def test_estimates_and_intervals_agree_with_each_other():
    found = FOUND
    low, high = found.correlation_interval
    assert low < found.correlation < high
    assert found.slope == pytest.approx(found.correlation * found.sds[1] / found.sds[0])
    # Both reparametrise the same likelihood, and 0 is 0 in both.
    assert (high < 0) == (found.slope_interval[1] < 0) == (found.p < 0.05)
    assert found.audit["converged"]
    assert found.audit["gradient_norm"] < 1e-3
    np.testing.assert_allclose(found.sds, [f.group_sd for f in PAIR], rtol=0.1)


def test_the_order_of_the_outcomes_does_not_matter_to_the_correlation():
    one, other = FOUND, joint_relation(*PAIR[::-1])
    assert one.correlation == pytest.approx(other.correlation, abs=1e-4)
    np.testing.assert_allclose(one.correlation_interval, other.correlation_interval, atol=1e-3)


def test_a_narrower_level_gives_a_narrower_interval():
    wide, narrow = FOUND, joint_relation(*PAIR, 0.5)
    for which in ("correlation_interval", "slope_interval"):
        (a, b), (c, d) = getattr(wide, which), getattr(narrow, which)
        assert a < c < d < b


def test_hardly_any_difference_between_therapists_leaves_everything_open():
    pair = fit_pair(np.random.default_rng(4), sds=(0.2, 0.2), rows=(15, 20))
    assert not any(fit.boundary for fit in pair)
    found = joint_relation(*pair)
    assert found.correlation_interval == (-1.0, 1.0)
    assert found.slope_interval == (-np.inf, np.inf)
