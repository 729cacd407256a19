"""Maximum likelihood of a growth model, restricted or not: from cross products to numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from rupture_outcome.engine.arrays import Floats, Rows
from rupture_outcome.engine.growth.identified import PERSON_GROUP, what_is_not_identified
from rupture_outcome.engine.growth.likelihood import GrowthLikelihood, Point, Shape, residual_pull
from rupture_outcome.engine.growth.statistics import Statistics, Units
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason

MAX_STEPS = 200
# SDs to start from, in units of the residual one: of persons, and of groups.
START_PERSON, START_GROUP = 0.8, 0.3
# A gradient times standard error below this is 0.
FLAT = 1e-5
# and with one below this the curvature is already that at the maximum.
NEARLY_FLAT = 1e-4
POLISHING = 8
ROUNDING = 1e-12  # of a deviance
STEP = 1e-4  # of a difference of gradients
# Variances in units of the residual one: below the first it is tried whether 0 does as well.
NEAR_ZERO, NO_LOSS = 1e-2, 1e-7
RESTARTS = 3
# Slope of the deviance in a variance at 0 (in units of the residual one) that is not 0.
RISING = 1e-2
# Range of the autocorrelation of residuals, and the step of differences in it.
RHO, RHO_STEP = (-0.9, 0.95), 1e-3
TOO_FEW = {
    PERSON_GROUP: (
        "what persons differ by cannot be told from what groups differ by: it takes groups with "
        "several persons. Leave the groups out.",
        reason("not_told_apart_person_group"),
    ),
    "slope": (
        "the rows of a person are too few, or their slope variable varies too little, to tell the "
        "random slope from the random intercept and the residual: it takes three different values "
        "in some persons. Leave the random slope out.",
        reason("not_told_apart_slope"),
    ),
    "intercept": (
        "every person has one row, so that differences between persons cannot be told from the "
        "residual. It takes persons with several rows.",
        reason("not_told_apart_intercept"),
    ),
}


@dataclass(frozen=True)
class Fitted:
    """Everything estimated.

    Parameters
    ----------
    like : GrowthLikelihood
    units : Units
    point : Point
        At the estimate, in scaled units.
    curvature : array, shape (k + 1, k + 1)
        Second derivatives of −2L in θ and σ, in scaled units.
    gradient_norm : float
        Largest element of the gradient of L in θ, each times its standard error.
    converged : bool
    at_limit : tuple of (level, term)
        What lies at the end of its range: an SD at 0 ("intercept" or "slope"), or a correlation
        at ±1 ("correlation"), of "person" or "group".
    rho : float or None
        Autocorrelation of residuals, where it is estimated. Then `curvature` has it last.
    beside : tuple of Point, or None
        At ρ ∓ `RHO_STEP`.
    """

    like: GrowthLikelihood
    units: Units
    point: Point
    curvature: Floats
    gradient_norm: float
    converged: bool
    at_limit: tuple[tuple[str, str], ...]
    rho: float | None = None
    beside: tuple[Point, Point] | None = None

    @cached_property
    def beta(self) -> Floats:
        """Fixed effects, shape (p,)."""
        return self.units.beta(self.point.beta)

    @cached_property
    def cov(self) -> Floats:
        """Their covariance, shape (p, p)."""
        return self.units.beta_cov(self.point.sigma2 * self.point.inverse)

    @property
    def residual_sd(self) -> float:
        """σ."""
        return float(np.sqrt(self.point.sigma2) * self.units.scale)

    @cached_property
    def random_cov(self) -> tuple[Floats, Floats]:
        """Covariances of the random effects of persons, shape (q, q), and groups, shape (r, r)."""
        roots = self.like.shape.roots(self.point.theta)
        turned = [self.units.random(len(root)) @ root for root in roots]
        person, group = (self.point.sigma2 * each @ each.T for each in turned)
        return person, group

    @cached_property
    def random_effects(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Conditional means and SDs, shape (q, P) each, of persons; and of groups, (r, J)."""
        shards, parts, beta = self.like.data.shards, self.point.parts, self.point.beta
        person = [
            (shard.persons, residual_pull(part.person_pulls, beta), part.person_information)
            for shard, part in zip(shards, parts, strict=True)
        ]
        group = [
            (shard.groups, residual_pull(part.group_pulls, beta), part.group_information)
            for shard, part in zip(shards, parts, strict=True)
        ]
        roots = self.like.shape.roots(self.point.theta)
        return self._effects(roots[0], person), self._effects(roots[1], group)

    def _effects(
        self, root: Floats, parts: list[tuple[Rows, Floats, Floats]]
    ) -> tuple[Floats, Floats]:
        if not len(root):
            return np.zeros((0, 0)), np.zeros((0, 0))
        order = np.argsort(np.concatenate([codes for codes, _, _ in parts]))
        g, G = (np.concatenate([each[i] for each in parts], axis=-1)[..., order] for i in (1, 2))
        cov, T = root @ root.T, self.units.random(len(root))
        left = cov[:, :, None] - np.einsum("ab,bcP,cd->adP", cov, G, cov)
        variance = self.point.sigma2 * np.einsum("ab,bcP,ac->aP", T, left, T)
        return T @ cov @ g, np.sqrt(np.maximum(variance, 0.0))

    @property
    def llf(self) -> float:
        """Log-likelihood, restricted or not, of the outcome as given."""
        change = 2.0 * self.like.freedom * np.log(self.units.scale)
        if self.like.reml:
            change -= 2.0 * np.linalg.slogdet(self.units.back)[1]
        return float(-0.5 * (self.point.deviance + change))

    @cached_property
    def spread(self) -> Floats:
        """Covariance of the estimates of θ, σ and ρ; 0 where one is at a limit.

        Twice the inverse of the curvature of −2L, over the directions in which it is curved.
        """
        return 2.0 * np.asarray(_inverse(self.curvature))


