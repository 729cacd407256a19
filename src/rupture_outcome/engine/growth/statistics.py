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
# Groups with persons in common that are worked on at one time, unless all of them are linked.
LINKED = 48


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


def scaled(y: Floats, X: Floats, slope: Floats | None) -> tuple[Units, Floats, Floats, Floats]:
    """Bring outcome, design and slope to scaled units.

    Parameters
    ----------
    y : array, shape (rows,)
    X : array, shape (rows, p)
        Of full column rank.
    slope : array, shape (rows,), or None

    Returns
    -------
    units, y, X, Z
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
    center, width, Z = 0.0, 1.0, np.ones((len(y), 1))
    if slope is not None:
        center, width = float(slope.mean()), float(slope.std())
        Z = np.column_stack([Z, (slope - center) / width])
    units = Units(back @ start, back, scale, center, width)
    return units, left / (scale or 1.0), design, Z


@dataclass(frozen=True)
class Chain:
    """Which row of its person each row follows, and how long after, in whole units of time.

    Residuals that far apart have the correlation ρ^gap (AR(1)). A row less what it keeps of the one
    before, (u − ρ^g u₋)/√(1 − ρ^2g), is independent of it.

    Parameters
    ----------
    before : array of int, shape (rows,)
        −1 for the first row of a person.
    gap : array, shape (rows,)
        1 there.
    """

    before: Rows
    gap: Floats

    @classmethod
    def of(cls, person: Rows, time: Floats) -> "Chain":
        """Order the rows of each person by time.

        Examples
        --------
        >>> found = Chain.of(np.array([0, 1, 0]), np.array([4.0, 1.0, 2.0]))
        >>> found.before.tolist(), found.gap.tolist()
        ([2, -1, -1], [2.0, 1.0, 1.0])
        """
        order = np.lexsort((time, person))
        same = np.append(False, person[order][1:] == person[order][:-1])
        before, gap = np.full(len(order), -1), np.ones(len(order))
        before[order[same]] = order[np.flatnonzero(same) - 1]
        gap[order[same]] = np.diff(time[order], prepend=0.0)[same]
        return cls(before, gap)

    def logdet(self, rho: float) -> float:
        """Log-determinant of the correlation matrix of all residuals."""
        return float(np.log1p(-(rho ** (2.0 * self.gap[self.before >= 0]))).sum())

    def independent(self, columns: Floats, rho: float) -> Floats:
        """Rows of columns, shape (rows, k), as they are when residuals are independent."""
        follows = self.before >= 0
        keeps = np.where(follows, np.sign(rho) ** self.gap * abs(rho) ** self.gap, 0.0)
        left = columns - keeps[:, None] * columns[self.before]
        return np.asarray(left / np.sqrt(1.0 - keeps**2)[:, None])


def statistics(y: Floats, X: Floats, Z: Floats, person: Rows, group: Rows | None) -> Statistics:
    """Add up cross products by stint.

    Parameters
    ----------
    y : array, shape (rows,)
    X : array, shape (rows, p)
    Z : array, shape (rows, q)
        All three in scaled units.
    person : array of int, shape (rows,)
    group : array of int, shape (rows,), or None
        Codes from 0 on, each in use.

    Examples
    --------
    >>> y, X = np.array([1.0, 2.0, 3.0]), np.ones((3, 1))
    >>> (shard,) = statistics(y, X, X, np.array([0, 0, 1]), None).shards
    >>> shard.stints[0].tolist()  # for each person the rows, twice, and the sum of y
    [[2.0, 1.0], [2.0, 1.0], [3.0, 3.0]]
    """
    whom = np.zeros(len(y), dtype=np.intp) if group is None else group
    width = int(whom.max()) + 1
    keys, stint = np.unique(person * width + whom, return_inverse=True)
    sums = [[np.bincount(stint, left * right) for right in (*Z.T, *X.T, y)] for left in Z.T]
    joint = np.column_stack([X, y])
    person_of, group_of = np.divmod(keys, width)
    shards = _shards(np.array(sums), person_of, person_of if group is None else group_of)
    return Statistics(tuple(shards), joint.T @ joint, len(y))


def _shards(stints: Floats, person: Rows, group: Rows) -> Iterator[Shard]:
    """Cut stints where persons and groups fall apart; groups that share persons stay together.

    Islands of groups with persons in common go into shards of their own, a few groups each: all
    groups of such a shard are one system of equations.
    """
    n = int(person.max()) + 1
    size = n + int(group.max()) + 1
    edges = sparse.csr_array((np.ones(len(person)), (person, n + group)), shape=(size, size))
    label = csgraph.connected_components(edges, directed=False)[1]
    island = label[person]
    linked = np.bincount(island) > np.bincount(island[np.unique(person, return_index=True)[1]])
    groups = np.bincount(label[n:], minlength=len(linked))
    order = np.lexsort((island, linked[island]))
    ends = [int(i) + 1 for i in np.flatnonzero(np.diff(island[order], append=-1))]
    begin = together = 0
    for end, following in zip(ends, [*ends[1:], 0], strict=True):
        here, then = island[order[end - 1]], island[order[following - 1]]
        together += int(groups[here])
        wide = linked[here] and together + groups[then] > LINKED
        if wide or linked[here] != linked[then] or not following or end - begin >= SHARD:
            yield _shard(stints, person, group, np.sort(order[begin:end]))
            begin, together = end, 0


def _shard(stints: Floats, person: Rows, group: Rows, chosen: Rows) -> Shard:
    persons, own = np.unique(person[chosen], return_inverse=True)
    groups, whom = np.unique(group[chosen], return_inverse=True)
    return Shard(np.ascontiguousarray(stints[:, :, chosen]), own, whom, persons, groups)
