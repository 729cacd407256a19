r"""Linear structural equations by maximum likelihood, with full information over missing values.

Observed and latent variables v = A v + u with Cov(u) = S, so that the observed ones have

.. math:: \Sigma = F (I - A)^{-1} S (I - A)^{-\top} F^\top

and a mean of their own each. Elements of A and S are fixed or are parameters, of which several may
be the same. Persons with the same values observed are one pattern, and the likelihood needs the
size, mean and covariance of each. It is maximised by Fisher scoring; errors come from the observed
information (McArdle and McDonald 1984; Arbuckle 1996; recalled). In R: ``lavaan::sem(..., missing =
"fiml", information = "observed")``.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import chdtrc

from rupture_outcome.engine.arrays import Bools, Floats, Rows
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason

MAX_STEPS, HALVINGS = 200, 30
# A step is done when the gradient of L, in standard errors, is below this.
FLAT = 1e-6
ROUNDING = 1e-12  # of a deviance
STEP = 1e-5  # of a difference of derivatives


@dataclass(frozen=True)
class Patterns:
    """Persons, sorted by which variables of theirs were observed.

    Parameters
    ----------
    seen : array of bool, shape (patterns, p)
    n : array, shape (patterns,)
        Persons.
    mean : array, shape (patterns, p)
        0 where nothing is seen, here and below.
    cov : array, shape (patterns, p, p)
        With divisor n.
    """

    seen: Bools
    n: Floats
    mean: Floats
    cov: Floats

    @cached_property
    def both(self) -> Bools:
        """Which pairs of variables are seen, shape (patterns, p, p)."""
        return self.seen[:, :, None] & self.seen[:, None, :]

    def of(self, sigma: Floats) -> Floats:
        """Give the part of Σ, shape (p, p), that is seen, with unit variances of all else."""
        return np.where(self.both, sigma, np.eye(len(sigma)))

    def inverse(self, sigma: Floats) -> Floats:
        """Inverses of the parts that are seen, 0 elsewhere; shape (patterns, p, p)."""
        return np.where(self.both, np.linalg.inv(self.of(sigma)), 0.0)

    def left(self, mean: Floats) -> Floats:
        """Means less those of a model, shape (patterns, p)."""
        return np.where(self.seen, self.mean - mean, 0.0)

    def moment(self, left: Floats) -> Floats:
        """Mean squares about the means of a model, shape (patterns, p, p)."""
        return self.cov + left[:, :, None] * left[:, None, :]


def patterns(values: Floats) -> Patterns:
    """Sort persons, shape (n, p), NaN where a value is missing, into patterns.

    Persons without any value are left out.

    Examples
    --------
    >>> found = patterns(np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]]))
    >>> found.seen.tolist(), found.n.tolist(), found.mean.tolist()
    ([[True, False], [True, True]], [1.0, 2.0], [[3.0, 0.0], [3.0, 3.0]])
    """
    values = values[np.isfinite(values).any(axis=1)]
    seen = np.isfinite(values)
    kinds, of = np.unique(seen, axis=0, return_inverse=True)
    of = of.ravel()
    n = np.bincount(of, minlength=len(kinds)).astype(float)
    known = np.where(seen, values, 0.0)
    mean = _summed(known, of, len(kinds)) / n[:, None]
    apart = np.where(seen, known - mean[of], 0.0)
    squares = _summed(apart[:, :, None] * apart[:, None, :], of, len(kinds))
    return Patterns(kinds, n, mean, squares / n[:, None, None])


def _summed(values: Floats, of: Rows, kinds: int) -> Floats:
    out = np.zeros((kinds, *values.shape[1:]))
    np.add.at(out, of, values)
    return out


@dataclass(frozen=True)
class Slot:
    """Where a parameter stands: row and column of A ("path") or S ("covariance")."""

    where: str
    row: int
    column: int
    parameter: int


@dataclass(frozen=True)
class PathModel:
    """A structure: the first `observed` of `variables` are observed.

    Parameters
    ----------
    observed, variables : int
    paths, covariances : array, shape (variables, variables)
        Fixed elements of A and S; 0 where parameters stand.
    slots : tuple of Slot
        A covariance is given once, for both of its places.
    parameters : int
    """

    observed: int
    variables: int
    paths: Floats
    covariances: Floats
    slots: tuple[Slot, ...]
    parameters: int

    def implied(self, theta: Floats) -> "Implied":
        """Σ and its derivatives at θ, shape (parameters,)."""
        A, S = self.paths.copy(), self.covariances.copy()
        for slot in self.slots:
            if slot.where == "path":
                A[slot.row, slot.column] = theta[slot.parameter]
            else:
                S[slot.row, slot.column] = S[slot.column, slot.row] = theta[slot.parameter]
        E = np.asarray(np.linalg.inv(np.eye(self.variables) - A), dtype=np.float64)
        T = E[: self.observed]
        return Implied(self, T @ S @ T.T, T, S @ E.T)


@dataclass(frozen=True)
class Implied:
    """Σ, shape (p, p), with F(I − A)⁻¹ and S(I − A)⁻ᵀ, whose products are its derivatives."""

    model: PathModel
    sigma: Floats
    total: Floats
    spread: Floats

    @cached_property
    def derivatives(self) -> Floats:
        """Derivatives of Σ, shape (parameters, p, p)."""
        p = self.model.observed
        out = np.zeros((self.model.parameters, p, p))
        through = self.total @ self.spread  # covariances of observed with all variables
        for slot in self.model.slots:
            left = self.total[:, slot.row]
            right = through[:, slot.column] if slot.where == "path" else self.total[:, slot.column]
            part = np.outer(left, right)
            if slot.where == "covariance" and slot.row == slot.column:
                out[slot.parameter] += part
            else:
                out[slot.parameter] += part + part.T
        return out


@dataclass(frozen=True)
class Point:
    """−2 log-likelihood with its gradient in (θ, μ) and expected information of L."""

    parameters: Floats
    deviance: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True)
class PathFit:
    """A fitted structure.

    Parameters
    ----------
    theta : array, shape (parameters,)
    cov : array, shape (parameters, parameters)
        From the observed information; NaN where that is not positive definite.
    mean : array, shape (p,)
    llf, llf_saturated, llf_baseline : float
        Log-likelihoods: of the structure, without any (NaN where too few are seen at all times for
        free covariances), and with nothing but variances.
    df, df_baseline : int
        Degrees of freedom of the structure and of the baseline.
    n : int
        Persons with any value.
    converged : bool
    improper : bool
        A variance is estimated below 0: the structure says more than the data bear.
    """

    theta: Floats
    cov: Floats
    mean: Floats
    llf: float
    llf_saturated: float
    llf_baseline: float
    df: int
    df_baseline: int
    n: int
    converged: bool
    improper: bool

    @property
    def chi2(self) -> float:
        """Twice the distance of the log-likelihood from that without a structure."""
        return 2.0 * (self.llf_saturated - self.llf)

    @property
    def p_value(self) -> float:
        """Of the χ² test of the structure."""
        return float(chdtrc(self.df, np.maximum(self.chi2, 0.0))) if self.df > 0 else float("nan")

    @property
    def rmsea(self) -> float:
        """Root mean square error of approximation, √(max(χ² − df, 0) / (df n))."""
        if self.df == 0:
            return 0.0
        return float(np.sqrt(np.maximum(self.chi2 - self.df, 0.0) / (self.df * self.n)))

    @property
    def cfi(self) -> float:
        """Comparative fit index: 1 − the excess of χ² over df as a share of the baseline's."""
        own = float(np.maximum(self.chi2 - self.df, 0.0))
        of_baseline = 2.0 * (self.llf_saturated - self.llf_baseline) - self.df_baseline
        most = float(np.maximum(of_baseline, own))
        return 1.0 if most == 0 else 1.0 - own / most


