"""Penalised likelihood of a binary regression that few events do not lead astray."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.estimate import normal_quantile

MOST_STEPS, HALVINGS, SMALL = 60, 20, 1e-13
# On the scale of the linear predictor: nothing is e^±15 times as likely.
FURTHEST = 15.0
EDGE = 1e-12


@dataclass(frozen=True)
class Penalised:
    """A combination of coefficients with its profile interval; NaN where no maximum was found."""

    estimate: float
    low: float
    high: float


def firth_contrast(
    X: Floats, y: Floats, weights: Floats, link: str = "logit", confidence: float = 0.95
) -> Penalised:
    r"""Estimate a combination of coefficients by Firth's penalised likelihood.

    .. math:: \ell^*(\beta) = \ell(\beta) + \tfrac12 \log |X' W(\beta) X|, \qquad
              W = \frac{(dp/d\eta)^2}{p (1 - p)}

    The penalty is Jeffreys' prior. It takes away the bias of order 1/n that draws estimates from
    few events away from 0, and the maximum is finite where rows are separated. The interval holds
    all values whose profile of :math:`\ell^*` is at most half a χ²₁ quantile below the maximum.

    Parameters
    ----------
    X : array, shape (rows, columns)
        Of full column rank, with its constant.
    y : array of 0 and 1, shape (rows,)
    weights : array, shape (columns,)
        Of the coefficients in the combination; one at least is not 0.
    link : {"logit", "cloglog"}
    confidence : float
        Level of the interval.

    Notes
    -----
    Firth 1993; Heinze & Schemper 2002 (recalled). Rows are independent: there is no intercept of
    groups. In R: ``logistf::logistf`` or ``glm(method = brglm2::brglm_fit, type = "AS_mean")``.

    Examples
    --------
    No event in 10 against 5 in 10: half an event is added to every cell of a two by two table.

    >>> X = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    >>> y = np.r_[np.zeros(10), np.ones(5), np.zeros(5)]
    >>> found = firth_contrast(X, y, np.array([0.0, 1.0]))
    >>> bool(np.isclose(found.estimate, np.log(5.5 / 5.5) - np.log(0.5 / 10.5)))
    True
    """
    target = int(np.argmax(np.abs(weights)))
    Z = X - np.outer(X[:, target] / weights[target], weights)
    Z[:, target] = X[:, target] / weights[target]
    top, theta = _maximise(Z, y, link, np.zeros(Z.shape[1]), None)
    if not np.isfinite(top):
        return Penalised(np.nan, np.nan, np.nan)
    reach = normal_quantile(confidence) ** 2 / 2.0
    near = {theta[target]: theta}

    def beyond(value: float) -> float:
        start = near[min(near, key=lambda known: abs(known - value))].copy()
        start[target] = value
        best, near[value] = _maximise(Z, y, link, start, target)
        return top - best - reach

    middle = float(theta[target])
    return Penalised(middle, _end(beyond, middle, -1.0), _end(beyond, middle, 1.0))


def _end(beyond: Callable[[float], float], middle: float, side: float) -> float:
    inside, step = middle, 1.0
    while beyond(outside := inside + side * step) < 0:
        inside, step = outside, 2.0 * step
        if abs(outside - middle) > FURTHEST:
            return side * np.inf
    return float(brentq(beyond, inside, outside, xtol=1e-6))


def _maximise(
    X: Floats, y: Floats, link: str, start: Floats, fixed: int | None
) -> tuple[float, Floats]:
    """Penalised log-likelihood at its maximum and where it is; `fixed` is a column held."""
    free = np.arange(X.shape[1]) != (-1 if fixed is None else fixed)
    theta = start.copy()
    if fixed is None:
        theta[:] = np.linalg.lstsq(X, np.full(len(y), _level(y, link)), rcond=None)[0]
    value, score, information = _at(X, y, link, theta)
    for _ in range(MOST_STEPS):
        step = np.zeros_like(theta)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if float(score @ step) < SMALL:
            return value, theta
        for halving in range(HALVINGS):
            trial = theta + step * 0.5**halving
            found = _at(X, y, link, trial)
            if found[0] > value - 1e-12:
                break
        theta, (value, score, information) = trial, found
    return -np.inf, theta


def _level(y: Floats, link: str) -> float:
    p = (y.sum() + 0.5) / (len(y) + 1.0)
    return float(np.log(p / (1 - p)) if link == "logit" else np.log(-np.log1p(-p)))


def _at(X: Floats, y: Floats, link: str, theta: Floats) -> tuple[float, Floats, Floats]:
    """Penalised log-likelihood, its gradient, and the expected information."""
    eta = np.clip(X @ theta, -30.0, 30.0 if link == "logit" else 3.0)
    if link == "logit":
        p = expit(eta)
        weight, bend, residual = p * (1 - p), 1 - 2 * p, y - p
        surprise = np.logaddexp(0.0, np.where(y > 0, -eta, eta))
    else:
        rate = np.exp(eta)
        p = -np.expm1(-rate)
        weight = rate**2 * np.exp(-rate) / p
        bend, residual = 2 - rate - rate * np.exp(-rate) / p, (y - p) * rate / p
        surprise = np.where(y > 0, -np.log(p), rate)
    weight = np.maximum(weight, EDGE)
    information = (X * weight[:, None]).T @ X
    sign, log_det = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.zeros_like(theta), np.eye(len(theta))
    hat = weight * np.einsum("ij,ij->i", X @ np.linalg.inv(information), X)
    value = 0.5 * float(log_det) - float(surprise.sum())
    return value, X.T @ (residual + 0.5 * hat * bend), information
