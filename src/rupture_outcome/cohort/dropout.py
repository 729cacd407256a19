"""What counts as dropout: named definitions over the endings of treatment."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.dropout_rules import (
    AGREED,
    DROPOUT_DEFINITIONS,
    LIMITS,
    ONGOING,
    DropoutDefinition,
    DropoutLimits,
    ending_of,
)
from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.dropout_data import DROPOUT_DATA

EVENTS = ("none", "dropout", "agreed_ending", "other_ending")
SYMPTOMS = "reliable_improvement"
# What `treatment_endings` makes of columns that do not stand in the endings as they are.
MADE_OF = {("patients", "planned_sessions"): "planned", ("sessions", "symptom"): SYMPTOMS}
ADD = {
    SYMPTOMS: "Add ratings of symptoms to the study, and to the config an instrument that measures "
    "'symptom', with its reliability",
}


def available_definitions(treatments: pd.DataFrame) -> list[str]:
    """List the definitions for which a study holds the data, in the order of the registry.

    Parameters
    ----------
    treatments : DataFrame
        From `rupture_outcome.cohort.treatment_endings.treatment_endings`.

    Examples
    --------
    >>> treatments = pd.DataFrame({"patient_id": ["a"], "ending": ["dropout"], "attended": [5]})
    >>> available_definitions(treatments)
    ['recorded_ending', 'first_sessions']
    """
    return [name for name in DROPOUT_DATA if not _lacking(treatments, name)]


def classify_dropout(
    treatments: pd.DataFrame, definition: str, limits: DropoutLimits = LIMITS
) -> pd.Series:
    """Say of each patient whether the treatment ended in dropout.

    A treatment that goes on is not a dropout under any definition. A missing entry in a column
    that a definition needs is not classifiable: it is never taken for "no".

    Parameters
    ----------
    treatments : DataFrame
        One row a patient, from `rupture_outcome.cohort.treatment_endings.treatment_endings`, or
        at least ``patient_id``, ``ending`` and the columns that the definition reads.
    definition : str
        A key of `DROPOUT_DEFINITIONS`.
    limits : DropoutLimits
        For the definitions that take one.

    Returns
    -------
    Series of boolean
        Indexed by ``patient_id``; missing where the ending cannot be classified.

    Raises
    ------
    StudyError
        The definition is unknown, or the study has no value in a column that it reads.

    Examples
    --------
    >>> endings = pd.DataFrame(
    ...     {"patient_id": ["a", "b"], "ending": ["dropout", "ongoing"],
    ...      "missed_last_appointment": [pd.NA, 1]}
    ... )
    >>> classify_dropout(endings, "missed_last_appointment").tolist()
    [<NA>, False]
    """
    chosen = _find(treatments, definition)
    dropped = chosen.rule(treatments, limits).astype("boolean")
    dropped[ending_of(treatments).eq(ONGOING).fillna(False)] = False
    return dropped.set_axis(_patients(treatments)).rename("dropout")


def dropout_span(
    treatments: pd.DataFrame, definition: str, limits: DropoutLimits = LIMITS
) -> pd.DataFrame:
    """After how many attended sessions leaving can be dropout, per patient.

    Outside of the span the chance is zero by definition, not by fact: nobody has fewer sessions
    than planned once the share is reached, and nobody's symptoms are known to have not improved
    before they were rated twice. Sessions outside do not belong to the risk set.

    Parameters
    ----------
    treatments, definition, limits
        As for `classify_dropout`.

    Returns
    -------
    DataFrame
        ``first`` and ``end`` (float), indexed by ``patient_id``: possible after k sessions where
        ``first ≤ k < end``; NaN: never.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": ["a"], "ending": ["dropout"], "attended": [5],
    ...                       "planned": [12]})
    >>> dropout_span(frame, "fewer_than_planned").loc["a"].tolist()
    [0.0, 9.0]
    """
    first, end = _find(treatments, definition).span(treatments, limits)
    span = pd.DataFrame({"first": first, "end": end}, index=treatments.index)
    return span.astype("Float64").astype(float).set_axis(_patients(treatments))


def ending_event(
    treatments: pd.DataFrame, definition: str, limits: DropoutLimits = LIMITS
) -> pd.Series:
    """Give the event that closes each patient's treatment.

    ``dropout`` where the definition says so; otherwise ``agreed_ending`` (completed, agreed),
    ``other_ending`` (referred, administrative, and an ending recorded as dropout which the
    definition does not count) or ``none`` (ongoing: censored).

    Parameters
    ----------
    treatments, definition, limits
        As for `classify_dropout`.

    Returns
    -------
    Series of str
        Indexed by ``patient_id``; missing where the ending cannot be classified.

    Examples
    --------
    >>> endings = pd.DataFrame({"patient_id": ["a", "b"], "ending": ["dropout", "agreed"]})
    >>> ending_event(endings, "recorded_ending").tolist()
    ['dropout', 'agreed_ending']
    """
    dropped = classify_dropout(treatments, definition, limits)
    ending = ending_of(treatments).set_axis(dropped.index)
    event = np.select(
        [dropped.fillna(False), ending.eq(ONGOING).fillna(False), ending.isin(AGREED)],
        ["dropout", "none", "agreed_ending"],
        "other_ending",
    )
    unknown = dropped.isna() | (ending.isna() & ~dropped.fillna(False))
    return pd.Series(event, dropped.index, dtype="string", name="event").mask(unknown)


def _patients(treatments: pd.DataFrame) -> pd.Index:
    return pd.Index(treatments["patient_id"], name="patient_id")


def _lacking(treatments: pd.DataFrame, definition: str) -> list[tuple[str, str]]:
    """Columns of the contract, (table, column), that hold nothing for a definition."""
    return [read for read in DROPOUT_DATA[definition] if not _has(treatments, _made_of(read))]


def _made_of(read: tuple[str, str]) -> str:
    return MADE_OF.get(read, read[1])


def _has(treatments: pd.DataFrame, column: str) -> bool:
    return column in treatments and bool(treatments[column].notna().any())


def _find(treatments: pd.DataFrame, definition: str) -> DropoutDefinition:
    if definition not in DROPOUT_DEFINITIONS:
        found, known = f"unknown dropout definition '{definition}'", ", ".join(DROPOUT_DEFINITIONS)
        raise StudyError([Problem("config", found, f"Use one of: {known}.")])
    chosen = DROPOUT_DEFINITIONS[definition]
    problems = [_problem(definition, read) for read in _lacking(treatments, definition)]
    if problems:
        raise StudyError(problems)
    return chosen


def _problem(definition: str, read: tuple[str, str]) -> Problem:
    file, column = read
    remedy = ADD.get(_made_of(read), "Add the column to the study")
    return Problem(
        file,
        f"the dropout definition '{definition}' needs values here, and there are none",
        f"{remedy}, or choose another dropout definition in the config.",
        column=column,
    )
