"""What each definition of dropout reads: the one list of them, by which all others go."""

# Columns of the data contract as (table, column). The rules themselves, which need the course of
# treatment, are in `rupture_outcome.cohort.dropout_rules`.
ENDING = ("endings", "ending")
DROPOUT_DATA: dict[str, tuple[tuple[str, str], ...]] = {
    "recorded_ending": (ENDING,),
    "therapist_judgement": (("endings", "therapist_judged_dropout"),),
    "missed_last_appointment": (("endings", "missed_last_appointment"),),
    "fewer_than_planned": (ENDING, ("patients", "planned_sessions")),
    "no_reliable_improvement": (ENDING, ("sessions", "symptom")),
    "first_sessions": (ENDING,),
}


def dropout_columns(definition: str, table: str) -> list[str]:
    """Columns of a table that a definition of dropout reads.

    Examples
    --------
    >>> dropout_columns("fewer_than_planned", "patients")
    ['planned_sessions']
    """
    return [column for where, column in DROPOUT_DATA[definition] if where == table]
