r"""Likelihood of a growth model from cross products, with its gradient.

Rows of person i in group j have

.. math:: y = X\beta + Z b_i + W c_j + e, \qquad
    b_i \sim N(0, \sigma^2\Psi),\; c_j \sim N(0, \sigma^2\Gamma),\; e \sim N(0, \sigma^2 I)

with W the first columns of Z. :math:`\Psi = \Lambda\Lambda^\top` and
:math:`\Gamma = \Delta\Delta^\top` have lower triangular roots, whose elements are the parameters
θ. The likelihood is even in each column of a root, so that 0, the end of the range of an SD, lies
within the range of θ, and the search needs no bounds.

Persons go first: with :math:`D = I + Z\Psi Z^\top`,

.. math:: D^{-1} = I - Z B Z^\top, \quad
    B = \Lambda (I + \Lambda^\top Z^\top Z \Lambda)^{-1} \Lambda^\top .

Then groups: with :math:`K = W^\top D^{-1} W`,

.. math:: V^{-1} = D^{-1} - D^{-1} W E W^\top D^{-1}, \quad
    E = \Delta (I + \Delta^\top K \Delta)^{-1} \Delta^\top .

All that is needed of the rows is Z'U within stints. K is a matrix for each group where a person
stays with one, and a single matrix of all groups where persons change. With
:math:`N = [X\,y]^\top V^{-1} [X\,y]` the fixed effects and σ² have closed forms, and

.. math:: \frac{\partial}{\partial \Psi}(-2L) = \sum_i \Big(Z_i^\top V^{-1} Z_i
    - T_i N_{XX}^{-1} T_i^\top - g_i g_i^\top / \sigma^2\Big), \quad
    T_i = Z_i^\top V^{-1} X,\; g_i = Z_i^\top V^{-1} (y - X\hat\beta),

without the middle term for maximum likelihood; the same with W for Γ.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.growth.statistics import Shard, Statistics, by

NONE = np.zeros((0, 0, 0))


@dataclass(frozen=True)
class Shape:
    """Random effects of a person, `q`, and of a group, `r`; r = 0 without groups."""

    q: int
    r: int

    @property
    def size(self) -> int:
        """Number of elements of θ."""
        return (self.q * (self.q + 1) + self.r * (self.r + 1)) // 2

    def roots(self, theta: Floats) -> tuple[Floats, Floats]:
        """Λ and Δ of θ, which lists their lower triangles row by row.

        Examples
        --------
        >>> Shape(2, 1).roots(np.array([1.0, 2.0, 3.0, 4.0]))[0].tolist()
        [[1.0, 0.0], [2.0, 3.0]]
        """
        first = self.q * (self.q + 1) // 2
        return _lower(theta[:first], self.q), _lower(theta[first:], self.r)

    def theta(self, person: Floats, group: Floats) -> Floats:
        """Elements of the lower triangles of two matrices of the shapes of Λ and Δ."""
        return np.concatenate([person[np.tril_indices(self.q)], group[np.tril_indices(self.r)]])


def _lower(elements: Floats, n: int) -> Floats:
    out = np.zeros((n, n))
    out[np.tril_indices(n)] = elements
    return out


@dataclass(frozen=True)
class Part:
    """What one shard gives to the likelihood at one θ.

    Parameters
    ----------
    logdet : float
        log |V|, V in units of σ².
    loss : array, shape (p + 1, p + 1)
        [X y]'(I − V⁻¹)[X y].
    person_pulls : array, shape (q, p + 1, P)
        Z'V⁻¹ [X y] of persons.
    person_information : array, shape (q, q, P)
        Z'V⁻¹Z of persons.
    group_pulls : array, shape (r, p + 1, J)
        W'V⁻¹ [X y] of groups.
    group_information : array, shape (r, r, J)
        W'V⁻¹W of groups.
    """

    logdet: float
    loss: Floats
    person_pulls: Floats
    person_information: Floats
    group_pulls: Floats
    group_information: Floats


@dataclass(frozen=True)
class Point:
    """The likelihood at one θ, and what its derivatives and predictions need; scaled units.

    Parameters
    ----------
    theta : array, shape (k,)
    deviance : float
        −2 L, at the best β and σ².
    beta : array, shape (p,)
    sigma2 : float
    inverse : array, shape (p, p)
        N_XX⁻¹; times σ² the covariance of β.
    parts : tuple of Part
        One for each shard.
    """

    theta: Floats
    deviance: float
    beta: Floats
    sigma2: float
    inverse: Floats
    parts: tuple[Part, ...]

    @cached_property
    def squares(self) -> tuple[Floats, Floats]:
        """Σ tt' of all pulls t of persons, shape (q, p + 1, q, p + 1), and of groups."""
        person = sum(_squares(part.person_pulls) for part in self.parts)
        return np.asarray(person), np.asarray(sum(_squares(p.group_pulls) for p in self.parts))

    def residual_squares(self) -> list[Floats]:
        """Σ gg' of persons, shape (q, q), and of groups, shape (r, r)."""
        v = np.append(-self.beta, 1.0)
        return [np.einsum("ajbk,j,k->ab", each, v, v) for each in self.squares]


