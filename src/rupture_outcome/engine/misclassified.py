"""Regression on a yes/no exposure that was coded with errors, of which the frequency is known."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit

from rupture_outcome.engine.cluster_sandwich import membership
from rupture_outcome.engine.multilevel.links import LINKS, Array
from rupture_outcome.engine.multilevel.newton import Optimum, maximise

MOST_STEPS = 40


@dataclass(frozen=True)
class Errors:
    """How often the exposure is coded right, where it is there and where it is not.

    `present_se` and `absent_se` are the standard errors of both shares, 0 for suppositions.
    """

    present: float
    absent: float
    present_se: float = 0.0
    absent_se: float = 0.0


@dataclass(frozen=True)
class Supposed:
    """The log-likelihood at coefficients `theta`, and what of each row it is made from.

    `whole` is that of every row; `apart` its two parts, exposure there and not, without how they
    are coded, on the log scale, shape (2, rows); `chance` that the exposure was there, given all
    that was seen of the row.
    """

    theta: Array
    value: float
    whole: Array
    apart: Array
    chance: Array


@dataclass(frozen=True)
class MisclassifiedLikelihood:
    r"""Log-likelihood of outcome y and coded exposure a*, where the true one is not seen.

    .. math:: \sum_i \log \sum_{a=0}^{1} P(y_i | a, x_i; \alpha, \beta)\, P(a^*_i | a)\,
        P(a | z_i; \gamma)

    with a logistic regression of the exposure, and :math:`P(a^* | a)` the same whether the outcome
    follows or not.

    Parameters
    ----------
    X, Z : array, shape (rows, k) and (rows, m)
        What the outcome and the exposure are regressed on, with constants.
    y, coded : array of 0 and 1, shape (rows,)
    errors : Errors
    link : {"logit", "cloglog"}
        Of the outcome's regression.

    Notes
    -----
    θ holds γ (m), α (k) and β. Carroll, Ruppert, Stefanski and Crainiceanu, Measurement Error in
    Nonlinear Models, ch. 15, and Lyles and Lin (2010), Statistics in Medicine 29:2297; recalled.
    """

    X: Array
    Z: Array
    y: Array
    coded: Array
    errors: Errors
    link: str = "logit"

    @property
    def m(self) -> int:
        """Number of coefficients γ."""
        return self.Z.shape[1]

    @cached_property
    def told(self) -> Array:
        """P(a* | a) of every row, a = 1 and a = 0, shape (2, rows)."""
        present, absent = self.errors.present, self.errors.absent
        seen = self.coded > 0
        return np.stack(
            [np.where(seen, present, 1.0 - present), np.where(seen, 1.0 - absent, absent)]
        )

    def evaluate(self, theta: Array, near: Supposed | None = None) -> Supposed:
        """Log-likelihood at `theta`."""
        eta, without = self.Z @ theta[: self.m], self.X @ theta[self.m : -1]
        kernel = LINKS[self.link](self.y)
        apart = np.stack(
            [
                log_expit(eta) + kernel.loglik(without + theta[-1]),
                log_expit(-eta) + kernel.loglik(without),
            ]
        )
        with np.errstate(divide="ignore"):
            likely = apart + np.log(self.told)
        whole = np.logaddexp(*likely)
        return Supposed(theta, float(whole.sum()), whole, apart, np.exp(likely[0] - whole))

    def derivatives(self, at: Supposed) -> tuple[Array, Array]:
        """Gradient and Hessian."""
        return self.scores(at).sum(axis=0), -self.information(at)

    def scores(self, at: Supposed) -> Array:
        """Gradient of every row, shape (rows, parameters)."""
        w, (first, _) = at.chance, self._outcome(at)
        gamma = w - expit(self.Z @ at.theta[: self.m])
        alpha = w * first[0] + (1.0 - w) * first[1]
        return np.column_stack(
            [self.Z * gamma[:, None], self.X * alpha[:, None], w * first[0]],
        )

    def information(self, at: Supposed) -> Array:
        """Minus the Hessian, shape (parameters, parameters).

        That of the two regressions if the exposure were seen, less what is lost because it is not
        (Louis 1982, recalled): the variance of a row's gradient over what its exposure may be.
        """
        X, Z, m, w = self.X, self.Z, self.m, at.chance
        (first, other), (second, second_other) = self._outcome(at)
        chance, lost, apart = expit(Z @ at.theta[:m]), w * (1.0 - w), first - other
        seen = -w * second
        alpha = seen - (1.0 - w) * second_other - lost * apart**2
        out = np.empty((len(at.theta), len(at.theta)))
        out[:m, :m] = (Z * (chance * (1.0 - chance) - lost)[:, None]).T @ Z
        out[m:-1, m:-1] = (X * alpha[:, None]).T @ X
        out[:m, m:-1] = (Z * (-lost * apart)[:, None]).T @ X
        out[:m, -1] = Z.T @ (-lost * first)
        out[m:-1, -1] = X.T @ (seen - lost * apart * first)
        out[-1, -1] = (seen - lost * first**2).sum()
        out[m:-1, :m] = out[:m, m:-1].T
        out[-1, :-1] = out[:-1, -1]
        return out

    def difference(self, at: Supposed) -> Array:
        """By how much a row's gradient with the exposure differs from that without it."""
        (first, other), _ = self._outcome(at)
        return np.column_stack([self.Z, self.X * (first - other)[:, None], first])

    def _outcome(self, at: Supposed) -> tuple[Array, Array]:
        """First and second derivatives in the outcome's predictor, a = 1 and a = 0."""
        without = self.X @ at.theta[self.m : -1]
        kernel = LINKS[self.link](self.y)
        both = [kernel.derivatives(without + shift, 2) for shift in (at.theta[-1], 0.0)]
        return np.stack([each[0] for each in both]), np.stack([each[1] for each in both])


