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

from rupture_outcome.engine.arrays import Floats, Rows
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason

MAX_STEPS, HALVINGS = 200, 30
# A step is done when the gradient of L, in standard errors, is below this.
FLAT = 1e-6
ROUNDING = 1e-12  # of a deviance
STEP = 1e-5  # of a difference of gradients
EM_STEPS, EM_DONE = 5000, 1e-9


@dataclass(frozen=True)
class Pattern:
    """Persons with the same variables observed.

    Parameters
    ----------
    seen : array of int, shape (k,)
        Which variables.
    n : int
    mean : array, shape (k,)
    cov : array, shape (k, k)
        With divisor n.
    """

    seen: Rows
    n: int
    mean: Floats
    cov: Floats


def patterns(values: Floats) -> tuple[Pattern, ...]:
    """Sort persons, shape (n, p), NaN where a value is missing, into patterns.

    Persons without any value are left out.

    Examples
    --------
    >>> found = patterns(np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]]))
    >>> [(each.seen.tolist(), each.n, each.mean.tolist()) for each in found]
    [([0], 1, [3.0]), ([0, 1], 2, [3.0, 3.0])]
    """
    seen = np.isfinite(values)
    kinds, of = np.unique(seen, axis=0, return_inverse=True)
    out = []
    for k, kind in enumerate(kinds):
        if kind.any():
            rows = values[of.ravel() == k][:, kind]
            mean = rows.mean(axis=0)
            cov = (rows - mean).T @ (rows - mean) / len(rows)
            out.append(Pattern(np.flatnonzero(kind), len(rows), mean, cov))
    return tuple(out)


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
        Log-likelihoods: of the structure, without any, and with nothing but variances.
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
        return float(chdtrc(self.df, max(self.chi2, 0.0))) if self.df > 0 else float("nan")

    @property
    def rmsea(self) -> float:
        """Root mean square error of approximation, √(max(χ² − df, 0) / (df n))."""
        if self.df == 0:
            return 0.0
        return float(np.sqrt(max(self.chi2 - self.df, 0.0) / (self.df * self.n)))

    @property
    def cfi(self) -> float:
        """Comparative fit index: 1 − the excess of χ² over df as a share of the baseline's."""
        own = max(self.chi2 - self.df, 0.0)
        of_baseline = 2.0 * (self.llf_saturated - self.llf_baseline) - self.df_baseline
        return 1.0 - own / max(of_baseline, own) if max(of_baseline, own) > 0 else 1.0


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
    mean, sigma = saturated(data, p)
    point = _evaluate(model, data, np.append(start, mean))
    converged = False
    for _ in range(MAX_STEPS):
        step, norm = _scoring_step(point)
        if norm < FLAT:
            converged = True
            break
        trial = _step(model, data, point, step)
        if trial is None:
            break
        point = trial
    cov = _observed_cov(model, data, point)
    alone = np.diag(_variances(values))
    return PathFit(
        theta=point.parameters[:k],
        cov=cov[:k, :k],
        mean=point.parameters[k:],
        llf=-0.5 * point.deviance,
        llf_saturated=-0.5 * deviance(data, mean, sigma),
        llf_baseline=-0.5 * deviance(data, np.nanmean(values, axis=0), alone),
        df=p * (p + 1) // 2 - k,
        df_baseline=p * (p - 1) // 2,
        n=sum(each.n for each in data),
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


def deviance(data: tuple[Pattern, ...], mean: Floats, sigma: Floats) -> float:
    """−2 log-likelihood of a mean, shape (p,), and a covariance, shape (p, p); inf if impossible.

    Parameters
    ----------
    data : tuple of Pattern
    mean : array, shape (p,)
    sigma : array, shape (p, p)
    """
    total = 0.0
    for each in data:
        try:
            root = np.linalg.cholesky(sigma[np.ix_(each.seen, each.seen)])
        except np.linalg.LinAlgError:
            return float("inf")
        left = each.mean - mean[each.seen]
        inner = np.linalg.solve(root, np.linalg.solve(root, each.cov + np.outer(left, left)).T)
        logdet = 2.0 * np.log(np.diag(root)).sum()
        total += each.n * (logdet + np.trace(inner) + len(left) * np.log(2.0 * np.pi))
    return float(total)


def saturated(data: tuple[Pattern, ...], p: int) -> tuple[Floats, Floats]:
    """Mean and covariance without a structure, by the EM algorithm where values are missing."""
    n = sum(each.n for each in data)
    if len(data) == 1 and len(data[0].seen) == p:
        return data[0].mean, data[0].cov
    mean, spread, number = np.zeros(p), np.zeros(p), np.zeros(p)
    for each in data:
        number[each.seen] += each.n
        mean[each.seen] += each.n * each.mean
    mean /= number
    for each in data:
        spread[each.seen] += each.n * (np.diag(each.cov) + (each.mean - mean[each.seen]) ** 2)
    sigma = np.diag(spread / number)
    for _ in range(EM_STEPS):
        first, second = np.zeros(p), np.zeros((p, p))
        for each in data:
            weights = np.linalg.solve(
                sigma[np.ix_(each.seen, each.seen)], sigma[each.seen]
            )  # regressions of all variables on those seen
            expected = mean + (each.mean - mean[each.seen]) @ weights
            left = sigma - sigma[:, each.seen] @ weights
            first += each.n * expected
            second += each.n * (weights.T @ each.cov @ weights + left)
            second += each.n * np.outer(expected, expected)
        new_mean = first / n
        new_sigma = second / n - np.outer(new_mean, new_mean)
        size = np.sqrt(np.diag(new_sigma))
        change = np.abs((new_sigma - sigma) / np.outer(size, size)).max()
        mean, sigma = new_mean, new_sigma
        if change < EM_DONE:
            break
    return mean, sigma


def _evaluate(model: PathModel, data: tuple[Pattern, ...], parameters: Floats) -> Point:
    k, p = model.parameters, model.observed
    implied = model.implied(parameters[:k])
    value = deviance(data, parameters[k:], implied.sigma)
    information = np.zeros((k + p, k + p))
    if not np.isfinite(value):
        return Point(parameters, value, np.zeros(k + p), information)
    J = implied.derivatives
    for each in data:
        inverse = np.linalg.inv(implied.sigma[np.ix_(each.seen, each.seen)])
        turned = inverse @ J[:, each.seen[:, None], each.seen]
        flat, swapped = turned.reshape(k, -1), turned.transpose(0, 2, 1).reshape(k, -1)
        information[:k, :k] += 0.5 * each.n * flat @ swapped.T
        information[np.ix_(k + each.seen, k + each.seen)] += each.n * inverse
    return Point(parameters, value, gradient(model, data, parameters), information)


def gradient(model: PathModel, data: tuple[Pattern, ...], parameters: Floats) -> Floats:
    """Differentiate −2 log-likelihood in θ and the means.

    Parameters
    ----------
    model : PathModel
    data : tuple of Pattern
    parameters : array, shape (parameters + p,)
        θ, then means.
    """
    k, p = model.parameters, model.observed
    implied, mean = model.implied(parameters[:k]), parameters[k:]
    in_sigma, in_mean = np.zeros((p, p)), np.zeros(p)
    for each in data:
        seen = np.ix_(each.seen, each.seen)
        inverse = np.linalg.inv(implied.sigma[seen])
        left = each.mean - mean[each.seen]
        moment = each.cov + np.outer(left, left)
        in_sigma[seen] += each.n * (inverse - inverse @ moment @ inverse)
        in_mean[each.seen] -= 2.0 * each.n * (inverse @ left)
    return np.append(implied.derivatives.reshape(k, -1) @ in_sigma.ravel(), in_mean)


def _scoring_step(point: Point) -> tuple[Floats, float]:
    values, vectors = np.linalg.eigh(point.information)
    kept = values > 1e-10 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    score = root.T @ (-0.5 * point.gradient)
    return root @ score, float(np.abs(score).max(initial=0.0))


def _step(model: PathModel, data: tuple[Pattern, ...], point: Point, step: Floats) -> Point | None:
    bound = point.deviance + ROUNDING * abs(point.deviance)
    for _ in range(HALVINGS):
        theta = point.parameters + step
        implied = model.implied(theta[: model.parameters])
        if deviance(data, theta[model.parameters :], implied.sigma) <= bound:
            return _evaluate(model, data, theta)
        step = step / 2.0
    return None


def _observed_cov(model: PathModel, data: tuple[Pattern, ...], point: Point) -> Floats:
    size = np.sqrt(np.diag(point.information))
    H = np.zeros_like(point.information)
    for a in range(len(H)):
        step = np.zeros(len(H))
        step[a] = STEP * max(abs(point.parameters[a]), 1.0 / size[a] if size[a] > 0 else 1.0)
        above, below = (gradient(model, data, point.parameters + s * step) for s in (1.0, -1.0))
        H[a] = (above - below) / (4.0 * step[a])
    H = 0.5 * (H + H.T)
    scale = np.sqrt(np.abs(np.diag(H)))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(H / np.outer(scale, scale))
    if values[0] <= 1e-12 * values[-1]:
        return np.full_like(H, np.nan)
    return (vectors / values) @ vectors.T / np.outer(scale, scale)
