"""Bootstrap of multistate curves: pointwise intervals and bands that hold for all sessions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.two_stage_bootstrap import WHOLE, two_stage_weights
from rupture_outcome.estimates.multistate.aalen_johansen import Array, Courses, transition_matrices

SAME = 1e-12  # replicates that differ by less are equal


@dataclass(frozen=True)
class Chain:
    """Initial distribution (..., 6), counts (..., times, 3, 6), matrices (..., times, 6, 6)."""

    initial: Array
    counts: Array
    matrices: Array


def observed_chain(course: Courses) -> Chain:
    """Give the chain of all patients, each counted once."""
    counts = course.counts()
    return Chain(course.initial(), counts, transition_matrices(counts))


def drawn_chains(
    course: Courses,
    cluster: NDArray[np.int64],
    replicates: int,
    rng: np.random.Generator,
    resampled: str = WHOLE,
) -> Chain:
    """Draw therapists with their patients; replicates are the leading axis.

    Parameters
    ----------
    course : Courses
        From `rupture_outcome.estimates.multistate.aalen_johansen.courses`.
    cluster : array, shape (patients,)
        From `rupture_outcome.cohort.clusters.first_therapists`.
    replicates : int
        How many.
    rng : numpy.random.Generator
    resampled : str
        See `rupture_outcome.engine.two_stage_bootstrap.two_stage_weights`.
    """
    blocks = [
        (course.initial(weights), course.counts(weights))
        for weights in two_stage_weights(cluster, replicates, rng, resampled)
    ]
    initial, counts = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return Chain(initial, counts, transition_matrices(counts))


def pointwise(drawn: Array, confidence: float) -> tuple[Array, Array]:
    """Percentile interval over the replicates (first axis); NaN where none of them differs.

    Parameters
    ----------
    drawn : array, shape (replicates, ...)
        Bootstrap replicates; missing ones are left out.
    confidence : float
        Level.
    """
    level = np.array([0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    known = np.isfinite(drawn).any(axis=0)
    low, high = np.nanquantile(np.where(known, drawn, 0.0), level, axis=0)
    fixed = ~known | (high - low <= SAME)
    return np.where(fixed, np.nan, low), np.where(fixed, np.nan, high)


def simultaneous(estimate: Array, drawn: Array, confidence: float) -> tuple[Array, Array]:
    r"""Band that holds a whole curve of probabilities with the given confidence.

    On the scale :math:`g(p) = \arcsin\sqrt p`, which is finite at 0 and 1 and whose variance hardly
    depends on p, with :math:`\sigma(t)` the SD of the replicates and c the quantile of
    :math:`\max_t |g(p^*(t)) - g(\hat p(t))| / \sigma(t)` over replicates:

    .. math:: g^{-1}\big(g(\hat p(t)) \pm c\,\sigma(t)\big)

    and at least the pointwise interval.

    Parameters
    ----------
    estimate : array, shape (..., times)
        Curves along the last axis; each gets its own c.
    drawn : array, shape (replicates, ..., times)
        Their replicates.
    confidence : float
        Level.

    Returns
    -------
    low, high : array, shape (..., times)
        NaN where no replicate differs, as at an estimate of 0.
    """
    here, there = _scale(estimate), _scale(drawn)
    sd = there.std(axis=0, ddof=1)
    varies = sd > SAME
    away = np.abs(there - here) / np.where(varies, sd, 1.0)
    furthest = np.where(varies, away, 0.0).max(axis=-1)
    c = np.quantile(furthest, confidence, axis=0, method="higher")[..., None]
    low, high = pointwise(drawn, confidence)
    return (
        np.where(varies, np.fmin(_back(here - c * sd), low), np.nan),
        np.where(varies, np.fmax(_back(here + c * sd), high), np.nan),
    )


def _scale(p: Array) -> Array:
    return np.arcsin(np.sqrt(np.clip(p, 0.0, 1.0)))


def _back(angle: Array) -> Array:
    return np.sin(np.clip(angle, 0.0, np.pi / 2.0)) ** 2