@steady
def fit_paths(model: PathModel, values: Floats, start: Floats) -> PathFit:
    """Fit a structure to persons.

    Parameters
    ----------
    model : PathModel
    values : array, shape (n, p)
        NaN where a value is missing.
    start : array, shape (parameters,)
        Where Σ is positive definite.

    Examples
    --------
    The slope of a regression is a path:

    >>> x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.1, 0.9, 2.1, 2.9])
    >>> slots = (Slot("path", 1, 0, 0), Slot("covariance", 0, 0, 1), Slot("covariance", 1, 1, 2))
    >>> model = PathModel(2, 2, np.zeros((2, 2)), np.zeros((2, 2)), slots, 3)
    >>> fit = fit_paths(model, np.column_stack([x, y]), np.array([0.0, 1.0, 1.0]))
    >>> round(float(fit.theta[0]), 4), fit.df, round(abs(fit.chi2), 6)
    (0.96, 0, 0.0)
    """
    data = patterns(values)
    k, p = model.parameters, model.observed
    mean, sigma = saturated(data)
    point, converged = _maximum(model, data, np.append(start, np.nanmean(values, axis=0)))
    cov = _observed_cov(model, data, point)
    alone = np.diag(_variances(values))
    return PathFit(
        theta=point.parameters[:k],
        cov=cov[:k, :k],
        mean=point.parameters[k:],
        llf=-0.5 * point.deviance,
        llf_saturated=-0.5 * deviance(data, mean, sigma) if np.isfinite(sigma).all() else np.nan,
        llf_baseline=-0.5 * deviance(data, np.nanmean(values, axis=0), alone),
        df=p * (p + 1) // 2 - k,
        df_baseline=p * (p - 1) // 2,
        n=int(data.n.sum()),
        converged=converged and bool(np.isfinite(cov).all()),
        improper=any(
            point.parameters[slot.parameter] < 0
            for slot in model.slots
            if slot.where == "covariance" and slot.row == slot.column
        ),
    )


