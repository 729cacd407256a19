"""The number of nodes grows until estimate and interval of the SD no longer depend on it."""

import numpy as np
import pytest

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.multilevel.fit import (
    RUNAWAY_SD,
    Rows,
    fit_hazard,
    profile_at,
    profile_interval,
)
from rupture_outcome.engine.multilevel.nodes import ADAPTIVE, DEVIANCE, fit_adaptively
from tests.unit.engine.multilevel.test_marginal_likelihood import brute_force


def one_event_each(patients=150, sessions=10, seed=5):
    """Patients of whom each leaves at most once, by hazards that differ with SD 1."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(2.2 - rng.normal(size=patients)))
    event = rng.random((patients, sessions)) < chance[:, None]
    last = np.where(event.any(axis=1), event.argmax(axis=1), sessions - 1)
    codes, t = np.nonzero(np.arange(sessions) <= last[:, None])
    X = np.column_stack([np.ones(len(t)), (t - 4.5) / 5])
    return Rows(X, event[codes, t].astype(float), codes, "logit")


def deviance(fitted, edge, value):
    return 2 * (value(fitted.point.theta) - value(edge.theta))


def test_deviance_at_the_end_of_the_interval_is_that_of_brute_force_integration():
    rows = one_event_each()
    fitted = fit_adaptively(rows, 100, grouped=True)
    end = min(profile_interval(fitted)[1], RUNAWAY_SD)
    edge = profile_at(fitted, end)
    exact = deviance(fitted, edge, lambda theta: brute_force(fitted.like.data, theta))
    found = deviance(fitted, edge, lambda theta: fitted.like.evaluate(theta).value)
    assert fitted.like.quadrature > 15
    assert found == pytest.approx(exact, abs=DEVIANCE)


def test_few_nodes_are_wrong_there():
    few = fit_hazard(one_event_each(), 15)
    edge = profile_at(few, RUNAWAY_SD)
    rough = deviance(few, edge, lambda theta: few.like.evaluate(theta).value)
    exact = deviance(few, edge, lambda theta: brute_force(few.like.data, theta))
    assert abs(rough - exact) > 2 * DEVIANCE


def test_large_groups_need_no_more_than_the_fewest():
    rng = np.random.default_rng(1)
    codes = np.repeat(np.arange(20), 60)
    y = rng.random(1200) < 1 / (1 + np.exp(1 - 0.5 * rng.normal(size=20)[codes]))
    fit = MultilevelHazard(y.astype(float), np.ones((1200, 1)), codes).fit(quadrature=ADAPTIVE)
    assert fit.quadrature == 15
    assert fit.converged