def residual_pull(pulls: Floats, beta: Floats) -> Floats:
    """Pull of the residuals, g = Z'V⁻¹(y − Xβ), shape (q, P).

    Parameters
    ----------
    pulls : array, shape (q, p + 1, P)
    beta : array, shape (p,)
    """
    return np.asarray(pulls[:, -1] - np.einsum("ajP,j->aP", pulls[:, :-1], beta))


@dataclass(frozen=True)
class GrowthLikelihood:
    """−2 log-likelihood, restricted or not, of θ.

    Parameters
    ----------
    data : Statistics
    shape : Shape
    reml : bool
    logdet : float
        Of the correlation of residuals, of which the statistics are free.
    """

    data: Statistics
    shape: Shape
    reml: bool
    logdet: float = 0.0

    @property
    def freedom(self) -> int:
        """Divisor of the residual variance."""
        return self.data.rows - (self.data.columns if self.reml else 0)

    def at(self, theta: Floats) -> Point:
        """Evaluate at θ."""
        roots = self.shape.roots(theta)
        parts = tuple(eliminate(shard, *roots) for shard in self.data.shards)
        N = self.data.total - sum(part.loss for part in parts)
        logdet = self.logdet + sum(part.logdet for part in parts)
        root = np.linalg.cholesky(N[:-1, :-1])
        half = solve_triangular(root, N[:-1, -1], lower=True)
        beta = solve_triangular(root.T, half)
        if self.reml:
            logdet += 2.0 * float(np.log(np.diag(root)).sum())
        sigma2 = float(N[-1, -1] - half @ half) / self.freedom
        deviance = logdet + self.freedom * (np.log(2.0 * np.pi * sigma2) + 1.0)
        inverse_root = solve_triangular(root, np.eye(len(root)), lower=True)
        return Point(theta, deviance, beta, sigma2, inverse_root.T @ inverse_root, parts)

    def slopes(self, at: Point, sigma2: float | None = None) -> tuple[Floats, Floats]:
        """Differentiate −2L in Ψ, shape (q, q), and Γ, shape (r, r), at the best or a given σ²."""
        variance = at.sigma2 if sigma2 is None else sigma2
        person, group = (-square / variance for square in at.residual_squares())
        person += sum(part.person_information.sum(axis=-1) for part in at.parts)
        group += sum(part.group_information.sum(axis=-1) for part in at.parts)
        if self.reml:
            known = [each[:, :-1, :, :-1] for each in at.squares]
            person -= np.einsum("ajbk,jk->ab", known[0], at.inverse)
            group -= np.einsum("ajbk,jk->ab", known[1], at.inverse)
        return person, group

    def gradient(self, at: Point, sigma2: float | None = None) -> Floats:
        """Differentiate −2L in θ, shape (k,)."""
        root, group_root = self.shape.roots(at.theta)
        person, group = self.slopes(at, sigma2)
        return self.shape.theta(2.0 * person @ root, 2.0 * group @ group_root)

    def variance_slope(self, at: Point, weights: Floats) -> Floats:
        """Differentiate in θ w'N_XX⁻¹w, shape (k,), with w = `weights`, shape (p,)."""
        root, group_root = self.shape.roots(at.theta)
        v = np.append(at.inverse @ weights, 0.0)
        person, group = (np.einsum("ajbk,j,k->ab", each, v, v) for each in at.squares)
        return self.shape.theta(2.0 * person @ root, 2.0 * group @ group_root)


def eliminate(shard: Shard, root: Floats, group_root: Floats) -> Part:
    """Take persons, then groups, out of the cross products of a shard.

    Parameters
    ----------
    shard : Shard
    root, group_root : array, shape (q, q) and (r, r)
        Λ and Δ.
    """
    q, r, ZU = len(root), len(group_root), shard.totals
    L = _cholesky(np.eye(q)[:, :, None] + _turn(root, _turn(root, ZU[:, :q]).swapaxes(0, 1)))
    Y = _forward(L, _turn(root, ZU))
    logdet = 2.0 * float(sum(np.log(L[a, a]).sum() for a in range(q)))
    flat = Y[:, q:].swapaxes(0, 1).reshape(Y.shape[1] - q, -1)
    loss = flat @ flat.T
    pulls = ZU - np.einsum("caP,cjP->ajP", Y[:, :q], Y)
    if not r:
        none = np.zeros((0, len(loss), 0))
        return Part(logdet, loss, pulls[:, q:], pulls[:, :q], none, NONE)
    groups = (
        _Groups.crossed(shard, r, L, root, Y) if shard.crossed else _Groups.apart(shard, r, pulls)
    )
    return groups.eliminate(group_root, Part(logdet, loss, pulls[:, q:], pulls[:, :q], NONE, NONE))


