"""From a formula and a frame to the columns of a model."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from rupture_outcome.engine.multilevel.inputs import ModelError, refuse_missing
from rupture_outcome.engine.reasons import reason


def parsed_formula(formula: str) -> Any:
    """Read a formula, which must have an outcome.

    Examples
    --------
    >>> sorted(map(str, parsed_formula("symptom ~ session + severity").required_variables))
    ['session', 'severity', 'symptom']
    """
    try:
        parsed = Formula(formula)
    except FormulaicError as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"the formula cannot be read. {reason} Formula: {formula}") from error
    if not hasattr(parsed, "lhs"):
        raise ModelError(f"the formula has no outcome; write 'outcome ~ terms'. Formula: {formula}")
    return parsed


def complete_cases(
    parsed: Any, data: pd.DataFrame, others: Iterable[Any], missing: str
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Take the rows that have all columns of a model, and say which they are.

    Parameters
    ----------
    parsed : formula, from `parsed_formula`
    data : DataFrame
    others : iterable of str, array of shape (rows,), or None
        What else the model is given; names are looked up, never run.
    missing : {"raise", "drop"}

    Raises
    ------
    ModelError
        A column is absent; rows are not complete and are not to be dropped; none is complete.
    """
    names = sorted(str(name) for name in parsed.required_variables)
    names += [each for each in others if isinstance(each, str)]
    _check_present(data, names)
    gaps = data[names].isna()
    refuse_missing(gaps.sum(), missing)
    complete = ~gaps.any(axis=1).to_numpy()
    if not complete.any():
        raise ModelError(
            "no row has all columns of the model. Check the selection and the columns.",
            reason("no_rows"),
        )
    return (data if complete.all() else data[complete]), complete


def design_matrices(parsed: Any, rows: pd.DataFrame) -> Any:
    """Compute the columns of a formula: `lhs` and `rhs`.

    Examples
    --------
    >>> design_matrices(parsed_formula("y ~ x"), pd.DataFrame({"y": [1.0], "x": [2.0]})).rhs
       Intercept    x
    0        1.0  2.0
    """
    try:
        # What a function of a column cannot give is counted as missing afterwards.
        with np.errstate(invalid="ignore", divide="ignore"):
            return parsed.get_model_matrix(rows, na_action="ignore")
    except FormulaicError as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"a term of the formula cannot be computed. {reason}") from error


def column_or_values(rows: pd.DataFrame, given: Any, complete: NDArray[np.bool_]) -> Any:
    """Look up what was given by its name, or cut what was given itself to the complete rows.

    Parameters
    ----------
    rows : DataFrame
        The complete rows.
    given : str, or array, shape (all rows,), or None
    complete : array of bool, shape (all rows,)
    """
    if given is None or not isinstance(given, str):
        return given if given is None or complete.all() else np.asarray(given)[complete]
    return rows[given]


def _check_present(data: pd.DataFrame, names: list[str]) -> None:
    absent = [name for name in names if name not in data.columns]
    if absent:
        raise ModelError(
            f"columns {absent} are not in the data. Check their spelling; there are: "
            f"{', '.join(str(name) for name in data.columns)}."
        )
