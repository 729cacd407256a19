"""Free text: long cells that differ from row to row."""

import numpy as np

WORDS = 5  # of a cell that may be free text
ALONE = 8  # of one that is even where it is the only one
REPEATED = 2  # rows a text; a label stands in more

WHY = "cells hold free text, in which anything may stand"
ADVICE = "remove it, or replace it by codes"


def free_texts(words: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which distinct texts of a column are free text and no labels.

    Parameters
    ----------
    words : array of int, shape (n,)
        Words of each distinct text.
    rows : array of int, shape (n,)
        How many rows it stands in.

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> free_texts(np.array([6, 7, 9, 1]), np.array([1, 1, 1, 40])).tolist()
    [True, True, True, False]
    >>> free_texts(np.array([7, 6]), np.array([40, 20])).tolist()
    [False, False]
    """
    long = (words >= WORDS) & (rows <= REPEATED)
    if long.sum() >= 3 and long.sum() >= 0.5 * (words >= WORDS).sum():
        return long
    return (words >= ALONE) & (rows == 1)
