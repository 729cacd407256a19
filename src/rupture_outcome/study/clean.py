"""Cleaning a study that was read and checked: untidy rows, each kind of change counted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from rupture_outcome.study.check import in_conflict
from rupture_outcome.study.contract import key
from rupture_outcome.study.flow import flow_frame, flow_row
from rupture_outcome.study.tables import CHANGE_COLUMNS, StudyTables, is_among

# Columns of a session that say which it is and how it was held; all others are answers.
ABOUT_SESSION = ["patient_id", "session", "day", "attended", "therapist_id"]

# Begins the stand-in for a therapist whom nobody named.
UNKNOWN = "unknown-"

Row = dict[str, Any]


def clean_study(study: StudyTables, cleaning: Mapping[str, Any]) -> StudyTables:
    """Clean a study.

    In this order: exact copies of a session are dropped; rows that hold pieces of one session, as
    from several forms, become one; of rows that contradict each other the first or last value of
    each cell is kept, if the config says so; a session counts as attended unless stated;
    patients without an attended session leave all tables; a patient whose therapist is not known
    has one of his own, who says nothing of differences between therapists; who held a session is
    the patient's therapist unless stated; answers on missed sessions, and resolutions of ruptures
    that were not reported, are set missing; a last session that is not given is the last attended
    one. Missed sessions stay as rows, since a gap matters when scores are compared.

    Parameters
    ----------
    study : StudyTables
        As read; see `rupture_outcome.study.read.read_study`.
    cleaning : mapping
        Section `cleaning` of the config.

    Returns
    -------
    StudyTables
        Keys are unique, rows sorted by them. `flow` accounts for every row removed here, and
        `changes` for cells that were changed.
    """
    steps: list[Row] = []
    changes: list[Row] = []
    sessions = _drop_copies(study.sessions, len(study.patients), steps)
    sessions = _one_row_each(sessions, cleaning, len(study.patients), steps)
    sessions = sessions.assign(attended=sessions["attended"].fillna(1))
    study = _drop_never_seen(replace(study, sessions=sessions), steps)
    study = replace(study, patients=_stand_in(study.patients, changes))
    sessions = _fill_therapist(study.sessions, study.patients, changes)
    sessions = _blank_missed(sessions, changes)
    sessions = _blank_unasked(sessions, changes)
    endings = _fill_last_session(study.endings, sessions, changes)
    held, n = int(sessions["attended"].sum()), len(study.patients)
    steps.append(flow_row("attended", "missed", len(sessions), held, n, n))
    study = replace(study, sessions=sessions, endings=endings)
    tables = {table: _sorted(frame, table) for table, frame in study.frames().items()}
    counted = pd.DataFrame(changes, columns=CHANGE_COLUMNS)
    return StudyTables(**tables, flow=flow_frame(steps), changes=counted)


def _drop_copies(sessions: pd.DataFrame, patients: int, steps: list[Row]) -> pd.DataFrame:
    """Look at rows with a repeated key only: comparing all columns of all rows would be slow."""
    repeated = sessions[sessions.duplicated(key("sessions"), keep=False)]
    copies = repeated.index[repeated.duplicated()]
    out = sessions.drop(index=copies)
    steps.append(
        flow_row("entered_twice", "exact_copies", len(sessions), len(out), patients, patients)
    )
    return out


def _one_row_each(
    sessions: pd.DataFrame, cleaning: Mapping[str, Any], patients: int, steps: list[Row]
) -> pd.DataFrame:
    """Join rows of one session cell by cell: no answer is lost because another row lacks it."""
    repeated = sessions[sessions.duplicated(key("sessions"), keep=False)]
    conflict = in_conflict(repeated)
    choice = cleaning["conflicting_sessions"]
    if (~conflict).any():
        given = ("joined", "pieces_of_one_row")
        sessions = _joined(sessions, repeated[~conflict], "first", given, patients, steps)
    if choice != "stop":  # reading has stopped if there were any
        given = ("conflicting", f"different_answers:{choice}")
        sessions = _joined(sessions, repeated[conflict], choice, given, patients, steps)
    return sessions.reset_index(drop=True)


def _joined(
    sessions: pd.DataFrame,
    rows: pd.DataFrame,
    choice: str,
    given: tuple[str, str],
    patients: int,
    steps: list[Row],
) -> pd.DataFrame:
    if rows.empty:
        steps.append(flow_row(*given, len(sessions), len(sessions), patients, patients))
        return sessions
    one = rows.groupby(key("sessions"), sort=False, observed=True).agg(choice).reset_index()
    out = pd.concat([sessions.drop(index=rows.index), one[list(sessions)]])
    out.index = pd.RangeIndex(len(sessions), len(sessions) + len(out))  # no row of `sessions`
    steps.append(flow_row(*given, len(sessions), len(out), patients, patients))
    return out


def _drop_never_seen(study: StudyTables, steps: list[Row]) -> StudyTables:
    seen = study.sessions.loc[study.sessions["attended"].eq(1), "patient_id"].drop_duplicates()
    kept = {
        table: frame[is_among(frame["patient_id"], seen)].reset_index(drop=True)
        for table, frame in study.frames().items()
    }
    steps.append(
        flow_row(
            "began_treatment",
            "never_seen",
            len(study.sessions),
            len(kept["sessions"]),
            len(study.patients),
            len(kept["patients"]),
        )
    )
    return replace(study, **kept)


def _stand_in(patients: pd.DataFrame, changes: list[Row]) -> pd.DataFrame:
    """Give a patient whose therapist is not known one whom nobody else has."""
    lacking = patients["therapist_id"].isna()
    words = "not known, taken as nobody else's"
    changes.append(_change("patients", "therapist_id", words, int(lacking.sum())))
    number = lacking.cumsum().astype("str")
    return patients.assign(therapist_id=patients["therapist_id"].mask(lacking, UNKNOWN + number))


def _fill_therapist(
    sessions: pd.DataFrame, patients: pd.DataFrame, changes: list[Row]
) -> pd.DataFrame:
    own = patients.set_index("patient_id")["therapist_id"]
    lacking = sessions["therapist_id"].isna()
    usual = sessions["patient_id"].map(own).astype("str")
    words = "not given, the patient's therapist is taken"
    changes.append(_change("sessions", "therapist_id", words, int(lacking.sum())))
    return sessions.assign(therapist_id=sessions["therapist_id"].where(~lacking, usual))


def _blank_missed(sessions: pd.DataFrame, changes: list[Row]) -> pd.DataFrame:
    answers = [name for name in sessions.columns if name not in ABOUT_SESSION]
    missed = sessions["attended"].ne(1)
    filled = sessions.loc[missed, answers].notna().any(axis=1)
    words = "answers on a missed session set missing"
    changes.append(_change("sessions", "all answers", words, int(filled.sum())))
    return _blanked(sessions, filled.index[filled], answers)


def _blank_unasked(sessions: pd.DataFrame, changes: list[Row]) -> pd.DataFrame:
    for party in ("patient", "therapist"):
        column = f"psq_{party}_resolution"
        no_rupture = sessions[f"psq_{party}_rupture"].eq(0).fillna(False)
        at = sessions.index[no_rupture & sessions[column].notna()]
        words = "resolution without a reported rupture set missing"
        changes.append(_change("sessions", column, words, len(at)))
        sessions = _blanked(sessions, at, [column])
    return sessions


def _blanked(sessions: pd.DataFrame, rows: pd.Index, columns: list[Any]) -> pd.DataFrame:
    if not len(rows):
        return sessions
    at = sessions.index.isin(rows)
    return sessions.assign(**{name: sessions[name].mask(at) for name in columns})


def _fill_last_session(
    endings: pd.DataFrame, sessions: pd.DataFrame, changes: list[Row]
) -> pd.DataFrame:
    attended = sessions[sessions["attended"].eq(1)]
    last = endings["patient_id"].map(attended.groupby("patient_id")["session"].max())
    lacking = endings["last_session"].isna()
    words = "not given, the last attended session is taken"
    changes.append(_change("endings", "last_session", words, int(lacking.sum())))
    return endings.assign(last_session=endings["last_session"].fillna(last.astype("Int64")))


def _change(table: str, columns: str, change: str, rows: int) -> Row:
    return dict(zip(CHANGE_COLUMNS, (table, columns, change, rows), strict=True))


def _sorted(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    return frame.sort_values(key(table), kind="stable", ignore_index=True)
