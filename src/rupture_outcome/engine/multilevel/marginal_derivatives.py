"""Exact gradient and Hessian of the marginal log-likelihood.

Notation of `marginal_likelihood`; a subscript is a derivative, θ = (β, σ), x̃ = (x, u) = η_θ, e =
η_θu the unit vector of σ, d_m the m-th derivative of a row's log-likelihood and S_m its total
within a group:

    h_θ = Σ d_1 x̃                    h_uθ = σ Σ d_2 x̃ + S_1 e
    h_uuθ = σ² Σ d_3 x̃ + 2σ S_2 e     h_uuuθ = σ³ Σ d_4 x̃ + 3σ² S_3 e

and h_θθ, h_uθθ, h_uuθθ likewise. Differentiating h_u(û; θ) = 0 and Q = −h_uu(û; θ) = τ⁻² gives

    û_θ = v = h_uθ / Q
    û_θθ = [h_uθθ + h_uuθ v' + v h_uuθ' + h_uuu v v'] / Q
    (log τ)_θ = t = [h_uuθ + h_uuu v] / 2Q
    (log τ)_θθ = [h_uuθθ + h_uuuθ v' + v h_uuuθ' + h_uuuu v v' + h_uuu û_θθ] / 2Q + 2 t t'.

A node u_k = û + τ z_k moves by v + τ z_k t, which gives the derivatives of f_k, and with the shares
p_k of the nodes L_θ = Σ p_k f_kθ, L_θθ = Σ p_k f_kθθ + Σ p_k (f_kθ − L_θ)(f_kθ − L_θ)'. All that
concerns pairs of rows of a group passes through group totals, so that the Hessian costs one
weighted cross product of the design and outer products over groups.
"""

from dataclasses import dataclass

import numpy as np

from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.multilevel.marginal_likelihood import (
    Expansion,
    Grouped,
    MarginalLikelihood,
)


def score(like: MarginalLikelihood, at: Expansion) -> Array:
    """Gradient of the log-likelihood in θ = (β, σ), shape (columns + 1,)."""
    return np.sum([_score_of(own, at.part(block)) for block, own in like.blocks], axis=0)


def score_and_hessian(like: MarginalLikelihood, at: Expansion) -> tuple[Array, Array]:
    """Gradient, and Hessian of shape (columns + 1, columns + 1)."""
    parts = [_score_and_hessian_of(own, at.part(block)) for block, own in like.blocks]
    gradients, hessians = zip(*parts, strict=True)
    return np.sum(gradients, axis=0), np.sum(hessians, axis=0)


def _score_of(like: MarginalLikelihood, at: Expansion) -> Array:
    local = _local(like, at)
    return _score(like.data, at, local, _over_nodes(like, at, local))


def _score_and_hessian_of(like: MarginalLikelihood, at: Expansion) -> tuple[Array, Array]:
    local = _local(like, at)
    nodes = _over_nodes(like, at, local)
    return _score(like.data, at, local, nodes), _hessian(like, at, local, nodes)


@dataclass(frozen=True)
class _Local:
    """Derivatives at the mode: of rows `d[m − 1]`, and their group totals `S[m − 1]`."""

    d: tuple[Array, ...]
    S: list[Array]


@dataclass(frozen=True)
class _Nodes:
    """What the nodes add up to.

    `u`, `S1`, `slopes` (h_u) have shape (groups, nodes); `d1` (rows,) is Σ_k p_k d_1. `tilt` τ Σ
    p_k h_u z_k, `width` (1 + tilt)/2Q and `bend` [Σ p_k h_u + width·h_uuu]/Q are what (log τ)_θθ
    beyond t t', and û_θθ weigh in L_θθ; they weigh the first derivatives in L_θ too.
    """

    u: Array
    S1: Array
    slopes: Array
    d1: Array
    tilt: Array
    width: Array
    bend: Array


def _local(like: MarginalLikelihood, at: Expansion) -> _Local:
    d = at.slopes or like.slopes(at.fixed, at.sd, at.modes)
    return _Local(d, [like.data.total(each) for each in d])


def _over_nodes(like: MarginalLikelihood, at: Expansion, local: _Local) -> _Nodes:
    u = at.modes[:, None] + at.scales[:, None] * like.nodes
    if like.quadrature == 1:
        d1, S1 = local.d[0], local.S[0][:, None]
    else:
        d1, S1 = _first_derivatives(like.data, at, u)
    slopes = at.sd * S1 - u
    Q = at.scales**-2
    tilt = at.scales * (at.shares * slopes * like.nodes).sum(axis=1)
    width = (1.0 + tilt) / (2.0 * Q)
    bend = ((at.shares * slopes).sum(axis=1) + width * at.sd**3 * local.S[2]) / Q
    return _Nodes(u, S1, slopes, d1, tilt, width, bend)


