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

    Examples
    --------
    >>> Estimate(0.5, 0.1).known, Estimate(reason="no_events").known
    (True, False)
    """

    value: float = np.nan
    se: float = np.nan
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether estimate and standard error are both finite."""
        return bool(np.isfinite(self.value) and np.isfinite(self.se))

    def with_reason(self, more: str) -> "Estimate":
        """Add a coded reason to those that are noted already."""
        return replace(self, reason=joined(self.reason, more))


def normal_quantile(confidence: float) -> float:
    """Give how many standard errors lie on each side of an estimate, Φ⁻¹((1 + confidence) / 2).

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from scipy.special import ndtri  # half of the time that a product takes to be read

    return float(ndtri(0.5 + confidence / 2.0))


def wald(value: Number, se: Number, confidence: float) -> tuple[Number, Number]:
    """Wald interval: estimate ± Φ⁻¹((1 + confidence) / 2) standard errors.

    Parameters
    ----------
    value, se : number or array, any shape
        NaN gives NaN.
    confidence : float
        Such as 0.95.

    Returns
    -------
    low, high : of the shape of `value`

    Examples
    --------
    >>> low, high = wald(0.5, 0.1, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.304, 0.696)
    """
    half = normal_quantile(confidence) * se
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
