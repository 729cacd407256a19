"""Go through rupture definitions and repair rules; those that look ahead are refused."""

from collections.abc import Iterator

import pandas as pd

from rupture_outcome.coding.registry import require_prospective


def each_specification(person_sessions: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give definition, repair rule and their rows, in the order of the risk set.

    Raises
    ------
    StudyError
        A definition is unknown or retrospective: whether it finds a rupture depends on whether
        the patient stayed, so no model of dropout may use it.
    """
    keys = ["definition", "repair_rule"]
    for (definition, rule), rows in person_sessions.groupby(keys, observed=True, sort=True):
        require_prospective(str(definition))
        yield str(definition), str(rule), rows
