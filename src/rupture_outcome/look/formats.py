"""How numbers are written: one format for p-values, for intervals, for ratios and for shares."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import SMALL

MINUS = "−"
UNKNOWN = "–"
UNROUNDED = "Differences and ratios are taken before rounding, so the last digit may be off by one."


def count_text(count: object) -> str:
    """Text of a published count.

    Examples
    --------
    >>> count_text(-10), count_text(1230), count_text(pd.NA)
    ('≤10', '1,230', '–')
    """
    if pd.isna(count):  # type: ignore[call-overload]
        return UNKNOWN
    number = int(count)  # type: ignore[call-overload]
    return f"{SMALL}{-number}" if number < 0 else f"{number:,}"


def count_texts(counts: pd.Series) -> list[str]:
    """Text of every published count of a column."""
    return [count_text(count) for count in counts]


def number(value: float, digits: int = 1) -> str:
    """Text of a number, empty where it is missing.

    Examples
    --------
    >>> number(1234.56), number(-0.04, 2), number(float("nan"))
    ('1,234.6', '−0.04', '')
    """
    return "" if pd.isna(value) else _signed(f"{value:,.{digits}f}")


def percent(value: float, digits: int = 1) -> str:
    """Text of a share as a percentage, empty where it is missing.

    Examples
    --------
    >>> percent(0.1234), percent(0.1234, 0)
    ('12.3%', '12%')
    """
    return "" if pd.isna(value) else _signed(f"{100 * value:.{digits}f}%")


def interval(low: float, high: float, digits: int = 2) -> str:
    """Text of an interval, empty where it is missing.

    Examples
    --------
    >>> interval(0.4, 0.95), interval(-np.inf, 0.3), interval(-np.inf, np.inf)
    ('0.40 to 0.95', 'up to 0.30', 'no limit')
    """
    if pd.isna(low) or pd.isna(high):
        return ""
    if np.isinf(low) or np.isinf(high):
        if np.isinf(low) and np.isinf(high):
            return "no limit"
        return f"up to {number(high, digits)}" if np.isinf(low) else f"from {number(low, digits)}"
    return f"{number(low, digits)} to {number(high, digits)}"


def intervals(
    rows: pd.DataFrame,
    digits: int = 2,
    *,
    ratio: bool = False,
    ends: tuple[str, str] = ("ci_low", "ci_high"),
) -> list[str]:
    """Text of the interval of every row.

    Parameters
    ----------
    rows : DataFrame
        With the columns `ends`.
    digits : int
        Decimals.
    ratio : bool
        Whether the ends are logarithms, to be written as ratios.
    ends : (str, str)
        Columns of the lower and of the upper end.
    """
    values = rows[list(ends)].to_numpy(float)
    return [interval(low, high, digits) for low, high in (np.exp(values) if ratio else values)]


def with_interval(
    value: float, low: float, high: float, digits: int = 2, unit: str = "", scale: float = 1.0
) -> str:
    """Text of an estimate and its interval, without brackets where there is no interval.

    Parameters
    ----------
    value, low, high : float
        Estimate and ends; all is empty where the estimate is missing.
    digits : int
        Decimals.
    unit : str
        What follows the estimate, with a space where there is to be one.
    scale : float
        What all three are multiplied by, such as 100 for shares in per cent.

    Examples
    --------
    >>> with_interval(0.62, 0.4, 0.95), with_interval(0.123, 0.1, 0.15, 1, "%", 100)
    ('0.62 [0.40 to 0.95]', '12.3% [10.0 to 15.0]')
    """
    if pd.isna(value):
        return ""
    ends = interval(scale * low, scale * high, digits)
    return f"{number(scale * value, digits)}{unit}{f' [{ends}]' if ends else ''}"


def ratio_interval(row: Mapping) -> str:
    """Text of the ratio of a row with its interval, whose ends are on the log scale.

    Examples
    --------
    >>> ratio_interval({"ratio": 1.0, "ci_low": -0.6931, "ci_high": 0.6931})
    '1.00 [0.50 to 2.00]'
    """
    return with_interval(row["ratio"], *np.exp([float(row["ci_low"]), float(row["ci_high"])]))


def p_value(p: float, *, bare: bool = False) -> str:
    """Text of a p-value, empty where it is missing; bare: below a heading that says p.

    Examples
    --------
    >>> p_value(0.0123), p_value(0.0002), p_value(0.0123, bare=True), p_value(0.0002, bare=True)
    ('p = 0.012', 'p < 0.001', '0.012', '< 0.001')
    """
    if pd.isna(p):
        return ""
    if p < 0.001:
        return "< 0.001" if bare else "p < 0.001"
    return f"{p:.3f}" if bare else f"p = {p:.3f}"


def _signed(text: str) -> str:
    """Write the minus sign as such, and none before zero."""
    if not text.startswith("-"):
        return text
    return MINUS + text[1:] if any(digit in text for digit in "123456789") else text[1:]
