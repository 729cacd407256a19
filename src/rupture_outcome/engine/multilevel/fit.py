"""Maximum likelihood of the multilevel hazard: from checked arrays to numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from rupture_outcome.engine.multilevel import marginal_derivatives
from rupture_outcome.engine.multilevel.glm import (
    PlainLikelihood,
    PlainPoint,
    VarianceScore,
    variance_score,
)
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.multilevel.links import Array, linear_predictor
from rupture_outcome.engine.multilevel.marginal_likelihood import (
    Expansion,
    Grouped,
    MarginalLikelihood,
)
from rupture_outcome.engine.multilevel.newton import MAX_STEPS, Optimum, maximise
from rupture_outcome.engine.multilevel.separation import CERTAIN, Separation, find_separation
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason

SMALLEST_START, LARGEST_START = 0.1, 2.0
# A log-likelihood this little above that without group effects is not above it.
NO_GAIN = 1e-8
# On the scale of the linear predictor; no hazard differs by a factor e^±10 between ordinary groups.
RUNAWAY_SD = 10.0
# Ends of an interval of the SD are exact to this, and found in few steps or by bracketing.
SD_STEP = 1e-6
LIMIT_STEPS = 8
# The profile likelihood as a curve: between so many values of the SD its root is straight, and
# beyond this root (once in 30,000 draws) it is not looked at.
ROOT_POINTS = 41
NEGLIGIBLE_ROOT = 4.0


@dataclass(frozen=True)
class Rows:
    """Rows of a problem sorted by group: X (rows, columns), y, `codes` 0 … groups − 1, weights."""

    X: Array
    y: Array
    codes: NDArray[np.intp]
    link: str
    weights: Array | None = None

    def grouped(self) -> Grouped:
        """Prepare the rows for a likelihood."""
        return Grouped.of(self.X, self.y, self.codes, self.link, self.weights)

    def part(self, rows: NDArray[np.bool_], columns: NDArray[np.intp]) -> "Rows":
        """Select rows and columns."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(
            self,
            X=self.X[np.ix_(rows, columns)],
            y=self.y[rows],
            codes=self.codes[rows],
            weights=weights,
        )


@dataclass(frozen=True)
class Fitted:
    """Everything estimated.

    Under separation `beta` and `cov` hold what the rows left over determine: a combination of
    coefficients whose limit is finite has that combination of `beta` as its estimate and its
    standard error from `cov`; a column that they cannot tell from the others is 0 in both. `cov`
    includes σ, last; it is nan for σ on the boundary. `newton_converged` speaks of what is finite.
    """

    beta: Array
    sd: float
    cov: Array
    llf: float
    llf_plain: float
    boundary: bool
    newton_converged: bool
    gradient_norm: float
    condition_number: float
    separation: Separation | None
    like: MarginalLikelihood
    point: Expansion
    groups_used: NDArray[np.intp]

    def limits(self, combinations: Array) -> Array:
        """0, ±inf or nan for each row of weights of the coefficients; see `Separation.limits`."""
        if self.separation is None:
            return np.zeros(len(combinations))
        return self.separation.limits(combinations)


