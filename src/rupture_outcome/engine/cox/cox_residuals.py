"""Residuals of a Cox fit: cluster-robust errors and tests of proportional hazards."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import chdtrc

from rupture_outcome.engine.cluster_sandwich import Sandwich, cross_products, membership
from rupture_outcome.engine.cox.partial_likelihood import Array, AtTime, CoxFit, each_time


@dataclass(frozen=True)
class ChiSquare:
    """A test statistic, its degrees of freedom and p value."""

    statistic: float
    df: int
    p_value: float


def score_residuals(fit: CoxFit) -> Array:
    r"""Score residuals under Efron ties, one row a row of ``fit.sets``.

    .. math:: r_i = \delta_i\Big(x_i - \frac1d\sum_l \bar x_l\Big)
        - w_i \sum_l a_{il} \frac{x_i - \bar x_l}{S_0 - \frac ld D_0}

    with :math:`a_{il} = 1 - \frac ld` for events and 1 for all others. They add up to the score.

    Notes
    -----
    Therneau and Grambsch (2000, section 4.6; recalled); ``residuals(fit, "score")`` in R.

    Examples
    --------
    At the maximum they add up to 0:

    >>> from rupture_outcome.engine.cox.partial_likelihood import fit_partial_likelihood
    >>> fit = fit_partial_likelihood([[0.0], [1.0], [0.0], [1.0]], [1, 1, 2, 2], [0, 1, 1, 0])
    >>> score_residuals(fit).ravel().tolist()
    [0.25, 0.25, -0.25, -0.25]
    """
    residuals = np.empty_like(fit.sets.X)
    for part, first in zip(each_time(fit.sets, fit.params), fit.sets.start, strict=False):
        inverse = 1.0 / part.denominator
        rest = (1.0 - part.share) * inverse
        pull = np.where(part.event, rest.sum(), inverse.sum())[:, None] * part.X
        pull -= np.where(part.event[:, None], rest @ part.means, inverse @ part.means)
        gain = part.event[:, None] * (part.X - part.means.mean(axis=0))
        residuals[first : first + len(part.X)] = gain - part.w[:, None] * pull
    return residuals


def cox_sandwich(fit: CoxFit, cluster: ArrayLike) -> Sandwich:
    r"""Errors of Lin and Wei (1989) from score residuals within clusters, corrected for few.

    The information is that of the clusters, each row's part at its time being

    .. math:: \sum_l a_{il} w_i \frac{(x_i - \bar x_l)(x_i - \bar x_l)^\top}{S_0 - \frac ld D_0} .

    Parameters
    ----------
    fit : CoxFit
    cluster : array of int, shape (rows of the data,)
        Codes from 0; in the order of the data that was fitted.

    Notes
    -----
    Without the correction, ``coxph(..., cluster = )`` in R.

    Examples
    --------
    I = 1/2, and each of two clusters has a residual of one row above 0 and one below:

    >>> from rupture_outcome.engine.cox.partial_likelihood import fit_partial_likelihood
    >>> fit = fit_partial_likelihood([[0.0], [1.0], [0.0], [1.0]], [1, 1, 2, 2], [0, 1, 1, 0])
    >>> together, apart = (cox_sandwich(fit, codes) for codes in ([0, 1, 0, 1], [0, 0, 1, 1]))
    >>> together.scores.tolist(), apart.scores.tolist()
    ([[0.0], [0.0]], [[0.5], [-0.5]])
    >>> apart.information.tolist(), round(float(apart.cov[0, 0]), 4)
    ([[0.5]], 4.0)
    """
    own = membership(np.asarray(cluster)[fit.sets.row])
    p = fit.sets.X.shape[1]
    parts = np.zeros((own.shape[0], p, p))
    for first, part in zip(fit.sets.start, each_time(fit.sets, fit.params), strict=False):
        parts += _information_of(part, own[:, first : first + len(part.X)])
    return Sandwich(parts.sum(axis=0), parts, np.asarray(own @ score_residuals(fit)))


def _information_of(part: AtTime, own: sparse.csr_array) -> Array:
    """Parts of clusters in the information of one time, shape (clusters, p, p)."""
    parts = np.zeros((own.shape[0], *[part.X.shape[1]] * 2))
    inverse = 1.0 / part.denominator
    for rows, shares in ((part.event, 1.0 - part.share), (~part.event, np.ones_like(inverse))):
        weight = shares * inverse
        mean = weight @ part.means / weight.sum()
        spread = (part.means - mean).T @ ((part.means - mean) * weight[:, None])
        members = own[:, np.flatnonzero(rows)]
        held = members @ part.w[rows]
        parts += cross_products(part.X[rows] - mean, part.w[rows] * weight.sum(), members)
        parts += held[:, None, None] * spread
    return parts


def proportionality_test(
    fit: CoxFit, transformed: ArrayLike, columns: Sequence[int] | None = None
) -> ChiSquare:
    r"""Score test of coefficients that change with a function g of time.

    In the model :math:`\beta + \gamma\, g(t)`, at :math:`\gamma = 0`: with Schoenfeld residuals
    :math:`s_t` and information :math:`V_t` of each time,

    .. math:: U = \sum_t g(t) s_t, \quad
        V_U = \sum g^2 V_t - \Big(\sum g V_t\Big)\Big(\sum V_t\Big)^{-1}\Big(\sum g V_t\Big),
        \quad \chi^2 = U^\top V_U^{-1} U .

    Parameters
    ----------
    fit : CoxFit
    transformed : array, shape (times,)
        g at ``fit.sets.times``.
    columns : sequence of int, optional
        The coefficients that may change; all of them if not given.

    Notes
    -----
    Grambsch and Therneau (1994) in the exact form of ``cox.zph`` since version 3 of survival
    (recalled), which does not take :math:`V_t` as constant as earlier versions did. It takes rows
    as independent: clusters do not enter.

    Examples
    --------
    Those with x = 1 leave first at session 1, those with x = 0 at session 2:

    >>> from rupture_outcome.engine.cox.partial_likelihood import fit_partial_likelihood
    >>> X, time = [[0.0], [1.0]] * 6, [1, 1] * 3 + [2, 2] * 3
    >>> fit = fit_partial_likelihood(X, time, [0, 1] * 3 + [1, 0] * 3)
    >>> test = proportionality_test(fit, fit.sets.times)
    >>> test.df, test.p_value < 0.05
    (1, True)
    """
    g = np.asarray(transformed, dtype=float)
    g = g - np.average(g, weights=fit.sets.events)
    chosen = np.arange(len(fit.params)) if columns is None else np.asarray(columns)
    if np.ptp(g) == 0 or len(chosen) == 0:
        return ChiSquare(np.nan, len(chosen), np.nan)
    U = (g @ fit.at.score)[chosen]
    mixed = np.tensordot(g, fit.at.information, 1)[chosen]
    own = np.tensordot(g**2, fit.at.information, 1)[np.ix_(chosen, chosen)]
    return chi_square(U, own - mixed @ fit.cov @ mixed.T)


def chi_square(vector: NDArray[np.float64], covariance: Array) -> ChiSquare:
    """Quadratic form of a vector in its inverse covariance; NaN where that is singular.

    Examples
    --------
    >>> chi_square(np.array([1.96]), np.array([[1.0]])).statistic
    3.8416
    """
    df = len(vector)
    if not np.isfinite(covariance).all() or np.linalg.matrix_rank(covariance, hermitian=True) < df:
        return ChiSquare(np.nan, df, np.nan)
    statistic = round(float(vector @ np.linalg.solve(covariance, vector)), 12)
    return ChiSquare(statistic, df, float(chdtrc(df, max(statistic, 0.0))))
