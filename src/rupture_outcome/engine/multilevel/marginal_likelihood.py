"""Marginal log-likelihood of a random-intercept model by adaptive Gauss–Hermite quadrature.

For group j with rows i, linear predictor η_i = x_i'β + σu and u ~ N(0, 1), write

    h(u; θ) = Σ_i w_i ℓ(y_i, η_i) − u²/2,   θ = (β, σ),
    û = argmax h,   τ = (−h_uu(û))^−½,   u_k = û + τ z_k.

Adaptive Gauss–Hermite quadrature with nodes z_k and weights ω_k gives

    L_j = log Σ_k exp(f_k),   f_k = log ω_k + z_k²/2 + log τ + h(u_k; θ),

which is the Laplace approximation for one node. The curvature is the observed one under both links.
The nodes move with θ, and the derivatives in `marginal_derivatives` follow them.

Sources: Tierney and Kadane (1986) for Laplace, Pinheiro and Bates (1995) for the adaptive rule.
"""

from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.multilevel.links import LINKS, Array, Kernel
from rupture_outcome.engine.multilevel.patterned import Patterned

# Newton steps converge quadratically: a step of this size leaves a mode exact to about 1e-14.
MODE_STEP = 1e-7
MODE_ROUNDS = 200
# On an exponential slope Newton gains one unit of η a step; from here on every other step bisects.
PATIENCE = 20
# Rows that are worked on at one time: few enough for a processor's cache. No group is cut.
BLOCK = 16_384


@dataclass(frozen=True)
class Grouped:
    """Rows of one problem, sorted by group.

    Parameters
    ----------
    X : Patterned, shape (rows, columns)
    kernel : Kernel
        Of the outcome of the same rows.
    starts : array of int, shape (groups,)
        Where each group begins; every group has at least one row.
    weights : array, shape (rows,), optional
        Frequency weights.
    """

    X: Patterned
    kernel: Kernel
    starts: NDArray[np.intp]
    weights: Array | None = None
    counts: NDArray[np.intp] = field(init=False)
    group: NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        counts = np.diff(np.append(self.starts, self.X.shape[0]))
        object.__setattr__(self, "counts", counts)
        object.__setattr__(self, "group", np.repeat(np.arange(len(counts)), counts))

    @classmethod
    def of(
        cls, X: Array, y: Array, codes: NDArray[np.intp], link: str, weights: Array | None = None
    ) -> "Grouped":
        """Build from rows already sorted by `codes`, the number of each row's group.

        Parameters
        ----------
        X : array, shape (rows, columns)
        y : array of 0 and 1, shape (rows,)
        codes : array of int, shape (rows,)
            In ascending order.
        link : {"logit", "cloglog"}
        weights : array, shape (rows,), optional
            Frequency weights.
        """
        starts = np.flatnonzero(np.append(True, np.diff(codes) > 0))
        return cls(Patterned.of(X), LINKS[link](y), starts, weights)

    @cached_property
    def blocks(self) -> "tuple[Block, ...]":
        """All groups, a block of them at a time; a likelihood is a sum over groups."""
        ends = np.append(self.starts, self.X.shape[0])
        number = self.starts // BLOCK
        cuts = np.append(np.flatnonzero(np.diff(number, prepend=-1)), len(self.starts))
        if len(cuts) == 2:
            return (Block(slice(None), slice(None), self),)
        spans = zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
        return tuple(self._block(slice(a, b), slice(int(ends[a]), int(ends[b]))) for a, b in spans)

    def _block(self, groups: slice, rows: slice) -> "Block":
        weights = None if self.weights is None else self.weights[rows]
        starts = self.starts[groups] - rows.start
        return Block(
            groups, rows, Grouped(self.X.part(rows), self.kernel.part(rows), starts, weights)
        )

    def spread(self, by_group: Array) -> Array:
        """Repeat a value of each group over its rows."""
        return np.repeat(by_group, self.counts)

    def total(self, by_row: Array) -> Array:
        """Sum a value of each row within groups."""
        return np.add.reduceat(by_row, self.starts)

    def total_rows(self, by_row: Array) -> Array:
        """Sum `by_row` times the rows of X within groups: shape (groups, columns)."""
        return self.X.totals(by_row, self.starts, self.group)

    def loglik(self, eta: Array) -> Array:
        """Weighted log-likelihood of every row."""
        value = self.kernel.loglik(eta)
        return value if self.weights is None else value * self.weights

    def derivatives(self, eta: Array, order: int) -> list[Array]:
        """Weighted derivatives 1 … `order` of the log-likelihood of every row."""
        out = self.kernel.derivatives(eta, order)
        return out if self.weights is None else [d * self.weights for d in out]


