"""The check of proportional hazards: its size when they are, its power when they are not."""

import numpy as np
import pytest

from rupture_outcome.engine.cox.cox_residuals import cox_sandwich, proportionality_test
from rupture_outcome.engine.cox.partial_likelihood import fit_partial_likelihood

REPLICATES, PATIENTS, SESSIONS = 300, 250, 12
# Three binomial standard errors of .05 in 300 replicates.
SLACK = 3 * np.sqrt(0.05 * 0.95 / REPLICATES)


def sessions(rng, change):
    """Person-sessions with a state that comes and goes, whose effect changes with log time."""
    switch = rng.random((PATIENTS, SESSIONS)) < 0.25
    state = switch.cumsum(axis=1) % 2
    z = rng.standard_normal(PATIENTS)
    t = np.arange(1, SESSIONS + 1)
    effect = 0.6 + change * (np.log(t) - np.log(4))
    rate = np.exp(-3.0 + effect * state + 0.2 * z[:, None])
    drop = rng.random((PATIENTS, SESSIONS)) < -np.expm1(-rate)
    last = np.where(drop.any(axis=1), drop.argmax(axis=1), SESSIONS)
    patient, at = np.nonzero(np.arange(SESSIONS) <= last[:, None])
    X = np.column_stack([state[patient, at], z[patient]]).astype(float)
    return X, at + 1, drop[patient, at], patient


def p_values(rng, change):
    fit = fit_partial_likelihood(*sessions(rng, change)[:3])
    g = np.log(fit.sets.times)
    return [proportionality_test(fit, g, columns).p_value for columns in ([0], [1], None)]


@pytest.mark.slow
def test_size_is_nominal_and_power_is_high():
    rng = np.random.default_rng(20261123)
    null = np.array([p_values(rng, 0.0) for _ in range(REPLICATES)])
    np.testing.assert_allclose((null < 0.05).mean(axis=0), 0.05, atol=SLACK)
    changed = np.array([p_values(rng, -1.2) for _ in range(40)])
    assert (changed[:, 0] < 0.05).mean() > 0.8
    assert (changed[:, 2] < 0.05).mean() > 0.7


def test_effect_and_robust_errors_are_recovered():
    rng = np.random.default_rng(20261124)
    found = []
    for _ in range(80):
        X, time, drop, patient = sessions(rng, 0.0)
        fit = fit_partial_likelihood(X, time, drop)
        cov = cox_sandwich(fit, patient).cov
        found.append((*fit.params, *np.sqrt(np.diag(cov))))
    estimates, errors = np.array(found)[:, :2], np.array(found)[:, 2:]
    spread = estimates.std(axis=0, ddof=1)
    # Grouped times with Efron's ties draw an effect a little towards 0: .02 is allowed for that.
    np.testing.assert_array_less(np.abs(estimates.mean(axis=0) - [0.6, 0.2]), 0.3 * spread + 0.02)
    # An SD from 80 replicates has a relative error of 8 %; three of those.
    np.testing.assert_allclose(errors.mean(axis=0), spread, rtol=0.24)