def in_units(fit: PathFit, values: Floats, scale: Floats) -> PathFit:
    """Give log-likelihoods of values that were divided by their scale before they were fitted.

    Parameters
    ----------
    fit : PathFit
    values : array, shape (n, p)
    scale : array, shape (p,)
    """
    shift = float(np.isfinite(values).sum(axis=0) @ np.log(scale))
    return replace(
        fit,
        llf=fit.llf - shift,
        llf_saturated=fit.llf_saturated - shift,
        llf_baseline=fit.llf_baseline - shift,
    )


def remarks(fit: PathFit) -> str:
    """Say what must be known of a fit, coded.

    Parameters
    ----------
    fit : PathFit
    """
    return joined(
        "" if fit.converged else NOT_CONVERGED, reason("negative_variance") if fit.improper else ""
    )


def _variances(values: Floats) -> Floats:
    return np.asarray(np.nanmean((values - np.nanmean(values, axis=0)) ** 2, axis=0))


def deviance(data: Patterns, mean: Floats, sigma: Floats) -> float:
    """−2 log-likelihood of a mean, shape (p,), and a covariance, shape (p, p); inf if impossible.

    Parameters
    ----------
    data : Patterns
    mean : array, shape (p,)
    sigma : array, shape (p, p)
    """
    try:
        roots = np.linalg.cholesky(data.of(sigma))
    except np.linalg.LinAlgError:
        return float("inf")
    logdet = 2.0 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    square = (data.inverse(sigma) * data.moment(data.left(mean))).sum(axis=(1, 2))
    constant = np.log(2.0 * np.pi) * data.seen.sum(axis=1)
    return float(data.n @ (logdet + square + constant))


def saturated(data: Patterns) -> tuple[Floats, Floats]:
    """Mean and covariance of free variances and covariances; NaN where they cannot be told.

    Parameters
    ----------
    data : Patterns
    """
    p = data.seen.shape[1]
    number = data.n @ data.seen
    mean = data.n @ data.mean / number
    spread = np.diagonal(data.moment(data.left(mean)), axis1=1, axis2=2)
    pairs = list(zip(*np.tril_indices(p), strict=True))
    slots = tuple(Slot("covariance", int(a), int(b), k) for k, (a, b) in enumerate(pairs))
    free = PathModel(p, p, np.zeros((p, p)), np.zeros((p, p)), slots, len(slots))
    start = np.diag(data.n @ spread / number)[np.tril_indices(p)]
    point, found = _maximum(free, data, np.concatenate([start, mean]))
    if not found:
        return np.full(p, np.nan), np.full((p, p), np.nan)
    return point.parameters[len(slots) :], free.implied(point.parameters[: len(slots)]).sigma


def _maximum(model: PathModel, data: Patterns, start: Floats) -> tuple[Point, bool]:
    """Climb from parameters (θ, then means) by Fisher scoring; whether the top was reached."""
    point = _evaluate(model, data, start)
    for _ in range(MAX_STEPS):
        step, norm = _scoring_step(point)
        if norm < FLAT:
            return point, True
        trial = _step(model, data, point, step)
        if trial is None:
            break
        point = trial
    return point, False


