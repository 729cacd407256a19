"""Episodes of rupture and repair, and each session's state."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.detect import verdicts_of
from rupture_outcome.coding.follow import STATES, Courses, follow_all
from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    ChosenRepairRule,
    Config,
    build_panel,
    check_needs,
    chosen_definitions,
    chosen_repair_rules,
    stop_if_any,
)
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import KINDS, NONE, Codes, named
from rupture_outcome.engine.arrays import Bools

REPAIRS = ("repaired", "not_repaired", "censored")
REPAIRED, NOT_REPAIRED, CENSORED = range(3)

CENSORINGS = ("treatment_ended", "not_rated", "no_baseline")
TREATMENT_ENDED, NOT_RATED, NO_BASELINE = range(3)

RATED_SHARE = 0.5


class Part(NamedTuple):
    """Episodes and states of one definition under one repair rule."""

    definition: ChosenDefinition
    rule: ChosenRepairRule
    courses: Courses
    state: Codes
    beyond: Bools


def code_episodes(
    ruptures: pd.DataFrame,
    sessions: pd.DataFrame,
    instruments: Config,
    coding: Config,
    ratings: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Follow every rupture under every repair rule that the config asks for.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        From `code_ruptures`.
    sessions : pandas.DataFrame
        The scored sessions that it was made from.
    instruments, coding : mapping
        These sections of the config.
    ratings : pandas.DataFrame, optional
        Observer ratings, one row a rater and session; read by `observer_resolved` only.

    Returns
    -------
    episodes : pandas.DataFrame
        One row a definition, repair rule and rupture: patient_id, definition, repair_rule, onset,
        nadir (session numbers), depth (pre-rupture score minus the lowest one while open), length
        (attended sessions while open), kind, repair, sessions_to_repair (attended), censoring
        (why it is not known whether it was repaired).
    states : pandas.DataFrame
        One row a definition, repair rule and attended session: patient_id, session, definition,
        repair_rule, state, beyond_window (unrepaired, and the time for its repair has passed).

    Raises
    ------
    StudyError
        An unknown repair rule or parameter, or a column that a rule needs is empty.

    Examples
    --------
    A fall from 50 to 38 that is made good two sessions later:

    >>> from rupture_outcome.coding.detect import code_ruptures
    >>> frame = pd.DataFrame({"patient_id": "a", "session": range(1, 6),
    ...                       "alliance_patient": [50.0, 38, 41, 50, 51]})
    >>> coding = {"definitions": {"drop_rci": {"sd": 10.5, "reliability": 0.961}},
    ...           "repair_rules": {"return_to_baseline": {"within": 3}}}
    >>> ruptures, _ = code_ruptures(frame, None, {}, coding)
    >>> episodes, states = code_episodes(ruptures, frame, {}, coding)
    >>> told = episodes[["onset", "nadir", "depth", "length", "repair", "sessions_to_repair"]]
    >>> told.astype(object).values.tolist()
    [[2, 2, 12.0, 2, 'repaired', 2]]
    >>> states["state"].tolist()
    ['intact', 'unrepaired', 'unrepaired', 'repaired', 'repaired']
    """
    definitions, rules = chosen_definitions(coding), chosen_repair_rules(coding)
    panel = _panel(sessions, ratings, instruments, coding, definitions, rules)
    parts = list(_parts(ruptures, panel, definitions, rules))
    return _episodes_frame(panel, parts), _states_frame(panel, parts)


def _panel(
    sessions: pd.DataFrame,
    ratings: pd.DataFrame | None,
    instruments: Config,
    coding: Config,
    definitions: Sequence[ChosenDefinition],
    rules: Sequence[ChosenRepairRule],
) -> Panel:
    pairs = [(r.rule, r.for_definition(d)) for d in definitions for r in rules]
    columns = {column for rule, given in pairs for column in rule.columns(given)}
    columns |= {given["source"] for _, given in pairs}
    panel = build_panel(sessions, ratings, instruments, coding, columns)
    stop_if_any(p for rule, given in pairs for p in check_needs(panel, rule, given))
    return panel


def _parts(
    ruptures: pd.DataFrame,
    panel: Panel,
    definitions: Sequence[ChosenDefinition],
    rules: Sequence[ChosenRepairRule],
) -> Iterator[Part]:
    for chosen in definitions:
        verdicts = verdicts_of(ruptures, chosen.rule.id, panel)
        for rule in rules:
            given = rule.for_definition(chosen)
            yield Part(
                chosen, rule, *follow_all(panel, verdicts, panel[given["source"]], rule.rule, given)
            )


