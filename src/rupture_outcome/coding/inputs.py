"""From a study's tables and config to the panel that rules read."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.observer import with_observer
from rupture_outcome.coding.registry import get_definition, get_repair_rule
from rupture_outcome.coding.rules import DEFAULT_SOURCE, Definition, RepairRule, Rule
from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.errors import Problem, StudyError

Config = Mapping[str, Any]
OBSERVER = "observer_"


class ChosenDefinition(NamedTuple):
    """A definition with its complete parameters."""

    rule: Definition
    parameters: dict[str, Any]

    @property
    def source(self) -> str:
        """Column of scores that its ruptures are measured on."""
        return str(self.parameters.get("source", DEFAULT_SOURCE))


class ChosenRepairRule(NamedTuple):
    """A repair rule with its complete parameters; `source` may be None."""

    rule: RepairRule
    parameters: dict[str, Any]

    def for_definition(self, definition: ChosenDefinition) -> dict[str, Any]:
        """Parameters with the source filled in from the definition."""
        return {**self.parameters, "source": self.parameters["source"] or definition.source}


def chosen_definitions(coding: Config) -> list[ChosenDefinition]:
    """Definitions that the config asks for, in its order."""
    asked = coding["definitions"].items()
    found = [(get_definition(name), given) for name, given in asked]
    return [ChosenDefinition(rule, rule.resolve(given)) for rule, given in found]


def chosen_repair_rules(coding: Config) -> list[ChosenRepairRule]:
    """Repair rules that the config asks for, in its order."""
    asked = coding["repair_rules"].items()
    found = [(get_repair_rule(name), given) for name, given in asked]
    return [ChosenRepairRule(rule, rule.resolve(given)) for rule, given in found]


def build_panel(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    columns: Iterable[str],
) -> Panel:
    """Panel of the attended sessions, scores turned so that higher is better.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Scored sessions, missed ones included or not.
    ratings : pandas.DataFrame or None
        Observer ratings, for columns that begin with `observer_`.
    instruments, coding : mapping
        Sections of the config.
    columns : iterable of str
    """
    columns = sorted(set(columns))
    if ratings is not None and any(name.startswith(OBSERVER) for name in columns):
        sessions = with_observer(sessions, ratings)
    panel = Panel.from_sessions(
        sessions,
        columns,
        bridge_missed=bool(coding.get("bridge_missed_sessions", False)),
        bridge_unrated=bool(coding.get("bridge_unrated_sessions", True)),
    )
    for name in columns:
        if instrument_of(name, instruments).direction < 0:
            panel = panel.with_column(name, -panel[name])
    return panel


def check_needs(panel: Panel, rule: Rule, parameters: Mapping[str, Any]) -> list[Problem]:
    """Find columns that a rule needs and the study has no value in."""
    return [
        _absent(rule, column)
        for column in rule.columns(parameters)
        if np.isnan(panel[column]).all()
    ]


def _absent(rule: Rule, column: str) -> Problem:
    observed = column.startswith(OBSERVER)
    return Problem(
        "ratings" if observed else "sessions",
        f"'{rule.id}' needs this column, and no attended session has a value in it",
        f"name the study's column for it in the config, or take '{rule.id}' out of "
        f"coding.{rule.section}",
        column=column.removeprefix(OBSERVER),
    )


def stop_if_any(problems: Iterable[Problem]) -> None:
    """Raise what was found, all at once."""
    problems = list(dict.fromkeys(problems))
    if problems:
        raise StudyError(problems)
