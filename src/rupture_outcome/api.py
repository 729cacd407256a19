"""The analysis as functions of data frames: ruptures, episodes and the risk set in one call each.

A frame goes in long (one row a patient and session) or wide (one row a patient), tidy frames with
the frame's own identifiers come out: the same as a run of the pipeline gives, since the same
functions make them.

Examples
--------
A fall of nine points is a reliable one here, of 1.96 · √2 · 5 · √0.08 = 3.9 points or more:

>>> import pandas as pd
>>> import rupture_outcome as ro
>>> wide = pd.DataFrame({"id": ["a", "b"], "wai_s1": [50, 44], "wai_s2": [41, 45],
...                      "wai_s3": [51, 44]})
>>> who = {"score": "wai", "wide": "wai_s{session}", "patient": "id"}
>>> found = ro.code_ruptures(wide, **who, definition="drop_rci", reliability=0.92, sd=5)
>>> found[["id", "session", "verdict"]].values.tolist()[:3]
[['a', 1, 'not_testable'], ['a', 2, 'detected'], ['a', 3, 'not_detected']]
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding import detect
from rupture_outcome.coding import episodes as followed
from rupture_outcome.coding.inputs import chosen_definitions
from rupture_outcome.coding.registry import require_prospective
from rupture_outcome.coding.rules import DEFAULT_SOURCE
from rupture_outcome.coding.settings import Reliability, misfit
from rupture_outcome.cohort import risk_set
from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.errors import Problem, StudyError, did_you_mean
from rupture_outcome.study.dropout_data import DROPOUT_DATA
from rupture_outcome.study.frames import patient_frame, session_frame, stop

Rules = str | Sequence[str] | Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Coded:
    """Sessions under the contract's names, their ruptures, and what these were coded by."""

    sessions: pd.DataFrame
    ruptures: pd.DataFrame
    scales: dict[str, dict[str, float]]
    instruments: dict[str, Any]
    coding: dict[str, Any]
    ratings: pd.DataFrame | None
    names: dict[str, str]

    def under_own_names(self, frame: pd.DataFrame, **about: Any) -> pd.DataFrame:
        """Give the frame with the user's names of patient and session, and what it rests on."""
        out = frame.rename(columns=self.names)
        out.attrs.update(scales=self.scales, **about)
        return out


def code_ruptures(
    data: pd.DataFrame,
    *,
    score: str = DEFAULT_SOURCE,
    definition: Rules = "drop_rci",
    reliability: float | None = None,
    range: tuple[float, float] | None = None,
    direction: int = 1,
    patient: str = "patient_id",
    session: str = "session",
    attended: str = "attended",
    wide: str | Mapping[str, str] | None = None,
    ratings: pd.DataFrame | None = None,
    markers: pd.DataFrame | None = None,
    bridge_missed_sessions: bool = False,
    bridge_unrated_sessions: bool = True,
    **settings: Any,
) -> pd.DataFrame:
    """Look for ruptures in every attended session.

    Parameters
    ----------
    data : DataFrame
        One row a patient and session; with `wide` one row a patient. It is not changed. A
        definition that reads more than the score finds it under the names of the data contract,
        such as ``psq_patient_rupture``.
    score : str
        Column of alliance scores. With `wide` the name that the long column gets.
    definition : str, list of str, or mapping
        One definition, several, or their settings by name, as in a config:
        ``{"drop_sd": {"k": 2}, "drop_rci": {}}``. docs/definitions explains each of them.
    reliability : float, optional
        Of the score, from 0 to below 1.
    range : (float, float), optional
        Lowest and highest possible score.
    direction : {1, -1}
        −1 where a lower score is better.
    patient, session, attended : str
        Columns; sessions are numbered 1, 2, … in order of schedule. `attended` (1 or 0) may be
        absent: every row is an attended session then.
    wide : str or mapping of str to str, optional
        How the columns of the score are called: ``"wai_s{session}"``; or of several columns, by
        the name that they get. Blank cells count as sessions that were not held, unless
        the mapping has an entry for `attended`, too.
    ratings, markers : DataFrame, optional
        Of observers, as in the data contract, with the same columns `patient` and `session`.
    bridge_missed_sessions, bridge_unrated_sessions : bool
        Whether scores are compared across a missed session, and across one without a score.
    **settings
        Of the definition, where one is named: ``k=2``.

    Returns
    -------
    DataFrame
        `patient`, `session`, ``definition``, ``verdict`` (detected, not_detected, not_testable),
        ``reason`` (why not testable) and ``kind``; sorted by definition, patient and session.
        ``attrs["scales"]`` holds what was estimated from all sessions, such as the threshold.

    Raises
    ------
    StudyError
        An argument, column or value that cannot be used: says which, and what to do.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": 1, "session": [1, 2, 3], "wai": [50, 38, 49]})
    >>> found = code_ruptures(frame, score="wai", reliability=0.92, sd=10)
    >>> found["verdict"].tolist(), round(found.attrs["scales"]["drop_rci"]["threshold"], 1)
    (['not_testable', 'detected', 'not_detected'], 7.8)
    """
    coded = _code(data, **_options(locals()))
    return coded.under_own_names(coded.ruptures)