def _first_derivatives(data: Grouped, at: Expansion, u: Array) -> tuple[Array, Array]:
    mean, S1 = np.zeros_like(at.fixed), np.empty_like(u)
    for k in range(u.shape[1]):
        d1 = data.derivatives(at.fixed + data.spread(at.sd * u[:, k]), 1)[0]
        mean += data.spread(at.shares[:, k]) * d1
        S1[:, k] = data.total(d1)
    return mean, S1


def _score(data: Grouped, at: Expansion, local: _Local, nodes: _Nodes) -> Array:
    sd, u = at.sd, at.modes
    S1, S2, S3 = local.S[:3]
    by_row = (
        nodes.d1
        + data.spread(sd**2 * nodes.width) * local.d[2]
        + data.spread(sd * nodes.bend) * local.d[1]
    )
    of_sd = (
        (at.shares * nodes.u * nodes.S1).sum(axis=1)
        + nodes.width * (sd**2 * u * S3 + 2.0 * sd * S2)
        + nodes.bend * (sd * u * S2 + S1)
    )
    return np.append(data.X.sums(by_row), of_sd.sum())


@dataclass(frozen=True)
class _Moves:
    """Group by group, shape (groups, columns + 1): h_uuθ, h_uuuθ, v and t of the module's head."""

    h_uut: Array
    h_uuut: Array
    v: Array
    t: Array
    A: list[Array]


def _moves(data: Grouped, at: Expansion, local: _Local) -> _Moves:
    sd, u = at.sd, at.modes
    S1, S2, S3, S4 = local.S
    A = [data.total_rows(each) for each in local.d[1:]]
    half = (at.scales**2)[:, None]
    h_ut = np.column_stack([sd * A[0], sd * u * S2 + S1])
    h_uut = np.column_stack([sd**2 * A[1], sd**2 * u * S3 + 2.0 * sd * S2])
    h_uuut = np.column_stack([sd**3 * A[2], sd**3 * u * S4 + 3.0 * sd**2 * S3])
    v = h_ut * half
    t = (h_uut + (sd**3 * S3)[:, None] * v) * half / 2.0
    return _Moves(h_uut, h_uuut, v, t, A)


def _hessian(like: MarginalLikelihood, at: Expansion, local: _Local, nodes: _Nodes) -> Array:
    moves = _moves(like.data, at, local)
    bend, width = nodes.bend[:, None], nodes.width[:, None]
    cubic, quartic = at.sd**3 * local.S[2], at.sd**4 * local.S[3]
    of_v = bend * moves.h_uut + width * moves.h_uuut
    of_vv = (nodes.bend * cubic + nodes.width * quartic)[:, None]
    out = _symmetric(of_v, moves.v) + (of_vv * moves.v).T @ moves.v
    out += ((2.0 + 3.0 * nodes.tilt)[:, None] * moves.t).T @ moves.t
    between, by_row = _between_nodes(like, at, local, nodes, moves)
    return out + between + _within_rows(like.data, at, local, nodes, moves, by_row)


def _within_rows(
    data: Grouped, at: Expansion, local: _Local, nodes: _Nodes, moves: _Moves, by_row: Array
) -> Array:
    """Terms in h_θθ, h_uθθ and h_uuθθ; `by_row` is Σ_k p_k d_2, the nodes bring its σ parts."""
    sd, u, bend, width = at.sd, at.modes, nodes.bend, nodes.width
    _, S2, S3, S4 = local.S
    A2, A3, A4 = moves.A
    weight = by_row + data.spread(sd**2 * width) * local.d[3] + data.spread(sd * bend) * local.d[2]
    cross = (width * sd**2 * u) @ A4 + (2.0 * sd * width + sd * bend * u) @ A3 + bend @ A2
    corner = width * (sd**2 * u**2 * S4 + 4.0 * sd * u * S3 + 2.0 * S2)
    corner += bend * (sd * u**2 * S3 + 2.0 * u * S2)
    return _bordered(data.X.cross(weight), cross, float(corner.sum()))


