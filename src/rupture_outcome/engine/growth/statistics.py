"""What the likelihood of a growth model needs of the rows: cross products by person and group."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from rupture_outcome.engine.arrays import Floats, Rows

# Persons whose sums are worked on at one time.
SHARD = 4096


@dataclass(frozen=True)
class Units:
    """Linear changes that bring outcome, design and slope to the order of 1.

    The model is fitted to (y − X b) / s on X R⁻¹, with the slope variable less `center`, over
    `width`. Sums of squares then lose no digits, and one step size serves all parameters.

    Parameters
    ----------
    start : array, shape (p,)
        b, the least-squares coefficients.
    back : array, shape (p, p)
        R⁻¹, which turns coefficients of the scaled design into those of the design.
    scale : float
        s, the SD of the residuals.
    center, width : float
        Mean and SD of the slope variable; 0 and 1 where there is none.
    """

    start: Floats
    back: Floats
    scale: float
    center: float
    width: float

    def beta(self, scaled: Floats) -> Floats:
        """Coefficients of the design as given."""
        return self.start + self.scale * (self.back @ scaled)

    def beta_cov(self, scaled: Floats) -> Floats:
        """Their covariance."""
        return self.scale**2 * (self.back @ scaled @ self.back.T)

    def random(self, terms: int) -> Floats:
        """Matrix that turns random effects of so many terms into those of the rows as given."""
        T = np.eye(terms)
        if terms > 1:
            T[1, 1] = 1.0 / self.width
            T[0, 1] = -self.center / self.width
        return self.scale * T


@dataclass(frozen=True)
class Shard:
    """Sums over the rows of each stint, the rows of one person with one group.

    Columns of U = [Z X y] are those of the random effects, the fixed effects, and the outcome, in
    scaled units. The last axis counts stints or persons, so that sums over them run along memory;
    a shard is small enough for a processor's cache, and no person or group is in two of them.

    Parameters
    ----------
    stints : array, shape (q, q + p + 1, K)
        Z'U within stints.
    person, group : array of int, shape (K,)
        Whose stint it is, and with which group, numbered within the shard.
    persons, groups : array of int, shape (P,) and (J,)
        Their numbers among all.
    """

    stints: Floats
    person: Rows
    group: Rows
    persons: Rows
    groups: Rows

    @cached_property
    def crossed(self) -> bool:
        """Whether a person has stints with several groups."""
        return len(self.person) > len(self.persons)

    @cached_property
    def totals(self) -> Floats:
        """Z'U within persons, shape (q, q + p + 1, P)."""
        return self.stints if not self.crossed else by(self.person, len(self.persons), self.stints)

    @cached_property
    def pairs(self) -> tuple[Rows, Rows]:
        """Stints of one person, two by two, each with itself included."""
        n = len(self.person)
        if not self.crossed:
            return np.arange(n), np.arange(n)
        shape = (n, len(self.persons))
        own = sparse.csr_array((np.ones(n), (np.arange(n), self.person)), shape=shape)
        first, second = sparse.coo_array(own @ own.T).coords
        order = np.lexsort((second, first))
        return first[order].astype(np.intp), second[order].astype(np.intp)


@dataclass(frozen=True)
class Statistics:
    """All that a likelihood needs of the rows.

    Parameters
    ----------
    shards : tuple of Shard
    total : array, shape (p + 1, p + 1)
        [X y]'[X y] over all rows.
    rows : int
    """

    shards: tuple[Shard, ...]
    total: Floats
    rows: int

    @property
    def columns(self) -> int:
        """Fixed effects, p."""
        return self.total.shape[0] - 1


def by(codes: Rows, n: int, values: Floats) -> Floats:
    """Add up values along their last axis by code 0 … n − 1.

    Parameters
    ----------
    codes : array of int, shape (K,)
    n : int
    values : array, shape (..., K)

    Examples
    --------
    >>> by(np.array([0, 1, 1]), 2, np.array([[1.0, 2.0, 3.0]])).tolist()
    [[1.0, 5.0]]
    """
    flat = values.reshape(-1, values.shape[-1])
    out = np.empty((len(flat), n))
    for i, row in enumerate(flat):
        out[i] = np.bincount(codes, row, n)
    return out.reshape(*values.shape[:-1], n)


