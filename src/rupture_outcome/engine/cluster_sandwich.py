"""Errors of a regression that are robust to clusters, few or many, and their degrees of freedom."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import fdtrc

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import reason

Array = NDArray[np.float64]
ALONE = 1e-8  # of the information on a combination of coefficients, outside of one cluster
LOST = 1e-6  # of a variance
ONE_CLUSTER = reason("one_cluster")


@dataclass(frozen=True)
class RobustTest:
    """F statistic that combinations of coefficients are 0, its degrees of freedom and p value."""

    statistic: float
    df: int
    df_within: float
    p_value: float


@dataclass(frozen=True)
class Sandwich:
    r"""Covariance of coefficients whose clusters are independent, corrected for few of them (CR2).

    With information A, of which cluster g holds :math:`A_g`, and the sum :math:`s_g` of its scores,

    .. math:: V = \sum_g K_g s_g s_g^\top K_g, \qquad
        K_g = A^{-1/2} \big(I - A^{-1/2} A_g A^{-1/2}\big)^{-1/2} A^{-1/2} .

    A cluster draws the estimate towards itself, so that its scores are too small; K_g undoes that
    as it would be if rows were independent. With many clusters :math:`K_g = A^{-1}`, the sandwich
    without a factor. What only one cluster tells has no correction, and no weight.

    Parameters
    ----------
    information : array, shape (k, k)
        A.
    parts : array, shape (G, k, k)
        A_g, which add up to A.
    scores : array, shape (G, k)
        s_g, which add up to 0.

    Notes
    -----
    Bell and McCaffrey (2002) and Pustejovsky and Tipton (2018), Journal of Business & Economic
    Statistics 36:672; recalled. In R: ``clubSandwich::vcovCR(fit, cluster, type = "CR2")`` with
    ``coef_test`` and ``Wald_test(test = "HTZ")``, equal for a linear regression. For others that
    package takes another root of the same matrices, which needs them at the size of a cluster.

    Examples
    --------
    The mean of three clusters of one row each has the error and the freedom of a t test:

    >>> found = Sandwich(np.eye(1) * 3, np.ones((3, 1, 1)), np.array([[-1.0], [0.0], [1.0]]))
    >>> error, df = found.error([1.0])
    >>> round(error**2, 4), round(df, 4)
    (0.3333, 2.0)
    """

    information: Array
    parts: Array
    scores: Array

    @cached_property
    def cov(self) -> Array:
        """V, shape (k, k)."""
        moved = np.einsum("gkl,gl->gk", self._corrected, self.scores)
        return np.asarray(moved.T @ moved)

    def error(self, weights: ArrayLike) -> tuple[float, float]:
        """Give the standard error of a weighted sum of coefficients, and its degrees of freedom.

        Those of Satterthwaite: a t distribution with as many has the mean and the variance that
        the squared error would have if rows were independent. NaN where one cluster alone tells of
        the sum: nothing then says how much it varies.
        """
        row = np.asarray(weights, dtype=float)
        df = self.freedom(row[None])
        return (float(np.sqrt(row @ self.cov @ row)) if df > 0 else np.nan), df

    def estimate(self, weights: ArrayLike, params: ArrayLike, caution: str = "") -> Estimate:
        """Give a weighted sum of coefficients with its error, or the reason why there is none.

        Parameters
        ----------
        weights, params : array, shape (k,)
        caution : str
            What a reader of the estimate must know, coded.
        """
        error, df = self.error(weights)
        if np.isnan(error):
            return Estimate(reason=ONE_CLUSTER)
        return Estimate(float(np.asarray(weights) @ np.asarray(params)), error, caution, df)

    def test(self, combinations: ArrayLike, params: ArrayLike) -> RobustTest:
        """Test that combinations of coefficients, shape (q, k), are all 0.

        Hotelling's T² with the degrees of freedom of `freedom`, as F; of one combination the t
        test. NaN where the freedom does not suffice or the covariance is singular.
        """
        L, beta = np.atleast_2d(np.asarray(combinations, dtype=float)), np.asarray(params)
        q, effect, cov = len(L), L @ beta, L @ self.cov @ L.T
        within = self.freedom(L) - q + 1.0
        if not within > 0 or np.linalg.matrix_rank(cov, hermitian=True) < q:
            return RobustTest(np.nan, q, np.nan, np.nan)
        square = float(effect @ np.linalg.solve(cov, effect))
        statistic = within / (within + q - 1.0) * square / q
        return RobustTest(statistic, q, within, float(fdtrc(q, within, statistic)))

    def freedom(self, combinations: Array) -> float:
        r"""Degrees of freedom of the covariance of combinations of coefficients, shape (q, k).

        :math:`\eta = q(q + 1) / \sum_{st} \operatorname{Var}(d_{st})`, with d the covariance in
        units of its mean if rows were independent: as a Wishart matrix with η would vary.
        """
        inverse = np.linalg.pinv(self.information, hermitian=True)
        sides = self._corrected @ combinations.T
        pulls = self.parts @ sides
        mean = np.einsum("gks,gkt->st", sides, pulls) - np.einsum(
            "gks,kl,glt->st", pulls, inverse, pulls
        )
        values, vectors = np.linalg.eigh(mean)
        lost = combinations @ inverse @ combinations.T - mean  # 0 but for what one cluster tells
        if not values[0] > 0 or np.abs(lost).max() > LOST * np.abs(mean).max():
            return np.nan
        unit = vectors / np.sqrt(values)
        sides, pulls = sides @ unit, pulls @ unit
        own = np.einsum("gks,gkt->gst", sides, pulls)
        all_own = np.einsum("gks,kl,glt->gst", pulls, inverse, pulls)
        shared = np.einsum("gks,glt->stkl", pulls, pulls) @ inverse
        trace, trace_all = (np.einsum("gss->g", each) for each in (own, all_own))
        varies = trace @ trace - 2.0 * trace @ trace_all
        varies += np.einsum("gst,gts->", own, own) - 2.0 * np.einsum("gst,gts->", own, all_own)
        varies += np.einsum("stkl,tslk->", shared, shared) + np.einsum(
            "stkl,stlk->", shared, shared
        )
        q = len(combinations)
        return float(q * (q + 1) / varies)

    @cached_property
    def _corrected(self) -> Array:
        """K_g, shape (G, k, k)."""
        values, vectors = np.linalg.eigh(self.information)
        known = values > ALONE**2 * values[-1]
        root = (vectors * np.where(known, values, np.inf) ** -0.5) @ vectors.T
        shares, axes = np.linalg.eigh(root @ self.parts @ root)
        left = 1.0 - shares
        factors = np.where(left > ALONE, left, np.inf) ** -0.5
        return np.asarray(root @ (axes * factors[:, None, :]) @ axes.transpose(0, 2, 1) @ root)


def cluster_sandwich(X: Array, residual: Array, weight: Array, clusters: ArrayLike) -> Sandwich:
    """Sandwich of a regression whose scores are Σ x r and whose information is Σ w x x'.

    Parameters
    ----------
    X : array, shape (rows, k)
    residual : array, shape (rows,)
        Derivative r of the log-likelihood of a row in its linear predictor.
    weight : array, shape (rows,)
        Minus its second derivative, w.
    clusters : array, shape (rows,)
        Labels.

    Examples
    --------
    >>> r = np.array([1.0, 0.0, 0.0, -1.0])
    >>> found = cluster_sandwich(np.ones((4, 1)), r, np.ones(4), list("aabb"))
    >>> found.scores.tolist(), round(float(found.cov[0, 0]), 4)
    ([[1.0], [-1.0]], 0.25)
    """
    own = membership(clusters)
    parts = cross_products(X, weight, own)
    return Sandwich(parts.sum(axis=0), parts, own @ (X * residual[:, None]))


def membership(clusters: ArrayLike) -> sparse.csr_array:
    """Matrix of 0 and 1, shape (G, rows), that adds up rows of the same label."""
    codes, labels = pd.factorize(np.asarray(clusters), sort=True)
    n = len(codes)
    return sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(len(labels), n))


def cross_products(X: Array, weight: Array, own: sparse.csr_array) -> Array:
    """Σ w x x' within clusters, shape (G, k, k); a column at a time, so that rows stay few.

    Parameters
    ----------
    X : array, shape (rows, k)
    weight : array, shape (rows,)
    own : sparse array, shape (G, rows)
        From `membership`.
    """
    k = X.shape[1]
    columns = [own @ (X * (weight * X[:, j])[:, None]) for j in range(k)]
    return np.stack(columns, axis=1) if k else np.zeros((own.shape[0], 0, 0))