@steady
def fit_hazard(
    rows: Rows, quadrature: int, max_steps: int = MAX_STEPS, *, grouped: bool = True
) -> Fitted:
    """Fit by maximum likelihood, taking out what separation sends to infinity.

    Parameters
    ----------
    rows : Rows
        Of full column rank.
    quadrature : int
        Nodes of the adaptive rule; 1 is Laplace.
    max_steps : int
        Most steps of a search.
    grouped : bool
        Whether there are group effects; without them σ is 0, not estimated.

    Raises
    ------
    ModelError
        The columns predict the outcome perfectly.
    """
    data = rows.grouped()
    plain = _fit_plain(rows, data, max_steps)
    separation = find_separation(rows.X, rows.y, data.kernel.loglik(plain.point.eta))
    used = np.arange(rows.X.shape[1])
    if separation is not None:
        if separation.complete:
            raise ModelError(
                "the columns together predict the outcome without error (complete separation), "
                "so no effect has a finite estimate. Fit fewer terms: some term or combination "
                "of terms names the events.",
                reason("predicted_without_error"),
            )
        used = columns_left(rows.X[~separation.rows], separation)
        rows = rows.part(~separation.rows, used)
        data = rows.grouped()
        plain = _fit_plain(rows, data, max_steps)
    like = MarginalLikelihood(data, quadrature)
    optimum = None
    if grouped:
        slope = variance_score(data, plain.point)
        found = maximise(_Marginal(like), _start(plain, slope), max_steps)
        gains = slope.slope > 0 or found.point.value > plain.point.value + NO_GAIN
        optimum = found if gains else None
    fitted = _assemble(like, plain, optimum, np.unique(rows.codes))
    return fitted if separation is None else _widen(fitted, separation, used)


@steady
def refit(data: Grouped, near: Fitted, quadrature: int) -> Fitted | None:
    """Fit again from the fit of a problem that differs little, in a few steps.

    The fit without group effects is left out, and with it `llf_plain` (nan).

    Parameters
    ----------
    data : Grouped
    near : Fitted
        Of the same columns and groups, without separation.
    quadrature : int
        As for `fit_hazard`.

    Returns
    -------
    Fitted or None
        None where only `fit_hazard` is safe: no maximum is near, the SD is close to 0, so that the
        boundary might be higher, or rows are fitted so well that there might be separation.
    """
    like = MarginalLikelihood(data, quadrature)
    found = maximise(_Marginal(like), np.append(near.beta, near.sd), near=near.point)
    point = found.point
    eta = point.fixed + data.spread(point.sd * point.modes)
    certain = data.kernel.loglik(eta) > CERTAIN
    if not found.converged or abs(point.sd) < SMALLEST_START or certain.any():
        return None
    return _assemble(like, None, found, near.groups_used)


@dataclass(frozen=True)
class _Marginal:
    """The marginal likelihood as something to maximise; `fixed_sd` holds σ where it is."""

    like: MarginalLikelihood
    fixed_sd: bool = False

    def evaluate(self, theta: Array, near: Expansion | None = None) -> Expansion:
        return self.like.evaluate(theta, near)

    def derivatives(self, at: Expansion) -> tuple[Array, Array]:
        gradient, hessian = marginal_derivatives.score_and_hessian(self.like, at)
        if self.fixed_sd:
            gradient[-1] = hessian[-1, :] = hessian[:, -1] = 0.0
            hessian[-1, -1] = -1.0
        return gradient, hessian


def _fit_plain(rows: Rows, data: Grouped, max_steps: int) -> Optimum[PlainPoint]:
    """Fit without group effects, starting where the columns come closest to the overall rate."""
    rate = linear_predictor(float(np.average(rows.y, weights=rows.weights)), rows.link)
    start = np.linalg.lstsq(rows.X.T @ rows.X, rate * rows.X.sum(axis=0), rcond=None)[0]
    return maximise(PlainLikelihood(data), start, max_steps)


def _start(plain: Optimum[PlainPoint], slope: VarianceScore) -> Array:
    return np.append(plain.point.theta, np.clip(slope.guess, SMALLEST_START, LARGEST_START))


def columns_left(X: Array, separation: Separation) -> NDArray[np.intp]:
    """Name the columns with a finite estimate, and others that the rows left over can tell apart.

    Examples
    --------
    Nobody in the second category has the event; without its rows its column is 0:

    >>> X, y = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 0.0, 0.0])
    >>> found = find_separation(X, y, np.array([-0.69, -0.69, -1e-9]))
    >>> columns_left(X[~found.rows], found).tolist()
    [0]
    """
    infinite = separation.limits(np.eye(X.shape[1])) != 0
    order = np.append(np.flatnonzero(~infinite), np.flatnonzero(infinite))
    R = np.linalg.qr(X[:, order], mode="r")
    left = np.zeros(len(order))
    left[: len(R)] = np.abs(np.diag(R))
    return np.sort(order[left > 1e-9 * np.maximum(np.linalg.norm(R, axis=0), 1e-300)])


