"""Rubin's rules: one estimate and its interval from several imputed data sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit


@dataclass(frozen=True)
class Pooled:
    """Pooled estimate, its standard error, and the limits of its interval."""

    value: float
    se: float
    low: float
    high: float


def pool(estimates: ArrayLike, errors: ArrayLike, confidence: float) -> Pooled:
    """Pool by T = W + (1 + 1/m) B with a t interval on (m − 1)(1 + W / ((1 + 1/m) B))² df.

    W is the mean of the squared errors, B the variance of the m estimates.

    Parameters
    ----------
    estimates, errors : array, shape (imputations,)
        At least two.
    confidence : float
        Level of the interval.

    Notes
    -----
    Rubin (1987), Multiple imputation for nonresponse in surveys; recalled. In R:
    `mice::pool.scalar(Q, U)`, with the degrees of freedom of an infinite sample.

    Examples
    --------
    >>> pooled = pool([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 0.95)
    >>> pooled.value, round(pooled.se**2, 4)
    (2.0, 2.3333)
    """
    values, squares = np.asarray(estimates, dtype=float), np.square(errors, dtype=float)
    m, within, between = len(values), float(np.mean(squares)), float(values.var(ddof=1))
    extra = (1.0 + 1.0 / m) * between
    total = within + extra
    freedom = (m - 1) * (1.0 + within / extra) ** 2 if extra > 0 else np.inf
    freedom = min(freedom, 1e9)
    half = float(stdtrit(freedom, 0.5 + confidence / 2.0)) * np.sqrt(total)
    middle = float(values.mean())
    return Pooled(middle, float(np.sqrt(total)), middle - half, middle + half)
