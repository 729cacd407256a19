"""Covariates of the models: which can be used, and on what scale."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

PREFIX = "x_"  # no column that the pipeline makes begins like this


def model_column(name: str) -> str:
    """Name the column of the risk set in which a covariate enters the models.

    It has a name of its own because it is not the study's column any more: a number is in SD from
    the mean. And so a covariate may be called like any column of the risk set.

    Examples
    --------
    >>> model_column("severity")
    'x_severity'
    """
    return PREFIX + name


def covariate_name(column: str) -> str:
    """Give back the study's own name.

    Examples
    --------
    >>> covariate_name("x_severity"), covariate_name("time")
    ('severity', 'time')
    """
    return column.removeprefix(PREFIX)


def varying_covariates(frame: pd.DataFrame, covariates: Sequence[str]) -> list[str]:
    """Name the covariates that differ between rows; the others, or without a value, say nothing.

    Examples
    --------
    >>> varying_covariates(pd.DataFrame({"a": [1, 2], "b": [1, 1], "c": [None, None]}), "abc")
    ['a']
    """
    return [name for name in covariates if len(frame[name].dropna().unique()) > 1]


def standardised(held: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """Give numeric covariates mean 0 and SD 1 over patients; make the others categories.

    Parameters
    ----------
    held : DataFrame
        Person-sessions with ``patient_id``; the covariates are constant within a patient.
    covariates : sequence of str
        Columns of `held`.

    Returns
    -------
    DataFrame
        A copy. Each patient counts once for mean and SD (ddof 1), however many sessions there are.
        A covariate that does not vary becomes 0.

    Examples
    --------
    10 and 14 are √½ = 0.71 SD from their mean, however often each patient came:

    >>> rows = pd.DataFrame({"patient_id": list("aab"), "x_severity": [10.0, 10.0, 14.0]})
    >>> standardised(rows, ["x_severity"])["x_severity"].round(2).tolist()
    [-0.71, -0.71, 0.71]
    """
    first = ~held["patient_id"].duplicated().to_numpy()
    return held.assign(**{name: _scaled(held[name], first) for name in covariates})


def _scaled(values: "pd.Series[Any]", first: np.ndarray) -> Any:
    if not pd.api.types.is_numeric_dtype(values):
        return values.astype("category")
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return _z(numbers, numbers[first])


def _z(values: np.ndarray, one_a_patient: np.ndarray) -> np.ndarray:
    sd = one_a_patient.std(ddof=1) if len(one_a_patient) > 1 else 0.0
    return (values - one_a_patient.mean()) / (sd if sd > 0 else 1.0)
