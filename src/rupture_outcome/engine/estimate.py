"""An estimate with its standard error, and the intervals that go with one."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.reasons import joined

Number = TypeVar("Number", float, NDArray[np.float64])


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error; NaN and coded reasons where there is none.

    `df` are the degrees of freedom of the error: few where it rests on few clusters.

    Examples
    --------
    >>> Estimate(0.5, 0.1).known, Estimate(reason="no_events").known
    (True, False)
    """

    value: float = np.nan
    se: float = np.nan
    reason: str = ""
    df: float = np.inf

    @property
    def known(self) -> bool:
        """Whether estimate and standard error are both finite."""
        return bool(np.isfinite(self.value) and np.isfinite(self.se))

    @property
    def known_df(self) -> float:
        """Degrees of freedom where the interval uses them, else NaN."""
        return self.df if self.known and np.isfinite(self.df) else np.nan

    def with_reason(self, more: str) -> "Estimate":
        """Add a coded reason to those that are noted already."""
        return replace(self, reason=joined(self.reason, more))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Wald interval, of a t distribution where the error has few degrees of freedom."""
        return wald(self.value, self.se, confidence, self.df)


def normal_quantile(confidence: float) -> float:
    """Give how many standard errors lie on each side of an estimate, Φ⁻¹((1 + confidence) / 2).

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from scipy.special import ndtri  # half of the time that a product takes to be read

    return float(ndtri(0.5 + confidence / 2.0))


def t_quantile(confidence: float, df: float) -> float:
    """`normal_quantile`, of the t distribution with `df` degrees of freedom.

    Examples
    --------
    >>> round(t_quantile(0.95, 7.0), 4), round(t_quantile(0.95, np.inf), 4)
    (2.3646, 1.96)
    """
    if np.isinf(df):
        return normal_quantile(confidence)
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + confidence / 2.0))


def wald(value: Number, se: Number, confidence: float, df: float = np.inf) -> tuple[Number, Number]:
    """Wald interval: estimate ± Φ⁻¹((1 + confidence) / 2) standard errors, or t for Φ.

    Parameters
    ----------
    value, se : number or array, any shape
        NaN gives NaN.
    confidence : float
        Such as 0.95.
    df : float
        Degrees of freedom of the standard error.

    Returns
    -------
    low, high : of the shape of `value`

    Examples
    --------
    >>> low, high = wald(0.5, 0.1, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.304, 0.696)
    """
    half = t_quantile(confidence, df) * se
    return value - half, value + half


def wilson(share: float, size: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share, which stays within 0 and 1.

    Parameters
    ----------
    share : float
    size : float
        Number of units, or the effective one where they are clustered.
    confidence : float
        Such as 0.95.

    Notes
    -----
    Wilson 1927 (recalled). In R: ``prop.test(x, n, correct = FALSE)``.

    Examples
    --------
    >>> low, high = wilson(0.25, 20, 0.95)
    >>> round(low, 4), round(high, 4)
    (0.1119, 0.4687)
    """
    z2 = normal_quantile(confidence) ** 2
    middle = (share + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (share * (1 - share) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)