@steady
def fit_growth(
    at: Callable[[float], tuple[Statistics, float]],
    shape: Shape,
    units: Units,
    reml: bool,
    max_steps: int = MAX_STEPS,
    ar1: bool = False,
) -> Fitted:
    """Find the largest likelihood.

    A quasi-Newton search, then Newton's method with differences of the gradient. Where an SD ends
    at 0, or a correlation at ±1, the likelihood must fall from there into the range, or the search
    goes on from within. With `ar1` Brent's method finds ρ, and all else follows.

    Parameters
    ----------
    at : function
        Of ρ; gives the statistics when residuals with this autocorrelation are made independent,
        and the log-determinant of their correlation.
    shape : Shape
    units : Units
        Of the statistics.
    reml : bool
    max_steps : int
        Most steps of the first search.
    ar1 : bool
        Whether ρ is estimated; 0 otherwise.

    Raises
    ------
    ModelError
        The rows cannot tell the variances apart.
    """
    data, logdet = at(0.0)
    unknown = what_is_not_identified(data, shape)
    if unknown:
        raise ModelError(*TOO_FEW[unknown])
    start = shape.theta(START_PERSON * np.eye(shape.q), START_GROUP * np.eye(shape.r))
    if not ar1:
        return _fit(GrowthLikelihood(data, shape, reml, logdet), units, start, max_steps)
    near = start

    def like_at(rho: float) -> GrowthLikelihood:
        found, of_residuals = at(rho)
        return GrowthLikelihood(found, shape, reml, of_residuals)

    def profile(rho: float) -> float:
        nonlocal near
        point = _search(like_at(rho), near, max_steps)
        # From 0 there is no way back into the range.
        near = np.where(np.abs(point.theta) < STEP, start, point.theta)
        return point.deviance

    rho = float(minimize_scalar(profile, bounds=RHO, method="bounded", options={"xatol": 1e-7}).x)
    fitted = _fit(like_at(rho), units, near, max_steps)
    return _with_rho(fitted, rho, like_at)


def _fit(like: GrowthLikelihood, units: Units, start: Floats, max_steps: int) -> Fitted:
    for _ in range(RESTARTS):
        point, curvature, norm = _polish(like, _search(like, start, max_steps))
        point, at_limit = _at_limits(like, point)
        inward = _inward(like, point)
        if inward is None:
            break
        start = inward
    if at_limit:
        curvature = _curvature(like, point)
        norm = _norm(like, point, curvature)
    converged = bool(norm < FLAT and inward is None and max_steps > 0)
    return Fitted(like, units, point, curvature, norm, converged, at_limit)


