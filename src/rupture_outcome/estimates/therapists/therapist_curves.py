"""Joint likelihood of two outcomes whose therapist effects are correlated.

Given the effects b = (b₁, b₂) of therapist j, the sessions at risk of the one outcome and of the
other are independent, so that his likelihood is

    ∫∫ L_j1(a₁ + b₁) L_j2(a₂ + b₂) φ(b; Σ) db,   b = Λu,  u ~ N(0, I),  Λ lower triangular,

with L_jk(x) = Π_i P(y_i | η_i + x) over his sessions at risk of outcome k, and a_k a shift of the
intercept. L_jk is computed once, as a curve in x; afterwards nothing depends on the number of
sessions.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.polynomial import chebyshev
from numpy.polynomial.hermite_e import hermegauss
from scipy.interpolate import CubicSpline

from rupture_outcome.engine.multilevel.links import Array

# A therapist's effect beyond e^±8 does not occur; up to an SD of 2 nothing is lost beyond.
HALF_WIDTH = 8.0
# The curves have no singularity within π of the real axis (logit; π/2 under cloglog), so that this
# many Chebyshev points give them to about 1e-13 (1e-7) of the rows' log-likelihood.
CHEBYSHEV = 80
STEPS = 256
MODE_ROUNDS, MODE_STEP = 60, 1e-6


class Factor(NamedTuple):
    """Shifts a₁, a₂ of the intercepts and the lower triangle Λ of the covariance Σ = ΛΛ'."""

    shift_1: float
    shift_2: float
    l11: float
    l21: float
    l22: float


@dataclass(frozen=True)
class Curves:
    """log L_j(x) of every therapist as a cubic spline: `coefficients` (4, therapists, steps)."""

    coefficients: Array

    @classmethod
    def of(cls, fit: Any, therapists: pd.Index) -> "Curves":
        """Compute the curves of a fit; flat for a therapist without a session at risk.

        Parameters
        ----------
        fit : MultilevelHazardResults
            Its coefficients are held at their estimates.
        therapists : Index
            Whom to compute them for, in this order.
        """
        data, fixed = fit.fitted.like.data, fit.fitted.point.fixed
        nodes = HALF_WIDTH * chebyshev.chebpts1(CHEBYSHEV)
        at_nodes = np.array([data.total(data.loglik(fixed + x)) for x in nodes])
        grid = np.linspace(-HALF_WIDTH, HALF_WIDTH, STEPS + 1)
        values = np.zeros((STEPS + 1, len(therapists)))
        place = therapists.get_indexer(fit.model.group_labels[fit.fitted.groups_used])
        values[:, place] = _between(nodes, grid) @ at_nodes
        return cls(np.ascontiguousarray(CubicSpline(grid, values).c.swapaxes(1, 2)))

    def evaluate(self, x: Array) -> tuple[Array, Array, Array]:
        """Value and two derivatives at `x`, shape (therapists,) or (therapists, points)."""
        (c0, c1, c2, c3), t = self._piece(x)
        value = ((c0 * t + c1) * t + c2) * t + c3
        return value, (3.0 * c0 * t + 2.0 * c1) * t + c2, 6.0 * c0 * t + 2.0 * c1

    def _piece(self, x: Array) -> tuple[Array, Array]:
        step = 2.0 * HALF_WIDTH / STEPS
        place = (np.clip(x, -HALF_WIDTH, HALF_WIDTH) + HALF_WIDTH) / step
        piece = np.minimum(place.astype(np.intp), STEPS - 1)
        therapists = self.coefficients.shape[1]
        first = STEPS * np.arange(therapists).reshape(-1, *[1] * (x.ndim - 1))
        flat = self.coefficients.reshape(4, therapists * STEPS)
        return flat.take(first + piece, axis=1), (place - piece) * step


