"""Bootstrap of clusters: how often each member is drawn, and the level that few clusters need."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtrit

CELLS = 2**23
RESAMPLED = ("therapists_and_patients", "therapists")
WHOLE = RESAMPLED[1]


def two_stage_weights(
    cluster: ArrayLike, replicates: int, rng: np.random.Generator, resampled: str = WHOLE
) -> Iterator[NDArray[np.float64]]:
    """Draw therapists with replacement, with their patients or with as many drawn from their own.

    Statistics made of sums over patients are then products: ``weights @ features``, one row a
    replicate, with nothing repeated or copied.

    Parameters
    ----------
    cluster : array, shape (patients,)
        Therapist of each patient, in any coding; one value a patient. Who changes therapist
        belongs to the first one.
    replicates : int
        How many times to draw.
    rng : numpy.random.Generator
    resampled : {"therapists", "therapists_and_patients"}
        Whether patients come with their therapist as they are, or are drawn anew within each.

    Yields
    ------
    array of float, shape (at most `replicates`, patients)
        How often each patient was drawn; blocks small enough for memory, together `replicates`
        rows. The blocks depend on the sizes and the generator only.

    Notes
    -----
    The variance between the patients of a therapist is in the first stage already; the second adds
    it once more. Drawing at both stages is therefore conservative, the more so the fewer patients
    a therapist has and the less therapists differ (up to a factor of √2 in the standard error).
    Drawing therapists only is too liberal where they are few, unless percentiles are taken at
    `percentile_level`. Davison and Hinkley (1997, section 3.8; recalled) compare the two.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> blocks = list(two_stage_weights(["a", "a", "b"], 4, rng))
    >>> len(blocks), blocks[0].shape
    (1, (4, 3))
    """
    codes = pd.factorize(np.asarray(cluster), sort=True)[0]
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes) if len(codes) else np.zeros(0, dtype=np.int64)
    first = np.cumsum(sizes) - sizes
    draw = _therapists if resampled == WHOLE else _both
    step = max(1, CELLS // max(len(codes), 1))
    for done in range(0, replicates, step):
        block = np.empty((min(step, replicates - done), len(codes)))
        for row in block:
            row[order] = draw(sizes, first, rng)
        yield block


def percentile_level(confidence: float, cluster: ArrayLike, resampled: str = WHOLE) -> float:
    r"""Level at which percentiles of cluster replicates hold with the given confidence.

    Replicates of G whole clusters have (G − 1)/G of the variance, and their percentiles are as
    close to the estimate as those of a normal distribution, not of t with G − 1 degrees of freedom.
    Both is made good by percentiles further out,

    .. math:: 2\,\Phi\big(\sqrt{G/(G-1)}\;t_{G-1,\,(1+\text{confidence})/2}\big) - 1 .

    Replicates in which patients are drawn anew are too wide already: the confidence itself, and
    with fewer than two clusters, where nothing varies.

    Parameters
    ----------
    confidence : float
        Such as 0.95.
    cluster : array, shape (patients,)
        As for `two_stage_weights`.
    resampled : {"therapists", "therapists_and_patients"}
        As for `two_stage_weights`.

    Notes
    -----
    The expanded percentile interval of Hesterberg (2015), The American Statistician 69:371;
    recalled.

    Examples
    --------
    >>> round(percentile_level(0.95, range(10)), 4), round(percentile_level(0.95, range(1000)), 4)
    (0.9829, 0.9504)
    """
    groups = len(np.unique(np.asarray(cluster)))
    if groups < 2 or resampled != WHOLE:
        return confidence
    t = float(stdtrit(groups - 1, 0.5 + confidence / 2.0))
    return float(2.0 * ndtr(np.sqrt(groups / (groups - 1)) * t) - 1.0)


def _both(
    sizes: NDArray[np.int64], first: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    drawn = rng.integers(0, len(sizes), len(sizes))
    repeated = np.repeat(drawn, sizes[drawn])
    within = (rng.random(len(repeated)) * sizes[repeated]).astype(np.int64)
    return np.bincount(first[repeated] + within, minlength=int(sizes.sum()))


def _therapists(
    sizes: NDArray[np.int64], first: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    drawn = rng.integers(0, len(sizes), len(sizes))
    return np.repeat(np.bincount(drawn, minlength=len(sizes)), sizes)
