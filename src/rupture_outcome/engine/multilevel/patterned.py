"""Products with a design in which rows agree in most columns: what they share is computed once.

Columns of 0 and 1 – intercept, bands of sessions, states, categories – are the same in rows of the
same pattern, and there are few patterns: X = [U[p_i], Z], with U of shape (patterns, columns of 0
and 1), the pattern p_i of each row, and the other columns Z. Then

    X'WX = [ U' diag(s) U   U' S ]     s = Σ of w over the rows of a pattern,
           [      S' U     Z'WZ  ]     S = Σ of w z over the rows of a pattern,

so that a cross product costs a sum over rows instead of a product of all columns in each of them;
and a product Xβ costs one addition a row and column of Z.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from rupture_outcome.engine.multilevel.links import Array

# Rows of a block of a weighted cross product: small enough to stay in the processor's cache.
BLOCK = 8192
# Columns of 0 and 1 whose pattern is a whole number that a double holds exactly.
DIGITS = 50
# A table of groups by patterns is filled if it is not much larger than the rows are many.
FILLED = 2


@dataclass(frozen=True)
class Patterned:
    """A design, shape (rows, columns).

    Parameters
    ----------
    patterns : array of 0 and 1, shape (patterns, columns of 0 and 1)
    pattern : array of int, shape (rows,)
        Pattern of each row.
    numbers : array, shape (rows, other columns)
    places : array of int, shape (columns of 0 and 1,)
        Where in the design these columns stand.
    others : array of int, shape (other columns,)
        Where the others stand.

    Examples
    --------
    >>> X = Patterned.of(np.array([[1.0, 0.0, 0.5], [1.0, 1.0, -2.0], [1.0, 0.0, 3.0]]))
    >>> X.patterns.tolist(), X.pattern.tolist(), X.numbers.ravel().tolist()
    ([[1.0, 0.0], [1.0, 1.0]], [0, 1, 0], [0.5, -2.0, 3.0])
    >>> X.times(np.array([1.0, 10.0, 100.0])).tolist()
    [51.0, -189.0, 301.0]
    """

    patterns: Array
    pattern: NDArray[np.intp]
    numbers: Array
    places: NDArray[np.intp]
    others: NDArray[np.intp]
    shape: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        columns = len(self.places) + len(self.others)
        object.__setattr__(self, "shape", (len(self.pattern), columns))

    @classmethod
    def of(cls, X: Array) -> "Patterned":
        """Find the columns of 0 and 1 and the patterns of the rows in them.

        Parameters
        ----------
        X : array, shape (rows, columns)
        """
        two = ((X == 0) | (X == 1)).all(axis=0)
        places, others = np.flatnonzero(two), np.flatnonzero(~two)
        patterns, pattern = _distinct(X[:, places])
        return cls(patterns, pattern, np.ascontiguousarray(X[:, others]), places, others)

    def times(self, beta: Array) -> Array:
        """Xβ, shape (rows,)."""
        out: Array = (self.patterns @ beta[self.places])[self.pattern]
        if len(self.others):
            out += self.numbers @ beta[self.others]
        return out

    def sums(self, by_row: Array) -> Array:
        """X'v, shape (columns,)."""
        out = np.empty(self.shape[1])
        out[self.places] = self._by_pattern(by_row) @ self.patterns
        out[self.others] = by_row @ self.numbers
        return out

    def cross(self, weight: Array) -> Array:
        """X' diag(weight) X, shape (columns, columns).

        Examples
        --------
        >>> X = Patterned.of(np.array([[1.0, 2.0], [1.0, 3.0]]))
        >>> X.cross(np.array([1.0, 2.0])).tolist()
        [[3.0, 8.0], [8.0, 22.0]]
        """
        out = np.empty((self.shape[1], self.shape[1]))
        shared = (self.patterns * self._by_pattern(weight)[:, None]).T @ self.patterns
        out[np.ix_(self.places, self.places)] = shared
        if len(self.others):
            sides = [self._by_pattern(weight * column) for column in self.numbers.T]
            side = self.patterns.T @ np.column_stack(sides)
            out[np.ix_(self.places, self.others)] = side
            out[np.ix_(self.others, self.places)] = side.T
            out[np.ix_(self.others, self.others)] = weighted_cross(self.numbers, weight)
        return out

    def quadratic(self, A: Array) -> Array:
        """X'Ax of each row x, for a symmetric A: shape (rows,).

        Examples
        --------
        >>> X = Patterned.of(np.array([[1.0, 2.0], [0.0, 3.0]]))
        >>> X.quadratic(np.array([[1.0, 0.5], [0.5, 2.0]])).tolist()
        [11.0, 18.0]
        """
        U, places, others = self.patterns, self.places, self.others
        shared = np.einsum("pi,ij,pj->p", U, A[np.ix_(places, places)], U, optimize=True)
        out: Array = shared[self.pattern]
        if len(others):
            mixed = (2.0 * U @ A[np.ix_(places, others)])[self.pattern]
            mixed += self.numbers @ A[np.ix_(others, others)]
            out += np.einsum("ij,ij->i", mixed, self.numbers)
        return out

    def totals(self, by_row: Array, starts: NDArray[np.intp], group: NDArray[np.intp]) -> Array:
        """Sum `by_row` times the rows of X within groups.

        Parameters
        ----------
        by_row : array, shape (rows,)
        starts : array of int, shape (groups,)
            Where each group begins; its rows follow each other.
        group : array of int, shape (rows,)
            Number of each row's group.

        Returns
        -------
        array, shape (groups, columns)
        """
        groups, patterns = len(starts), len(self.patterns)
        out = np.empty((groups, self.shape[1]))
        if groups * patterns <= FILLED * len(by_row):
            cells = np.bincount(group * patterns + self.pattern, by_row, groups * patterns)
            shared = cells.reshape(groups, patterns) @ self.patterns
        else:
            ends = np.append(starts, len(by_row))
            cells = sparse.csr_array((by_row, self.pattern, ends), shape=(groups, patterns))
            shared = cells @ self.patterns
        out[:, self.places] = shared
        for place, column in zip(self.others, self.numbers.T, strict=True):
            out[:, place] = np.add.reduceat(by_row * column, starts)
        return out

    def changed(self, rows: NDArray[np.intp], values: Mapping[int, float]) -> "Patterned":
        """Set columns of 0 and 1 to other values in some rows.

        Parameters
        ----------
        rows : array of int, shape (changed,)
            Which.
        values : mapping of int to float
            By column of the design: 0 or 1.

        Examples
        --------
        >>> X = Patterned.of(np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]))
        >>> X.changed(np.array([1]), {1: 1.0}).times(np.array([1.0, 10.0])).tolist()
        [1.0, 11.0, 11.0]
        """
        other = self.patterns.copy()
        other[:, np.searchsorted(self.places, list(values))] = list(values.values())
        pattern = self.pattern.copy()
        pattern[rows] += len(other)
        patterns, number = _distinct(np.vstack([self.patterns, other]))
        return replace(self, patterns=patterns, pattern=number[pattern])

    def part(self, rows: slice) -> "Patterned":
        """Give the design of some rows, with the patterns that occur in them."""
        used, pattern = np.unique(self.pattern[rows], return_inverse=True)
        own = self.patterns[used], pattern.ravel(), self.numbers[rows]
        return Patterned(*own, self.places, self.others)

    def _by_pattern(self, by_row: Array) -> Array:
        out: Array = np.bincount(self.pattern, by_row, len(self.patterns)).astype(float, copy=False)
        return out


def weighted_cross(X: Array, weight: Array) -> Array:
    """X' diag(weight) X.

    Examples
    --------
    >>> weighted_cross(np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([1.0, 2.0])).tolist()
    [[3.0, 8.0], [8.0, 22.0]]
    """
    out = np.zeros((X.shape[1], X.shape[1]))
    for begin in range(0, len(X), BLOCK):
        rows = X[begin : begin + BLOCK]
        out += (rows * weight[begin : begin + BLOCK, None]).T @ rows
    return out


def _distinct(digits: Array) -> tuple[Array, NDArray[np.intp]]:
    """Different rows of 0 and 1, in the order in which they first occur, and which each row is."""
    number = np.zeros(len(digits), dtype=np.intp)
    for begin in range(0, digits.shape[1], DIGITS):
        block = digits[:, begin : begin + DIGITS]
        part = pd.factorize(block @ 2.0 ** np.arange(block.shape[1]))[0]
        number = pd.factorize(number * (int(part.max(initial=0)) + 1) + part)[0]
    first = np.empty(int(number.max(initial=-1)) + 1, dtype=np.intp)
    first[number[::-1]] = np.arange(len(digits))[::-1]
    return np.ascontiguousarray(digits[first]), number
