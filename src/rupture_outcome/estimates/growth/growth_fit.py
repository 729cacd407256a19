"""A growth model with slopes of patients, or without where they cannot be told from chance."""

from typing import Any

import pandas as pd

from rupture_outcome.engine.growth.model import NestedGrowth
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import reason


def fit_growth(
    outcome: "pd.Series[Any]",
    matrix: pd.DataFrame,
    patients: "pd.Series[Any]",
    course: "pd.Series[float]",
    groups: "pd.Series[Any] | None",
) -> tuple[Any, str]:
    """Fit a measure over sessions in patients in therapists, by restricted maximum likelihood.

    Parameters
    ----------
    outcome : Series, shape (rows,)
        The measure, in points.
    matrix : DataFrame, shape (rows, columns)
        Design, with its constant.
    patients : Series, shape (rows,)
    course : Series, shape (rows,)
        Along which patients have slopes of their own.
    groups : Series, shape (rows,), or None
        Therapists.

    Returns
    -------
    NestedGrowthResults
    str
        `one_slope` where patients have none of their own; else empty.

    Raises
    ------
    ModelError
        Neither model can be fitted.
    """
    try:
        return NestedGrowth(outcome, matrix, patients, course, groups).fit(), ""
    except ModelError:
        return NestedGrowth(outcome, matrix, patients, None, groups).fit(), reason("one_slope")
