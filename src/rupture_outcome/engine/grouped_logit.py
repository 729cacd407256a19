"""Logistic regression of grouped data in many simulated studies at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

MOST_STEPS, SMALL_STEP, INFINITE = 30, 1e-10, 15.0


def state_log_odds(events: Floats, at_risk: Floats) -> Floats:
    r"""Log odds ratio of the last state against the one before it, by maximum likelihood.

    .. math:: \operatorname{logit} p_{bs} = \alpha_b + \beta_s

    The likelihood of the primary analysis without differences between therapists; Newton's method
    takes all studies a step further together.

    Parameters
    ----------
    events, at_risk : array, shape (studies, bands, states)
        Dropouts, and sessions after which there could have been one.

    Returns
    -------
    array, shape (2, studies)
        Estimates and standard errors; NaN where the maximum is not finite.

    Notes
    -----
    In R: `glm(cbind(events, at_risk - events) ~ band + state, binomial)`.

    Examples
    --------
    >>> estimate, se = state_log_odds(np.array([[[5.0, 2.0]]]), np.array([[[50.0, 40.0]]]))
    >>> bool(np.isclose(estimate[0], np.log(2 / 38 / (5 / 45))))
    True
    """
    studies = len(events)
    design = _design(*events.shape[1:])
    happened = (events.sum(axis=1) > 0).all(axis=1) & (events.sum(axis=2) > 0).all(axis=1)
    params, covariance = _maximise(
        design, events.reshape(studies, -1)[happened], at_risk.reshape(studies, -1)[happened]
    )
    finite = np.abs(params).max(axis=1, initial=0.0) < INFINITE
    found = np.full((2, studies), np.nan)
    each = np.stack([params[:, -1], np.sqrt(covariance[:, -1, -1])])
    found[:, happened] = np.where(finite, each, np.nan)
    return found


def _design(bands: int, states: int) -> Floats:
    """One row a cell; signs are such that the last column is the last state against another."""
    band, state = np.divmod(np.arange(bands * states), states)
    return np.hstack([np.eye(bands)[band], -np.eye(states)[state][:, :-1]])


def _maximise(design: Floats, events: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    params = np.zeros((len(events), design.shape[1]))
    for _ in range(MOST_STEPS):
        chance = expit(params @ design.T)
        score = (events - at_risk * chance) @ design
        weight = at_risk * chance * (1.0 - chance)
        information = np.einsum("ci,rc,cj->rij", design, weight, design, optimize=True)
        step = np.linalg.solve(information, score[..., None])[..., 0]
        params = np.clip(params + step, -INFINITE, INFINITE)
        if np.abs(step).max(initial=0.0) < SMALL_STEP:
            break
    return params, np.linalg.inv(information)