def _between_nodes(
    like: MarginalLikelihood, at: Expansion, local: _Local, nodes: _Nodes, moves: _Moves
) -> tuple[Array, Array]:
    """Terms of the nodes: h_uθ, h_uu, the σ parts of h_θθ, and the spread of f_θ over nodes."""
    sd, v, t = at.sd, moves.v, moves.t
    columns, z = v.shape[1] - 1, at.scales[:, None] * like.nodes
    if like.quadrature == 1:
        # One node has no spread, and is the mode.
        by_row, S2, A2, A2_z = local.d[1], local.S[1][:, None], moves.A[0], 0.0 * moves.A[0]
        out = np.zeros((columns + 1, columns + 1))
    else:
        second, out = _spread(like, at, nodes, moves)
        by_row, S2 = second.by_row, second.S2
        A2, A2_z = (like.data.total_rows(each) for each in (by_row, second.by_row_z))
    side = at.shares * (sd * nodes.u * S2 + nodes.S1)
    out += _symmetric(np.column_stack([sd * A2, side.sum(axis=1)]), v)
    out += _symmetric(np.column_stack([sd * A2_z, (side * z).sum(axis=1)]), t)
    curved = at.shares * (sd**2 * S2 - 1.0)
    out += _products(curved, curved * z, curved * z**2, moves)
    cross = at.modes @ A2 + A2_z.sum(axis=0)
    corner = float((at.shares * nodes.u**2 * S2).sum())
    return out + _bordered(np.zeros((columns, columns)), cross, corner), by_row


@dataclass(frozen=True)
class _Second:
    """Second derivatives at the nodes.

    `by_row` and `by_row_z`, shape (rows,), are Σ p_k d_2 and Σ p_k τ z_k d_2; `S2` has shape
    (groups, nodes).
    """

    by_row: Array
    by_row_z: Array
    S2: Array


def _spread(
    like: MarginalLikelihood, at: Expansion, nodes: _Nodes, moves: _Moves
) -> tuple[_Second, Array]:
    """Second derivatives at the nodes, and Σ p_k (f_kθ − L_θ)(f_kθ − L_θ)'.

    With a = S_1 x̃ and s = h_u at a node, each minus its mean over the nodes, f_kθ − L_θ is
    a + s v + (s τz) t. Products of a with v and t need totals over rows of Σ p_k s d_1 only.
    """
    data, shares, z = like.data, at.shares, at.scales[:, None] * like.nodes
    slope, bent = (_centred(each, shares) for each in (nodes.slopes, nodes.slopes * z))
    height = _centred(nodes.u * nodes.S1, shares)
    first = [np.zeros_like(at.fixed) for _ in range(2)]
    second = [np.zeros_like(at.fixed) for _ in range(2)]
    S2 = np.empty_like(nodes.u)
    out = np.zeros((moves.v.shape[1], moves.v.shape[1]))
    for k in range(len(like.nodes)):
        d1, d2 = data.derivatives(at.fixed + data.spread(at.sd * nodes.u[:, k]), 2)
        S2[:, k] = data.total(d2)
        for total, weight in zip(second, (shares[:, k], shares[:, k] * z[:, k]), strict=True):
            total += data.spread(weight) * d2
        for total, weight in zip(first, (slope[:, k], bent[:, k]), strict=True):
            total += data.spread(shares[:, k] * weight) * d1
        root = np.sqrt(shares[:, k])
        d1 -= nodes.d1
        d1 *= data.spread(root)
        a = np.column_stack([data.total_rows(d1), root * height[:, k]])
        out += a.T @ a
    for by_row, weight, move in zip(first, (slope, bent), (moves.v, moves.t), strict=True):
        in_sd = (shares * weight * height).sum(axis=1)
        out += _symmetric(np.column_stack([data.total_rows(by_row), in_sd]), move)
    out += _products(shares * slope**2, shares * slope * bent, shares * bent**2, moves)
    return _Second(second[0], second[1], S2), out


def _centred(values: Array, shares: Array) -> Array:
    return values - (shares * values).sum(axis=1, keepdims=True)


def _products(of_v: Array, of_both: Array, of_t: Array, moves: _Moves) -> Array:
    """Σ over groups and nodes of `of_v` v v' + `of_both` (v t' + t v') + `of_t` t t'."""
    v, t = moves.v, moves.t
    out = (of_v.sum(axis=1)[:, None] * v).T @ v + (of_t.sum(axis=1)[:, None] * t).T @ t
    return out + _symmetric(of_both.sum(axis=1)[:, None] * v, t)


def _symmetric(a: Array, b: Array) -> Array:
    product = a.T @ b
    return product + product.T


def _bordered(square: Array, side: Array, corner: float) -> Array:
    return np.block([[square, side[:, None]], [side[None, :], np.array([[corner]])]])
