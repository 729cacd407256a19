"""Cox partial likelihood with Efron ties on a discrete clock, linear in rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rupture_outcome.engine.reasons import NOT_CONVERGED, reason

Array = NDArray[np.float64]
ITERATIONS = 40
DECREMENT = 1e-16
# On a log hazard of 15 one group has a hazard three million times another's: there is no maximum.
INFINITE = 15.0
SINGULAR = 1e-10


@dataclass(frozen=True)
class RiskSets:
    """Rows in order of time, those at times without an event left out.

    Attributes
    ----------
    X : array, shape (rows, p)
    event : array of bool, shape (rows,)
    row : array of int, shape (rows,)
        Where each row stood in the data.
    times : array, shape (times,)
        Those with an event.
    start : array of int, shape (times + 1,)
        The rows of time j are ``start[j]:start[j + 1]``.
    """

    X: Array
    event: NDArray[np.bool_]
    row: NDArray[np.int64]
    times: Array
    start: NDArray[np.int64]

    @property
    def events(self) -> NDArray[np.int64]:
        """Number of events at each time."""
        return np.add.reduceat(self.event.astype(np.int64), self.start[:-1])


@dataclass(frozen=True)
class Moments:
    """The partial likelihood at one value of the coefficients, by time.

    Attributes
    ----------
    llf : float
    score : array, shape (times, p)
        At each time the sum of the Schoenfeld residuals.
    information : array, shape (times, p, p)
    """

    llf: float
    score: Array
    information: Array


@dataclass(frozen=True)
class CoxFit:
    """Maximum of the partial likelihood.

    Attributes
    ----------
    params : array, shape (p,)
        Log hazard ratios.
    cov : array, shape (p, p)
        Inverse information; NaN where that is singular.
    sets : RiskSets
    at : Moments
        At the maximum.
    problem : str
        Why there is no maximum; empty if there is one.
    """

    params: Array
    cov: Array
    sets: RiskSets
    at: Moments
    problem: str = ""


def risk_sets(X: ArrayLike, time: ArrayLike, event: ArrayLike) -> RiskSets:
    """Sort rows into risk sets; at each value of the clock, the rows of that value.

    A row of session s is at risk from s − 1, excluded, to s: ``Surv(session - 1, session, event)``
    in R. So a row is in one risk set, and an entry never ties with an event.

    Parameters
    ----------
    X : array, shape (rows, p)
        Design without a constant column.
    time : array, shape (rows,)
        The clock: session at whose end the row leaves its risk set.
    event : array of 0 and 1, shape (rows,)

    Examples
    --------
    Nobody leaves at session 2, so its rows say nothing:

    >>> sets = risk_sets([[0.0], [1.0], [0.0], [1.0]], [1, 2, 3, 3], [1, 0, 0, 1])
    >>> sets.times.tolist(), sets.row.tolist(), sets.start.tolist()
    ([1.0, 3.0], [0, 2, 3], [0, 1, 3])
    """
    clock, happened = np.asarray(time, dtype=float), np.asarray(event).astype(bool)
    used = np.flatnonzero(np.isin(clock, np.unique(clock[happened])))
    row = used[np.argsort(clock[used], kind="stable")]
    times, start = np.unique(clock[row], return_index=True)
    design = np.ascontiguousarray(np.asarray(X, dtype=float)[row])
    return RiskSets(design, happened[row], row, times, np.append(start, len(row)))


def moments(sets: RiskSets, params: ArrayLike) -> Moments:
    r"""Efron's partial log-likelihood, score and information at each event time.

    With :math:`S_0, S_1, S_2` the sums of :math:`w_i, w_i x_i, w_i x_i x_i^\top` over the risk set,
    :math:`w_i = \exp(x_i^\top\beta)`, :math:`D_0, D_1, D_2` those over its d events, and
    :math:`\bar x_l = (S_1 - \frac ld D_1) / (S_0 - \frac ld D_0)`,

    .. math:: \ell = \sum_{i \in D} x_i^\top\beta - \sum_{l=0}^{d-1} \log(S_0 - \tfrac ld D_0),
        \quad U = \sum_{i \in D} x_i - \sum_l \bar x_l,
        \quad I = \sum_l \frac{S_2 - \frac ld D_2}{S_0 - \frac ld D_0} - \bar x_l \bar x_l^\top .

    Examples
    --------
    One event of two at risk, at β = 0: ℓ = −log 2, U = 1 − 1/2, I = 1/2 − 1/4.

    >>> at = moments(risk_sets([[0.0], [1.0]], [1, 1], [0, 1]), [0.0])
    >>> round(at.llf, 4), at.score.tolist(), at.information.tolist()
    (-0.6931, [[0.5]], [[[0.25]]])
    """
    beta = np.asarray(params, dtype=float)
    p, llf = len(beta), 0.0
    score, information = np.empty((len(sets.times), p)), np.empty((len(sets.times), p, p))
    for j, part in enumerate(each_time(sets, beta)):
        own, weight = part.X[part.event], part.w[part.event]
        S2 = (part.X * part.w[:, None]).T @ part.X
        D2 = (own * weight[:, None]).T @ own
        llf += (own @ beta - part.shift).sum() - np.log(part.denominator).sum()
        score[j] = own.sum(axis=0) - part.means.sum(axis=0)
        inverse = 1.0 / part.denominator
        spread = S2 * inverse.sum() - D2 * (part.share * inverse).sum()
        information[j] = spread - part.means.T @ part.means
    return Moments(float(llf), score, information)


def fit_partial_likelihood(X: ArrayLike, time: ArrayLike, event: ArrayLike) -> CoxFit:
    """Maximise by Newton's method with step halving.

    Parameters
    ----------
    X : array, shape (rows, p)
        Design without a constant column.
    time : array, shape (rows,)
        The clock.
    event : array of 0 and 1, shape (rows,)

    Returns
    -------
    CoxFit

    Notes
    -----
    Equal to ``survival::coxph(Surv(time - 1, time, event) ~ X, ties = "efron")`` in R. Each
    iteration is a sum over the rows at times with an event.

    Examples
    --------
    >>> fit = fit_partial_likelihood([[0.0], [1.0], [0.0], [1.0]], [1, 1, 2, 2], [0, 1, 1, 0])
    >>> float(fit.params[0]), round(fit.at.llf, 4)
    (0.0, -1.3863)
    """
    sets = risk_sets(X, time, event)
    if not len(sets.times):
        return _without(sets, reason("no_events"))
    beta = np.zeros(sets.X.shape[1])
    at = moments(sets, beta)
    if _is_singular(at.information.sum(axis=0)):
        return _without(sets, reason("collinear"))
    done = False
    for _ in range(ITERATIONS):
        gradient, curvature = at.score.sum(axis=0), at.information.sum(axis=0)
        if _is_singular(curvature):
            break
        step = np.linalg.solve(curvature, gradient)
        if done := bool(gradient @ step < DECREMENT):
            break
        beta, at = _climb(sets, beta, step, at)
    if (np.abs(beta) * np.ptp(sets.X, axis=0)).max() > INFINITE:
        return _without(sets, reason("infinite"))
    if not done:
        return _without(sets, NOT_CONVERGED)
    return CoxFit(beta, np.linalg.inv(at.information.sum(axis=0)), sets, at)


@dataclass(frozen=True)
class AtTime:
    """One risk set: rows, weights (times a constant, exp(−shift)), Efron's denominators and means.

    ``share`` is l/d for l = 0 … d − 1, ``means`` has one row an l.
    """

    X: Array
    event: NDArray[np.bool_]
    w: Array
    shift: float
    share: Array
    denominator: Array
    means: Array


def each_time(sets: RiskSets, beta: Array) -> Iterator[AtTime]:
    """Go through the risk sets at given coefficients.

    Examples
    --------
    Two of three leave together; Efron takes half of both out of the second denominator:

    >>> sets = risk_sets([[0.0], [0.0], [0.0]], [1, 1, 1], [1, 1, 0])
    >>> [part.denominator.tolist() for part in each_time(sets, np.zeros(1))]
    [[3.0, 2.0]]
    """
    for first, end in zip(sets.start[:-1], sets.start[1:], strict=True):
        X, event = sets.X[first:end], sets.event[first:end]
        eta = X @ beta
        shift = float(eta.max())
        w = np.exp(eta - shift)
        own, weight = X[event], w[event]
        share = np.arange(len(own)) / len(own)
        denominator = w.sum() - share * weight.sum()
        means = (w @ X - share[:, None] * (weight @ own)) / denominator[:, None]
        yield AtTime(X, event, w, shift, share, denominator, means)


def _climb(sets: RiskSets, beta: Array, step: Array, at: Moments) -> tuple[Array, Moments]:
    for halvings in range(12):
        new = beta + step * 0.5**halvings
        there = moments(sets, new)
        if there.llf >= at.llf - 1e-10 * abs(at.llf):
            break
    return new, there


def _is_singular(information: Array) -> bool:
    scale = np.sqrt(np.maximum(np.diag(information), 0.0))
    if not np.isfinite(information).all() or (scale <= 0).any():
        return True
    return bool(np.linalg.eigvalsh(information / np.outer(scale, scale))[0] < SINGULAR)


def _without(sets: RiskSets, problem: str) -> CoxFit:
    p = sets.X.shape[1]
    nothing = np.full((p, p), np.nan)
    return CoxFit(np.full(p, np.nan), nothing, sets, Moments(np.nan, nothing, nothing), problem)
