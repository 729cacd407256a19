"""Bootstrap of therapists and their patients: how often each patient is drawn."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

CELLS = 2**23
RESAMPLED = ("therapists_and_patients", "therapists")


def two_stage_weights(
    cluster: ArrayLike, replicates: int, rng: np.random.Generator, resampled: str = RESAMPLED[0]
) -> Iterator[NDArray[np.float64]]:
    """Draw therapists with replacement, then as many patients as each of them has, from his own.

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
    resampled : {"therapists_and_patients", "therapists"}
        Whether patients are drawn anew within each drawn therapist, or come with him as they are.

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
    Drawing therapists only is too liberal where they are few. Davison and Hinkley (1997, section
    3.8; recalled) compare the two.

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
    draw = _both if resampled == RESAMPLED[0] else _therapists
    step = max(1, CELLS // max(len(codes), 1))
    for done in range(0, replicates, step):
        block = np.empty((min(step, replicates - done), len(codes)))
        for row in block:
            row[order] = draw(sizes, first, rng)
        yield block


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
