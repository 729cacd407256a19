"""Gray's test of a difference between groups in the cumulative incidence of a cause."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rupture_outcome.engine.cox.cox_residuals import ChiSquare, chi_square

Array = NDArray[np.float64]


def gray_test(events: ArrayLike, leaving: ArrayLike) -> list[ChiSquare]:
    r"""Gray's (1988) K-sample test for each of the competing causes, with weight 1 (rho = 0).

    In group i, with :math:`Y_i` at risk, :math:`S_i` staying and :math:`F_i` the incidence of the
    cause just before s, the number at risk in the subdistribution is
    :math:`R_i = Y_i (1 - F_i) / S_i`, and the score of a group is what it has more than its share

    .. math:: z_i = \sum_s d_{is} - d_{\cdot s}\, R_i(s) / R_\cdot(s) .

    Its covariance takes both the cause and the competing ones as random (`_covariance`).

    Parameters
    ----------
    events : array, shape (groups, causes, times)
        Events of each cause.
    leaving : array, shape (groups, times)
        All who leave observation at each time, censored or by an event; censoring comes after the
        events of the same time.

    Returns
    -------
    list of ChiSquare
        One a cause, with groups − 1 degrees of freedom; groups without anybody do not count. NaN
        where fewer than two groups are left or the cause never happened.

    Notes
    -----
    ``cmprsk::cuminc(time, status, group)$Tests`` in R. Patients are taken as independent.

    Examples
    --------
    >>> test = gray_test([[[3, 1]], [[0, 1]]], [[4, 6], [5, 5]])[0]
    >>> round(test.statistic, 3), test.df
    (1.824, 1)
    """
    d, left = np.asarray(events, dtype=float), np.asarray(leaving, dtype=float)
    somebody = left.sum(axis=-1) > 0
    d, left = d[somebody], left[somebody]
    groups, causes = d.shape[:2]
    if groups < 2:
        return [ChiSquare(np.nan, 0, np.nan)] * causes
    at_risk = np.flip(np.cumsum(np.flip(left, axis=-1), axis=-1), axis=-1)
    everyone = d.sum(axis=1)
    return [_test(_Cause(at_risk, d[:, k], everyone - d[:, k])) for k in range(causes)]


def incidence_tests(
    time: pd.Series, event: pd.Series, group: pd.Series, causes: list[str]
) -> dict[str, ChiSquare]:
    """Gray's test of each cause from one row a patient.

    Parameters
    ----------
    time : Series of int
        When observation ends.
    event : Series of str
        One of `causes`, or anything else for censored.
    group : Series
        Group of each patient.
    causes : list of str
        All competing causes.

    Examples
    --------
    >>> time, event = pd.Series([1, 1, 2, 3] * 2), pd.Series(["dropout", "none"] * 4)
    >>> test = incidence_tests(time, event, pd.Series(list("aaaabbbb")), ["dropout"])["dropout"]
    >>> test.statistic, test.df, test.p_value
    (0.0, 1, 1.0)
    """
    clock, times = pd.factorize(time, sort=True)
    codes, groups = pd.factorize(group, sort=True)
    cause = pd.Index(causes).get_indexer(pd.Index(event.astype(str)))
    counts = np.zeros((len(groups), len(causes) + 1, len(times)))
    np.add.at(counts, (codes, cause, clock), 1.0)  # −1, censored, is the last place
    return dict(zip(causes, gray_test(counts[:, :-1], counts.sum(axis=1)), strict=True))


@dataclass(frozen=True)
class _Cause:
    """Counts of one cause, arrays of shape (groups, times): at risk, own events, other events."""

    at_risk: Array
    own: Array
    other: Array


def _test(cause: _Cause) -> ChiSquare:
    if not cause.own.any():
        return ChiSquare(np.nan, len(cause.own) - 1, np.nan)
    Y = cause.at_risk
    after: Array = np.asarray(np.cumprod(1.0 - _over(cause.own + cause.other, Y), axis=-1))
    stay: Array = np.concatenate([np.ones_like(after[:, :1]), after[:, :-1]], axis=-1)
    rate = _over(stay * cause.own, Y)
    incidence = np.cumsum(rate, axis=-1) - rate
    still = _over(Y * (1.0 - incidence), stay)
    share = _over(still, still.sum(axis=0))
    score: Array = (cause.own - cause.own.sum(axis=0) * share).sum(axis=-1)
    covariance = _covariance(cause, stay, after)
    return chi_square(score[:-1], covariance[:-1, :-1])


def _covariance(cause: _Cause, stay: Array, after: Array) -> Array:
    r"""Covariance of the scores, groups by groups.

    Under equal incidence :math:`F` of the cause, estimated by
    :math:`dF = d_\cdot / \sum_i Y_i / S_i`, the score of group i is a sum of martingale terms of
    every group k. With :math:`b_k = (1 - F) / S_k`, :math:`C_{ik}(u) = \int_0^u a_{ik}\,dF/(1-F)`
    and :math:`D_{ik} = C_{ik}(\infty) - C_{ik}`, the weight of those terms at u is
    :math:`a_{ik} + (1 - b_k) D_{ik}` for the cause and :math:`-b_k D_{ik}` for the others. Tied
    events shrink a variance by :math:`1 - (d - 1)/(n - 1)`.
    """
    Y, own, other = cause.at_risk, cause.own, cause.other
    total = own.sum(axis=0)
    reach = _over(Y, stay)
    size = reach.sum(axis=0)
    step = _over(total, size)
    F = np.cumsum(step)
    here = np.eye(len(Y))[:, :, None]
    a = reach * (here - _over(reach, size)[:, None, :])
    C = np.cumsum(a * _over(step, 1.0 - (F - step)), axis=-1)
    to_come = C[:, :, -1:] - C
    b = np.where(after > 0, _over(1.0 - F, after), 0.0)
    tied = np.where(total > 1, 1.0 - _over(total - 1.0, size * stay - 1.0), 1.0)
    variance = tied * stay * _over(total, size * Y)
    tied = np.where(other > 1, 1.0 - _over(other - 1.0, Y - 1.0), 1.0)
    rest = np.where(after > 0, tied * stay**2 * _over(other, Y**2), 0.0)
    weight = a + (1.0 - b) * to_come
    competing = b * to_come
    return np.einsum("ikt,jkt,kt->ij", weight, weight, variance) + np.einsum(
        "ikt,jkt,kt->ij", competing, competing, rest
    )


def _over(part: Array, whole: Array) -> Array:
    shape = np.broadcast_shapes(np.shape(part), np.shape(whole))
    part, whole = np.broadcast_to(part, shape), np.broadcast_to(whole, shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
