"""Checks between rows and between tables of a study."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.errors import Problem
from rupture_outcome.study.contract import TABLES, key, names
from rupture_outcome.study.tables import Source, is_among

Frames = Mapping[str, pd.DataFrame]
Sources = Mapping[str, Source]

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
    twice = frame[frame.duplicated(key(table), keep=False)]
    remedy = "keep one row for each, or correct the identifiers"
    if table == "sessions":
        twice = twice.drop_duplicates()
        twice = twice[twice.duplicated(key(table), keep=False)]
        if cleaning["conflicting_sessions"] != "stop":
            return []
        remedy = "keep the right row, or set cleaning.conflicting_sessions to first or last"
    if twice.empty:
        return []
    own = " and ".join(f"'{source.own.get(name, name)}'" for name in key(table))
    expected = f"there is more than one row, not alike, for the same {own}"
    if table != "sessions":
        expected = f"there is more than one row for the same {own}"
    return [source.problem(expected, remedy, rows=list(twice.index))]


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
        problems += _days_go_back(frames["sessions"], sources["sessions"])
        problems += _no_source(frames, sources)
        for table in ("markers", "ratings"):
            problems += _observed_but_not_held(table, frames, sources) if table in whole else []
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


def _days_go_back(sessions: pd.DataFrame, source: Source) -> list[Problem]:
    days = sessions[["patient_id", "session", "day"]].dropna()
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


def _observed_but_not_held(table: str, frames: Frames, sources: Sources) -> list[Problem]:
    observed = frames[table][["patient_id", "session"]].dropna()
    sessions = frames["sessions"]
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
