"""Find coefficients whose maximum-likelihood estimate is infinite.

The data are separated when some direction δ has x_i'δ ≥ 0 in every row with the event, ≤ 0 in every
row without, and not 0 in all rows: the likelihood then rises for ever along δ, for any value of the
group effects. A category in which nobody had the event is the usual case. Rows with x_i'δ ≠ 0 are
fitted perfectly in the limit, the other rows decide the rest of the coefficients.

Sources: Albert and Anderson (1984), Biometrika 71:1; Konis (2007) for the linear programme;
Correia, Guimarães and Zylkin (2019) for repeating it on the rows left over. In R:
`detectseparation::detect_separation`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from rupture_outcome.engine.multilevel.links import Array

# A row whose log-likelihood is above this may be fitted perfectly; on a converged path those that
# are come out far above it, because the stopping rule of the search is tighter.
CERTAIN = -1e-6
RANK_TOLERANCE = 1e-9
LP_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Separation:
    """What separation does to a fit.

    Parameters
    ----------
    rows : array of bool, shape (rows,)
        Rows fitted perfectly in the limit.
    size : array, shape (columns,)
        Root mean square of each column, by which directions are scaled.
    free : array, shape (columns, d)
        Basis of the directions in which rows without a perfect fit do not change.
    cones : tuple of arrays, shape (·, d)
        Round after round, the rows whose sign a separating direction must respect, in that basis.
    open : array, shape (columns, ·)
        Basis of the directions in which the rows left over do not change.
    """

    rows: NDArray[np.bool_]
    size: Array
    free: Array
    cones: tuple[Array, ...]
    open: Array

    @property
    def complete(self) -> bool:
        """Whether every row is fitted perfectly."""
        return bool(self.rows.all())

    def limits(self, combinations: Array) -> Array:
        """Limits of linear combinations of the coefficients, shape (·, columns) → (·,).

        0 for a combination with a finite estimate, else ±inf, or nan where the data leave its sign
        open.
        """
        scaled = combinations / self.size
        reach = np.maximum(np.abs(scaled).max(axis=1, keepdims=True), 1e-300)
        out = np.zeros(len(scaled))
        moving = np.abs(scaled / reach @ self.open).max(axis=1, initial=0.0) > LP_TOLERANCE
        if moving.any():
            patterns = (scaled / reach @ self.free)[moving].round(9)
            unique, where = np.unique(patterns, axis=0, return_inverse=True)
            out[moving] = np.array([self._limit(each) for each in unique])[where.ravel()]
        return out

    def _limit(self, direction: Array) -> float:
        for cone in self.cones:
            low = direction @ _solve(direction, cone)
            high = direction @ _solve(-direction, cone)
            if low < -LP_TOLERANCE or high > LP_TOLERANCE:
                both = low < -LP_TOLERANCE and high > LP_TOLERANCE
                return float("nan") if both else float(np.copysign(np.inf, high + low))
        return float("nan")


def find_separation(X: Array, y: Array, loglik: Array) -> Separation | None:
    """Look for separation after a fit without group effects.

    Parameters
    ----------
    X : array, shape (rows, columns), of full column rank
    y : array of 0 and 1, shape (rows,)
    loglik : array, shape (rows,)
        Log-likelihood of each row where that fit stopped.

    Returns
    -------
    Separation or None
        None when every coefficient has a finite estimate.

    Examples
    --------
    Nobody in the second category has the event, so its effect goes to −∞:

    >>> X = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    >>> loglik = np.array([-0.69, -0.69, -1e-9, -1e-9])
    >>> found = find_separation(X, np.array([1.0, 0.0, 0.0, 0.0]), loglik)
    >>> found.rows.tolist(), found.limits(np.eye(2)).tolist()
    ([False, False, True, True], [0.0, -inf])
    """
    candidates = loglik > CERTAIN
    if not candidates.any():
        return None
    size = np.sqrt((X**2).mean(axis=0))
    free = null_space(X[~candidates] / size)
    if free.shape[1] == 0:
        return None
    rows, cones, left = np.zeros(len(y), dtype=bool), [], np.flatnonzero(candidates)
    while left.size:
        signed = (2.0 * y[left] - 1.0)[:, None] * ((X[left] / size) @ free)
        cone = np.unique(signed.round(12), axis=0)
        perfect = signed @ _solve(-cone.sum(axis=0), cone) > LP_TOLERANCE
        if not perfect.any():
            break
        cones.append(cone)
        rows[left[perfect]] = True
        left = left[~perfect]
    if not cones:
        return None
    return Separation(rows, size, free, tuple(cones), null_space(X[~rows] / size))


def null_space(X: Array) -> Array:
    """Orthonormal basis of {δ: Xδ = 0}, shape (columns, dimension).

    Examples
    --------
    >>> X = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> np.abs(null_space(X)).round(4).ravel().tolist()  # along (1, −1, 0)
    [0.7071, 0.7071, 0.0]
    """
    if len(X) == 0:
        return np.eye(X.shape[1])
    R = np.linalg.qr(X, mode="r")
    _, values, vectors = np.linalg.svd(R)
    values = np.append(values, np.zeros(X.shape[1] - len(values)))
    return vectors[values <= RANK_TOLERANCE * max(values[0], 1e-300)].T


def _solve(cost: Array, signed: Array) -> Array:
    """Minimise cost'δ over separating directions δ in the box [−1, 1]."""
    found = linprog(cost, A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1.0, 1.0))
    return found.x if found.success else np.zeros(len(cost))
