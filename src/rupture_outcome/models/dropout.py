"""What counts as dropout: named definitions over the endings of treatment."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.errors import Problem, StudyError

AGREED = ("completed", "agreed")
OTHER = ("referred", "administrative")
ONGOING = "ongoing"
EVENTS = ("none", "dropout", "agreed_ending", "other_ending")


@dataclass(frozen=True)
class DropoutDefinition:
    """A named rule which says of each ended treatment whether it ended in dropout.

    Parameters
    ----------
    label : str
        The rule in words, for tables and figures.
    column : str
        The column of the endings that the rule reads.
    rule : callable
        Takes the endings; gives yes, no or missing (not classifiable) per row.
    """

    label: str
    column: str
    rule: Callable[[pd.DataFrame], pd.Series]


def _recorded_ending(endings: pd.DataFrame) -> pd.Series:
    ending = endings["ending"].astype("string")
    return ending.eq("dropout")


def _yes_no(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    def rule(endings: pd.DataFrame) -> pd.Series:
        return endings[column].astype("Int64").eq(1)

    return rule


DROPOUT_DEFINITIONS: dict[str, DropoutDefinition] = {
    "recorded_ending": DropoutDefinition(
        "the ending was recorded as dropout", "ending", _recorded_ending
    ),
    "therapist_judgement": DropoutDefinition(
        "the therapist judged the ending to be a dropout",
        "therapist_judged_dropout",
        _yes_no("therapist_judged_dropout"),
    ),
    "missed_last_appointment": DropoutDefinition(
        "the patient did not come to the last appointment",
        "missed_last_appointment",
        _yes_no("missed_last_appointment"),
    ),
}


def classify_dropout(endings: pd.DataFrame, definition: str) -> pd.Series:
    """Say of each patient whether the treatment ended in dropout.

    A treatment that goes on is not a dropout under any definition. A missing entry in the column
    that a definition reads is not classifiable: it is never taken for "no".

    Parameters
    ----------
    endings : DataFrame
        One row a patient: ``patient_id``, ``ending`` and the column that the definition reads.
    definition : str
        A key of `DROPOUT_DEFINITIONS`.

    Returns
    -------
    Series of boolean
        Indexed by ``patient_id``; missing where the ending cannot be classified.

    Raises
    ------
    StudyError
        The definition is unknown, or the study has no value in the column that it reads.

    Examples
    --------
    >>> endings = pd.DataFrame(
    ...     {"patient_id": ["a", "b"], "ending": ["dropout", "ongoing"],
    ...      "missed_last_appointment": [pd.NA, 1]}
    ... )
    >>> classify_dropout(endings, "missed_last_appointment").tolist()
    [<NA>, False]
    """
    chosen = _find(definition)
    _require_values(endings, definition, chosen.column)
    dropped = chosen.rule(endings).astype("boolean")
    dropped[endings["ending"].astype("string").eq(ONGOING).fillna(False)] = False
    return dropped.set_axis(pd.Index(endings["patient_id"], name="patient_id")).rename("dropout")


def ending_event(endings: pd.DataFrame, definition: str) -> pd.Series:
    """Give the event that closes each patient's treatment.

    ``dropout`` where the definition says so; otherwise ``agreed_ending`` (completed, agreed),
    ``other_ending`` (referred, administrative, and an ending recorded as dropout which the
    definition does not count) or ``none`` (ongoing: censored).

    Parameters
    ----------
    endings : DataFrame
        As for `classify_dropout`.
    definition : str
        A key of `DROPOUT_DEFINITIONS`.

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
    dropped = classify_dropout(endings, definition)
    ending = endings["ending"].astype("string").set_axis(dropped.index)
    event = np.select(
        [dropped.fillna(False), ending.eq(ONGOING).fillna(False), ending.isin(AGREED)],
        ["dropout", "none", "agreed_ending"],
        "other_ending",
    )
    unknown = dropped.isna() | (ending.isna() & ~dropped.fillna(False))
    return pd.Series(event, dropped.index, dtype="string", name="event").mask(unknown)


def _find(definition: str) -> DropoutDefinition:
    if definition in DROPOUT_DEFINITIONS:
        return DROPOUT_DEFINITIONS[definition]
    known = ", ".join(DROPOUT_DEFINITIONS)
    raise StudyError(
        [Problem("config", f"unknown dropout definition '{definition}'", f"Use one of: {known}.")]
    )


def _require_values(endings: pd.DataFrame, definition: str, column: str) -> None:
    if column in endings and endings[column].notna().any():
        return
    raise StudyError(
        [
            Problem(
                "endings",
                f"the dropout definition '{definition}' needs values here, and there are none",
                "Add the column to the study, or choose another dropout definition in the config.",
                column=column,
            )
        ]
    )