def _with_rho(fitted: Fitted, rho: float, like_at: Callable[[float], GrowthLikelihood]) -> Fitted:
    """Add ρ to the curvature, by differences in it at the best θ and σ."""
    theta, sigma2, k = fitted.point.theta, fitted.point.sigma2, len(fitted.point.theta)
    sigma, freedom = np.sqrt(sigma2), fitted.like.freedom
    values, gradients, points = [], [], []
    for like in (like_at(rho - RHO_STEP), fitted.like, like_at(rho + RHO_STEP)):
        point = like.at(theta)
        rss = point.sigma2 * freedom
        at_best = freedom * (np.log(2.0 * np.pi * point.sigma2) + 1.0)
        values.append(point.deviance - at_best + freedom * np.log(sigma2) + rss / sigma2)
        in_sigma = 2.0 * freedom / sigma - 2.0 * rss / sigma**3
        gradients.append(np.append(like.gradient(point, sigma2), in_sigma))
        points.append(point)
    cross = (gradients[2] - gradients[0]) / (2.0 * RHO_STEP)
    along = (values[0] - 2.0 * values[1] + values[2]) / RHO_STEP**2
    curvature = np.zeros((k + 2, k + 2))
    curvature[:-1, :-1] = fitted.curvature
    curvature[-1, :-1] = curvature[:-1, -1] = cross
    curvature[-1, -1] = along
    inside = RHO[0] + 0.01 < rho < RHO[1] - 0.01 and np.linalg.eigvalsh(curvature)[0] > -FLAT
    return replace(
        fitted,
        curvature=curvature,
        converged=fitted.converged and bool(inside),
        rho=rho,
        beside=(points[0], points[2]),
    )


def _search(like: GrowthLikelihood, start: Floats, max_steps: int) -> Point:
    per = 1.0 / like.data.rows

    def objective(theta: Floats) -> tuple[float, Floats]:
        at = like.at(theta)
        return per * at.deviance, per * like.gradient(at)

    found = minimize(
        objective, start, jac=True, method="BFGS", options={"maxiter": max_steps, "gtol": 1e-7}
    )
    return like.at(found.x)


def _polish(like: GrowthLikelihood, point: Point) -> tuple[Point, Floats, float]:
    """Newton's method, with the curvature anew only where it has changed."""
    curvature = _curvature(like, point)
    norm = _norm(like, point, curvature)
    for _ in range(POLISHING):
        if norm < 0.01 * FLAT:
            break
        step = -_inverse(_profiled(curvature), absolute=True) @ like.gradient(point)
        trial, bound = like.at(point.theta + step), point.deviance + ROUNDING * abs(point.deviance)
        while not trial.deviance <= bound and np.abs(step).max() > 1e-9:
            step = step / 2.0
            trial = like.at(point.theta + step)
        if not trial.deviance <= bound:
            break
        before, point = norm, trial
        if before > NEARLY_FLAT:
            curvature = _curvature(like, point)
        norm = _norm(like, point, curvature)
    return point, curvature, norm


def _curvature(like: GrowthLikelihood, at: Point) -> Floats:
    """Second derivatives of −2L in θ and σ, shape (k + 1, k + 1), at the best σ."""
    k, sigma = len(at.theta), float(np.sqrt(at.sigma2))
    out = np.zeros((k + 1, k + 1))
    for a in range(k):
        step = np.zeros(k)
        step[a] = STEP * max(1.0, abs(at.theta[a]))
        above, below = (like.at(at.theta + side * step) for side in (1.0, -1.0))
        out[a, :k] = like.gradient(above, at.sigma2) - like.gradient(below, at.sigma2)
        out[a, :k] /= 2.0 * step[a]
    out[:k, :k] = 0.5 * (out[:k, :k] + out[:k, :k].T)
    squares = zip(at.residual_squares(), like.shape.roots(at.theta), strict=True)
    out[k, :k] = like.shape.theta(*(2.0 * square @ root for square, root in squares))
    out[k, :k] *= 2.0 / sigma**3
    out[:k, k] = out[k, :k]
    out[k, k] = 4.0 * like.freedom / at.sigma2
    return out