@dataclass(frozen=True)
class _Groups:
    """The second step of the elimination: G systems of n groups each, n = 1 or G = 1.

    Parameters
    ----------
    shard : Shard
    K : array, shape (G, n r, n r)
        W'D⁻¹W.
    Q : array, shape (G, n r, p + 1)
        W'D⁻¹[X y].
    sides : array, shape (q, r, K)
        Z'D⁻¹W of a person with the rows of each stint.
    """

    shard: Shard
    K: Floats
    Q: Floats
    sides: Floats

    @classmethod
    def apart(cls, shard: Shard, r: int, weighted: Floats) -> "_Groups":
        """Each group by itself, from Z'D⁻¹U of persons, shape (q, q + p + 1, P)."""
        summed = by(shard.group, len(shard.groups), weighted[:r]).transpose(2, 0, 1)
        return cls(shard, summed[:, :, :r], summed[:, :, len(weighted) :], weighted[:, :r])

    @classmethod
    def crossed(cls, shard: Shard, r: int, L: Floats, root: Floats, Y: Floats) -> "_Groups":
        """All groups together, as persons link them."""
        q, J, person, stints = len(root), len(shard.groups), shard.person, shard.stints
        own = _forward(L[..., person], _turn(root, stints))
        whole = Y[..., person]
        weighted = stints[:r] - np.einsum("caP,cjP->ajP", own[:, :r], whole)
        Q = by(shard.group, J, weighted[:, q:]).transpose(2, 0, 1)
        sides = stints[:, :r] - np.einsum("caP,cbP->abP", whole[:, :q], own[:, :r])
        first, second = shard.pairs
        between = -np.einsum("caP,cbP->abP", own[:, :r, first], own[:, :r, second])
        between[:, :, first == second] += stints[:r, :r]
        blocks = by(shard.group[first] * J + shard.group[second], J * J, between)
        K = blocks.reshape(r, r, J, J).transpose(2, 0, 3, 1).reshape(1, J * r, J * r)
        return cls(shard, K, Q.reshape(1, J * r, -1), sides)

    def eliminate(self, root: Floats, persons: Part) -> Part:
        """Complete what persons alone give."""
        r, J, n = len(root), len(self.shard.groups), self.K.shape[1] // len(root)
        wide = np.kron(np.eye(n), root)
        A = np.eye(n * r) + wide.T @ self.K @ wide
        E = wide @ np.linalg.solve(A, np.broadcast_to(wide.T, A.shape))
        EQ = E @ self.Q
        blocks = (self.K - self.K @ E @ self.K).reshape(-1, n, r, n, r)
        effects = EQ.reshape(J, r, -1).transpose(1, 2, 0)
        part, square = self._of_persons(E, effects)
        return Part(
            logdet=persons.logdet + float(np.linalg.slogdet(A)[1].sum()),
            loss=persons.loss + np.einsum("gaj,gak->jk", self.Q, EQ),
            person_pulls=persons.person_pulls - part,
            person_information=persons.person_information - square,
            group_pulls=(self.Q - self.K @ EQ).reshape(J, r, -1).transpose(1, 2, 0),
            group_information=np.einsum("gnanb->abgn", blocks).reshape(r, r, J),
        )

    def _of_persons(self, E: Floats, effects: Floats) -> tuple[Floats, Floats]:
        """Give the groups' part in Z'D⁻¹[X y] and Z'D⁻¹Z of persons."""
        shard, (r, _, J) = self.shard, effects.shape
        part = np.einsum("abP,bjP->ajP", self.sides, effects[..., shard.group])
        first, second = shard.pairs
        if not shard.crossed:
            right = np.einsum("abP,cbP->acP", E.transpose(1, 2, 0)[..., shard.group], self.sides)
            return part, np.einsum("abP,bcP->acP", self.sides, right)
        own = E.reshape(J, r, J, r)[shard.group[first], :, shard.group[second], :]
        right = np.einsum("abP,cbP->acP", own.transpose(1, 2, 0), self.sides[..., second])
        square = np.einsum("abP,bcP->acP", self.sides[..., first], right)
        n = len(shard.persons)
        return by(shard.person, n, part), by(shard.person[first], n, square)


def _turn(root: Floats, ZU: Floats) -> Floats:
    """Λ'Z'U of persons or stints."""
    return np.einsum("ba,bjP->ajP", root, ZU)


def _squares(pulls: Floats) -> Floats:
    q, m, n = pulls.shape
    flat = pulls.reshape(q * m, n)
    return (flat @ flat.T).reshape(q, m, q, m)


def _cholesky(A: Floats) -> Floats:
    """Lower roots of small matrices, shape (q, q, P)."""
    L = np.zeros_like(A)
    for a in range(len(A)):
        for b in range(a + 1):
            left = A[a, b] - sum(L[a, c] * L[b, c] for c in range(b))
            L[a, b] = np.sqrt(left) if a == b else left / L[b, b]
    return L


def _forward(L: Floats, G: Floats) -> Floats:
    """L⁻¹G, for L of shape (q, q, P) and G of shape (q, m, P)."""
    out = np.empty_like(G)
    for a in range(len(G)):
        left = G[a] - sum(L[a, c] * out[c] for c in range(a))
        out[a] = left / L[a, a]
    return out