def _assemble(
    like: MarginalLikelihood,
    plain: Optimum[PlainPoint] | None,
    optimum: Optimum[Expansion] | None,
    groups_used: NDArray[np.intp],
) -> Fitted:
    boundary = optimum is None
    if optimum is None:
        assert plain is not None
        point = like.evaluate(np.append(plain.point.theta, 0.0))
        gradient, information, done = plain.gradient, -plain.hessian, plain.converged
    else:
        point = _with_positive_sd(optimum.point)
        gradient, information, done = optimum.gradient, -optimum.hessian, optimum.converged
    cov, condition = _invert(information)
    norm = float(np.max(np.abs(gradient) * np.sqrt(np.diag(cov))))
    return Fitted(
        beta=point.theta[:-1],
        sd=point.sd,
        cov=_bordered_by_nan(cov) if boundary else cov,
        llf=point.value,
        llf_plain=np.nan if plain is None else plain.point.value,
        boundary=boundary,
        newton_converged=bool(done and np.isfinite(condition) and point.sd < RUNAWAY_SD),
        gradient_norm=norm,
        condition_number=condition,
        separation=None,
        like=like,
        point=replace(point, slopes=None),  # large, and seldom asked for again
        groups_used=groups_used,
    )


def _with_positive_sd(point: Expansion) -> Expansion:
    if point.sd >= 0:
        return point
    theta = np.append(point.theta[:-1], -point.sd)
    return replace(point, theta=theta, modes=-point.modes, shares=point.shares[:, ::-1])


def _bordered_by_nan(cov: Array) -> Array:
    return np.pad(cov, (0, 1), constant_values=np.nan)


def _widen(fitted: Fitted, separation: Separation, used: NDArray[np.intp]) -> Fitted:
    columns = len(separation.size)
    beta, cov = np.zeros(columns), np.zeros((columns + 1, columns + 1))
    beta[used] = fitted.beta
    estimated = np.append(used, columns)
    cov[np.ix_(estimated, estimated)] = fitted.cov
    return replace(fitted, beta=beta, cov=cov, separation=separation)


def _invert(information: Array) -> tuple[Array, float]:
    """Inverse and condition number in unit-diagonal scale; nan, inf if not positive definite."""
    size = np.sqrt(np.abs(np.diag(information)))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    if values[0] <= 1e-14 * values[-1]:
        return np.full_like(information, np.nan), float("inf")
    return (vectors / values) @ vectors.T / np.outer(size, size), float(values[-1] / values[0])


@steady
def profile_interval(fitted: Fitted, level: float = 0.95) -> tuple[float, float]:
    """Profile-likelihood interval: all σ with 2 (L̂ − L(σ)) at most the χ²₁ quantile of `level`.

    In R: `confint(fit, parm = "theta_", method = "profile")` of glmmTMB, exponentiated.
    """
    reach = float(np.sqrt(stats.chi2.ppf(level, 1)))
    low = 0.0
    if np.sqrt(max(2.0 * (fitted.llf - fitted.llf_plain), 0.0)) > reach:
        low = _limit(fitted, reach, -1.0) or _root(_beyond(fitted, reach), 0.0, fitted.sd)
    return low, profile_end(fitted, level)


@steady
def profile_end(fitted: Fitted, level: float = 0.95) -> float:
    """Upper end of the `profile_interval`; inf from `RUNAWAY_SD` on."""
    reach = float(np.sqrt(stats.chi2.ppf(level, 1)))
    high = _limit(fitted, reach, 1.0)
    if high is not None:
        return high
    beyond = _beyond(fitted, reach)
    inside, outside = fitted.sd, 1.5 * fitted.sd + 0.2
    while beyond(outside) < 0:
        if outside >= RUNAWAY_SD:
            return float("inf")
        inside, outside = outside, min(1.5 * outside, RUNAWAY_SD)
    return _root(beyond, inside, outside)