@dataclass(frozen=True)
class Block:
    """Some groups and their rows, as a problem of their own."""

    groups: slice
    rows: slice
    data: Grouped


@dataclass(frozen=True)
class Expansion:
    """The integrand of every group around its mode, at one parameter vector.

    `modes` û and `scales` τ have shape (groups,), `shares` – the weight of each node in the
    integral – (groups, nodes), `by_group` the log-likelihood contributions; `value` is their sum;
    `slopes` are the derivatives 1 … 4 of the log-likelihood of every row at the mode, None where
    they are not kept.
    """

    theta: Array
    fixed: Array
    modes: Array
    scales: Array
    shares: Array
    by_group: Array
    value: float
    slopes: tuple[Array, ...] | None = None

    @property
    def sd(self) -> float:
        """σ."""
        return float(self.theta[-1])

    def part(self, block: Block) -> "Expansion":
        """Give the expansion of some groups."""
        own, rows = block.groups, block.rows
        return Expansion(
            self.theta,
            self.fixed[rows],
            self.modes[own],
            self.scales[own],
            self.shares[own],
            self.by_group[own],
            float(self.by_group[own].sum()),
            None if self.slopes is None else tuple(each[rows] for each in self.slopes),
        )


@dataclass(frozen=True)
class MarginalLikelihood:
    """Marginal log-likelihood as a function of θ = (β, σ).

    It is even in σ, so σ may take either sign while it is maximised.

    Parameters
    ----------
    data : Grouped
    quadrature : int
        Number of nodes; 1 is the Laplace approximation.
    """

    data: Grouped
    quadrature: int = 1
    nodes: Array = field(init=False)
    log_weights: Array = field(init=False)

    def __post_init__(self) -> None:
        z, log_weights = _rule(self.quadrature)
        object.__setattr__(self, "nodes", z)
        object.__setattr__(self, "log_weights", log_weights)

    @property
    def blocks(self) -> "list[tuple[Block, MarginalLikelihood]]":
        """Likelihoods of blocks of groups, of which this one is the sum."""
        return [(block, replace(self, data=block.data)) for block in self.data.blocks]

    def evaluate(self, theta: Array, near: Expansion | None = None) -> Expansion:
        """Expand around the modes at θ; `near` holds modes to start from."""
        start = np.zeros(len(self.data.starts)) if near is None else near.modes
        parts = [like._expand(theta, start[block.groups]) for block, like in self.blocks]
        return parts[0] if len(parts) == 1 else _together(parts)

    def _expand(self, theta: Array, start: Array) -> Expansion:
        beta, sd = theta[:-1], float(theta[-1])
        fixed = self.data.X.times(beta)
        modes = find_modes(self.data, fixed, sd, start)
        slopes = self.slopes(fixed, sd, modes)
        scales = 1.0 / np.sqrt(1.0 - sd**2 * self.data.total(slopes[1]))
        f = np.column_stack([self._log_term(fixed, sd, modes, scales, k) for k in self._each()])
        top = f.max(axis=1)
        relative = np.exp(f - top[:, None])
        by_group = top + np.log(relative.sum(axis=1))
        shares = relative / relative.sum(axis=1, keepdims=True)
        value = float(by_group.sum())
        return Expansion(theta, fixed, modes, scales, shares, by_group, value, slopes)

    def slopes(self, fixed: Array, sd: float, modes: Array) -> tuple[Array, ...]:
        """Differentiate the log-likelihood of every row four times, at the mode of its group.

        Parameters
        ----------
        fixed : array, shape (rows,)
            Xβ.
        sd : float
            σ.
        modes : array, shape (groups,)
        """
        return tuple(self.data.derivatives(fixed + self.data.spread(sd * modes), 4))

    def _each(self) -> range:
        return range(len(self.nodes))

    def _log_term(self, fixed: Array, sd: float, modes: Array, scales: Array, k: int) -> Array:
        u = modes + scales * self.nodes[k]
        inside = self.data.total(self.data.loglik(fixed + self.data.spread(sd * u)))
        return self.log_weights[k] + np.log(scales) + inside - u**2 / 2.0


