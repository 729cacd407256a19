"""Penalised likelihood of a binary regression that few events do not lead astray."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.estimate import normal_quantile
from rupture_outcome.engine.multilevel.patterned import Patterned

MOST_STEPS, HALVINGS, SMALL = 60, 20, 1e-13
# How far beyond the end that a normal likelihood would have an end is looked for first.
BEYOND = 1.2
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
    rows = Patterned.of(Z)
    level = np.linalg.lstsq(Z.T @ Z, Z.sum(axis=0) * _level(y, link), rcond=None)[0]
    top, theta, information = _maximise(rows, y, link, level, None)
    if not np.isfinite(top):
        return Penalised(np.nan, np.nan, np.nan)
    reach = normal_quantile(confidence)
    middle = float(theta[target])
    near = {middle: theta}

    def beyond(value: float) -> float:
        """By how much the root of the deviance, close to a straight line, exceeds the quantile."""
        if value == middle:
            return -reach
        start = near[min(near, key=lambda known: abs(known - value))].copy()
        start[target] = value
        best, near[value], _ = _maximise(rows, y, link, start, target)
        return float(np.sqrt(max(2.0 * (top - best), 0.0))) - reach

    width = BEYOND * reach * float(np.sqrt(np.linalg.inv(information)[target, target]))
    return Penalised(middle, *(_end(beyond, middle, side, width) for side in (-1.0, 1.0)))


def _end(beyond: Callable[[float], float], middle: float, side: float, width: float) -> float:
    inside, step = middle, min(width, FURTHEST)
    while beyond(outside := inside + side * step) < 0:
        inside, step = outside, 2.0 * step
        if abs(outside - middle) > FURTHEST:
            return side * np.inf
    return float(brentq(beyond, inside, outside, xtol=1e-6))


def _maximise(
    X: Patterned, y: Floats, link: str, start: Floats, fixed: int | None
) -> tuple[float, Floats, Floats]:
    """Penalised log-likelihood at its maximum, where it is, and the information there.

    `fixed` is a column held.
    """
    free = np.arange(X.shape[1]) != (-1 if fixed is None else fixed)
    theta = start
    value, score, information = _at(X, y, link, theta)
    for _ in range(MOST_STEPS):
        step = np.zeros_like(theta)
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if float(score @ step) < SMALL:
            return value, theta, information
        for halving in range(HALVINGS):
            trial = theta + step * 0.5**halving
            found = _at(X, y, link, trial)
            if found[0] > value - 1e-12:
                break
        theta, (value, score, information) = trial, found
    return -np.inf, theta, information


def _level(y: Floats, link: str) -> float:
    p = (y.sum() + 0.5) / (len(y) + 1.0)
    return float(np.log(p / (1 - p)) if link == "logit" else np.log(-np.log1p(-p)))


def _at(X: Patterned, y: Floats, link: str, theta: Floats) -> tuple[float, Floats, Floats]:
    """Penalised log-likelihood, its gradient, and the expected information."""
    eta = np.clip(X.times(theta), -30.0, 30.0 if link == "logit" else 3.0)
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
    information = X.cross(weight)
    sign, log_det = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.zeros_like(theta), np.eye(len(theta))
    hat = weight * X.quadratic(np.asarray(np.linalg.inv(information), dtype=float))
    value = 0.5 * float(log_det) - float(surprise.sum())
    return value, X.sums(residual + 0.5 * hat * bend), information
