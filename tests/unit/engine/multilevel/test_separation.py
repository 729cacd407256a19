import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from rupture_outcome.engine.multilevel.glm import PlainLikelihood
from rupture_outcome.engine.multilevel.marginal_likelihood import Grouped
from rupture_outcome.engine.multilevel.newton import maximise
from rupture_outcome.engine.multilevel.separation import find_separation


def look(X, y):
    data = Grouped.of(X, y, np.zeros(len(y), int), "logit")
    end = maximise(PlainLikelihood(data), np.zeros(X.shape[1]))
    return find_separation(X, y, data.kernel.loglik(end.point.eta))


def dummies(category, levels):
    return np.column_stack([np.ones(len(category)), category[:, None] == np.arange(1, levels)])


@pytest.fixture
def categories():
    category = np.repeat(np.arange(4), 30)
    y = (np.arange(120) % 3 == 0).astype(float)
    return category, y


def test_overlapping_data_are_not_separated(categories):
    category, y = categories
    assert look(dummies(category, 4), y) is None


def test_a_category_without_events_goes_to_minus_infinity(categories):
    category, y = categories
    y[category == 2] = 0
    found = look(dummies(category, 4), y)
    np.testing.assert_array_equal(found.limits(np.eye(4)), [0, 0, -np.inf, 0])
    np.testing.assert_array_equal(found.rows, category == 2)


def test_a_category_of_events_only_goes_to_plus_infinity(categories):
    category, y = categories
    y[category == 3] = 1
    np.testing.assert_array_equal(
        look(dummies(category, 4), y).limits(np.eye(4)), [0, 0, 0, np.inf]
    )


def test_an_empty_reference_sends_every_contrast_with_it_away_but_not_the_others(categories):
    category, y = categories
    y[category == 0] = 0
    found = look(dummies(category, 4), y)
    np.testing.assert_array_equal(found.limits(np.eye(4)), [-np.inf, np.inf, np.inf, np.inf])
    assert found.limits(np.array([[0.0, 1.0, -1.0, 0.0]]))[0] == 0
    assert found.limits(np.array([[1.0, 1.0, 0.0, 0.0]]))[0] == 0


def test_two_categories_without_events_cannot_be_compared(categories):
    category, y = categories
    y[np.isin(category, [0, 2])] = 0
    limits = look(dummies(category, 4), y).limits(np.eye(4))
    assert np.isnan(limits[2])
    np.testing.assert_array_equal(limits[[0, 1, 3]], [-np.inf, np.inf, np.inf])


def test_complete_separation_is_seen():
    x = np.linspace(-1, 1, 40)
    X = np.column_stack([np.ones(40), x])
    assert look(X, (x > 0).astype(float)).complete


def test_a_threshold_met_by_both_outcomes_is_quasi_separation():
    x = np.repeat([-2.0, -1.0, 0.0, 1.0, 2.0], 8)
    y = (x > 0).astype(float)
    y[x == 0] = [0, 1] * 4
    found = look(np.column_stack([np.ones(40), x]), y)
    np.testing.assert_array_equal(found.limits(np.eye(2)), [0, np.inf])
    np.testing.assert_array_equal(found.rows, x != 0)


def test_rare_but_present_events_are_not_separated():
    x = np.r_[np.zeros(20000), np.ones(200)]
    y = np.r_[1.0, np.zeros(19999), np.tile([0.0, 1.0], 100)]
    assert look(np.column_stack([np.ones(len(x)), x]), y) is None


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_verdict_is_that_of_the_linear_programme_on_all_rows(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 60))
    X = np.column_stack([np.ones(n), np.arange(n) % 2, rng.normal(size=n), np.arange(n) % 5 == 0])
    y = (rng.random(n) < rng.choice([0.1, 0.3, 0.7])).astype(float)
    signed = (2 * y - 1)[:, None] * X
    best = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(n), bounds=(-1, 1))
    assert (look(X, y) is not None) == (-best.fun > 1e-6)
