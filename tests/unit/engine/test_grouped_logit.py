import numpy as np
import pytest
import statsmodels.api as sm

from rupture_outcome.engine.grouped_logit import state_log_odds
from rupture_outcome.engine.hazard import MultilevelHazard

RNG = np.random.default_rng(8)
AT_RISK = RNG.integers(40, 200, (5, 4, 3)).astype(float)
EVENTS = RNG.binomial(AT_RISK.astype(int), 0.1).astype(float)


def design():
    band, state = np.divmod(np.arange(12), 3)
    return np.column_stack([np.eye(4)[band], state == 1, state == 2]).astype(float)


def test_the_same_as_one_regression_a_study():
    """In R: glm(cbind(events, n - events) ~ band + state, binomial)."""
    estimate, se = state_log_odds(EVENTS, AT_RISK)
    for i in range(len(EVENTS)):
        y, n = EVENTS[i].ravel(), AT_RISK[i].ravel()
        fit = sm.GLM(np.column_stack([y, n - y]), design(), family=sm.families.Binomial()).fit(
            tol=1e-14
        )
        contrast = fit.t_test(np.array([0, 0, 0, 0, -1, 1]))
        assert estimate[i] == pytest.approx(contrast.effect.item(), abs=1e-8)
        assert se[i] == pytest.approx(contrast.sd.item(), abs=1e-8)


def test_the_same_as_the_hazard_of_the_pipeline_without_therapists():
    y, n = EVENTS[0].ravel(), AT_RISK[0].ravel()
    cells = np.repeat(np.arange(12), 2)
    outcome, weights = np.tile([1, 0], 12), np.column_stack([y, n - y]).ravel()
    # Every cell with each of two therapists: they do not differ, and the SD is at its boundary.
    X, twice = np.tile(design()[cells], (2, 1)), np.tile(weights / 2, 2)
    model = MultilevelHazard(
        np.tile(outcome, 2), X, np.repeat([0, 1], 24), freq_weights=twice, link="logit"
    )
    fit = model.fit()
    assert fit.boundary
    found = fit.params.iloc[-1] - fit.params.iloc[-2]
    assert state_log_odds(EVENTS, AT_RISK)[0][0] == pytest.approx(found, abs=1e-6)


def test_without_dropout_in_a_state_or_band_there_is_no_estimate():
    nobody_in_state, nobody_in_band = EVENTS.copy(), EVENTS.copy()
    nobody_in_state[1, :, 2] = 0
    nobody_in_band[2, 0] = 0
    assert np.isnan(state_log_odds(nobody_in_state, AT_RISK)).all(axis=0).tolist() == [
        *(False, True, False, False, False)
    ]
    assert np.isnan(state_log_odds(nobody_in_band, AT_RISK)[0]).sum() == 1
