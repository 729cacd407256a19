"""Checks between rows and between tables of a study."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.errors import Problem
from rupture_outcome.study.contract import TABLES, fields, key, names, starred
from rupture_outcome.study.tables import Source, is_among

Frames = Mapping[str, pd.DataFrame]
Sources = Mapping[str, Source]

# Days after intake; waiting lists are shorter.
LATEST_BEGINNING = 1000

# Fewer are no group: nothing can be said of them that is not said of one of them.
FEWEST_PATIENTS = 3

# Any one of these makes a study usable: a score of the alliance, or a report of ruptures.
SOURCES_OF_RUPTURE = (
    "alliance_patient",
    "alliance_therapist",
    "psq_patient_rupture",
    "psq_patient_tension",
    "psq_therapist_rupture",
    "psq_therapist_tension",
)


def duplicate_keys(
    table: str, frame: pd.DataFrame, source: Source, cleaning: Mapping[str, Any]
) -> list[Problem]:
    """Rows that share a key; exact copies of a session are left to cleaning.

    Parameters
    ----------
    table : str
    frame : DataFrame
        Indexed by line numbers.
    source : Source
    cleaning : mapping
        Section `cleaning` of the config.
    """
    told = [name for name in key(table) if name in starred(table)]
    complete = frame.dropna(subset=told)  # what lacks is told as missing or not readable
    twice = complete[complete.duplicated(key(table), keep=False)]
    own = " and ".join(f"'{source.own.get(name, name)}'" for name in key(table))
    expected = f"there is more than one row for the same {own}"
    remedy = "keep one row for each, or correct the identifiers"
    if table == "sessions":
        if cleaning["conflicting_sessions"] != "stop":
            return []
        twice = twice[in_conflict(twice)]
        expected = f"rows for the same {own} hold different values"
        remedy = (
            "correct the wrong one; cleaning.conflicting_sessions takes the first or last value "
            "of each cell"
        )
        if _begins_again(twice):
            expected += ", and the numbering begins again: is it a second course of treatment?"
            remedy = (
                "give a second course a patient_id of its own, or number the sessions of a "
                "patient throughout; if the same session was entered twice, correct the wrong one"
            )
    return [source.problem(expected, remedy, rows=list(twice.index))] if len(twice) else []


def in_conflict(sessions: pd.DataFrame) -> "pd.Series[bool]":
    """Rows of a session that another row of it contradicts: in a cell, both hold a value.

    Examples
    --------
    Two pieces of one session, as from two forms, are not in conflict:

    >>> rows = {"patient_id": "a", "session": [1, 1, 2, 2], "x": [3, None, 4, 5]}
    >>> in_conflict(pd.DataFrame(rows)).tolist()
    [False, False, True, True]
    """
    values = sessions.groupby(key("sessions"), sort=False, observed=True, dropna=False)
    return values.transform("nunique").gt(1).any(axis=1)


def _begins_again(twice: pd.DataFrame) -> bool:
    """Whether, in the order of the file, the numbers of most patients fall back to the start."""
    first = twice.groupby("patient_id", observed=True)["session"]
    falls = (first.diff() < 0) & twice["session"].eq(first.transform("min"))
    later = first.transform("size") > 2
    patients = twice["patient_id"].nunique()
    return bool(patients and twice.loc[falls & later, "patient_id"].nunique() * 2 > patients)


def check_relations(frames: Frames, sources: Sources, whole: set[str]) -> list[Problem]:
    """Check that tables fit each other, as far as they could be read.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The five tables, indexed by line numbers.
    sources : mapping of str to Source
    whole : set of str
        Tables that could be read as a whole; the others are not compared.
    """
    problems = []
    for table in [name for name in TABLES if name != "patients"]:
        if {table, "patients"} <= whole:
            problems += _orphans(table, frames, sources)
    if "sessions" in whole:
        nobody = _nobody_came(frames["sessions"], sources["sessions"])
        if nobody:  # what else would be said follows from it
            return problems + nobody
        problems += _dates_in_disguise(frames["sessions"], sources["sessions"])
        problems += _days_go_back(frames["sessions"], sources["sessions"])
        problems += _no_source(frames, sources)
        for table in ("markers", "ratings"):
            problems += _observed_but_not_held(table, frames, sources) if table in whole else []
        problems += _too_few(frames["sessions"], sources["sessions"])
    if {"sessions", "endings"} <= whole:
        problems += _without_ending(frames, sources)
        problems += _last_session(frames, sources)
    return problems


def _orphans(table: str, frames: Frames, sources: Sources) -> list[Problem]:
    ids = frames[table]["patient_id"].dropna()
    orphans = ids[~is_among(ids, frames["patients"]["patient_id"])]
    return _report(
        sources[table],
        orphans.index,
        f"these patients have no row in {sources['patients'].file}",
        f"add them to {sources['patients'].file}, or correct the identifiers",
        "patient_id",
    )


def _without_ending(frames: Frames, sources: Sources) -> list[Problem]:
    ids = frames["sessions"]["patient_id"].dropna().drop_duplicates()
    known = is_among(ids, frames["patients"]["patient_id"])  # the others are reported as such
    lacking = ids[known & ~is_among(ids, frames["endings"]["patient_id"])]
    return _report(
        sources["sessions"],
        lacking.index,
        f"these patients have sessions but no row in {sources['endings'].file}",
        f"add rows to {sources['endings'].file}; a treatment that goes on is 'ongoing'",
        "patient_id",
    )


def _nobody_came(sessions: pd.DataFrame, source: Source) -> list[Problem]:
    if sessions.empty or sessions["attended"].fillna(1).eq(1).any():
        return []
    expected = "no session was attended"
    remedy = (
        "look whether yes and no are translated the right way round, under values in the config"
    )
    return [source.problem(expected, remedy, "attended")]


def _too_few(sessions: pd.DataFrame, source: Source) -> list[Problem]:
    came = sessions.loc[sessions["attended"].fillna(1).eq(1), "patient_id"].nunique()
    if came >= FEWEST_PATIENTS:
        return []
    expected = (
        f"expected at least {FEWEST_PATIENTS} patients with an attended session, found {came}"
    )
    remedy = (
        "ruptures and repair of single patients are found by `import rupture_outcome`; rates of a "
        "group need some 20 patients, and an effect on dropout some 10 dropouts in each state"
    )
    return [source.problem(expected, remedy, "patient_id")]


def _dates_in_disguise(sessions: pd.DataFrame, source: Source) -> list[Problem]:
    """Days since intake begin near 0; those of a calendar are in the thousands from the start."""
    first = sessions.groupby("patient_id", observed=True)["day"].min().dropna()
    if first.empty or first.median() <= LATEST_BEGINNING:
        return []
    expected = (
        f"for most patients the first session lies more than {LATEST_BEGINNING} days after intake: "
        "these look like dates, counted in days from some year on"
    )
    return [source.problem(expected, fields("sessions")["day"]["remedy"], "day")]


def _days_go_back(sessions: pd.DataFrame, source: Source) -> list[Problem]:
    days = sessions[["patient_id", "session", "day"]].dropna().drop_duplicates()
    days = days[~days.duplicated(key("sessions"), keep=False)]  # told as a conflict
    days = days.sort_values(["patient_id", "session"], kind="stable")
    same = days["patient_id"].eq(days["patient_id"].shift())
    back = days.index[same & days["day"].diff().lt(0).fillna(False)]
    return _report(
        source,
        sorted(back),
        "the day lies before that of the patient's preceding session",
        "correct the days, or number the sessions in order of schedule",
        "day",
    )


def _last_session(frames: Frames, sources: Sources) -> list[Problem]:
    sessions, endings = frames["sessions"], frames["endings"]
    attended = sessions[sessions["attended"].fillna(1).eq(1)]
    last = attended.groupby("patient_id")["session"].max()
    given = endings.dropna(subset=["patient_id", "last_session"])
    given = given[~is_among(given["patient_id"], _not_numbered(attended))]
    found = given["patient_id"].map(last)
    earlier = given["last_session"].lt(found).fillna(False)
    not_held = (given["last_session"].gt(found) | found.isna()).fillna(False)
    where, file = sources["endings"], sources["sessions"].file
    return [
        *_report(
            where,
            given.index[earlier],
            f"{file} holds a later session that this patient attended",
            "give the last attended session, or correct the sessions",
            "last_session",
        ),
        *_report(
            where,
            given.index[not_held],
            f"{file} holds no attended session of this number for this patient",
            "give the last attended session (empty if there was none), or add the session",
            "last_session",
        ),
    ]


def _not_numbered(sessions: pd.DataFrame) -> pd.Series:
    """Patients with a session whose number cannot be read, which is told already."""
    return sessions.loc[sessions["session"].isna(), "patient_id"].dropna()


def _observed_but_not_held(table: str, frames: Frames, sources: Sources) -> list[Problem]:
    observed = frames[table][["patient_id", "session"]].dropna()
    sessions = frames["sessions"]
    observed = observed[~is_among(observed["patient_id"], _not_numbered(sessions))]
    held = sessions.loc[
        is_among(sessions["patient_id"], observed["patient_id"])
        & sessions["attended"].fillna(1).eq(1)
    ]
    pairs = pd.MultiIndex.from_frame(observed)
    lost = observed.index[~pairs.isin(pd.MultiIndex.from_frame(held[["patient_id", "session"]]))]
    return _report(
        sources[table],
        lost,
        f"{sources['sessions'].file} holds no attended session that this row could be of",
        "correct the session number, or the column that says who attended",
        "session",
    )


def _no_source(frames: Frames, sources: Sources) -> list[Problem]:
    sessions = frames["sessions"]
    items = [name for name in sessions if name not in names("sessions")]
    columns = [*SOURCES_OF_RUPTURE, *items]
    if sessions[columns].notna().any(axis=None) or len(frames["markers"]) or len(frames["ratings"]):
        return []
    return [
        sources["sessions"].problem(
            "the study holds no alliance rating and no report of ruptures",
            "name the columns in the config: alliance_patient or alliance_therapist (or the items "
            "of an instrument), psq_patient_rupture or psq_therapist_rupture; or add the table "
            "markers or ratings",
        )
    ]


def _report(
    source: Source, rows: pd.Index | list[int], expected: str, remedy: str, column: str
) -> list[Problem]:
    return [source.problem(expected, remedy, column, list(rows))] if len(rows) else []
