"""Satterthwaite degrees of freedom of the fixed effects of a growth model."""

import numpy as np
from scipy.special import fdtrc

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.cluster_sandwich import RobustTest
from rupture_outcome.engine.growth.fit import RHO_STEP, Fitted


def freedom(fitted: Fitted, weights: Floats) -> float:
    r"""Degrees of freedom of a weighted sum of coefficients.

    The squared error :math:`f = l^\top C l` depends on the estimates φ of the variances, so that
    it varies as :math:`g^\top A g` with g its slope in φ and A their covariance, the inverse of the
    observed information. A t distribution with :math:`2 f^2 / g^\top A g` degrees of freedom has
    the same mean and variance. As in R's ``lmerTest``.

    Parameters
    ----------
    fitted : Fitted
    weights : array, shape (p,)
        l.
    """
    like, point = fitted.like, fitted.point
    turned = fitted.units.back.T @ weights
    square = float(turned @ point.inverse @ turned)
    if not square > 0:
        return float("nan")
    slope = np.append(
        like.variance_slope(point, turned) / square, 2.0 / np.sqrt(point.sigma2)
    )  # of log f
    if fitted.beside is not None:
        low, high = (float(turned @ each.inverse @ turned) for each in fitted.beside)
        slope = np.append(slope, (high - low) / (2.0 * RHO_STEP * square))
    varies = float(slope @ fitted.spread @ slope)
    return 2.0 / varies if varies > 0 else float("inf")


def joint_test(fitted: Fitted, combinations: Floats) -> RobustTest:
    """F test that combinations of coefficients, shape (q, p), are all 0.

    The degrees of freedom of the denominator are those of Fai and Cornelius (1996, recalled), as in
    R's ``lmerTest::contestMD``: F is a mean of squared t statistics of independent combinations.
    """
    cov = combinations @ fitted.cov @ combinations.T
    values, vectors = np.linalg.eigh(cov)
    kept = values > 1e-8 * max(float(values[-1]), 0.0)
    q = int(kept.sum())
    if q == 0:
        return RobustTest(np.nan, 0, np.nan, np.nan)
    independent = vectors[:, kept].T @ combinations
    squares = (independent @ fitted.beta) ** 2 / values[kept]
    statistic = float(squares.mean())
    within = pooled_freedom([freedom(fitted, row) for row in independent])
    return RobustTest(statistic, q, within, float(fdtrc(q, within, statistic)))


def pooled_freedom(each: list[float]) -> float:
    """Degrees of freedom of the denominator of a mean of squared t statistics.

    Examples
    --------
    >>> pooled_freedom([8.0]), round(pooled_freedom([10.0, 20.0]), 3)
    (8.0, 13.077)
    """
    if len(each) == 1 or np.ptp(each) < 1e-8:
        return float(np.mean(each))
    if min(each) <= 2.0:
        return 2.0
    mean = sum(df / (df - 2.0) if np.isfinite(df) else 1.0 for df in each)
    return 2.0 * mean / (mean - len(each))
