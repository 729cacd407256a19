"""Attendance by its codes, days since intake, and whether the last appointment was missed."""

from collections.abc import Sequence

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.contract import key
from rupture_outcome.study.importing.contribution import Contribution
from rupture_outcome.study.importing.mapping import ATTENDANCE

KEY = key("sessions")

HELD = {"attended": 1, "1": 1, **dict.fromkeys(ATTENDANCE[1:], 0), "0": 0}
STAYED_AWAY = ("no_show", "cancelled")


def attended(sessions: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Turn attendance into 1 and 0, codes that nobody translated left as they are.

    Returns
    -------
    sessions : DataFrame
    stays : Series of str
        One of `ATTENDANCE` for each row, missing where it is not said.
    """
    said = sessions["attended"] if "attended" in sessions else pd.Series(pd.NA, sessions.index)
    said = said.astype("object").where(said.notna(), None)
    if "no_show" in sessions:
        away = sessions["no_show"].map({1.0: "no_show", 0.0: "attended"})
        said = said.where(said.notna(), away)
        sessions = sessions.drop(columns="no_show")
    if said.isna().all():
        return sessions, said
    coded = said.map(lambda code: HELD.get(code, code), na_action="ignore")
    open_codes = coded.map(lambda code: isinstance(code, str), na_action="ignore").eq(True)
    whole = coded.astype("str").where(said.notna()) if open_codes.any() else coded.astype("Int64")
    return sessions.assign(attended=whole), said.where(~open_codes)


def last_missed(
    endings: pd.DataFrame, sessions: pd.DataFrame, stays: pd.Series, counts: dict[str, int]
) -> pd.DataFrame:
    """Add whether the patient stayed away from the last appointment that the clinic kept.

    Parameters
    ----------
    endings, sessions : DataFrame
    stays : Series
        From `attended`.
    counts : dict
        Is told how many appointments the clinic cancelled.
    """
    clinic = stays.eq("cancelled_by_clinic").fillna(False).astype(bool)
    counts["cancelled_by_clinic"] = int(clinic.sum())
    told = stays.isin([*STAYED_AWAY, "cancelled_by_clinic"]).any()
    undecided = "attended" in sessions and sessions["attended"].dtype != "Int64"
    if "missed_last_appointment" in endings or not told or undecided:
        return endings
    kept = sessions[~clinic].assign(_stay=stays[~clinic])
    last = kept.sort_values("session").groupby("patient_id")["_stay"].last()
    missed = endings["patient_id"].map(last).map(lambda stay: int(stay in STAYED_AWAY), "ignore")
    return endings.assign(missed_last_appointment=missed.astype("Int64"))


def with_days(sessions: pd.DataFrame, intake: pd.Series, file: str) -> pd.DataFrame:
    """Replace dates by days since intake, or since the first session where it is not known.

    Parameters
    ----------
    sessions : DataFrame
        With `date`.
    intake : Series of datetime64
        Of each row's patient.
    file : str
        For messages.
    """
    moments = sessions.pop("date") if "date" in sessions else pd.Series(pd.NaT, sessions.index)
    if moments.isna().all() or "day" in sessions:
        return sessions
    moments = pd.to_datetime(moments)
    first = moments.groupby(sessions["patient_id"]).transform("min")
    began = pd.to_datetime(intake).fillna(first)
    days = (moments - began).dt.days
    early = days < 0
    if early.any():
        found = "sessions lie before the patient's intake"
        remedy = "correct the dates, or leave the column of intake out (--leave-out COLUMN)"
        raise StudyError([Problem(file, found, remedy)])
    return sessions.assign(day=days.astype("Int64"))


def with_last_sessions(
    sessions: pd.DataFrame,
    parts: Sequence[Contribution],
    endings: pd.DataFrame,
    counts: dict[str, int],
) -> pd.DataFrame:
    """Add the last attended session where an ending tells it and wide columns are blank for it.

    Parameters
    ----------
    sessions : DataFrame
    parts : sequence of Contribution
        Blank cells of wide columns are no rows; rows that somebody wrote are not added to.
    endings : DataFrame
    counts : dict
        Is told how many were added.
    """
    wide = [part for part in parts if part.sessions.get("_line", pd.Series([0])).isna().all()]
    if "last_session" not in endings or len(wide) != sum(len(p.sessions) > 0 for p in parts):
        return sessions
    told = endings[["patient_id", "last_session"]].dropna().set_axis(KEY, axis="columns")
    known = pd.MultiIndex.from_frame(sessions[KEY])
    told = told[~pd.MultiIndex.from_frame(told).isin(known)]
    told = told[told["patient_id"].isin(sessions["patient_id"])]
    counts["last_sessions_added"] = len(told)
    if told.empty:
        return sessions
    more = told.assign(attended="attended", _person=told["patient_id"])
    return pd.concat([sessions, more]).sort_values(KEY, kind="stable").reset_index(drop=True)
