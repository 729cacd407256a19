"""Covariates of the models: which can be used, and on what scale."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def varying_covariates(frame: pd.DataFrame, covariates: Sequence[str]) -> list[str]:
    """Name the covariates that differ between rows; the others, or without a value, say nothing.

    Examples
    --------
    >>> varying_covariates(pd.DataFrame({"a": [1, 2], "b": [1, 1], "c": [None, None]}), "abc")
    ['a']
    """
    return [name for name in covariates if len(frame[name].dropna().unique()) > 1]


def standardise(held: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
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
        Each patient counts once for mean and SD (ddof 1), however many sessions there are. A
        covariate that does not vary becomes 0.

    Examples
    --------
    10 and 14 are √½ = 0.71 SD from their mean, however often each patient came:

    >>> rows = pd.DataFrame({"patient_id": list("aab"), "severity": [10.0, 10.0, 14.0]})
    >>> standardise(rows, ["severity"])["severity"].round(2).tolist()
    [-0.71, -0.71, 0.71]
    """
    first = ~held["patient_id"].duplicated().to_numpy()
    for name in covariates:
        if pd.api.types.is_numeric_dtype(held[name]):
            values = held[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            held[name] = _z(values, values[first])
        else:
            held[name] = held[name].astype("category")
    return held


def _z(values: np.ndarray, one_a_patient: np.ndarray) -> np.ndarray:
    sd = one_a_patient.std(ddof=1) if len(one_a_patient) > 1 else 0.0
    return (values - one_a_patient.mean()) / (sd if sd > 0 else 1.0)
