"""Maximise a smooth log-likelihood by Newton steps that always climb."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from rupture_outcome.engine.multilevel.links import Array

# Newton decrement squared (about twice the log-likelihood still to be gained) at which to stop.
TOLERANCE = 1e-12
MAX_STEPS = 100
MAX_HALVINGS = 40
# Smallest share of the largest curvature, in unit-diagonal scale, that a direction is given.
FLOOR = 1e-13


class Point(Protocol):
    """A log-likelihood evaluated at a parameter vector."""

    @property
    def theta(self) -> Array:
        """The parameter vector."""
        ...

    @property
    def value(self) -> float:
        """The log-likelihood."""
        ...


P = TypeVar("P", bound=Point)


class Objective(Protocol[P]):
    """A log-likelihood with first and second derivatives."""

    def evaluate(self, theta: Array, near: P | None = None) -> P:
        """Log-likelihood at `theta`; `near` is a point not far away."""
        ...

    def derivatives(self, at: P) -> tuple[Array, Array]:
        """Gradient and Hessian."""
        ...


@dataclass(frozen=True)
class Optimum(Generic[P]):
    """Where the search ended.

    `decrement` is g'(−H)⁻¹g; `converged` that it is small and −H positive definite.
    """

    point: P
    gradient: Array
    hessian: Array
    decrement: float
    steps: int
    converged: bool


def maximise(
    objective: Objective[P], start: Array, max_steps: int = MAX_STEPS, near: P | None = None
) -> Optimum[P]:
    """Climb from `start`.

    A direction of wrong or no curvature is climbed as if it had the opposite sign, and steps are
    halved until the log-likelihood rises by a small part of what the slope promises.

    Parameters
    ----------
    objective : Objective
        A log-likelihood with its derivatives.
    start : array, shape (parameters,)
    max_steps : int
    near : Point, optional
        Not far from the start, of a problem that differs little.

    Examples
    --------
    A log-odds from one event in four rows, log(1/3):

    >>> from rupture_outcome.engine.multilevel.glm import PlainLikelihood
    >>> from rupture_outcome.engine.multilevel.marginal_likelihood import Grouped
    >>> y = np.array([1.0, 0.0, 0.0, 0.0])
    >>> data = Grouped.of(np.ones((4, 1)), y, np.zeros(4, int), "logit")
    >>> found = maximise(PlainLikelihood(data), np.zeros(1))
    >>> found.point.theta.round(4).tolist(), found.converged
    ([-1.0986], True)
    """
    point = objective.evaluate(start, near)
    gradient, hessian = objective.derivatives(point)
    taken = -1
    for taken in range(max_steps):
        step, concave = ascent_step(gradient, hessian)
        decrement = float(gradient @ step)
        if decrement < TOLERANCE and concave:
            return Optimum(point, gradient, hessian, decrement, taken, True)
        new = _climb(objective, point, step, decrement)
        if new is None:
            break
        point = new
        gradient, hessian = objective.derivatives(point)
    step, concave = ascent_step(gradient, hessian)
    decrement = float(gradient @ step)
    # Rounding may stop the climb a hair from the tolerance.
    done = concave and decrement < 1e4 * TOLERANCE
    return Optimum(point, gradient, hessian, decrement, taken + 1, done)


def ascent_step(gradient: Array, hessian: Array) -> tuple[Array, bool]:
    """Newton step with curvatures made positive, and whether they all were.

    Examples
    --------
    At a slope of 2 and a curvature of −4 the top of a parabola is half a unit away:

    >>> step, concave = ascent_step(np.array([2.0]), np.array([[-4.0]]))
    >>> step.tolist(), concave
    ([0.5], True)
    """
    size = np.sqrt(np.abs(np.diag(hessian)))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(-hessian / np.outer(size, size))
    floor = FLOOR * max(float(np.abs(values).max()), 1e-300)
    step = vectors @ ((vectors.T @ (gradient / size)) / np.maximum(np.abs(values), floor))
    return step / size, bool(values.min() > floor)


def _climb(objective: Objective[P], point: P, step: Array, slope: float) -> P | None:
    noise = 1e-13 * max(abs(point.value), 1.0)
    for halving in range(MAX_HALVINGS):
        length = 0.5**halving
        trial = objective.evaluate(point.theta + length * step, point)
        if trial.value >= point.value + 1e-4 * length * slope - noise:
            return trial
    return None