@cache
def _rule(nodes: int) -> tuple[Array, Array]:
    """Nodes z_k, and log ω_k + z_k²/2."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    return z, np.log(weight / np.sqrt(2.0 * np.pi)) + z**2 / 2.0


def _together(parts: list[Expansion]) -> Expansion:
    fixed, modes, scales, shares, by_group = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("fixed", "modes", "scales", "shares", "by_group")
    )
    slopes = zip(*[part.slopes or () for part in parts], strict=True)
    kept = tuple(np.concatenate(each) for each in slopes)
    value = float(by_group.sum())
    return Expansion(parts[0].theta, fixed, modes, scales, shares, by_group, value, kept or None)


def find_modes(data: Grouped, fixed: Array, sd: float, start: Array) -> Array:
    """Maximise h over u in all groups at once by safeguarded Newton steps.

    −h is strictly convex with curvature of at least 1, so the mode lies between u and u + h_u(u)
    for any u: every evaluation narrows that bracket, and a step that leaves it, or that does not
    halve |h_u|, is replaced by bisection.

    Parameters
    ----------
    data : Grouped
    fixed : array, shape (rows,)
        Xβ.
    sd : float
        σ.
    start : array, shape (groups,)
        Where to begin.

    Returns
    -------
    array, shape (groups,)
        û, in SDs of the groups.

    Examples
    --------
    A group of one row with an event: û = σ (1 − p(σ û)), which is 1 / (1 + exp(û)) at σ = 1.

    >>> one = np.ones(1)
    >>> data = Grouped.of(np.ones((1, 1)), one, np.zeros(1, int), "logit")
    >>> mode = find_modes(data, 0 * one, 1.0, 0 * one)
    >>> mode.round(4).tolist(), (1 / (1 + np.exp(mode))).round(4).tolist()
    ([0.4011], [0.4011])
    """
    u = start.copy()
    lower, upper = np.full_like(u, -np.inf), np.full_like(u, np.inf)
    last = np.full_like(u, np.inf)
    for round_ in range(MODE_ROUNDS):
        first, second = data.derivatives(fixed + data.spread(sd * u), 2)
        slope = sd * data.total(first) - u
        rising = slope > 0
        lower = np.maximum(lower, np.where(rising, u, u + slope))
        upper = np.minimum(upper, np.where(rising, u + slope, u))
        newton = u + slope / (1.0 - sd**2 * data.total(second))
        stalled = round_ > PATIENCE and round_ % 2 == 1
        bad = stalled | (newton < lower) | (newton > upper) | (np.abs(slope) > 0.5 * last)
        new = np.where(bad & (upper - lower > MODE_STEP), (lower + upper) / 2.0, newton)
        moved, u, last = np.max(np.abs(new - u)), new, np.abs(slope)
        if moved < MODE_STEP:
            break
    return u
