"""Bootstrap of therapists, then of their patients: how often each patient is drawn."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

CELLS = 2**23


def two_stage_weights(
    cluster: ArrayLike, replicates: int, rng: np.random.Generator
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

    Yields
    ------
    array of float, shape (at most `replicates`, patients)
        How often each patient was drawn; blocks small enough for memory, together `replicates`
        rows. The blocks depend on the sizes and the generator only.

    Notes
    -----
    Davison and Hinkley (1997, section 3.8) discuss drawing at both stages. With therapists of
    few patients it is somewhat conservative: the second stage adds variance that the first already
    holds.

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
    step = max(1, CELLS // max(len(codes), 1))
    for done in range(0, replicates, step):
        block = np.empty((min(step, replicates - done), len(codes)))
        for row in block:
            row[order] = _draw(sizes, first, rng)
        yield block


def _draw(
    sizes: NDArray[np.int64], first: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    drawn = rng.integers(0, len(sizes), len(sizes))
    repeated = np.repeat(drawn, sizes[drawn])
    within = (rng.random(len(repeated)) * sizes[repeated]).astype(np.int64)
    return np.bincount(first[repeated] + within, minlength=int(sizes.sum()))