def outcomes(panel: Panel, courses: Courses, rule: ChosenRepairRule) -> tuple[Codes, Codes]:
    """Repair state of each episode, and why it is censored (−1 where it is not).

    Not repaired: the window passed in treatment, and at least half of its sessions could have
    shown a repair. Censored, in this order of reasons: there is no pre-rupture score to return
    to; treatment ended before the window did; too few of its sessions were rated.

    Parameters
    ----------
    panel : Panel
    courses : Courses
        E ruptures, from `follow`.
    rule : ChosenRepairRule

    Returns
    -------
    repair : ndarray of int8, shape (E,)
        Position in `REPAIRS`.
    censoring : ndarray of int8, shape (E,)
        Position in `CENSORINGS`, −1 where the repair state is known.
    """
    within = rule.parameters["within"]
    censoring = np.full(len(courses.onset), NONE, np.int8)
    censoring[courses.known < RATED_SHARE * within] = NOT_RATED
    censoring[courses.onset + within >= panel.end[courses.onset]] = TREATMENT_ENDED
    if rule.rule.from_baseline:
        censoring[np.isnan(courses.baseline)] = NO_BASELINE
    repaired = courses.repair >= 0
    censoring[repaired] = NONE
    repair = np.where(censoring == NONE, NOT_REPAIRED, CENSORED)
    return np.where(repaired, REPAIRED, repair).astype(np.int8), censoring


def _columns(panel: Panel, part: Part) -> dict[str, Any]:
    courses = part.courses
    repair, censoring = outcomes(panel, courses, part.rule)
    return {
        "patient": panel.patient[courses.onset],
        "onset": panel.session[courses.onset],
        "nadir": _sessions(panel, courses.nadir),
        "depth": courses.baseline - courses.lowest,
        "length": courses.last - courses.onset + 1,
        "kind": courses.kind,
        "repair": repair,
        "sessions_to_repair": _masked(courses.repair - courses.onset, courses.repair >= 0),
        "censoring": censoring,
    }


def _sessions(panel: Panel, rows: np.ndarray) -> pd.api.extensions.ExtensionArray:
    return _masked(panel.session[rows], rows >= 0)


def _masked(values: np.ndarray, known: np.ndarray) -> pd.api.extensions.ExtensionArray:
    return pd.arrays.IntegerArray(values.astype(np.int64), ~known)


def _episodes_frame(panel: Panel, parts: Sequence[Part]) -> pd.DataFrame:
    frames = [_columns(panel, part) for part in parts]
    counts = [len(part.courses.onset) for part in parts]
    joined = {name: _joined([frame[name] for frame in frames]) for name in frames[0]}
    return pd.DataFrame(
        {
            "patient_id": panel.ids.take(joined["patient"]),
            **_names(parts, counts),
            "onset": joined["onset"],
            "nadir": joined["nadir"],
            "depth": joined["depth"],
            "length": joined["length"],
            "kind": named(joined["kind"], KINDS),
            "repair": named(joined["repair"], REPAIRS),
            "sessions_to_repair": joined["sessions_to_repair"],
            "censoring": named(joined["censoring"], CENSORINGS),
        }
    )


def _joined(values: Sequence[Any]) -> Any:
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values)
    return pd.concat([pd.Series(v) for v in values], ignore_index=True).array


def _states_frame(panel: Panel, parts: Sequence[Part]) -> pd.DataFrame:
    patient_id, session = panel.repeated(len(parts))
    return pd.DataFrame(
        {
            "patient_id": patient_id,
            "session": session,
            **_names(parts, [len(panel)] * len(parts)),
            "state": named(np.concatenate([part.state for part in parts]), STATES),
            "beyond_window": np.concatenate([part.beyond for part in parts]),
        },
        copy=False,
    )


def _names(parts: Sequence[Part], counts: Sequence[int]) -> dict[str, "pd.Categorical[str]"]:
    return {
        "definition": _repeated([part.definition.rule.id for part in parts], counts),
        "repair_rule": _repeated([part.rule.rule.id for part in parts], counts),
    }


def _repeated(names: Sequence[str], counts: Sequence[int]) -> "pd.Categorical[str]":
    categories = list(dict.fromkeys(names))
    codes = np.array([categories.index(name) for name in names], np.int8)
    return named(np.repeat(codes, counts), categories)
