"""Cumulative incidence of competing endings (Aalen–Johansen) on a discrete clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import normal_quantile


@dataclass(frozen=True)
class IncidenceCurves:
    """Curves over the last two axes, causes and times; leading axes are groups or replicates.

    Attributes
    ----------
    estimate, variance : array, shape (..., causes, times)
        NaN where nobody was at risk any more although some had been censored.
    at_risk : array, shape (..., times)
        In treatment just before each time.
    """

    estimate: np.ndarray
    variance: np.ndarray
    at_risk: np.ndarray


def incidence_curves(events: np.ndarray, leaving: np.ndarray) -> IncidenceCurves:
    r"""Aalen–Johansen estimate and its variance from counts.

    With :math:`n_s` at risk, :math:`d_{ks}` events of cause k, :math:`d_s=\sum_k d_{ks}` and
    :math:`S` the Kaplan–Meier estimate of staying,

    .. math:: F_k(t) = \sum_{s \le t} S(s^-)\, d_{ks} / n_s

    .. math:: V_k(t) = \sum_{s \le t} \frac{S(s^-)^2}{n_s^2}
        \Big[d_{ks} c_{ks} \Big(1 - \frac{F_k(t) - F_k(s)}{S(s)}\Big)^2
        + \bar d_{ks} \bar c_{ks} \Big(\frac{F_k(t) - F_k(s)}{S(s)}\Big)^2\Big]

    where :math:`\bar d_{ks} = d_s - d_{ks}` and :math:`c = 1 - (d - 1)/(n_s - 1)` for tied events
    (1 for a single one).

    Parameters
    ----------
    events : array, shape (..., causes, times)
        Events of each cause at each time.
    leaving : array, shape (..., times)
        All who leave observation at each time, by an event or censored; censoring comes after the
        events of the same time.

    Returns
    -------
    IncidenceCurves

    Notes
    -----
    Equal to ``cmprsk::cuminc`` in R (Gray's variance, after Aalen 1978). Leading axes make it one
    call for many groups or bootstrap replicates.

    Examples
    --------
    Of four, one drops out after the first session and one is agreed; of the two left one drops out
    and one is censored: F = 1/4, then 1/4 + 1/2 · 1/2.

    >>> curves = incidence_curves(np.array([[1, 1], [1, 0]]), np.array([2, 2]))
    >>> curves.estimate.tolist(), curves.at_risk.tolist()
    ([[0.25, 0.5], [0.25, 0.25]], [4.0, 2.0])
    """
    estimate, at_risk, before, after = _estimates(events, leaving)
    events, n = np.asarray(events, dtype=float), np.maximum(at_risk, 1.0)
    other = events.sum(axis=-2, keepdims=True) - events
    variance = _variance(estimate, events, other, before, after, n)
    unknown = np.isnan(estimate)
    return IncidenceCurves(estimate, np.where(unknown, np.nan, variance), at_risk)


def incidence_shares(events: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Estimate the curves of `incidence_curves` alone, NaN also for groups of nobody.

    Parameters
    ----------
    events : array, shape (..., causes, times)
    leaving : array, shape (..., times)

    Returns
    -------
    array, shape (..., causes, times)
    """
    estimate, at_risk, _, _ = _estimates(events, leaving)
    return np.where(at_risk[..., None, :1] == 0, np.nan, estimate)


def _estimates(
    events: np.ndarray, leaving: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Incidence, at risk, and Kaplan–Meier estimates of staying before and after each time."""
    events = np.asarray(events, dtype=float)
    at_risk = _from_here_on(np.asarray(leaving, dtype=float))
    n = np.maximum(at_risk, 1.0)
    after = np.cumprod(1.0 - events.sum(axis=-2) / n, axis=-1)
    before = np.concatenate([np.ones_like(after[..., :1]), after[..., :-1]], axis=-1)
    estimate = np.cumsum((before / n)[..., None, :] * events, axis=-1)
    unknown = ((at_risk == 0) & (before > 0))[..., None, :]
    return np.where(unknown, np.nan, estimate), at_risk, before, after


def incidence_interval(
    estimate: np.ndarray, variance: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Pointwise interval on the complementary log-log scale.

    :math:`1 - (1 - F)^{\exp(\pm z \sigma)}` with
    :math:`\sigma = \sqrt V / |(1 - F)\log(1 - F)|`: inside 0 and 1, and NaN at F = 0 and F = 1,
    where the scale has no finite value.

    Parameters
    ----------
    estimate, variance : array, any shape
        F and V, from `incidence_curves`.
    confidence : float
        Such as 0.95.

    Returns
    -------
    low, high : array, of the same shape

    Examples
    --------
    >>> low, high = incidence_interval(np.array([0.5, 0.0]), np.array([0.01, 0.0]), 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.3255, nan], [0.7048, nan])
    """
    z = normal_quantile(confidence)
    inner = (estimate > 0) & (estimate < 1)
    stay = np.where(inner, 1.0 - estimate, 0.5)
    sigma = np.sqrt(np.where(inner, variance, 0.0)) / np.abs(stay * np.log(stay))
    low, high = (1.0 - stay ** np.exp(sign * z * sigma) for sign in (-1.0, 1.0))
    return np.where(inner, low, np.nan), np.where(inner, high, np.nan)


def cumulative_incidence(
    time: pd.Series,
    event: pd.Series,
    group: pd.Series,
    *,
    causes: Sequence[str],
    start: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Cumulative incidence of each cause in each group, one row a group, cause and time.

    Parameters
    ----------
    time : Series of int
        When each patient's observation ends, later than `start`.
    event : Series of str
        One of `causes`, or anything else for censored.
    group : Series
        The group of each patient; same index as the others.
    causes : sequence of str
        The competing causes; all of them must be named.
    start : int
        Where the curves begin, at 0.
    confidence : float
        Level of the pointwise intervals.

    Returns
    -------
    DataFrame
        ``group``, ``cause``, ``session``, ``estimate``, ``variance``, ``ci_low``, ``ci_high``,
        ``at_risk``: in treatment just before the session (at the start: all).

    Examples
    --------
    >>> curve = cumulative_incidence(
    ...     pd.Series([1, 2, 2, 3]), pd.Series(["dropout", "none", "agreed", "dropout"]),
    ...     pd.Series(["all"] * 4), causes=["dropout", "agreed"]
    ... )
    >>> curve.loc[curve["cause"] == "dropout", "estimate"].round(2).tolist()
    [0.0, 0.25, 0.25, 0.75]
    """
    codes, groups = pd.factorize(group, sort=True)
    clock = time.to_numpy(dtype=np.int64) - start
    cause = pd.Index(causes).get_indexer(pd.Index(event.astype(str)))
    leaving = _count((len(groups), int(clock.max()) + 1), codes, clock)
    shape = (len(groups), len(causes), leaving.shape[-1])
    seen = cause >= 0
    curves = incidence_curves(_count(shape, codes[seen], cause[seen], clock[seen]), leaving)
    low, high = incidence_interval(curves.estimate, curves.variance, confidence)
    index = pd.MultiIndex.from_product(
        [groups, causes, np.arange(start, start + shape[-1])], names=["group", "cause", "session"]
    )
    at_risk = np.broadcast_to(curves.at_risk[:, None, :], shape)
    columns = {
        "estimate": curves.estimate.ravel(),
        "variance": curves.variance.ravel(),
        "ci_low": low.ravel(),
        "ci_high": high.ravel(),
        "at_risk": at_risk.ravel().astype(np.int64),
    }
    return pd.DataFrame(columns, index=index).reset_index()


def _from_here_on(leaving: np.ndarray) -> np.ndarray:
    return np.flip(np.cumsum(np.flip(leaving, axis=-1), axis=-1), axis=-1)


def _count(shape: tuple[int, ...], *index: np.ndarray) -> np.ndarray:
    flat = np.ravel_multi_index(index, shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(float)


def _tied(deaths: np.ndarray, n: np.ndarray) -> np.ndarray:
    return deaths * (1.0 - np.maximum(deaths - 1.0, 0.0) / np.maximum(n - 1.0, 1.0))


def _variance(
    estimate: np.ndarray,
    own: np.ndarray,
    other: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    n: np.ndarray,
) -> np.ndarray:
    """Expand the squares of the double sum, so that running sums give every t at once."""
    scale = ((before / n) ** 2)[..., None, :]
    own, other = _tied(own, n[..., None, :]) * scale, _tied(other, n[..., None, :]) * scale
    stay = after[..., None, :]
    inverse = np.divide(1.0, stay, out=np.zeros_like(stay), where=stay > 0)
    level = estimate * inverse
    square = np.cumsum(own * (1.0 + level) ** 2 + other * level**2, axis=-1)
    cross = np.cumsum((own * (1.0 + level) + other * level) * inverse, axis=-1)
    weight = np.cumsum((own + other) * inverse**2, axis=-1)
    return np.maximum(square - 2.0 * estimate * cross + estimate**2 * weight, 0.0)