def episodes(
    data: pd.DataFrame, *, repair_rule: Rules = "return_to_baseline", **options: Any
) -> pd.DataFrame:
    """Follow every rupture until it is repaired, is not in time, or can no longer be seen to be.

    Parameters
    ----------
    data : DataFrame
        As for `code_ruptures`.
    repair_rule : str, list of str, or mapping
        One rule, several, or their settings by name: ``{"half_recovery": {"within": 3}}``.
    **options
        All that `code_ruptures` takes.

    Returns
    -------
    DataFrame
        One row a definition, repair rule and rupture: `patient`, ``onset``, ``nadir``, ``depth``,
        ``length``, ``kind``, ``repair`` (repaired, not_repaired, censored),
        ``sessions_to_repair``, ``censoring``.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": 1, "session": [1, 2, 3], "wai": [50, 38, 50]})
    >>> found = episodes(frame, score="wai", reliability=0.92, sd=10)
    >>> found[["patient_id", "onset", "repair"]].values.tolist()
    [[1, 2, 'repaired']]
    """
    coded = _code(data, **options)
    return coded.under_own_names(_followed(coded, repair_rule)[0])


def states(
    data: pd.DataFrame, *, repair_rule: Rules = "return_to_baseline", **options: Any
) -> pd.DataFrame:
    """Say of each attended session whether a rupture is open, repaired, or none has come yet.

    Parameters
    ----------
    data, repair_rule, **options
        As for `episodes`.

    Returns
    -------
    DataFrame
        One row a definition, repair rule and attended session: `patient`, `session`, ``state``
        (intact, unrepaired, repaired) from that session and earlier ones only, and
        ``beyond_window`` (unrepaired, and the time for its repair has passed).

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": 1, "session": [1, 2, 3], "wai": [50, 38, 50]})
    >>> states(frame, score="wai", reliability=0.92, sd=10)["state"].tolist()
    ['intact', 'unrepaired', 'repaired']
    """
    coded = _code(data, **options)
    return coded.under_own_names(_followed(coded, repair_rule)[1])


