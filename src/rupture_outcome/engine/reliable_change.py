r"""Change that measurement error does not explain, and whether it crosses a cut-off.

A score before and one after, with the SD s and the mean m of the scores before and the reliability
r. The standard error of measurement is :math:`e = s\sqrt{1 - r}`. An index beyond ±1.96 (1.65 for
HA, whose test is one-sided) is a reliable change:

.. math::
    \mathrm{JT} &= (x_2 - x_1) / \sqrt{2 e^2} \\
    \mathrm{GLN} &= [x_2 - m - r (x_1 - m)] / (s \sqrt{1 - r^2}) \\
    \mathrm{HLL} &= [x_2 - m_2 - r (x_1 - m)] / (s \sqrt{1 - r^2}) \\
    \mathrm{EN} &= [x_2 - m - r (x_1 - m)] / e \\
    \mathrm{NK} &= [x_2 - m - r (x_1 - m)] / \sqrt{r^2 s^2 (1 - r) + s^2 (1 - r_2)} \\
    \mathrm{HA} &= [(x_2 - x_1) r_d + (m_2 - m)(1 - r_d)] / (\sqrt{r_d} \sqrt{2 e^2})

with :math:`r_d = (s^2 + s_2^2 - 2 e^2 - 2 s s_2 \rho) / (s^2 + s_2^2 - 2 s s_2 \rho)`, the
reliability of the difference, where ρ is the correlation of both scores. HA's own cut-off, on true
scores, is not taken: all methods share one, so that they differ in nothing else. Jacobson and Truax
1991; Gulliksen, Lord and Novick; Hsu, Lin and Lord; Edwards and Nunnally; Nunnally and Kotsch;
Hageman and Arrindell 1999 (recalled; the formulas are those of the R package clinicalsignificance
2.1.0).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rupture_outcome.engine.arrays import TIE, Floats
from rupture_outcome.engine.reasons import joined, reason

Method = Literal["JT", "GLN", "HLL", "EN", "NK", "HA"]
METHODS: tuple[Method, ...] = ("JT", "GLN", "HLL", "EN", "NK", "HA")
CRITICAL: dict[Method, float] = {**dict.fromkeys(METHODS, 1.96), "HA": 1.65}
NOT_JUDGED = "not_judged"
STATUSES = ("recovered", "improved", "unchanged", "deteriorated", "harmed", NOT_JUDGED)
# Of a reliability, below which changes of single persons are hardly told from error.
LOW = 0.7


@dataclass(frozen=True)
class Norm:
    """Mean and SD of a population, one for all or one for each person (by age or gender).

    Parameters
    ----------
    mean, sd : number or array, shape (n,)
    """

    mean: ArrayLike
    sd: ArrayLike


@dataclass(frozen=True)
class Sample:
    """What the methods take from those who are judged; scores after by the suffix.

    Parameters
    ----------
    mean, sd, mean_after, sd_after : float
        SDs with n − 1.
    correlation : float
        Of the scores before and after.
    n : int
        Persons with both scores.
    """

    mean: float
    sd: float
    mean_after: float
    sd_after: float
    correlation: float
    n: int

    @classmethod
    def of(cls, before: ArrayLike, after: ArrayLike) -> "Sample":
        """Describe those who have both scores.

        Examples
        --------
        >>> found = Sample.of([20, 24, 28, np.nan], [10, 20, 18, 9])
        >>> found.n, found.mean, found.sd, found.mean_after
        (3, 24.0, 4.0, 16.0)
        """
        first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
        both = np.isfinite(first) & np.isfinite(second)
        x, y = first[both], second[both]
        if len(x) < 2:
            mean, mean_after = (float(v.mean()) if len(v) else np.nan for v in (x, y))
            return cls(mean, np.nan, mean_after, np.nan, np.nan, len(x))
        s, t = float(x.std(ddof=1)), float(y.std(ddof=1))
        joint = float((x - x.mean()) @ (y - y.mean())) / (len(x) - 1)
        rho = joint / (s * t) if s * t > 0 else np.nan
        return cls(float(x.mean()), s, float(y.mean()), t, rho, len(x))


@dataclass(frozen=True)
class Index:
    """Standardised change, shape (n,), NaN where there is none, and coded reasons."""

    value: Floats
    reason: str = ""


def change_index(
    before: ArrayLike,
    after: ArrayLike,
    reliability: float,
    method: Method = "JT",
    sample: Sample | None = None,
    reliability_after: float | None = None,
) -> Index:
    """Standardise the change of each person by what measurement error allows.

    Parameters
    ----------
    before, after : array, shape (n,)
        Scores; NaN where there is none.
    reliability : float
        r of one score, between 0 and 1.
    method : {"JT", "GLN", "HLL", "EN", "NK", "HA"}
    sample : Sample, optional
        By default that of the persons given; give one where norms come from elsewhere.
    reliability_after : float, optional
        r₂ of the score after, for NK; by default as before.

    Returns
    -------
    Index
        Without values where the reliability is 0 or 1 or beyond, scores do not vary, or changes
        have no reliability of their own (HA). `low_reliability` is a caution.

    Raises
    ------
    ValueError
        Another method.

    Examples
    --------
    >>> pair = ([32.5, 20.0], [20.0, 19.0])
    >>> known = Sample(mean=30.0, sd=10.0, mean_after=20.0, sd_after=10.0, correlation=0.5, n=99)
    >>> change_index(*pair, 0.8, sample=known).value.round(3).tolist()
    [-1.976, -0.158]
    >>> change_index(*pair, 1.0).reason
    'impossible_reliability:1'
    """
    if method not in METHODS:
        raise ValueError(f"method '{method}' is not known; choose one of: {', '.join(METHODS)}.")
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    r, r_after = reliability, reliability if reliability_after is None else reliability_after
    nothing = np.full(np.broadcast_shapes(x.shape, y.shape), np.nan)
    for each in (r, r_after):
        if not 0.0 < each < 1.0:
            return Index(nothing, reason("impossible_reliability", float(each)))
    known = Sample.of(x, y) if sample is None else sample
    if not known.sd > 0:
        return Index(nothing, reason("scores_do_not_vary"))
    caution = reason("low_reliability", float(min(r, r_after))) if min(r, r_after) < LOW else ""
    if method == "HA":
        value = _hageman(x, y, known, r)
        if value is None:
            return Index(nothing, joined(reason("change_not_reliable"), caution))
        return Index(value, caution)
    s, m = known.sd, known.mean
    regressed = y - m - r * (x - m)
    value = {
        "JT": (y - x) / (s * np.sqrt(2.0 * (1.0 - r))),
        "GLN": regressed / (s * np.sqrt(1.0 - r**2)),
        "HLL": (regressed + m - known.mean_after) / (s * np.sqrt(1.0 - r**2)),
        "EN": regressed / (s * np.sqrt(1.0 - r)),
        "NK": regressed / (s * np.sqrt(r**2 * (1.0 - r) + 1.0 - r_after)),
    }[method]
    return Index(value, caution)


def _hageman(x: Floats, y: Floats, known: Sample, r: float) -> Floats | None:
    error2 = known.sd**2 * (1.0 - r)
    spread2 = known.sd**2 + known.sd_after**2 - 2 * known.sd * known.sd_after * known.correlation
    true2 = spread2 - 2.0 * error2
    if not (true2 > 0 and spread2 > 0):
        return None
    r_d = true2 / spread2
    shift = known.mean_after - known.mean
    return ((y - x) * r_d + shift * (1.0 - r_d)) / (np.sqrt(r_d) * np.sqrt(2.0 * error2))


def cutoff(
    kind: Literal["a", "b", "c"],
    clinical: Norm,
    functional: Norm,
    direction: int,
    b_sd: Literal["functional", "clinical"] = "functional",
) -> Floats:
    """Score that parts a clinical from a functional population.

    a lies two SDs from the clinical mean towards the functional one, b two SDs from the functional
    mean towards the clinical one, c where both normal curves weighted by their SDs meet:
    (s_c m_f + s_f m_c) / (s_c + s_f).

    Parameters
    ----------
    kind : {"a", "b", "c"}
    clinical, functional : Norm
        One for all, or one for each person.
    direction : {1, -1}
        −1 where lower is better.
    b_sd : {"functional", "clinical"}
        Whose SD b takes: the functional population's, as textbooks say, or the clinical one's, as
        the R package clinicalsignificance does.

    Returns
    -------
    array, of the shape of the norms

    Raises
    ------
    ValueError
        The functional population is not on the better side of the clinical one: the direction of
        the scale, or the norms, are mistaken.

    Examples
    --------
    >>> patients, others = Norm(24.0, 4.0), Norm(8.0, 8.0)
    >>> [float(cutoff(kind, patients, others, -1)) for kind in "abc"]
    [16.0, 24.0, 18.666666666666668]
    >>> float(cutoff("b", patients, others, -1, b_sd="clinical"))
    16.0
    """
    m_c, s_c = np.asarray(clinical.mean, dtype=float), np.asarray(clinical.sd, dtype=float)
    m_f, s_f = np.asarray(functional.mean, dtype=float), np.asarray(functional.sd, dtype=float)
    if (direction * (m_f - m_c) <= 0).any():
        raise ValueError(
            "the functional mean is not better than the clinical one. Check the direction of the "
            f"scale ({direction:+d}: {'higher' if direction > 0 else 'lower'} is better) and the "
            "norms."
        )
    if kind == "a":
        return np.asarray(m_c + direction * 2.0 * s_c)
    if kind == "b":
        return np.asarray(m_f - direction * 2.0 * (s_f if b_sd == "functional" else s_c))
    return np.asarray((s_c * m_f + s_f * m_c) / (s_c + s_f))


def classify(
    before: ArrayLike,
    after: ArrayLike,
    index: Floats,
    cut: ArrayLike,
    direction: int,
    critical: float = CRITICAL["JT"],
) -> NDArray[np.str_]:
    """Say what became of each person.

    `recovered`: from the clinical to the functional range, and reliably better; `improved`:
    reliably better otherwise; `harmed`: in the functional range before, in the clinical one after,
    and reliably worse; `deteriorated`: reliably worse otherwise; `unchanged`: neither;
    `not_judged`: without both scores or an index. A score at the cut-off is in neither range, and
    an index at the critical value is not beyond it. Who starts in the functional range cannot
    recover.

    Parameters
    ----------
    before, after : array, shape (n,)
        Scores.
    index : array, shape (n,)
        From `change_index`.
    cut : number or array, shape (n,)
        From `cutoff`; one for all, or one for each person.
    direction : {1, -1}
        −1 where lower is better.
    critical : float
        Of the index: `CRITICAL` of its method.

    Returns
    -------
    array of str, shape (n,)

    Examples
    --------
    >>> x, y = [30.0, 30.0, 12.0, 30.0], [10.0, 22.0, 26.0, np.nan]
    >>> z = change_index(x, y, 0.9, sample=Sample(28.0, 6.0, 18.0, 8.0, 0.4, 40)).value
    >>> classify(x, y, z, 18.7, -1).tolist()
    ['recovered', 'improved', 'harmed', 'not_judged']
    """
    x, y, c = (np.asarray(each, dtype=float) for each in (before, after, cut))
    better = direction * index - critical > TIE
    worse = -direction * index - critical > TIE
    clinical_before, functional_before = direction * (c - x) > TIE, direction * (x - c) > TIE
    clinical_after, functional_after = direction * (c - y) > TIE, direction * (y - c) > TIE
    judged = np.isfinite(index) & np.isfinite(x) & np.isfinite(y) & np.isfinite(c)
    return np.select(
        [
            ~judged,
            better & clinical_before & functional_after,
            better,
            worse & functional_before & clinical_after,
            worse,
        ],
        [NOT_JUDGED, "recovered", "improved", "harmed", "deteriorated"],
        default="unchanged",
    )
