"""The model without group effects, as a start and as the boundary case σ = 0."""

from dataclasses import dataclass

import numpy as np

from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.multilevel.marginal_likelihood import Grouped


@dataclass(frozen=True)
class PlainPoint:
    """Log-likelihood at coefficients `theta`, with the linear predictor `eta` of every row."""

    theta: Array
    eta: Array
    value: float


@dataclass(frozen=True)
class PlainLikelihood:
    """Log-likelihood of a generalised linear model; the groups of `data` are ignored."""

    data: Grouped

    def evaluate(self, theta: Array, near: PlainPoint | None = None) -> PlainPoint:
        """Log-likelihood at `theta`."""
        eta = self.data.X.times(theta)
        return PlainPoint(theta, eta, float(self.data.loglik(eta).sum()))

    def derivatives(self, at: PlainPoint) -> tuple[Array, Array]:
        """Gradient and Hessian in the coefficients."""
        first, second = self.data.derivatives(at.eta, 2)
        return self.data.X.sums(first), self.data.X.cross(second)


@dataclass(frozen=True)
class VarianceScore:
    """Score test of σ² = 0 at the fit without group effects.

    `slope` is ∂L/∂σ² = ½ Σ_j (S_1² + S_2), S_m the m-th derivatives of the log-likelihood summed
    within a group, and `guess` the σ at which one step of Fisher scoring from 0 arrives.
    """

    slope: float
    guess: float


def variance_score(data: Grouped, at: PlainPoint) -> VarianceScore:
    """Evaluate the slope of the likelihood in σ² at 0."""
    first, second = (data.total(each) for each in data.derivatives(at.eta, 2))
    slope = float(0.5 * (first**2 + second).sum())
    return VarianceScore(slope, float(np.sqrt(max(2.0 * slope / (second**2).sum(), 0.0))))
