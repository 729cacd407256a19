"""Division of courses into levels by penalised least squares, many courses at once."""

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Bools, Floats, Rows

# Courses of a batch have similar lengths, and their arrays stay in the processor's cache.
BATCH = 512


def lower_levels(scores: Floats, starts: Rows, penalty: Floats, *, least: int) -> Bools:
    r"""Find the first scores of levels that are lower than the level before.

    Each course is divided where

    .. math:: \sum_j \sum_{\tau_j < t \le \tau_{j+1}} (x_t - \bar x_j)^2 + \beta m

    is smallest over all divisions into m + 1 levels of at least so many scores; of divisions that
    are equally good, the one whose last levels begin earliest.

    Parameters
    ----------
    scores : ndarray of float, shape (N,)
        Without missing values; course after course.
    starts : ndarray of int, shape (C + 1,)
        First score of each course, and N at the end. Each course has at least `least` scores.
    penalty : ndarray of float, shape (C,)
        β of each course, in squared points.
    least : int
        Fewest scores on a level.

    Returns
    -------
    ndarray of bool, shape (N,)

    Notes
    -----
    Optimal partitioning (Jackson et al. 2005): the best division of the first t scores ends in a
    level from s on, after the best division of the first s. In Python: `ruptures.KernelCPD` with
    the linear kernel, for one course.

    Examples
    --------
    >>> scores = np.array([50.0, 51, 50, 40, 41, 40, 30, 30, 30, 30])
    >>> np.flatnonzero(lower_levels(scores, np.array([0, 6, 10]), np.array([9.0, 9.0]), least=3))
    array([3])
    """
    lower = np.zeros(len(scores), bool)
    length = np.diff(starts)
    order = np.argsort(length, kind="stable")
    for batch in np.split(order, np.arange(BATCH, len(order), BATCH)):
        _mark(lower, scores, starts[:-1][batch], length[batch], penalty[batch], least)
    return lower


def _mark(
    lower: Bools, scores: Floats, first: Rows, length: Rows, penalty: Floats, least: int
) -> None:
    # Scores of the same place stand side by side, so that loops run over courses.
    place = np.arange(length.max(initial=0))[:, None]
    inside = place < length
    x = np.where(inside, scores[np.where(inside, first + place, 0)], 0.0)
    total, squares = _summed(x), _summed(x * x)
    begins = _last_levels(total, squares, penalty, least)
    course = np.arange(len(length))
    end, later = length, np.full(len(length), np.inf)
    while len(course):
        begin = begins[end, course]
        level = (total[end, course] - total[begin, course]) / (end - begin)
        lower[(first[course] + end)[later < level]] = True
        more = begin > 0
        course, end, later = course[more], begin[more], level[more]


def _summed(x: Floats) -> Floats:
    return np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(x, axis=0)])


def _last_levels(total: Floats, squares: Floats, penalty: Floats, least: int) -> NDArray[np.intp]:
    """Where the last level begins in the best division of the first t scores, for each t."""
    cost = np.full(total.shape, np.inf)
    cost[0] = 0.0
    begins = np.zeros(total.shape, np.intp)
    for t in range(least, len(total)):
        last = t - least + 1
        within = total[t] - total[:last]
        within *= within
        within /= (t - np.arange(last))[:, None]
        options = squares[t] - squares[:last]
        options -= within
        options += cost[:last]
        options += penalty
        begins[t] = options.argmin(axis=0)
        cost[t] = options.min(axis=0)
    return begins