def _evaluate(model: PathModel, data: Patterns, parameters: Floats) -> Point:
    k, p = model.parameters, model.observed
    implied = model.implied(parameters[:k])
    value = deviance(data, parameters[k:], implied.sigma)
    information = np.zeros((k + p, k + p))
    if not np.isfinite(value):
        return Point(parameters, value, np.zeros(k + p), information)
    J, inverse = implied.derivatives.reshape(k, -1), data.inverse(implied.sigma)
    information[:k, :k] = 0.5 * J @ _traces(data.n, inverse, inverse) @ J.T
    information[k:, k:] = np.tensordot(data.n, inverse, 1)
    return Point(parameters, value, gradient(model, data, parameters), information)


def _traces(n: Floats, left: Floats, right: Floats) -> Floats:
    """Give K, shape (p², p²), with vec(A) K vec(B) = Σ n tr(left A right B) for all A and B."""
    p = left.shape[1]
    flat = (n[:, None] * left.reshape(len(n), -1)).T @ right.reshape(len(n), -1)
    return np.asarray(flat.reshape(p, p, p, p).transpose(1, 2, 3, 0).reshape(p * p, p * p))


def gradient(model: PathModel, data: Patterns, parameters: Floats) -> Floats:
    """Differentiate −2 log-likelihood in θ and the means.

    Parameters
    ----------
    model : PathModel
    data : Patterns
    parameters : array, shape (parameters + p,)
        θ, then means.
    """
    k = model.parameters
    implied, left = model.implied(parameters[:k]), data.left(parameters[k:])
    inverse = data.inverse(implied.sigma)
    in_sigma = np.tensordot(data.n, inverse - inverse @ data.moment(left) @ inverse, 1)
    in_mean = -2.0 * data.n @ np.einsum("pij,pj->pi", inverse, left)
    return np.append(implied.derivatives.reshape(k, -1) @ in_sigma.ravel(), in_mean)


def _scoring_step(point: Point) -> tuple[Floats, float]:
    values, vectors = np.linalg.eigh(point.information)
    kept = values > 1e-10 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    score = root.T @ (-0.5 * point.gradient)
    return root @ score, float(np.abs(score).max(initial=0.0))


def _step(model: PathModel, data: Patterns, point: Point, step: Floats) -> Point | None:
    bound = point.deviance + ROUNDING * abs(point.deviance)
    for _ in range(HALVINGS):
        theta = point.parameters + step
        implied = model.implied(theta[: model.parameters])
        if deviance(data, theta[model.parameters :], implied.sigma) <= bound:
            return _evaluate(model, data, theta)
        step = step / 2.0
    return None


def _observed_cov(model: PathModel, data: Patterns, point: Point) -> Floats:
    H = _observed_information(model, data, point.parameters)
    scale = np.sqrt(np.abs(np.diag(H)))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(H / np.outer(scale, scale))
    if values[0] <= 1e-12 * values[-1]:
        return np.full_like(H, np.nan)
    return np.asarray((vectors / values) @ vectors.T / np.outer(scale, scale))


def _observed_information(model: PathModel, data: Patterns, parameters: Floats) -> Floats:
    """Half of the second derivatives of −2 log-likelihood; those of Σ by differences."""
    k = model.parameters
    implied, left = model.implied(parameters[:k]), data.left(parameters[k:])
    J, W = implied.derivatives.reshape(k, -1), data.inverse(implied.sigma)
    Q = W @ data.moment(left) @ W
    H = np.zeros((len(parameters), len(parameters)))
    H[:k, :k] = J @ (_traces(data.n, W, Q) - 0.5 * _traces(data.n, W, W)) @ J.T
    H[:k, :k] += 0.5 * _bent(model, parameters[:k], np.tensordot(data.n, W - Q, 1))
    turned = data.n[:, None] * np.einsum("pij,pj->pi", W, left)
    p = model.observed
    across = np.einsum("pij,pk->ikj", W, turned).reshape(p * p, p)
    H[:k, k:] = J @ across
    H[k:, :k] = H[:k, k:].T
    H[k:, k:] = np.tensordot(data.n, W, 1)
    return 0.5 * (H + H.T)


def _bent(model: PathModel, theta: Floats, slope: Floats) -> Floats:
    """Second derivatives of tr(slope Σ) in θ, shape (parameters, parameters)."""
    out = np.zeros((len(theta), len(theta)))
    for a, value in enumerate(theta):
        step = np.zeros(len(theta))
        step[a] = STEP * max(abs(value), 1.0)
        above, below = (model.implied(theta + s * step).derivatives for s in (1.0, -1.0))
        out[a] = np.tensordot(above - below, slope, 2) / (2.0 * step[a])
    return out
