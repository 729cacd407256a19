import numpy as np
import pytest
import statsmodels.api as sm

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.unit_covariance import unit_covariance


def simulate(rng, groups=40, rows=100, unit=5, sd=0.7, link="logit"):
    therapist = np.repeat(np.arange(groups), rows)
    units = np.arange(groups * rows) // unit
    X = np.column_stack([np.ones(len(units)), rng.random(len(units)) < 0.4, units % 2])
    eta = X @ np.array([-2.0, 0.5, -0.7]) + sd * rng.normal(size=groups)[therapist]
    chance = 1 / (1 + np.exp(-eta)) if link == "logit" else 1 - np.exp(-np.exp(eta))
    return (rng.random(len(units)) < chance).astype(float), X.astype(float), therapist, units


def on_the_boundary(seed=1):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        y, X, therapist, units = simulate(rng, sd=0.0)
        fit = MultilevelHazard(y, X, therapist).fit()
        if fit.boundary:
            return fit, y, X, units
    raise AssertionError("no fit on the boundary")


def test_without_therapists_it_is_the_clustered_covariance_of_a_regression():
    fit, y, X, units = on_the_boundary()
    given = {"groups": units, "use_correction": False, "df_correction": False}
    plain = sm.Logit(y, X).fit(disp=False, cov_type="cluster", cov_kwds=given)
    n = units.max() + 1
    expected = plain.cov_params() * n / (n - 1)
    np.testing.assert_allclose(unit_covariance(fit, units), expected, rtol=1e-5)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_where_the_model_is_right_it_is_near_that_of_the_model(link):
    y, X, therapist, units = simulate(np.random.default_rng(1), 60, 300, link=link)
    fit = MultilevelHazard(y, X, therapist, link=link).fit()
    errors = np.sqrt(np.diag(unit_covariance(fit, units)))
    # The relative error of a robust standard error is of the order of 1/√(units with an event).
    np.testing.assert_allclose(errors, fit.bse, rtol=0.06)


def test_the_numbers_of_the_units_do_not_matter_nor_the_order_of_rows():
    rng = np.random.default_rng(2)
    y, X, therapist, units = simulate(rng)
    expected = unit_covariance(MultilevelHazard(y, X, therapist).fit(), units)
    mixed, other = rng.permutation(len(y)), rng.permutation(units.max() + 1)
    fit = MultilevelHazard(y[mixed], X[mixed], therapist[mixed]).fit()
    np.testing.assert_allclose(unit_covariance(fit, other[units[mixed]]), expected, rtol=1e-4)


def test_resemblance_within_units_widens_what_is_constant_in_them():
    y, X, therapist, _ = simulate(np.random.default_rng(3))
    copied = np.repeat(np.arange(len(y)), 3)  # every row three times: a third of the information
    fit = MultilevelHazard(y[copied], X[copied], therapist[copied]).fit()
    robust = np.sqrt(np.diag(unit_covariance(fit, copied)))
    assert (robust[1:] > 1.4 * fit.bse.to_numpy()[1:]).all()


def test_units_may_be_seen_by_several_therapists():
    y, X, therapist, _ = simulate(np.random.default_rng(4))
    across = np.arange(len(y)) % 200
    fit = MultilevelHazard(y, X, therapist).fit()
    errors = np.sqrt(np.diag(unit_covariance(fit, across)))
    np.testing.assert_allclose(errors, fit.bse, rtol=0.35)
