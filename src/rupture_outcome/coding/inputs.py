"""From a study's tables and config to the panel that rules read."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.discrepancy import PARTS, with_discrepancy
from rupture_outcome.coding.markers import MARKERS, with_markers
from rupture_outcome.coding.observer import with_observer
from rupture_outcome.coding.registry import definitions, get_definition, get_repair_rule
from rupture_outcome.coding.rules import DEFAULT_SOURCE, Definition, RepairRule, Rule
from rupture_outcome.coding.scales import DISCREPANCY, instrument_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.errors import Problem, StudyError

Config = Mapping[str, Any]
OBSERVER = "observer_"

# Key of a config entry that says which definition it is another use of.
ALIAS = "definition"


class ChosenDefinition(NamedTuple):
    """A definition with its complete parameters."""

    rule: Definition
    parameters: dict[str, Any]

    @property
    def source(self) -> str:
        """Column of scores that its ruptures are measured on."""
        return str(self.parameters.get("source", DEFAULT_SOURCE))

    def limit(self, panel: Panel, constants: Mapping[str, float]) -> Floats:
        """Its limit at every row of a panel, see `Definition`; NaN where it has none."""
        find = self.rule.limit
        none = np.full(len(panel), np.nan)
        return none if find is None else find(panel, constants, self.parameters)


class ChosenRepairRule(NamedTuple):
    """A repair rule with its complete parameters; `source` may be None."""

    rule: RepairRule
    parameters: dict[str, Any]

    def for_definition(self, definition: ChosenDefinition) -> dict[str, Any]:
        """Parameters with the source filled in from the definition."""
        return {**self.parameters, "source": self.parameters["source"] or definition.source}


def chosen_definitions(coding: Config) -> list[ChosenDefinition]:
    """Definitions that the config asks for, in its order.

    An entry whose parameters hold `definition` is that definition under the entry's own name, so
    that one can be used several times: on other scores, or with another threshold.

    Raises
    ------
    StudyError
        An unknown definition or parameter, or a name that belongs to another definition.

    Examples
    --------
    >>> asked = {"therapist": {"definition": "drop_rci", "source": "alliance_therapist"}}
    >>> [(c.rule.id, c.rule.base, c.source) for c in chosen_definitions({"definitions": asked})]
    [('therapist', 'drop_rci', 'alliance_therapist')]
    """
    return [_chosen(name, given or {}) for name, given in coding["definitions"].items()]


def _chosen(name: str, given: Mapping[str, Any]) -> ChosenDefinition:
    base = str(given.get(ALIAS, name))
    rule = get_definition(base)
    if base != name and name in definitions():
        raise StudyError([_taken(name, base)])
    own = {key: value for key, value in given.items() if key != ALIAS}
    rule = rule.called(name)
    return ChosenDefinition(rule, rule.resolve(own))


def _taken(name: str, base: str) -> Problem:
    return Problem(
        f"config, coding.definitions.{name}",
        f"'{name}' is the id of another definition than '{base}'",
        f"give this use of '{base}' a name of its own, such as '{base}_2'",
    )


def chosen_repair_rules(coding: Config) -> list[ChosenRepairRule]:
    """Repair rules that the config asks for, in its order.

    Examples
    --------
    >>> [asked] = chosen_repair_rules({"repair_rules": {"half_recovery": {"within": 3}}})
    >>> asked.parameters
    {'within': 3, 'source': None, 'share': 0.5}
    """
    asked = coding["repair_rules"].items()
    found = [(get_repair_rule(name), given) for name, given in asked]
    return [ChosenRepairRule(rule, rule.resolve(given)) for rule, given in found]


def build_panel(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    columns: Iterable[str],
    markers: pd.DataFrame | None = None,
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
    markers : pandas.DataFrame, optional
        Observers' markers, for columns that `markers.marker_column` names.

    Examples
    --------
    Less of a symptom is better, so its sign is turned:

    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], "symptom": [20, 14]})
    >>> instruments = {"phq9": {"measures": "symptom", "range": [0, 27], "direction": -1}}
    >>> build_panel(frame, None, instruments, {}, ["symptom"])["symptom"].tolist()
    [-20.0, -14.0]
    """
    columns = sorted(set(columns))
    derived = DISCREPANCY in columns
    sessions = _with_observers(sessions, ratings, markers, columns)
    read = sorted({*columns, *(PARTS if derived else ())} - {DISCREPANCY})
    panel = Panel.from_sessions(
        sessions,
        read,
        bridge_missed=bool(coding.get("bridge_missed_sessions", False)),
        bridge_unrated=bool(coding.get("bridge_unrated_sessions", True)),
    )
    for name in read:
        if instrument_of(name, instruments).direction < 0:
            panel = panel.with_column(name, -panel[name])
    return with_discrepancy(panel, instruments) if derived else panel


def _with_observers(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    markers: pd.DataFrame | None,
    columns: list[str],
) -> pd.DataFrame:
    if ratings is not None and any(name.startswith(OBSERVER) for name in columns):
        sessions = with_observer(sessions, ratings)
    wanted = [name for name in columns if name.startswith(MARKERS)]
    if markers is not None and wanted:
        sessions = with_markers(sessions, markers, ratings, wanted)
    return sessions


def check_needs(panel: Panel, rule: Rule, parameters: Mapping[str, Any]) -> list[Problem]:
    """Find columns that a rule needs and the study has no value in.

    Parameters
    ----------
    panel : Panel
    rule : Definition or RepairRule
    parameters : mapping
        The rule's, complete.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": ["a"], "session": [1]})
    >>> panel = Panel.from_sessions(frame, ["psq_patient_rupture"])
    >>> [problem] = check_needs(panel, get_definition("psq_patient"), {"tension": None})
    >>> problem.file, problem.column
    ('sessions', 'psq_patient_rupture')
    """
    return [
        _absent(rule, column)
        for column in rule.columns(parameters)
        if np.isnan(panel[column]).all() and not _never_asked(panel, column)
    ]


def _never_asked(panel: Panel, column: str) -> bool:
    """Resolution is asked after a reported rupture: where nobody reports one, it has no values."""
    if not column.startswith("psq_") or not column.endswith("_resolution"):
        return False
    reports = panel[column.replace("_resolution", "_rupture")]
    answers = reports[~np.isnan(reports)]
    return bool(len(answers) and not answers.any())


def _absent(rule: Rule, column: str) -> Problem:
    drop = f"take '{rule.id}' out of coding.{rule.section}"
    if column.startswith(MARKERS):
        return Problem(
            "markers",
            f"'{rule.id}' needs sessions that observers coded by segment (per hour: of known "
            "length; from a salience on: with saliences), and no attended session is one",
            f"add such markers to the study, or {drop}",
        )
    if column == DISCREPANCY:
        return Problem(
            "sessions",
            f"'{rule.id}' needs {' and '.join(PARTS)} of the same session, and no attended session "
            "has both",
            f"name the study's columns for them in the config, or {drop}",
        )
    return Problem(
        "ratings" if column.startswith(OBSERVER) else "sessions",
        f"'{rule.id}' needs this column, and no attended session has a value in it",
        f"name the study's column for it in the config, or {drop}",
        column=column.removeprefix(OBSERVER),
    )


def stop_if_any(problems: Iterable[Problem]) -> None:
    """Raise what was found, all at once."""
    problems = list(dict.fromkeys(problems))
    if problems:
        raise StudyError(problems)