@dataclass(frozen=True)
class JointLikelihood:
    """Log-likelihood of two outcomes by adaptive Gauss–Hermite quadrature in two dimensions.

    Parameters
    ----------
    first, second : Curves
        Of the two outcomes, for the same therapists.
    nodes : int
        In each dimension.
    """

    first: Curves
    second: Curves
    nodes: int = 7

    def evaluate(self, at: Factor) -> tuple[float, Array]:
        """Log-likelihood, up to the same constant for every argument, and its slope in `at`.

        The slope is the mean, given the data, of the slope of the integrand: that of the exact
        integral, from which the quadrature differs by less than 1e-6.
        """
        u, c11, c21, c22 = self._modes(at)
        z1, z2, log_weight = _nodes(self.nodes)
        u1 = u[0][:, None] + c11[:, None] * z1
        u2 = u[1][:, None] + c21[:, None] * z1 + c22[:, None] * z2
        x1, x2 = _effects(at, u1, u2)
        f1, d1, _ = self.first.evaluate(x1)
        f2, d2, _ = self.second.evaluate(x2)
        f = f1 + f2 + log_weight - (u1**2 + u2**2) / 2.0
        f += np.log(c11 * c22)[:, None]
        top = f.max(axis=1)
        share = np.exp(f - top[:, None])
        total = share.sum(axis=1)
        share /= total[:, None]
        slope = [(share * each).sum() for each in (d1, d2, d1 * u1, d2 * u1, d2 * u2)]
        return float((top + np.log(total)).sum()), np.array(slope)

    def _modes(self, at: Factor) -> tuple[tuple[Array, Array], Array, Array, Array]:
        """Modes u of the integrands, and the Cholesky factor of their inverse curvature."""
        u1 = np.zeros(self.first.coefficients.shape[1])
        u2 = u1.copy()
        for _ in range(MODE_ROUNDS):
            slope_1, slope_2, c11, c21, c22 = self._expand(at, u1, u2)
            first = c11 * slope_1 + c21 * slope_2
            step_1, step_2 = c11 * first, c21 * first + c22**2 * slope_2
            # No step beyond one prior SD: on a flat tail Newton's would overshoot.
            short = np.minimum(1.0, 1.0 / np.maximum(np.hypot(step_1, step_2), 1e-300))
            u1, u2 = u1 + short * step_1, u2 + short * step_2
            if np.hypot(step_1, step_2).max() < MODE_STEP:
                break
        return (u1, u2), *self._expand(at, u1, u2)[2:]

    def _expand(self, at: Factor, u1: Array, u2: Array) -> tuple[Array, Array, Array, Array, Array]:
        x1, x2 = _effects(at, u1, u2)
        _, d1, dd1 = self.first.evaluate(x1)
        _, d2, dd2 = self.second.evaluate(x2)
        # The log-likelihoods are concave; rounding must not say otherwise.
        dd1, dd2 = np.minimum(dd1, 0.0), np.minimum(dd2, 0.0)
        h11 = 1.0 - at.l11**2 * dd1 - at.l21**2 * dd2
        h21 = -at.l21 * at.l22 * dd2
        h22 = 1.0 - at.l22**2 * dd2
        determinant = h11 * h22 - h21**2
        c11 = np.sqrt(h22 / determinant)
        c21, c22 = -h21 / np.sqrt(h22 * determinant), 1.0 / np.sqrt(h22)
        return at.l11 * d1 + at.l21 * d2 - u1, at.l22 * d2 - u2, c11, c21, c22


@cache
def _nodes(n: int) -> tuple[Array, Array, Array]:
    """Nodes z of n × n Gauss–Hermite quadrature and log ω₁ω₂ + |z|²/2."""
    z, weight = hermegauss(n)
    z1, z2 = (each.ravel() for each in np.meshgrid(z, z, indexing="ij"))
    log_weight = np.log(np.outer(weight, weight).ravel() / (2.0 * np.pi))
    return z1, z2, log_weight + (z1**2 + z2**2) / 2.0


def _effects(at: Factor, u1: Array, u2: Array) -> tuple[Array, Array]:
    return at.shift_1 + at.l11 * u1, at.shift_2 + at.l21 * u1 + at.l22 * u2


def _between(nodes: Array, grid: Array) -> Array:
    """Matrix that takes values at Chebyshev points to values of their polynomial on a grid."""
    degree = len(nodes) - 1
    transform = 2.0 / len(nodes) * chebyshev.chebvander(nodes / HALF_WIDTH, degree).T
    transform[0] /= 2.0
    out: Array = chebyshev.chebvander(grid / HALF_WIDTH, degree) @ transform
    return out
