"""Log-likelihood of a yes/no outcome under a link, with its derivatives in the linear predictor.

Each kernel is made once for an outcome vector and then evaluated at many linear predictors η. Both
links give a log-likelihood that is concave in η, on which the search for the group modes relies.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# exp(230) squared is still a finite double: products of derivatives cannot overflow.
LARGEST_ETA = 230.0
# exp(700) is a finite double, and what it weighs is 0 to double precision.
LARGEST_LOG = 700.0
# Below this η the complementary log–log of an event is η itself to double precision.
SMALLEST_ETA = -36.0
# Below this mean the direct form of the derivative cancels; three series terms are then exact.
SERIES_BELOW = 1e-2


class Kernel(Protocol):
    """What the marginal likelihood needs to know of a link."""

    def loglik(self, eta: Array) -> Array:
        """Log-likelihood of every row."""
        ...

    def derivatives(self, eta: Array, order: int) -> list[Array]:
        """Differentiate the log-likelihood of every row in η: 1 … `order`, at most 4."""
        ...

    def part(self, rows: slice) -> "Kernel":
        """Give the kernel of some rows."""
        ...


@dataclass(frozen=True)
class Logit:
    """Logistic: P(event) = 1 / (1 + e^−η).

    Parameters
    ----------
    y : array of 0 and 1, shape (rows,)

    Examples
    --------
    >>> kernel = Logit(np.array([1.0, 0.0]))
    >>> kernel.loglik(np.array([0.0, 800.0])).round(4).tolist()
    [-0.6931, -800.0]
    """

    y: Array
    sign: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sign", 2.0 * self.y - 1.0)

    def loglik(self, eta: Array) -> Array:
        """Return −log(1 + e^−a), a = η for an event and −η otherwise."""
        a = self.sign * eta
        return np.minimum(a, 0.0) - np.log1p(np.exp(-np.abs(a)))

    def derivatives(self, eta: Array, order: int) -> list[Array]:
        """Return y − p, −W, −W(1 − 2p), −W(1 − 6W) with W = p(1 − p), up to `order`."""
        # Arrays are overwritten: new ones cost more than what is computed in them.
        odds = self.sign * eta
        np.exp(np.minimum(odds, LARGEST_LOG, out=odds), out=odds)
        miss = odds + 1.0
        np.reciprocal(miss, out=miss)  # chance of what did not happen
        first = self.sign * miss
        if order == 1:
            return [first]
        weight = np.multiply(odds, miss, out=odds)
        weight *= miss
        out = [first, np.negative(weight, out=miss)]
        if order > 2:
            out.append(weight * (self.sign - 2.0 * first))
        if order > 3:
            out.append(-weight * (1.0 - 6.0 * weight))
        return out

    def part(self, rows: slice) -> "Logit":
        """Give the kernel of some rows."""
        return Logit(self.y[rows])


@dataclass(frozen=True)
class Cloglog:
    """Complementary log–log: P(event) = 1 − exp(−e^η), the link of grouped proportional hazards.

    Parameters
    ----------
    y : array of 0 and 1, shape (rows,)

    Notes
    -----
    With m = e^η a row without event has log-likelihood −m, and so are all its derivatives. A row
    with event has r = m / (e^m − 1) as its first derivative and r(1 − m − r) as its second.
    """

    y: Array
    events: NDArray[np.intp] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", np.flatnonzero(self.y))

    def loglik(self, eta: Array) -> Array:
        """Return −m without event, log(1 − e^−m) with one."""
        out = -np.exp(np.minimum(eta, LARGEST_ETA))
        out[self.events] = _log_event_probability(eta[self.events])
        return out

    def derivatives(self, eta: Array, order: int) -> list[Array]:
        """Return the derivatives in η up to `order`."""
        minus_m = -np.exp(np.minimum(eta, LARGEST_ETA))
        of_events = _event_derivatives(eta[self.events])
        out = [minus_m, *(minus_m.copy() for _ in range(order - 1))]
        for full, part in zip(out, of_events, strict=False):
            full[self.events] = part
        return out

    def part(self, rows: slice) -> "Cloglog":
        """Give the kernel of some rows."""
        return Cloglog(self.y[rows])


def _log_event_probability(eta: Array) -> Array:
    m = np.exp(np.clip(eta, SMALLEST_ETA, LARGEST_ETA))
    exact = np.where(m < np.log(2.0), np.log(-np.expm1(-m)), np.log1p(-np.exp(-np.maximum(m, 0.5))))
    return np.where(eta < SMALLEST_ETA, eta, exact)


def _event_derivatives(eta: Array) -> tuple[Array, Array, Array, Array]:
    m = np.exp(np.clip(eta, -700.0, LARGEST_ETA))
    r = m * np.exp(-m) / -np.expm1(-m)
    small = np.minimum(m, SERIES_BELOW)
    series = small * (-0.5 + small * (-1.0 / 12.0 + small * small / 720.0))
    c = np.where(m < SERIES_BELOW, series, 1.0 - m - r)
    second = r * c
    slope = -m - second
    third = second * c + r * slope
    fourth = third * c + 2.0 * second * slope + r * (-m - third)
    return r, second, third, fourth


LINKS: dict[str, type[Logit] | type[Cloglog]] = {"logit": Logit, "cloglog": Cloglog}


def event_probability(eta: Array, link: str) -> Array:
    """Chance of the event at linear predictor `eta`.

    Examples
    --------
    >>> event_probability(np.array([0.0]), "logit").tolist()
    [0.5]
    """
    return np.exp(LINKS[link](np.ones_like(eta)).loglik(eta))


def linear_predictor(probability: float, link: str) -> float:
    """Linear predictor of a single probability strictly between 0 and 1.

    Examples
    --------
    >>> round(linear_predictor(0.1, "logit"), 4)  # log(0.1 / 0.9)
    -2.1972
    >>> round(linear_predictor(0.1, "cloglog"), 4)  # log(−log(0.9))
    -2.2504
    """
    if link == "logit":
        return float(np.log(probability) - np.log1p(-probability))
    return float(np.log(-np.log1p(-probability)))
