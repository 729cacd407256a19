"""Intraclass correlations from sums, so that resamples are matrix products."""

import numpy as np
import pandas as pd
import pingouin
from scipy import stats

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.chance_corrected import ratio

TWO_WAY = ("ICC(A,1)", "ICC(C,1)", "ICC(A,k)", "ICC(C,k)")


def one_way_features(ratings: Floats) -> Floats:
    """Per unit what `one_way` adds up.

    Parameters
    ----------
    ratings : ndarray of float, shape (N, R)
        NaN not rated; at least one rating a unit. Best centred, with unit variance.

    Returns
    -------
    ndarray of float, shape (N, 6)
        1, ratings m, m², Σx, Σx², (Σx)²/m.

    Examples
    --------
    >>> one_way_features(np.array([[1.0, 3.0], [2.0, np.nan]])).tolist()
    [[1.0, 2.0, 4.0, 4.0, 10.0, 8.0], [1.0, 1.0, 1.0, 2.0, 4.0, 4.0]]
    """
    m = (~np.isnan(ratings)).sum(axis=1).astype(np.float64)
    total, squares = np.nansum(ratings, axis=1), np.nansum(ratings**2, axis=1)
    return np.column_stack([np.ones(len(m)), m, m**2, total, squares, total**2 / m])


def one_way(total: Floats) -> Floats:
    r"""ICC(1,1) and ICC(1,k) from sums of `one_way_features`; units may differ in ratings.

    .. math:: \frac{MS_B - MS_W}{MS_B + (k_0 - 1) MS_W}, \quad \frac{MS_B - MS_W}{MS_B}, \quad
              k_0 = \frac{N - \sum m_u^2 / N}{n - 1}

    Parameters
    ----------
    total : ndarray of float, shape (…, 6)

    Returns
    -------
    ndarray of float, shape (…, 2)
        NaN where ratings do not vary or no unit has two.

    Notes
    -----
    Shrout & Fleiss 1979, their ICC(1,1) and ICC(1,k); k₀, the mean number of ratings with its
    correction for imbalance, is that of the analysis of variance (Searle, Casella & McCulloch
    1992). With equal numbers k₀ is k. In R: ``irr::icc(model = "oneway")``, balanced only.

    Examples
    --------
    Six units and four raters, table 2 of Shrout & Fleiss, who find 0.17 and 0.44:

    >>> ratings = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6],
    ...                     [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> one_way(one_way_features(ratings).sum(axis=0)).round(2).tolist()
    [0.17, 0.44]
    """
    n, count, squared, values, squares, between = np.moveaxis(total, -1, 0)
    ms_between = ratio(between - ratio(values**2, count), n - 1)
    ms_within = ratio(squares - between, count - n)
    k = ratio(count - ratio(squared, count), n - 1)
    difference = ms_between - ms_within
    single = ratio(difference, ms_between + (k - 1) * ms_within)
    return np.stack([single, ratio(difference, ms_between)], axis=-1)


def mean_raters(ratings: Floats) -> float:
    """k₀ of `one_way`: what "average" stands for when units differ in ratings.

    Examples
    --------
    Units with two and with three ratings: (5 − 13/5) / 1, a little less than the mean of 2.5.

    >>> mean_raters(np.array([[1.0, 2.0, np.nan], [1.0, 2.0, 3.0]]))
    2.4
    """
    m = (~np.isnan(ratings)).sum(axis=1).astype(np.float64)
    return float(ratio(m.sum() - (m**2).sum() / m.sum(), len(m) - 1))


def two_way_features(ratings: Floats) -> Floats:
    """Per unit what `two_way` adds up.

    Parameters
    ----------
    ratings : ndarray of float, shape (N, k)
        Complete. Best centred, with unit variance.

    Returns
    -------
    ndarray of float, shape (N, 3 + k)
        1, Σx², (Σx)²/k, then the ratings themselves.

    Examples
    --------
    >>> two_way_features(np.array([[1.0, 3.0]])).tolist()
    [[1.0, 10.0, 8.0, 1.0, 3.0]]
    """
    k = ratings.shape[1]
    between = ratings.sum(axis=1) ** 2 / k
    squares = (ratings**2).sum(axis=1)
    return np.column_stack([np.ones(len(ratings)), squares, between, ratings])


def two_way(total: Floats) -> Floats:
    r"""ICC(A,1), ICC(C,1), ICC(A,k) and ICC(C,k) from sums of `two_way_features`.

    With mean squares of rows (units), columns (raters) and error:

    .. math:: A,1 = \frac{MS_R - MS_E}{MS_R + (k-1) MS_E + k (MS_C - MS_E) / n}, \quad
              C,1 = \frac{MS_R - MS_E}{MS_R + (k-1) MS_E}

    .. math:: A,k = \frac{MS_R - MS_E}{MS_R + (MS_C - MS_E) / n}, \quad
              C,k = \frac{MS_R - MS_E}{MS_R}

    Parameters
    ----------
    total : ndarray of float, shape (…, 3 + k)

    Returns
    -------
    ndarray of float, shape (…, 4)
        In the order of `TWO_WAY`; NaN where ratings do not vary or there is one unit.

    Notes
    -----
    Shrout & Fleiss 1979 (A is their 2, C their 3), McGraw & Wong 1996. In R:
    ``irr::icc(model = "twoway", type = "agreement" or "consistency")``.

    Examples
    --------
    Table 2 of Shrout & Fleiss again: raters differ in level, so that agreement is far below
    consistency.

    >>> ratings = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6],
    ...                     [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> two_way(two_way_features(ratings).sum(axis=0)).round(2).tolist()
    [0.29, 0.71, 0.62, 0.91]
    """
    n, k, ms_rows, ms_raters, ms_error = _mean_squares(total)
    signal, bias = ms_rows - ms_error, ratio(ms_raters - ms_error, n)
    within = (k - 1) * ms_error
    parts = [ms_rows + within + k * bias, ms_rows + within, ms_rows + bias, ms_rows]
    return np.stack([ratio(signal, part) for part in parts], axis=-1)