def _profiled(curvature: Floats) -> Floats:
    """Curvature in θ when σ follows."""
    return (
        curvature[:-1, :-1] - np.outer(curvature[-1, :-1], curvature[-1, :-1]) / curvature[-1, -1]
    )


def _norm(like: GrowthLikelihood, at: Point, curvature: Floats) -> float:
    spread = 2.0 * np.diag(_inverse(_profiled(curvature), absolute=True))
    return float(np.max(np.abs(like.gradient(at)) / 2.0 * np.sqrt(spread)))


def _inverse(H: Floats, absolute: bool = False) -> Floats:
    """Inverse over the directions in which H curves upwards, or in any way (`absolute`)."""
    size = np.sqrt(np.abs(np.diag(H)))
    size[size == 0] = 1.0
    values, vectors = np.linalg.eigh(H / np.outer(size, size))
    values = np.abs(values) if absolute else values
    curved = values > 1e-8 * np.abs(values).max()
    half = vectors[:, curved] / np.sqrt(values[curved])
    return half @ half.T / np.outer(size, size)


def _at_limits(like: GrowthLikelihood, point: Point) -> tuple[Point, tuple[tuple[str, str], ...]]:
    """Set to 0 what does as well at 0, and name it."""
    for level in (1, 0):
        roots = list(like.shape.roots(point.theta))
        values, vectors = np.linalg.eigh(roots[level] @ roots[level].T)
        for lost in range(len(values), 0, -1):  # all variances, then all but the largest
            kept = np.where(np.arange(len(values)) < lost, 0.0, values)
            if values[lost - 1] > NEAR_ZERO:
                continue
            roots[level] = _root((vectors * kept) @ vectors.T)
            trial = like.at(like.shape.theta(*roots))
            if trial.deviance <= point.deviance + NO_LOSS:
                point = trial
                break
    roots = [_with_positive_diagonal(root) for root in like.shape.roots(point.theta)]
    point = like.at(like.shape.theta(*roots))
    return point, tuple(_limits("person", roots[0]) + _limits("group", roots[1]))


def _root(cov: Floats) -> Floats:
    """Lower triangular root of a matrix that may be singular."""
    n, out = len(cov), np.zeros_like(cov)
    for a in range(n):
        out[a, a] = np.sqrt(max(cov[a, a] - out[a, :a] @ out[a, :a], 0.0))
        if out[a, a] < 1e-7:
            out[a, a] = 0.0
            continue
        for b in range(a + 1, n):
            out[b, a] = (cov[b, a] - out[b, :a] @ out[a, :a]) / out[a, a]
    return out


def _with_positive_diagonal(root: Floats) -> Floats:
    signs = np.where(np.diag(root) < 0, -1.0, 1.0)
    return root * signs


def _limits(level: str, root: Floats) -> list[tuple[str, str]]:
    sizes = np.sqrt(np.einsum("ab,ab->a", root, root))
    found = [(level, ("intercept", "slope")[a]) for a in range(len(root)) if sizes[a] == 0]
    if not found and len(root) > 1 and root[1, 1] == 0:
        found = [(level, "correlation")]
    return found


def _inward(like: GrowthLikelihood, point: Point) -> Floats | None:
    """Where to start again: None if the likelihood nowhere rises from a limit into the range."""
    roots = list(like.shape.roots(point.theta))
    rises = False
    for level, slope in enumerate(like.slopes(point)):
        values, vectors = np.linalg.eigh(roots[level] @ roots[level].T)
        empty = vectors[:, values < 1e-12]
        if empty.size == 0:
            continue
        worst, ways = np.linalg.eigh(empty.T @ slope @ empty)
        if worst[0] < -RISING:
            way = empty @ ways[:, :1]
            cov = roots[level] @ roots[level].T + START_GROUP**2 * way @ way.T
            roots[level], rises = _root(cov), True
    return like.shape.theta(*roots) if rises else None
