"""The digits of a number that its standard error supports."""

import numpy as np
import pandas as pd

SIGNIFICANT = 2


def decimals(error: pd.Series) -> pd.Series:
    """Give the decimals that show two significant digits of each standard error, 0 to 6.

    Examples
    --------
    >>> decimals(pd.Series([0.289, 1.3, 0.0042])).tolist()
    [2.0, 1.0, 4.0]
    """
    size = error.where(np.isfinite(error) & (error > 0))
    return (SIGNIFICANT - 1 - np.floor(np.log10(size))).fillna(SIGNIFICANT).clip(0, 6)


def to_digits(values: pd.Series, digits: pd.Series) -> pd.Series:
    """Round each value to its decimals.

    Examples
    --------
    >>> to_digits(pd.Series([-0.6523, 12.34]), pd.Series([2.0, 1.0])).tolist()
    [-0.65, 12.3]
    """
    scale = 10.0**digits
    return (values * scale).round() / scale