def scaled(
    y: Floats, X: Floats, slope: Floats | None
) -> tuple[Units, Floats, Floats, Floats | None]:
    """Bring outcome, design and slope to scaled units.

    Parameters
    ----------
    y : array, shape (rows,)
    X : array, shape (rows, p)
        Of full column rank.
    slope : array, shape (rows,), or None

    Returns
    -------
    units, y, X, slope
        X'X is the number of rows times the identity, and y orthogonal to X. The scale is 0, and y
        left as it is, where the design predicts the outcome without error.
    """
    size = np.sqrt(np.einsum("ij,ij->j", X, X) / len(y))
    R = np.linalg.qr(X / size, mode="r") / np.sqrt(len(y))
    back = np.linalg.inv(R) / size[:, None]
    design = X @ back
    start = design.T @ y / len(y)
    left = y - design @ start
    start += design.T @ left / len(y)  # the digits that the first pass lost
    left = y - design @ start
    scale = float(np.sqrt(left @ left / len(y)))
    if scale <= 1e-10 * float(np.abs(y).max(initial=0.0)):
        scale = 0.0
    center, width = 0.0, 1.0
    if slope is not None:
        center, width = float(slope.mean()), float(slope.std())
        slope = (slope - center) / width
    units = Units(back @ start, back, scale, center, width)
    return units, left / (scale or 1.0), design, slope


def statistics(
    y: Floats, X: Floats, slope: Floats | None, person: Rows, group: Rows | None
) -> Statistics:
    """Add up cross products by stint.

    Parameters
    ----------
    y : array, shape (rows,)
    X : array, shape (rows, p)
    slope : array, shape (rows,), or None
        All three in scaled units.
    person : array of int, shape (rows,)
    group : array of int, shape (rows,), or None
        Codes from 0 on, each in use.

    Examples
    --------
    >>> y, X = np.array([1.0, 2.0, 3.0]), np.ones((3, 1))
    >>> (shard,) = statistics(y, X, None, np.array([0, 0, 1]), None).shards
    >>> shard.stints[0].tolist()  # for each person the rows, twice, and the sum of y
    [[2.0, 1.0], [2.0, 1.0], [3.0, 3.0]]
    """
    whom = np.zeros(len(y), dtype=np.intp) if group is None else group
    width = int(whom.max()) + 1
    keys, stint = np.unique(person * width + whom, return_inverse=True)
    Z = [np.ones(len(y))] if slope is None else [np.ones(len(y)), slope]
    sums = [[np.bincount(stint, left * right) for right in (*Z, *X.T, y)] for left in Z]
    joint = np.column_stack([X, y])
    person_of, group_of = np.divmod(keys, width)
    shards = _shards(np.array(sums), person_of, person_of if group is None else group_of)
    return Statistics(tuple(shards), joint.T @ joint, len(y))


def _shards(stints: Floats, person: Rows, group: Rows) -> Iterator[Shard]:
    """Cut stints where persons and groups fall apart; groups that share persons stay together."""
    n = int(person.max()) + 1
    size = n + int(group.max()) + 1
    edges = sparse.csr_array((np.ones(len(person)), (person, n + group)), shape=(size, size))
    island = csgraph.connected_components(edges, directed=False)[1][person]
    linked = np.bincount(island) > np.bincount(island[np.unique(person, return_index=True)[1]])
    order = np.argsort(island, kind="stable")
    ends = [int(i) + 1 for i in np.flatnonzero(np.diff(island[order], append=-1))]
    begin = 0
    for end, following in zip(ends, [*ends[1:], 0], strict=True):
        alone = linked[island[order[end - 1]]] or linked[island[order[following - 1]]]
        if alone or not following or end - begin >= SHARD:
            yield _shard(stints, person, group, np.sort(order[begin:end]))
            begin = end


def _shard(stints: Floats, person: Rows, group: Rows, chosen: Rows) -> Shard:
    persons, own = np.unique(person[chosen], return_inverse=True)
    groups, whom = np.unique(group[chosen], return_inverse=True)
    return Shard(np.ascontiguousarray(stints[:, :, chosen]), own, whom, persons, groups)
