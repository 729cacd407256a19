"""Check what a growth model is given, before anything is estimated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.multilevel.inputs import (
    ModelError,
    as_frame,
    as_series,
    check_choice,
    check_columns,
    check_lengths,
    complete_rows,
)
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason


@dataclass(frozen=True)
class Inputs:
    """Checked columns of equal length; `dropped` rows with a missing value have gone.

    `index` are the labels that the outcome's rows came with; `constant` says whether a column of
    the design is constant.
    """

    endog: "pd.Series[float]"
    exog: pd.DataFrame
    constant: bool
    patient: "pd.Series[Any]"
    slope: "pd.Series[float] | None"
    therapist: "pd.Series[Any] | None"
    ar1: "pd.Series[float] | None"
    index: "pd.Index[Any]"
    dropped: int


@steady
def check_inputs(
    endog: Any, exog: Any, patient: Any, slope: Any, therapist: Any, ar1: Any, missing: str
) -> Inputs:
    """Bring the inputs into one form and refuse those that no model fits.

    Parameters
    ----------
    endog : array or Series, shape (rows,)
        Outcome.
    exog : array or DataFrame, shape (rows, columns)
        Design, with its constant if there is to be one.
    patient : array or Series, shape (rows,)
        Whose row it is.
    slope : array or Series, shape (rows,), or None
        Variable with a random slope.
    therapist : array or Series, shape (rows,), or None
        With whom.
    ar1 : array or Series, shape (rows,), or None
        Whole numbers that say how far apart the residuals of a patient are.
    missing : {"raise", "drop"}
        What becomes of rows with a missing value.

    Raises
    ------
    ModelError
        Lengths that differ, missing or infinite values, an outcome or a slope that is no number or
        does not vary, one patient or therapist only, a constant or collinear column.

    Examples
    --------
    >>> design = np.ones((4, 1))
    >>> given = check_inputs([3, 2, None, 4], design, list("aabb"), None, None, None, "drop")
    >>> given.endog.tolist(), given.patient.tolist(), given.dropped
    ([3.0, 2.0, 4.0], ['a', 'a', 'b'], 1)
    """
    check_choice("missing", missing, ("raise", "drop"))
    outcome, design = numbers(as_series(endog, "y")), as_frame(exog)
    whose = as_series(patient, "patient")
    varying = None if slope is None else numbers(as_series(slope, "slope"))
    whom = None if therapist is None else as_series(therapist, "therapist")
    apart = None if ar1 is None else numbers(as_series(ar1, "ar1"))
    index = endog.index if isinstance(endog, pd.Series | pd.DataFrame) else outcome.index
    check_lengths(
        len(design), outcome=outcome, patient=whose, slope=varying, therapist=whom, ar1=apart
    )
    complete, dropped = complete_rows(design, [outcome, whose, varying, whom, apart], missing)
    if dropped:
        outcome, design, whose = outcome[complete], design[complete], whose[complete]
        varying = None if varying is None else varying[complete]
        whom = None if whom is None else whom[complete]
        apart = None if apart is None else apart[complete]
    _check_varies(outcome, "there is nothing to explain")
    if varying is not None:
        _check_varies(varying, "it cannot have a slope")
    if whose.nunique() < 2:
        raise ModelError(
            f"'{whose.name}' has a single value: a growth model needs several patients.",
            reason("single_patient"),
        )
    if whom is not None and whom.nunique() < 2:
        raise ModelError(
            f"'{whom.name}' has a single value, so that differences between therapists cannot be "
            "estimated. Give therapist=None for the model without them.",
            reason("one_group"),
        )
    if apart is not None:
        _check_apart(apart, whose, whom)
    if len(design) <= design.shape[1]:
        raise ModelError(
            "there are no more rows than columns. Fit fewer terms.", reason("no_more_rows")
        )
    return Inputs(
        outcome,
        design,
        check_columns(design),
        whose,
        varying,
        whom,
        apart,
        index[complete],
        dropped,
    )


def numbers(values: "pd.Series[Any]") -> "pd.Series[float]":
    """Take a column as numbers.

    Raises
    ------
    ModelError
        It holds something else.

    Examples
    --------
    >>> numbers(pd.Series(["low"], name="symptom"))
    Traceback (most recent call last):
        ...
    rupture_outcome.engine.multilevel.inputs.ModelError: 'symptom' must hold numbers. ...
    """
    try:
        return values.astype(float)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"'{values.name}' must hold numbers. Correct the values that are not, or leave their "
            "rows out."
        ) from error


def _check_apart(
    apart: "pd.Series[float]", whose: "pd.Series[Any]", whom: "pd.Series[Any] | None"
) -> None:
    if (apart % 1 != 0).any():
        raise ModelError(f"'{apart.name}' must hold whole numbers for autocorrelated residuals.")
    if pd.DataFrame({"patient": whose, "time": apart}).duplicated().any():
        raise ModelError(
            f"a patient has several rows with the same '{apart.name}', so that it is not known "
            "which of them comes first. Keep one of them, or leave ar1 out."
        )
    if whom is not None and whom.groupby(whose).nunique().max() > 1:
        raise ModelError(
            "autocorrelated residuals are not available where patients change therapist. Give each "
            "patient one therapist, or leave ar1 out."
        )


def _check_varies(values: "pd.Series[float]", so_that: str) -> None:
    found = values.to_numpy(dtype=float)
    if not np.isfinite(found).all():
        raise ModelError(f"'{values.name}' is infinite in some rows. Correct these values.")
    if found.min() == found.max():
        raise ModelError(
            f"'{values.name}' has the same value in every row, so that {so_that}. Check its coding "
            "and the selection of rows.",
            reason("outcome_is_constant"),
        )
