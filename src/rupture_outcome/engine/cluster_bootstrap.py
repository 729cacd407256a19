"""Percentile intervals by drawing whole patients again, for statistics made of sums."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.reasons import reason, rounded

Statistic = Callable[[Floats], Floats]

FEW = 10
CELLS = 2**22


@dataclass(frozen=True)
class Bootstrapped:
    """Statistics with their intervals.

    Parameters
    ----------
    estimate, low, high : ndarray of float, shape (S,)
        NaN where the statistic is not defined; the limits also with fewer than two clusters.
    undefined : ndarray of float, shape (S,)
        Share of replicates in which a statistic was not defined; they are left out.
    clusters : int
        Patients with anything to count.
    """

    estimate: Floats
    low: Floats
    high: Floats
    undefined: Floats
    clusters: int

    def notes(self, which: int = 0) -> list[str]:
        """Give what a reader of one interval must know, as codes."""
        if np.isnan(self.estimate[which]):
            return []
        if self.clusters < 2:
            return [reason("one_patient")]
        said = [reason("few_patients", FEW)] if self.clusters < FEW else []
        if self.low[which] == self.high[which]:
            said.append(reason("same_in_resamples"))
        if self.undefined[which] > 0:
            said.append(reason("undefined_in_resamples", rounded(self.undefined[which], 1)))
        return said


def cluster_sums(features: Floats, cluster: NDArray[np.integer]) -> Floats:
    """Sum rows by cluster, shape (P, F) from (N, F); clusters are numbered 0 to P − 1.

    Examples
    --------
    >>> cluster_sums(np.array([[1.0, 1.0], [2.0, 1.0], [5.0, 1.0]]), np.array([0, 0, 1])).tolist()
    [[3.0, 2.0], [5.0, 1.0]]
    """
    n = int(cluster.max()) + 1 if len(cluster) else 0
    columns = [np.bincount(cluster, column, minlength=n) for column in features.T]
    return np.column_stack(columns).astype(np.float64)


def cluster_bootstrap(
    sums: Floats,
    statistic: Statistic,
    *,
    rng: np.random.Generator,
    replicates: int = 1000,
    confidence: float = 0.95,
) -> Bootstrapped:
    """Bootstrap over patients: each is drawn with all that was counted of him.

    Parameters
    ----------
    sums : ndarray of float, shape (P, F)
        What the statistic needs, added up within each patient.
    statistic : callable
        From sums over patients, shape (…, F), to statistics, shape (…, S); NaN where undefined.
    rng : numpy.random.Generator
    replicates : int
    confidence : float
        Level of the percentile interval.

    Returns
    -------
    Bootstrapped

    Notes
    -----
    Patients with the same sums are interchangeable, so how often each *distinct* row of sums is
    drawn is multinomial too. That is the same distribution with far fewer cells, and it makes the
    interval independent of the order of patients. Those of whom nothing was counted are left out.

    Examples
    --------
    The mean of four patients' values, as a ratio of two sums:

    >>> sums = np.array([[1.0, 1], [2, 1], [3, 1], [6, 1]])
    >>> mean = lambda total: total[..., :1] / total[..., 1:]
    >>> cluster_bootstrap(sums, mean, rng=np.random.default_rng(1)).estimate
    array([3.])
    """
    sums = sums[sums.any(axis=1)]
    estimate = statistic(sums.sum(axis=0))
    if len(sums) < 2:
        nothing = np.full_like(estimate, np.nan)
        return Bootstrapped(estimate, nothing, nothing, nothing, len(sums))
    drawn = np.concatenate([statistic(part) for part in _resampled(sums, rng, replicates)])
    undefined = np.isnan(drawn).mean(axis=0)
    low, high = _percentiles(drawn, confidence)
    known = ~np.isnan(estimate)
    limits = np.where(known, low, np.nan), np.where(known, high, np.nan)
    return Bootstrapped(estimate, *limits, undefined, len(sums))


def _resampled(sums: Floats, rng: np.random.Generator, replicates: int) -> list[Floats]:
    distinct, copies = np.unique(sums, axis=0, return_counts=True)
    share = copies / copies.sum()
    step = max(CELLS // len(distinct), 1)
    sizes = [min(step, replicates - done) for done in range(0, replicates, step)]
    return [rng.multinomial(len(sums), share, size).astype(float) @ distinct for size in sizes]


def _percentiles(drawn: Floats, confidence: float) -> tuple[Floats, Floats]:
    tail = (1 - confidence) / 2
    limits = np.full((2, drawn.shape[1]), np.nan)
    for column, values in enumerate(drawn.T):
        defined = values[~np.isnan(values)]
        if len(defined):
            limits[:, column] = np.quantile(defined, [tail, 1 - tail])
    return limits[0], limits[1]
