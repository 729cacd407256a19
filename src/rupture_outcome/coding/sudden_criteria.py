"""The three criteria of a sudden change, each with a verdict of its own."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from rupture_outcome.coding.verdicts import TIE, Codes, reached
from rupture_outcome.engine.arrays import Bools, Floats

CRITERIA = ("size", "share", "stability")
CRITERION_VERDICTS = ("not_testable", "not_met", "met")
NOT_TESTABLE, NOT_MET, MET = range(3)

CHANGES = {"fall": 1.0, "rise": -1.0}
SHARES = ("score", "range")
STABILITIES = ("t", "package")
WINDOW = 3
LEAST = 2


@dataclass(frozen=True)
class Criteria:
    """What makes a change from one session to the next a sudden one.

    Parameters
    ----------
    cut : float or None
        Least size in points; a tie counts.
    share : float or None
        Least size as a share; a tie counts.
    share_of : {"score", "range"}
        Of the score before the change (Tang & DeRubeis), or of the scale's range. A share of the
        score means something only where the scale begins at 0.
    span : float, optional
        Length of the scale's range, for `share_of="range"`.
    stability : {"t", "package"} or None
        The difference of the means of up to three scores before and after against the critical t
        times the pooled SD: with √(1/n1 + 1/n2) as in a t test, or without, as in the R package
        suddengains.
    alpha : float
        Level of the stability test, two-tailed.
    change : {"fall", "rise"}
        Which way: a gain is a fall of symptoms, a loss of alliance is a fall too.

    Raises
    ------
    ValueError
        An unknown word, or a share of a range that is not given.

    Notes
    -----
    A criterion that is None is not asked for.
    """

    cut: float | None
    share: float | None = 0.25
    share_of: str = "score"
    span: float | None = None
    stability: str | None = "t"
    alpha: float = 0.05
    change: str = "fall"

    def __post_init__(self) -> None:
        for name, known in _WORDS.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is '{getattr(self, name)}'; give one of: {known}")
        if self.share is not None and self.share_of == "range" and self.span is None:
            raise ValueError("a share of the range needs the length of the range: give span")

    @property
    def reach(self) -> int:
        """Slots that are needed on each side beyond the two compared."""
        return 0 if self.stability is None else LEAST - 1


_WORDS = {"share_of": SHARES, "stability": (*STABILITIES, None), "change": tuple(CHANGES)}


class Judged(NamedTuple):
    """Verdicts on each step from a slot to the next, shape (S − 1,).

    `size`, `share` and `stability` are positions in `CRITERION_VERDICTS`, and so is `all`: met
    where each criterion is, not testable where one of them is not.
    """

    magnitude: Floats
    size: Codes
    share: Codes
    stability: Codes
    all: Codes


class Windows(NamedTuple):
    """What the stability test takes from where scores are missing, whatever they are.

    Parameters
    ----------
    n : ndarray of int8, shape (S + 2,)
        Scores in three neighbouring slots, from the two slots before the first on.
    factor : ndarray of float, shape (S − 1,)
        What the root of the summed squares is multiplied by, of each step.
    known : ndarray of bool, shape (S − 1,)
        Whether both sides have enough scores.
    """

    n: Codes
    factor: Floats
    known: Bools

    @classmethod
    def of(cls, rated: Bools, criteria: "Criteria") -> "Windows":
        """Count scores around each step, from which slots hold one, shape (S,)."""
        n = _in_threes(rated.view(np.int8))
        before, after = n[:-WINDOW], n[WINDOW:]
        known = (before >= LEAST) & (after >= LEAST)
        return cls(n, _factors(criteria)[before, after], known)


def judge(values: Floats, criteria: Criteria, windows: Windows | None = None) -> Judged:
    r"""Judge every step from slot n to slot n + 1.

    .. math:: x_n - x_{n+1} \ge c, \quad x_n - x_{n+1} \ge q\,x_n, \quad
              \bar x_{n-2 \dots n} - \bar x_{n+1 \dots n+3} > t_{1-\alpha/2,\,n_1+n_2-2}\; s_p
              \sqrt{1/n_1 + 1/n_2}

    for a fall; a rise turns the differences round. Missing scores are left out of the means, and
    each needs two.

    Parameters
    ----------
    values : ndarray of float, shape (S,)
        Scores in slots (`Slots.scores`).
    criteria : Criteria
    windows : Windows, optional
        Of these slots and criteria, where they are known from other scores in the same slots.

    Raises
    ------
    ValueError
        A share of the score is asked for and a score is below 0.

    Notes
    -----
    A step is testable only where every criterion is. Were a failed criterion to decide alone, the
    untestable steps near the ends would be those that looked like a change, and the rate among
    testable steps too low.

    Source: Tang & DeRubeis 1999, doi:10.1037/0022-006X.67.6.894. In R: `suddengains::bysg`.

    Examples
    --------
    >>> judged = judge(np.array([30.0, 31, 30, 15, 14, 15]), Criteria(cut=7))
    >>> [CRITERION_VERDICTS[v] for v in judged.all]
    ['not_testable', 'not_met', 'met', 'not_met', 'not_testable']
    """
    if criteria.share is not None and criteria.share_of == "score" and (values < 0).any():
        raise ValueError("a share of scores below 0 has no meaning; take a share of the range")
    turned = values * CHANGES[criteria.change]
    magnitude = turned[:-1] - turned[1:]
    both = ~np.isnan(magnitude)
    least = 0.0 if criteria.share is None else criteria.share * _base(values, criteria)
    size = _verdict(reached(magnitude, -np.inf if criteria.cut is None else criteria.cut), both)
    share = _verdict(reached(magnitude, least) | (criteria.share is None), both)
    stability = _verdict(both, both)
    if criteria.stability:
        stability = _stability(turned, windows or Windows.of(~np.isnan(turned), criteria))
    # What is not testable is the lowest code, so it decides, and then what is not met.
    lowest = np.minimum(np.minimum(size, share), stability)
    lowest[(lowest == MET) & ~(magnitude > TIE)] = NOT_MET
    return Judged(magnitude, size, share, stability, lowest)


def _base(values: Floats, criteria: Criteria) -> Floats | float:
    return values[:-1] if criteria.share_of == "score" else float(criteria.span or 0.0)


def _verdict(met: Bools, known: Bools) -> Codes:
    return known.view(np.int8) * (met.view(np.int8) + np.int8(NOT_MET))


def _stability(turned: Floats, windows: Windows) -> Codes:
    x = np.where(np.isnan(turned), 0.0, turned)
    total, squares = _in_threes(x), _in_threes(x * x)
    count = np.maximum(windows.n, 1)
    mean = total / count
    # Of integer scores the product is exact, so a flat stretch has a spread of exactly 0.
    scatter = np.maximum(windows.n * squares - total * total, 0.0) / count
    spread = np.sqrt(scatter[:-WINDOW] + scatter[WINDOW:])
    met = mean[:-WINDOW] - mean[WINDOW:] > windows.factor * spread + TIE
    return _verdict(met, windows.known)


def _in_threes(x: NDArray) -> NDArray:
    """Sum of each three neighbouring slots, from the two slots before the first on."""
    total = np.zeros(len(x) + WINDOW - 1, x.dtype)
    for shift in reversed(range(WINDOW)):
        total[shift : shift + len(x)] += x
    return total


def _factors(criteria: Criteria) -> Floats:
    """Tell what to multiply the root of the summed squares by, for n1 scores before, n2 after."""
    n1, n2 = np.ogrid[: WINDOW + 1, : WINDOW + 1]
    freedom = np.maximum(n1 + n2 - 2, 1)
    factor = stdtrit(freedom, 1 - criteria.alpha / 2) / np.sqrt(freedom)
    if criteria.stability == "t":
        factor = factor * np.sqrt(1 / np.maximum(n1, 1) + 1 / np.maximum(n2, 1))
    return factor
