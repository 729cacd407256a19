import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.engine.multilevel.links import LINKS, event_probability, linear_predictor

ETA = np.linspace(-30.0, 5.0, 141)
STEP = 1e-4


def previous(kernel, order):
    if order == 1:
        return kernel.loglik
    return lambda eta: kernel.derivatives(eta, 4)[order - 2]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_each_derivative_is_that_of_the_one_before(link, y, order):
    kernel = LINKS[link](np.full_like(ETA, y))
    below = previous(kernel, order)
    numeric = (below(ETA + STEP) - below(ETA - STEP)) / (2 * STEP)
    # Central differences leave an error of STEP² times a third derivative.
    np.testing.assert_allclose(kernel.derivatives(ETA, 4)[order - 1], numeric, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_extreme_linear_predictors_give_finite_numbers(link, y):
    eta = np.array([-1e6, -800.0, -40.0, 40.0, 800.0, 1e6])
    kernel = LINKS[link](np.full_like(eta, y))
    assert np.isfinite(kernel.loglik(eta)).all()
    assert np.isfinite(kernel.derivatives(eta, 4)).all()


@pytest.mark.parametrize("link", LINKS)
def test_log_chance_of_a_rare_event_is_the_linear_predictor(link):
    eta = np.array([-800.0, -60.0, -38.0])
    np.testing.assert_allclose(LINKS[link](np.ones(3)).loglik(eta), eta, rtol=1e-15)


@pytest.mark.parametrize("link", LINKS)
def test_loglik_is_concave(link):
    for y in (0.0, 1.0):
        assert (LINKS[link](np.full_like(ETA, y)).derivatives(ETA, 2)[1] <= 0).all()


@given(st.floats(-20, 3), st.sampled_from(sorted(LINKS)))
def test_chances_of_event_and_none_add_up_to_one(eta, link):
    at = np.array([eta])
    event = np.exp(LINKS[link](np.ones(1)).loglik(at))
    none = np.exp(LINKS[link](np.zeros(1)).loglik(at))
    np.testing.assert_allclose(event + none, 1.0, rtol=1e-12)


@given(st.floats(1e-9, 1 - 1e-9), st.sampled_from(sorted(LINKS)))
def test_linear_predictor_inverts_the_chance(probability, link):
    back = event_probability(np.array([linear_predictor(probability, link)]), link)[0]
    assert back == pytest.approx(probability, rel=1e-9)
