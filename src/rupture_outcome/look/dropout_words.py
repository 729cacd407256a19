"""Definitions of dropout and their sets in words, for tables and figures."""

import pandas as pd

from rupture_outcome.cohort.dropout_rules import LIMITS, DropoutLimits
from rupture_outcome.disclosure import OTHER
from rupture_outcome.look.words import NAMES, lower_first, name

KIND = "dropout_definition"
NONE, PLUS = "none", " + "


def definition_name(definition: object) -> str:
    """Name a definition of dropout at the head of a line.

    Examples
    --------
    >>> definition_name("missed_last_appointment")
    'Last appointment missed'
    """
    text = name(KIND, definition)
    return text[:1].upper() + text[1:]


def rule_in_words(definition: str, limits: DropoutLimits = LIMITS) -> str:
    """Say what a definition counts as dropout, with its limit.

    Examples
    --------
    >>> rule_in_words("first_sessions", DropoutLimits(first_sessions=3))
    'the treatment ended before 3 attended sessions, neither completed nor by agreement'
    """
    return NAMES["dropout_rule"][definition].format(**vars(limits))


def definitions_of(patterns: pd.DataFrame) -> list[str]:
    """Definitions that published sets are of."""
    return [] if patterns.empty else str(patterns["compared"].iloc[0]).split(PLUS)


def pattern_name(detected_by: object, ids: list[str]) -> str:
    """Name a set of definitions of dropout; `ids` are all that are compared.

    Examples
    --------
    >>> pattern_name("recorded_ending + first_sessions", [])
    'Dropout recorded as the ending + left within the first sessions'
    """
    text = str(detected_by)
    if text in {NONE, OTHER}:
        return {NONE: "None of them", OTHER: "Other sets"}[text]
    own = text.split(PLUS)
    if len(own) == len(ids) > 2:
        return "All of them"
    if len(own) == len(ids) - 1 > 2:
        missing = next(one for one in ids if one not in own)
        return f"All but: {lower_first(name(KIND, missing))}"
    first, *more = [name(KIND, one) for one in own]
    return PLUS.join([first[:1].upper() + first[1:], *map(lower_first, more)])