@dataclass(frozen=True)
class MisclassifiedFit:
    """Where the search ended, of which likelihood."""

    likelihood: MisclassifiedLikelihood
    optimum: Optimum[Supposed]

    @property
    def log_ratio(self) -> float:
        """β."""
        return float(self.optimum.point.theta[-1])

    def error(self, clusters: ArrayLike) -> tuple[float, float]:
        r"""Give the standard error of β, robust to clusters, and its degrees of freedom.

        .. math:: H^{-1} \frac{G}{G-1} \sum_g s_g s_g^\top H^{-1}
            + \sum_s (\partial\hat\beta/\partial s)^2 \operatorname{Var}(s)

        with t of G − 1 degrees of freedom; the second part is what the frequency of errors leaves
        open, as of a source apart from these rows, and the freedom that of the sum by Welch and
        Satterthwaite. NaN with fewer than two clusters.

        Parameters
        ----------
        clusters : array, shape (rows,)
            Labels.
        """
        like, at = self.likelihood, self.optimum.point
        own = membership(clusters)
        groups = own.shape[0]
        if groups < 2:
            return np.nan, np.nan
        pulls = (own @ like.scores(at)) @ np.linalg.inv(-self.optimum.hessian)[-1]
        variance = groups / (groups - 1.0) * float(pulls @ pulls)
        spread = np.array([like.errors.present_se, like.errors.absent_se])
        whole = variance + float(((self.slopes() * spread) ** 2).sum())
        return float(np.sqrt(whole)), (groups - 1.0) * (whole / variance) ** 2

    def slopes(self) -> Array:
        """Give the derivatives of β in both shares coded right, shape (2,)."""
        like, at = self.likelihood, self.optimum.point
        each = np.exp(at.apart - at.whole)
        sign, w = np.where(like.coded > 0, 1.0, -1.0), at.chance
        moved = sign * np.stack([(1.0 - w) * each[0], w * each[1]])
        pull = like.difference(at).T @ moved.T
        return np.asarray(np.linalg.solve(-self.optimum.hessian, pull)[-1])


def fit_misclassified(
    likelihood: MisclassifiedLikelihood, start: Array | None = None
) -> MisclassifiedFit:
    """Maximise the likelihood, from the fit that takes the coded exposure for the true one.

    Parameters
    ----------
    likelihood : MisclassifiedLikelihood
    start : array, shape (m + k + 1,), optional
        Where to begin instead.

    Examples
    --------
    Of 100 outcomes 60 are coded exposed, of 1,000 others 300; 90 % are coded right everywhere:

    >>> coded = np.repeat([1.0, 0.0, 1.0, 0.0], [60, 40, 300, 700])
    >>> y = np.repeat([1.0, 0.0], [100, 1000])
    >>> fit = fit_misclassified(
    ...     MisclassifiedLikelihood(one := np.ones((1100, 1)), one, y, coded, Errors(0.9, 0.9))
    ... )
    >>> true = [(share - 0.1) / 0.8 for share in (0.6, 0.3)]  # the matrix method
    >>> odds = [p / (1 - p) for p in true]
    >>> bool(np.isclose(fit.log_ratio, np.log(odds[0] / odds[1])))
    True
    """
    if start is None:
        start = np.zeros(likelihood.m + likelihood.X.shape[1] + 1)
        if min(likelihood.errors.present, likelihood.errors.absent) < 1.0:
            seen = replace(likelihood, errors=Errors(1.0, 1.0))
            start = fit_misclassified(seen).optimum.point.theta
    return MisclassifiedFit(likelihood, maximise(likelihood, start, MOST_STEPS))
