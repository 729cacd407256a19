"""Maximum likelihood of hidden states, with errors that hold for clusters of persons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats, Rows
from rupture_outcome.engine.hidden_states.likelihood import HiddenLikelihood, Point
from rupture_outcome.engine.multilevel.newton import Optimum, ascent_step

MOST_STEPS = 500
MOST_POLISHING = 5
# Of one search after another, each in units that fit where the one before it ended.
TOLERANCES = (1e-5, 1e-9, 1e-13)
# Newton decrement squared, about twice the log-likelihood still to be gained.
TOLERANCE = 1e-8


@dataclass(frozen=True)
class HiddenFit:
    """What a search found.

    Attributes
    ----------
    likelihood : HiddenLikelihood
    optimum : Optimum
    covariance : array, shape (parameters, parameters)
        Robust to clusters.
    clusters : int
    """

    likelihood: HiddenLikelihood
    optimum: Optimum[Point]
    covariance: Floats
    clusters: int

    @property
    def converged(self) -> bool:
        """Whether the search ended at a maximum, with finite errors."""
        return self.optimum.converged and bool(np.isfinite(self.covariance).all())

    @property
    def theta(self) -> Floats:
        """The estimate."""
        return self.optimum.point.theta

    def contrast(self, first: int, second: int) -> tuple[float, float]:
        """Log ratio of the outcome in one state against another, with its standard error."""
        weights = np.zeros(len(self.theta))
        at = self.likelihood.size - max(self.likelihood.structure.states) - 1
        for state, sign in ((first, 1.0), (second, -1.0)):
            if state:
                weights[at + state] += sign
        return float(weights @ self.theta), float(np.sqrt(weights @ self.covariance @ weights))

    def chance(self, block: int, level: int) -> tuple[float, float]:
        """Log odds of a level of one distribution, with its standard error.

        Parameters
        ----------
        block : int
            Which of the structure's `blocks`.
        level : int
            Against all other levels.
        """
        structure = self.likelihood.structure
        chances = structure.chances(self.theta)[block]
        p = chances[level]
        # d logit p_l / d θ_j = (1(l = j) − p_j) / (1 − p_l)
        slope = (np.eye(len(chances))[level] - chances)[1:] / (1.0 - p)
        where = structure.blocks[block]
        variance = slope @ self.covariance[where, where] @ slope
        return float(np.log(p) - np.log1p(-p)), float(np.sqrt(variance))


def fit_hidden(
    likelihood: HiddenLikelihood,
    clusters: NDArray[np.integer],
    start: Floats | None = None,
) -> HiddenFit:
    """Search for the maximum, first by L-BFGS and then by Newton's steps.

    The covariance is H⁻¹ (G/(G − 1) Σ_g s_g s_g') H⁻¹ for scores s_g of G clusters: right where
    rows of a cluster are alike in what the model does not know.

    Parameters
    ----------
    likelihood : HiddenLikelihood
    clusters : array of int, shape (rows,)
        Of each row as given; all rows of a person are in one cluster.
    start : array, shape (parameters,), optional
        Where to begin; else at the starting values of the structure.
    """
    theta = _start(likelihood) if start is None else start
    for tolerance in TOLERANCES:
        theta = _climbed(likelihood, theta, tolerance)
    optimum = _polished(likelihood, theta)
    groups = np.unique(clusters, return_inverse=True)[1].ravel()[likelihood.courses.order]
    return HiddenFit(likelihood, optimum, *_covariance(likelihood, optimum, groups))


def _climbed(likelihood: HiddenLikelihood, begin: Floats, tolerance: float) -> Floats:
    """Search by L-BFGS in units in which scores are independent, with variance 1 by person.

    One observation is added to the information of each parameter: where a chance is close to 0,
    only the penalty is left of it.
    """
    from scipy.optimize import minimize  # half of the time that the engine takes to be read

    rows = max(len(likelihood.courses.order), 1)
    scores = likelihood.scores(likelihood.evaluate(begin), likelihood.courses.person)
    information = scores.T @ scores + np.diag(1.0 + 1e-3 * np.square(scores).sum(axis=0))
    units = np.linalg.inv(np.linalg.cholesky(information / rows))

    def negative(moved: Floats) -> tuple[float, Floats]:
        point = likelihood.evaluate(begin + moved @ units)
        return -point.value / rows, -units @ likelihood.gradient(point) / rows

    options = {"maxiter": MOST_STEPS, "ftol": tolerance, "gtol": 1e-8, "maxcor": 30}
    start = np.zeros(len(begin))
    found = minimize(negative, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(begin + found.x @ units, dtype=float)


def _start(likelihood: HiddenLikelihood) -> Floats:
    """Log odds of the structure; the same outcome, as often as it is seen, in every state."""
    courses = likelihood.courses
    rate = float(courses.outcome[courses.at_risk].mean()) if courses.at_risk.any() else 0.5
    rest = np.zeros(likelihood.size - likelihood.structure.size)
    rest[0] = np.log(rate) - np.log1p(-rate) if 0 < rate < 1 else 0.0
    return np.concatenate([likelihood.structure.start, rest])


def _polished(likelihood: HiddenLikelihood, theta: Floats) -> Optimum[Point]:
    point = likelihood.evaluate(theta)
    optimum = _judged(likelihood, point, 0)
    for taken in range(1, MOST_POLISHING + 1):
        if optimum.converged or not np.isfinite(optimum.decrement):
            break
        step, _ = ascent_step(optimum.gradient, optimum.hessian)
        tried = (likelihood.evaluate(optimum.point.theta + 0.5**k * step) for k in range(12))
        better = next((new for new in tried if new.value > optimum.point.value), None)
        if better is None:
            break
        optimum = _judged(likelihood, better, taken)
    return optimum


def _judged(likelihood: HiddenLikelihood, point: Point, steps: int) -> Optimum[Point]:
    gradient, hessian = likelihood.derivatives(point)
    if not (np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return Optimum(point, gradient, hessian, np.nan, steps, False)
    step, concave = ascent_step(gradient, hessian)
    decrement = float(gradient @ step)
    return Optimum(point, gradient, hessian, decrement, steps, concave and decrement < TOLERANCE)


def _covariance(
    likelihood: HiddenLikelihood, optimum: Optimum[Point], groups: Rows
) -> tuple[Floats, int]:
    n = int(groups.max(initial=0)) + 1
    if not optimum.converged or n < 2:
        return np.full((likelihood.size, likelihood.size), np.nan), n
    scores = likelihood.scores(optimum.point, groups)
    bread = np.linalg.inv(-optimum.hessian)
    spread = n / (n - 1) * (scores.T @ scores)
    return bread @ spread @ bread, n