def _mean_squares(total: Floats) -> tuple[Floats, int, Floats, Floats, Floats]:
    """Units, raters, and mean squares of units, raters and error."""
    n, squares, between = np.moveaxis(total[..., :3], -1, 0)
    columns = total[..., 3:]
    k = columns.shape[-1]
    correction = ratio(columns.sum(axis=-1) ** 2, n * k)
    raters = ratio((columns**2).sum(axis=-1), n) - correction
    rows = between - correction
    ms_error = ratio(squares - correction - rows - raters, (n - 1) * (k - 1))
    return n, k, ratio(rows, n - 1), raters / (k - 1), ms_error


def random_raters(total: Floats, confidence: float) -> tuple[Floats, Floats]:
    r"""Interval of ICC(A,1) and ICC(A,k) for raters drawn from many, after McGraw and Wong.

    With F the quantile of level :math:`1 - \alpha/2` and ν Satterthwaite's degrees of freedom of
    the denominator of the coefficient ρ,

    .. math:: \frac{n (MS_R - F_{n-1,\nu} MS_E)}
              {F_{n-1,\nu} [k MS_C + (kn - k - n) MS_E] + n MS_R}
              \le \rho \le \frac{n (F_{\nu,n-1} MS_R - MS_E)}
              {k MS_C + (kn - k - n) MS_E + n F_{\nu,n-1} MS_R}

    .. math:: \nu = \frac{(a MS_C + b MS_E)^2}
              {(a MS_C)^2 / (k-1) + (b MS_E)^2 / ((n-1)(k-1))}, \quad
              a = \frac{k\rho}{n(1-\rho)}, \quad b = 1 + \frac{k\rho(n-1)}{n(1-\rho)}

    and for the mean of k ratings the Spearman–Brown transform of both ends.

    Parameters
    ----------
    total : ndarray of float, shape (3 + k,)
        Sum of `two_way_features`.
    confidence : float
        Level.

    Returns
    -------
    low, high : ndarray of float, shape (2,)
        Of ICC(A,1) and ICC(A,k). 1 where raters never differ, NaN where ratings do not vary.

    Notes
    -----
    McGraw & Wong 1996, tables 7 and 8 (the formulas as in ``psych::ICC`` and ``irr::icc``, which
    agree). Units are taken as independent. With few raters who differ much in level the interval
    misses more often than it says: see docs/decisions/0018-intervals.md.

    Examples
    --------
    Table 2 of Shrout & Fleiss; ``psych::ICC`` gives 0.019 to 0.761 and 0.071 to 0.927:

    >>> ratings = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6],
    ...                     [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> low, high = random_raters(two_way_features(ratings).sum(axis=0), 0.95)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.019, 0.071], [0.761, 0.927])
    """
    n, k, ms_rows, ms_raters, ms_error = _mean_squares(total)
    icc = two_way(total)[0]
    if np.isnan(icc) or ms_error <= 0:
        both = np.full(2, icc)
        return both, both
    a = k * icc / (n * (1 - icc))
    raters, error = a * ms_raters, (1 + a * (n - 1)) * ms_error
    freedom = (raters + error) ** 2 / (raters**2 + error**2 / (n - 1)) * (k - 1)
    tail = (1 + confidence) / 2
    upper, lower = stats.f.ppf(tail, n - 1, freedom), stats.f.ppf(tail, freedom, n - 1)
    rest = k * ms_raters + (k * n - k - n) * ms_error
    low = n * (ms_rows - upper * ms_error) / (upper * rest + n * ms_rows)
    high = n * (lower * ms_rows - ms_error) / (rest + n * lower * ms_rows)
    return _and_of_mean(low, k), _and_of_mean(high, k)


def _and_of_mean(single: float, k: int) -> Floats:
    """Reliability of one rating and of the mean of k, by Spearman and Brown."""
    return np.array([single, k * single / (1 + (k - 1) * single)])


def pingouin_icc(ratings: Floats) -> Floats:
    """All two-way coefficients of a complete table, by pingouin, in the order of `TWO_WAY`.

    Parameters
    ----------
    ratings : ndarray of float, shape (N, k)
        Complete, and not all the same.

    Examples
    --------
    >>> ratings = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6],
    ...                     [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> pingouin_icc(ratings).round(2).tolist()
    [0.29, 0.71, 0.62, 0.91]
    """
    n, k = ratings.shape
    long = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), k),
            "rater": np.tile(np.arange(k), n),
            "rating": ratings.ravel(),
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):  # its F test, when raters never differ
        table = pingouin.intraclass_corr(long, "unit", "rater", "rating")
    return table.set_index("Type").loc[list(TWO_WAY), "ICC"].to_numpy(np.float64)
