"""Whether a study has what the definitions and repair rules of its config need."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from rupture_outcome.coding.detect import estimate
from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    Config,
    build_panel,
    check_needs,
    chosen_definitions,
    chosen_repair_rules,
    stop_if_any,
)
from rupture_outcome.coding.rules import Rule
from rupture_outcome.coding.series import Panel
from rupture_outcome.errors import Problem, StudyError


def check_coding(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    markers: pd.DataFrame | None = None,
) -> None:
    """Look whether every definition and repair rule could be applied, without applying any.

    Parameters
    ----------
    sessions, ratings, instruments, coding, markers
        As for `code_ruptures`.

    Raises
    ------
    StudyError
        Everything that coding would stop at: columns in which nobody gave an answer, and
        reliabilities or ranges that are not known.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], "alliance_patient": [50, 38]})
    >>> asked = {"definitions": {"drop_sd": {}, "psq_patient": {}}, "repair_rules": {}}
    >>> check_coding(frame, None, {}, asked)
    Traceback (most recent call last):
        ...
    rupture_outcome.errors.StudyError: 1 problem was found.
      1. sessions, column 'psq_patient_rupture': 'psq_patient' needs this column, ...
    """
    definitions, rules = chosen_definitions(coding), chosen_repair_rules(coding)
    asked: list[tuple[Rule, dict[str, Any]]] = [(c.rule, c.parameters) for c in definitions]
    asked += [(rule.rule, rule.for_definition(each)) for each in definitions for rule in rules]
    columns = [column for rule, given in asked for column in rule.columns(given)]
    panel = build_panel(sessions, ratings, instruments, coding, columns, markers)
    lacking = [problem for rule, given in asked for problem in check_needs(panel, rule, given)]
    known = [chosen for chosen in definitions if not check_needs(panel, *chosen)]
    stop_if_any([*lacking, *_not_known(panel, known, instruments)])


def _not_known(
    panel: Panel, definitions: list[ChosenDefinition], instruments: Config
) -> Iterator[Problem]:
    for chosen in definitions:
        try:
            estimate(panel, chosen, instruments)
        except StudyError as error:
            yield from error.problems