def person_sessions(
    data: pd.DataFrame,
    patients: pd.DataFrame,
    *,
    repair_rule: Rules = "return_to_baseline",
    dropout: str | Mapping[str, Any] = "recorded_ending",
    covariates: Sequence[str] = (),
    clock: str = "attended",
    instruments: Mapping[str, Mapping[str, Any]] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Build the rows of a discrete-time model of dropout, for `MultilevelHazard` or any other.

    Parameters
    ----------
    data : DataFrame
        As for `code_ruptures`; a column ``therapist_id`` says who held a session.
    patients : DataFrame
        One row a patient: ``ending`` (dropout, completed, agreed, referred, administrative,
        ongoing) and, where known, ``therapist_id``, ``planned_sessions`` and covariates.
    repair_rule
        As for `episodes`.
    dropout : str or mapping
        Definition of dropout, or the section `dropout` of a config.
    covariates : sequence of str
        Columns of `patients`; numbers are standardised.
    clock : {"attended", "scheduled", "weeks"}
        What ``time`` counts.
    instruments : mapping, optional
        As in a config, for the definition of dropout that reads ``symptom``.
    **options
        All that `code_ruptures` takes.

    Returns
    -------
    DataFrame
        One row a prospective definition, repair rule and attended session: `patient`,
        ``therapist_id``, `session`, ``time``, ``state``, ``testable``, covariates, ``event``,
        ``dropout`` (0 or 1, after this session), ``agreed_ending``, ``at_risk``.
        ``attrs["flow"]`` says how many were left out, and why.

    Raises
    ------
    StudyError
        As `code_ruptures`; or every definition looks ahead, so that no model of dropout may use it.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": 1, "session": [1, 2], "wai": [50, 38]})
    >>> people = pd.DataFrame({"id": [1], "ending": ["dropout"]})
    >>> rows = person_sessions(frame, people, patient="id", score="wai", reliability=0.9, sd=10)
    >>> rows[["id", "time", "state", "dropout"]].values.tolist()
    [[1, 1, 'intact', 0], [1, 2, 'unrepaired', 1]]
    """
    given = {"definition": dropout} if isinstance(dropout, str) else dict(dropout)
    given = {"planned_share": 0.75, "first_sessions": 4} | given
    _check_choices(given.get("definition"), clock, covariates)
    coded = _code(data, **options)
    prospective = _prospective(coded)
    people = _with_whole_ids(patient_frame(patients, coded.names["patient_id"], coded.sessions))
    sessions = _with_whole_ids(_with_missing(coded.sessions, risk_set.SESSIONS))
    _check_dropout_data(given["definition"], sessions, people)
    of_session = _followed(coded, repair_rule)[1]
    with _in_words(coded.names):
        rows, flow = risk_set.person_sessions(
            sessions,
            people,
            _with_missing(people, ("patient_id", "ending")),
            of_session[of_session["definition"].isin(prospective)],
            coded.ruptures[coded.ruptures["definition"].isin(prospective)],
            dropout_definition=given["definition"],
            clock=clock,
            covariates=list(covariates),
            limits=DropoutLimits.from_config(given),
            instruments={**coded.instruments, **(instruments or {})},
        )
    rows["therapist_id"] = _original(rows["therapist_id"], (sessions, people))
    return coded.under_own_names(rows, flow=flow.to_dict("records"))


def simulated_study(patients: int = 600, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw sessions and patients of a simulated clinic, to try things out on.

    Returns
    -------
    sessions, patients : DataFrame
        As `person_sessions` takes them: the score is ``alliance_patient``, a sum of twelve items
        from 12 to 60. The true odds ratios of dropout are in
        `rupture_outcome.simulation.truth.Truth`.

    Examples
    --------
    >>> sessions, patients = simulated_study(patients=20)
    >>> len(patients), {"alliance_patient", "psq_patient_rupture"} <= set(sessions)
    (20, True)
    """
    from rupture_outcome.simulation.simulate import Truth, simulate
    from rupture_outcome.study.score import prorated_sum

    truth = replace(Truth(), patients=patients, therapists=min(40, max(4, patients // 15)))
    study = simulate(truth, np.random.default_rng(seed))
    items = [name for name in study.sessions if str(name).startswith("wai_")]
    answers = study.sessions[items].to_numpy(dtype=float, na_value=np.nan)
    sessions = study.sessions.drop(columns=items).assign(
        alliance_patient=prorated_sum(answers, 0.75)
    )
    return sessions, study.patients.merge(study.endings, on="patient_id", validate="1:1")


def _options(given: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name not in ("data", "settings")}
    return {**given["settings"], **own}


def _code(
    data: pd.DataFrame,
    *,
    score: str = DEFAULT_SOURCE,
    definition: Rules = "drop_rci",
    reliability: float | None = None,
    range: tuple[float, float] | None = None,
    direction: int = 1,
    patient: str = "patient_id",
    session: str = "session",
    attended: str = "attended",
    wide: str | Mapping[str, str] | None = None,
    ratings: pd.DataFrame | None = None,
    markers: pd.DataFrame | None = None,
    bridge_missed_sessions: bool = False,
    bridge_unrated_sessions: bool = True,
    **settings: Any,
) -> _Coded:
    instruments = {"score": _instrument(reliability, range, direction)}
    coding = {
        "definitions": _rules(definition, settings, score, "definition"),
        "bridge_missed_sessions": bridge_missed_sessions,
        "bridge_unrated_sessions": bridge_unrated_sessions,
    }
    names = {"patient_id": patient, "session": "session" if wide is not None else session}
    own = {value: key for key, value in names.items()}
    with _in_words({**names, DEFAULT_SOURCE: score}):
        chosen = chosen_definitions(coding)
        sessions = session_frame(
            data,
            patient=patient,
            session=session,
            score=score,
            attended=attended,
            wide=wide,
            target=DEFAULT_SOURCE,
        )
        needed = {column for c in chosen for column in c.rule.columns(c.parameters)}
        _check_score(sessions, score, range, DEFAULT_SOURCE in needed)
        ratings, markers = (
            None if table is None else table.rename(columns=own) for table in (ratings, markers)
        )
        ruptures, scales = detect.code_ruptures(sessions, ratings, instruments, coding, markers)
    told: dict[str, dict[str, float]] = {}
    for row in scales.to_dict("records"):
        told.setdefault(str(row["definition"]), {})[str(row["constant"])] = float(row["value"])
    return _Coded(sessions, ruptures, told, instruments, coding, ratings, names)


def _followed(coded: _Coded, repair_rule: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    rules = _rules(repair_rule, {}, None, "repair_rule")
    coding = {**coded.coding, "repair_rules": rules}
    with _in_words(coded.names):
        return followed.code_episodes(
            coded.ruptures, coded.sessions, coded.instruments, coding, coded.ratings
        )


def _rules(
    given: Rules, settings: Mapping[str, Any], score: str | None, argument: str
) -> dict[str, dict[str, Any]]:
    """Rules with their settings, as a config has them; the score under the contract's name."""
    if isinstance(given, str):
        rules = {given: dict(settings)}
    elif isinstance(given, Mapping):
        rules = {str(name): dict(own or {}) for name, own in given.items()}
    else:
        rules = {str(name): {} for name in given}
    if not rules:
        raise stop(f"argument '{argument}'", "nothing is named", "name one, such as 'drop_rci'")
    if settings and not isinstance(given, str):
        found = f"settings ({', '.join(settings)}) were given beside several definitions"
        raise stop(
            f"argument '{argument}'", found, "write {'drop_sd': {'k': 2}}, each with its own"
        )
    for own in rules.values():
        if score is not None and own.get("source") == score:
            own["source"] = DEFAULT_SOURCE
    return rules


def _instrument(
    reliability: float | None, range: tuple[float, float] | None, direction: int
) -> dict[str, Any]:
    if why := misfit(reliability, Reliability | None):
        found = f"it should be {why}"
        raise stop("argument 'reliability'", found, "give that of the score, such as 0.92")
    if direction not in (1, -1):
        found = "it should be 1 (higher is better) or -1"
        raise stop("argument 'direction'", found, "choose one of them")
    if range is not None and not _is_range(range):
        found = "it should be the lowest and the highest possible score"
        raise stop("argument 'range'", found, "write for example (12, 60)")
    own = {"measures": DEFAULT_SOURCE, "direction": direction, "reliability": reliability}
    return own if range is None else {**own, "range": list(range)}


def _is_range(given: Any) -> bool:
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        return False
    return bool(np.isfinite([low, high]).all() and low < high)


def _check_score(
    sessions: pd.DataFrame, score: str, range: tuple[float, float] | None, needed: bool
) -> None:
    if DEFAULT_SOURCE not in sessions:
        if not needed:
            return
        own = [str(name) for name in sessions if name not in ("patient_id", "session", "attended")]
        found = f"there is no such column{did_you_mean(score, own)}"
        raise stop("data", found, "name the column of scores: score='…'", score)
    values = sessions[DEFAULT_SOURCE]
    if range is not None and not values.dropna().between(*range).all():
        n = int((values.notna() & ~values.between(*range)).sum())
        found = f"{n} values lie outside of the range {range[0]:g} to {range[1]:g}"
        raise stop("data", found, "set missing codes to NaN, or correct the range", score)


def _check_choices(dropout: Any, clock: str, covariates: Any) -> None:
    for argument, value, known in (
        ("dropout", dropout, list(DROPOUT_DATA)),
        ("clock", clock, list(risk_set.CLOCKS)),
    ):
        if value not in known:
            found = f"this is not known{did_you_mean(str(value), known)}"
            raise stop(f"argument '{argument}'", found, f"use one of {', '.join(known)}")
    if isinstance(covariates, str):
        found = "expected a list of columns, found one text"
        raise stop("argument 'covariates'", found, f"write ['{covariates}']")


def _check_dropout_data(definition: str, sessions: pd.DataFrame, people: pd.DataFrame) -> None:
    for table, column in DROPOUT_DATA[definition]:
        frame, argument = (sessions, "data") if table == "sessions" else (people, "patients")
        if column not in frame or frame[column].isna().all():
            found = f"dropout by {definition} needs this column, and it holds no value"
            raise stop(argument, found, "add it, or choose another definition of dropout", column)


def _prospective(coded: _Coded) -> list[str]:
    chosen = [c.rule for c in chosen_definitions(coded.coding)]
    kept = [rule.id for rule in chosen if rule.kind_class == "prospective"]
    if not kept:
        require_prospective(chosen[0].base)
    return kept


def _with_missing(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    absent = {name: pd.Series(np.nan, frame.index) for name in columns if name not in frame}
    return frame.assign(**absent)


def _with_whole_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Make 7 of 7.0, which pandas makes of 7 where another therapist is missing."""
    return frame.assign(therapist_id=frame["therapist_id"].convert_dtypes())


def _original(therapists: pd.Series, frames: Sequence[pd.DataFrame]) -> pd.Series:
    """Give therapists' identifiers back as they were, where the risk set made texts of them."""
    own = {str(one): one for frame in frames for one in frame["therapist_id"].dropna().unique()}
    return therapists.cat.rename_categories([own[one] for one in therapists.cat.categories])


@contextmanager
def _in_words(names: Mapping[str, str]) -> Iterator[None]:
    """Let problems speak of arguments and the user's columns, where they would of a config."""
    try:
        yield
    except StudyError as error:
        raise StudyError([_in_own_words(p, names) for p in error.problems]) from None


def _in_own_words(problem: Problem, names: Mapping[str, str]) -> Problem:
    where = problem.file.removeprefix("config, ").removeprefix("coding.")
    file = {"sessions": "data", "models.covariates": "patients, covariates"}.get(where, where)
    column = names.get(problem.column or "", problem.column)
    expected, remedy = problem.expected, problem.remedy
    for name, own in names.items():
        expected = expected.replace(f"'{name}'", f"'{own}'")
        remedy = remedy.replace(f"'{name}'", f"'{own}'")
    return replace(problem, file=file, column=column, expected=expected, remedy=remedy)
