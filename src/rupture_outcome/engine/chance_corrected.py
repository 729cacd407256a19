"""Agreement beyond chance: Cohen's and Fleiss' kappa, Gwet's AC1, Krippendorff's alpha."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rupture_outcome.engine.arrays import TIE, Floats

Array = NDArray[np.float64]


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Array:
    """Divide where there is something to divide by; NaN elsewhere.

    Examples
    --------
    >>> ratio([1.0, 2.0], [4.0, 0.0])
    array([0.25,  nan])
    """
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    )
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=np.abs(bottom) > TIE)
    return out


def beyond_chance(observed: ArrayLike, expected: ArrayLike) -> Array:
    """(observed − expected) / (1 − expected), NaN where chance alone agrees always.

    Examples
    --------
    Raters agree on 7 of 10 units, where chance alone gives 5: 2 of the 5 that could be gained.

    >>> round(float(beyond_chance(0.7, 0.5)), 6)
    0.4
    """
    observed, expected = np.asarray(observed), np.asarray(expected)
    return ratio(observed - expected, 1 - expected)


def observed_agreement(table: ArrayLike) -> Array:
    """Share of units that two raters agree on; `table` as in `cohen_kappa`.

    Examples
    --------
    >>> float(observed_agreement([20, 5, 10, 15]))  # (20 + 15) / 50
    0.7
    """
    both, only_a, only_b, neither = np.moveaxis(np.asarray(table, np.float64), -1, 0)
    return ratio(both + neither, both + only_a + only_b + neither)


def marginals(table: ArrayLike) -> tuple[Array, Array]:
    """Share of units in which a, and in which b, says present; `table` as in `cohen_kappa`.

    Examples
    --------
    >>> [float(share) for share in marginals([20, 5, 10, 15])]  # 25 / 50 and 30 / 50
    [0.5, 0.6]
    """
    both, only_a, only_b, neither = np.moveaxis(np.asarray(table, np.float64), -1, 0)
    n = both + only_a + only_b + neither
    return ratio(both + only_a, n), ratio(both + only_b, n)


def cohen_kappa(table: ArrayLike) -> Array:
    r"""Cohen's kappa of two raters and two categories.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e}, \quad p_e = p_a p_b + (1 - p_a)(1 - p_b)

    Parameters
    ----------
    table : array_like, shape (…, 4)
        Counts of units: present by both, by a only, by b only, by neither.

    Returns
    -------
    ndarray, shape (…)
        NaN where both always say the same one category: there is no chance to be beaten.

    Notes
    -----
    Cohen 1960. In R: ``irr::kappa2``.

    Examples
    --------
    >>> round(float(cohen_kappa([20, 5, 10, 15])), 6)
    0.4
    """
    a, b = marginals(table)
    return beyond_chance(observed_agreement(table), a * b + (1 - a) * (1 - b))


def ac1(table: ArrayLike) -> Array:
    r"""Gwet's AC1 of two raters and two categories.

    .. math:: p_e = 2 \pi (1 - \pi), \quad \pi = (p_a + p_b) / 2

    Parameters
    ----------
    table : array_like, shape (…, 4)
        As in `cohen_kappa`.

    Returns
    -------
    ndarray, shape (…)
        NaN only where there is no unit.

    Notes
    -----
    Gwet 2008, doi:10.1348/000711006X126600. Where one category is rare, kappa can be near 0 though
    raters hardly ever differ; AC1 is not. In R: ``irrCAC::gwet.ac1.table``.

    Examples
    --------
    Two raters agree on 118 of 125 units, and one category is rare:

    >>> table = [118, 5, 2, 0]
    >>> round(float(cohen_kappa(table)), 3), round(float(ac1(table)), 3)
    (-0.023, 0.941)
    """
    a, b = marginals(table)
    pi = (a + b) / 2
    return beyond_chance(observed_agreement(table), 2 * pi * (1 - pi))


def presence_features(present: Floats) -> Floats:
    """Per unit what `presence_coefficients` adds up, for any number of raters.

    Parameters
    ----------
    present : ndarray of float, shape (N, R)
        1 present, 0 absent, NaN not rated; at least two ratings a unit.

    Returns
    -------
    ndarray of float, shape (N, 3)
        1, share of the unit's pairs of ratings that agree, share of ratings that say present.

    Examples
    --------
    >>> presence_features(np.array([[1.0, 1, np.nan], [1, 0, 0]])).round(3).tolist()
    [[1.0, 1.0, 1.0], [1.0, 0.333, 0.333]]
    """
    raters = (~np.isnan(present)).sum(axis=1)
    yes = np.nansum(present, axis=1)
    no = raters - yes
    pairs = yes * (yes - 1) + no * (no - 1)
    agree = ratio(pairs, raters * (raters - 1))
    return np.column_stack([np.ones(len(present)), agree, ratio(yes, raters)])


def presence_coefficients(total: Floats) -> Floats:
    r"""Fleiss' kappa and AC1 from sums of `presence_features`.

    .. math:: p_o = \frac1n \sum_u \frac{\sum_c r_{uc} (r_{uc} - 1)}{r_u (r_u - 1)}, \quad
              \pi = \frac1n \sum_u \frac{r_{u1}}{r_u}

    Expected agreement is π² + (1 − π)² for Fleiss' kappa and 2π(1 − π) for AC1.

    Parameters
    ----------
    total : ndarray of float, shape (…, 3)

    Returns
    -------
    ndarray of float, shape (…, 2)

    Notes
    -----
    Fleiss 1971 and Gwet 2008, for units with different numbers of ratings as Gwet has them: every
    unit counts the same. In R: ``irrCAC::fleiss.kappa.raw``, ``irrCAC::gwet.ac1.raw``.

    Examples
    --------
    Two raters agree on three of four units and say present in 5 of 8 ratings: p_o is 0.75 and π
    0.625.

    >>> present = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
    >>> presence_coefficients(presence_features(present).sum(axis=0)).round(4).tolist()
    [0.4667, 0.5294]
    """
    n, agree, yes = np.moveaxis(total, -1, 0)
    observed, pi = ratio(agree, n), ratio(yes, n)
    kappa = beyond_chance(observed, pi**2 + (1 - pi) ** 2)
    return np.stack([kappa, beyond_chance(observed, 2 * pi * (1 - pi))], axis=-1)


def alpha_features(ratings: Floats) -> Floats:
    """Per unit what `alpha` adds up.

    Parameters
    ----------
    ratings : ndarray of float, shape (N, R)
        NaN not rated; at least two ratings a unit. Best centred, with unit variance.

    Returns
    -------
    ndarray of float, shape (N, 4)
        Ratings m, Σx, Σx², m·Σ(x − x̄)²/(m − 1).

    Examples
    --------
    >>> alpha_features(np.array([[1.0, 2.0], [3.0, 3.0]])).tolist()
    [[2.0, 3.0, 5.0, 1.0], [2.0, 6.0, 18.0, 0.0]]
    """
    m = (~np.isnan(ratings)).sum(axis=1).astype(np.float64)
    total, squares = np.nansum(ratings, axis=1), np.nansum(ratings**2, axis=1)
    within = np.nansum((ratings - (total / m)[:, None]) ** 2, axis=1)
    return np.column_stack([m, total, squares, within * m / (m - 1)])


def alpha(total: Floats) -> Floats:
    r"""Krippendorff's alpha with the interval metric, from sums of `alpha_features`.

    .. math:: \alpha = 1 - D_o / D_e, \quad
              D_o = \frac1n \sum_u \frac{m_u}{m_u - 1} \sum_i (x_{ui} - \bar x_u)^2, \quad
              D_e = \frac{1}{n - 1} \sum_{u,i} (x_{ui} - \bar x)^2

    Parameters
    ----------
    total : ndarray of float, shape (…, 4)

    Returns
    -------
    ndarray of float, shape (…, 1)
        NaN where all ratings are the same.

    Notes
    -----
    Krippendorff 2011, "Computing Krippendorff's alpha-reliability". The sums of squared differences
    between pairs are written as sums of squares around means, so that resamples are matrix
    products. In R: ``irr::kripp.alpha(x, "interval")``.

    Examples
    --------
    D_o = 1/4 and D_e = 2.75/3, so α = 1 − 3/11; the library has raters in rows:

    >>> ratings = np.array([[1.0, 2.0], [3.0, 3.0]])
    >>> alpha(alpha_features(ratings).sum(axis=0)).round(4).tolist()
    [0.7273]
    >>> import krippendorff
    >>> round(float(krippendorff.alpha(ratings.T, level_of_measurement="interval")), 4)
    0.7273
    """
    n, values, squares, disagreement = np.moveaxis(total, -1, 0)
    observed = ratio(disagreement, n)
    expected = ratio(squares - ratio(values**2, n), n - 1)
    return (1 - ratio(observed, expected))[..., None]