def _beyond(fitted: Fitted, reach: float) -> Callable[[float], float]:
    """By how much the root of the deviance at a given σ exceeds `reach`."""
    objective = _Marginal(fitted.like, fixed_sd=True)
    near = fitted.point

    # Remembered, so that the root search sees at the ends of its bracket what was seen before.
    @cache
    def beyond(sd: float) -> float:
        nonlocal near
        start = np.append(near.theta[:-1], sd)
        near = maximise(objective, start).point
        return float(np.sqrt(max(2.0 * (fitted.llf - near.value), 0.0))) - reach

    return beyond


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=SD_STEP, rtol=1e-6))


def profile_at(fitted: Fitted, sd: float) -> Expansion:
    """Expand where the likelihood is largest for a given σ."""
    start = np.append(fitted.point.theta[:-1], sd)
    return maximise(_Marginal(fitted.like, fixed_sd=True), start).point


@steady
def profile_roots(fitted: Fitted, points: int = ROOT_POINTS) -> tuple[Array, Array]:
    """Profile likelihood of σ from 0 to where it is negligible, as its signed root.

    r(σ) = ±√2(L̂ − L(σ)), below 0 under the estimate. Standard normal at the true σ, if that is not
    close to 0 and groups are many.

    Parameters
    ----------
    fitted : Fitted
    points : int
        How many values of σ.

    Returns
    -------
    sd, root : array, shape (points,)
        Both ascending; the first SD is 0.
    """

    def root_at(sd: float) -> float:
        size = float(np.sqrt(max(2.0 * (fitted.llf - profile_at(fitted, sd).value), 0.0)))
        return size if sd >= fitted.sd else -size

    step = 0.1
    while root_at(fitted.sd + step) < NEGLIGIBLE_ROOT and fitted.sd + step < RUNAWAY_SD:
        step *= 1.5
    sd = np.linspace(0.0, min(fitted.sd + step, RUNAWAY_SD), points)
    roots = np.array([root_at(each) for each in sd])
    return sd, np.maximum.accumulate(roots)


def _limit(fitted: Fitted, reach: float, side: float) -> float | None:
    """End of the profile interval below (−1) or above (1) the SD; None where steps lead nowhere.

    Newton steps of z(σ) = √2(L̂ − L(σ)) to `reach`, with β on its way to the ridge of the likelihood
    at the same time (Venzon & Moolgavkar 1988, recalled): z is close to a straight line.
    """
    if fitted.boundary:
        return None
    point, move = fitted.point, 0.0
    for step in range(LIMIT_STEPS):
        gradient, hessian = marginal_derivatives.score_and_hessian(fitted.like, point)
        sides = np.column_stack([gradient[:-1], hessian[:-1, -1]])
        toward, along = np.linalg.solve(-hessian[:-1, :-1], sides).T
        if step == 0:
            curvature = hessian[-1, -1] + hessian[-1, :-1] @ along
            move = side * reach / np.sqrt(max(-curvature, 1.0 / RUNAWAY_SD**2))
        else:
            slope = gradient[-1] + hessian[-1, :-1] @ toward
            left = fitted.llf - point.value - 0.5 * gradient[:-1] @ toward
            if left <= 0 or slope * side >= 0:
                return None
            z = float(np.sqrt(2.0 * left))
            move = (reach - z) * z / -slope
        theta = point.theta + np.append(toward + along * move, move)
        if not 0.0 < theta[-1] < RUNAWAY_SD:
            return None
        if step and abs(move) < SD_STEP:
            return float(theta[-1])
        point = fitted.like.evaluate(theta, point)
    return None
