"""Rows of several tables become one row a patient and session."""

from collections.abc import Sequence

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.check import in_conflict
from rupture_outcome.study.contract import key, names
from rupture_outcome.study.importing.contribution import Contribution
from rupture_outcome.study.importing.mapping import Plan

KEY = key("sessions")
# A single row that repeats a number is a slip, no course of treatment.
SHORTEST = 2
BOOKKEEPING = ["_line", "_file", "_person", "date"]


def numbered(parts: Sequence[Contribution], plan: Plan, counts: dict[str, int]) -> pd.DataFrame:
    """Stack the session rows of all tables, with numbers and days since intake.

    Parameters
    ----------
    parts : sequence of Contribution
    plan : Plan
    counts : dict
        Is told how many rows lay outside of sessions.

    Returns
    -------
    DataFrame
        `patient_id`, `session`, what was asked, and `_file`, `_line` and `date` for what follows.
    """
    frames = [
        part.sessions.assign(_file=part.table.name)
        for part in parts
        if len(part.sessions.columns) > 1
    ]
    if not frames or not sum(map(len, frames)):
        said = "no table holds sessions: neither rows nor columns that are numbered or dated"
        remedy = "name the wide columns (--wide 'alliance_s{session}') or the column of numbers "
        remedy += "(--column session=NAME)"
        raise StudyError([Problem(plan.sources[0].file, said, remedy)])
    rows = pd.concat(frames, ignore_index=True)
    for name in ("session", "date"):
        if name not in rows:
            rows[name] = pd.NaT if name == "date" else pd.Series(float("nan"), rows.index)
    if plan.session_number == "order":
        rows["session"] = rows.groupby("patient_id", sort=False).cumcount() + 1.0
    elif plan.session_number == "dates":
        _stop_without(rows, "date", "the date is missing, from which sessions are numbered")
        rows["session"] = rows.groupby("patient_id")["date"].rank("dense")
    else:
        rows["session"] = rows["session"].fillna(_by_date(rows))
        outside = rows["session"].isna() & rows["_file"].isin(
            [part.table.name for part in parts if part.table.form == "redcap"]
        )
        counts["outside_sessions"] = int(outside.sum())
        rows = rows[~outside]
        _stop_without(rows, "session", "the number of the session is missing")
    return rows.assign(session=rows["session"].astype("Int64"))


def _by_date(rows: pd.DataFrame) -> pd.Series:
    """Numbers of rows that have a date only, where another table numbers that date."""
    told = rows.dropna(subset=["session", "date"]).drop_duplicates(["patient_id", "date"])
    known = told.set_index(["patient_id", "date"])["session"]
    pairs = pd.MultiIndex.from_frame(rows[["patient_id", "date"]])
    return pd.Series(known.reindex(pairs).to_numpy(), rows.index)


def _stop_without(rows: pd.DataFrame, column: str, found: str) -> None:
    lacking = rows[rows[column].isna()]
    if len(lacking):
        remedy = "fill it in, or take these rows out of the export"
        raise StudyError(_by_file(lacking, found, remedy))


def _by_file(rows: pd.DataFrame, found: str, remedy: str) -> list[Problem]:
    return [
        Problem(str(file), found, remedy, None, [int(line) for line in own["_line"].dropna()])
        for file, own in rows.groupby("_file", sort=False)
    ]


def second_courses(rows: pd.DataFrame, plan: Plan, counts: dict[str, int]) -> pd.DataFrame:
    """Make numbering that begins again a patient of its own, where the plan says so.

    Parameters
    ----------
    rows : DataFrame
        From `numbered`.
    plan : Plan
    counts : dict
        Is told how many courses were split off.
    """
    rows = rows.assign(_person=rows["patient_id"])
    course = courses(rows)
    counts["second_courses"] = int(course.gt(1).groupby(rows["patient_id"]).any().sum())
    if not counts["second_courses"] or plan.second_courses != "split":
        return rows
    own = rows["patient_id"].where(course.eq(1), rows["patient_id"] + "-" + course.astype("str"))
    return rows.assign(patient_id=own.astype("str"))


def courses(rows: pd.DataFrame) -> pd.Series:
    """Which course of treatment each row is of: numbers fall back to the start, and disagree.

    >>> rows = pd.DataFrame({"patient_id": "a", "session": [1, 2, 1, 2], "symptom": [9, 8, 5, 4]})
    >>> courses(rows).tolist()
    [1, 1, 2, 2]
    """
    first = pd.Series(1, rows.index)
    about = [name for name in rows if name not in BOOKKEEPING]
    repeated = rows[rows.duplicated(KEY, keep=False)]
    if repeated.empty:
        return first
    again = repeated.loc[in_conflict(repeated[about]), "patient_id"].unique()
    own = rows[rows["patient_id"].isin(again)]
    if "date" in own and own["date"].notna().all():
        own = own.sort_values("date", kind="stable")
    by_file = [own["patient_id"], own["_file"]] if "_file" in own else [own["patient_id"]]
    least = own.groupby("patient_id")["session"].transform("min")
    falls = own.groupby(by_file)["session"].diff().lt(0).fillna(False) & own["session"].eq(least)
    first.loc[own.index] = falls.groupby(by_file).cumsum().astype("int64") + 1
    size = first.groupby([rows["patient_id"], first]).transform("size")
    short = (first.gt(1) & size.lt(SHORTEST)).groupby(rows["patient_id"]).transform("any")
    return first.mask(short, 1)


def one_row_a_session(rows: pd.DataFrame, counts: dict[str, int]) -> pd.DataFrame:
    """Join the rows of one session, which no cell may contradict.

    Parameters
    ----------
    rows : DataFrame
    counts : dict
        Is told how many rows were joined.

    Raises
    ------
    StudyError
        Two rows of one session hold different values; with their lines.
    """
    about = [name for name in rows if name not in BOOKKEEPING]
    repeated = rows[rows.duplicated(KEY, keep=False)]
    wrong = repeated[in_conflict(repeated[about])] if len(repeated) else repeated
    if len(wrong):
        found = "rows of the same patient and session hold different values"
        remedy = (
            "correct the wrong one; if the numbering of some patients begins again, it may be a "
            "second course of treatment (--split-courses)"
        )
        raise StudyError(_by_file(wrong, found, remedy))
    counts["joined_rows"] = len(repeated) - len(repeated.drop_duplicates(KEY))
    rows = rows.sort_values("date", kind="stable") if rows["date"].notna().any() else rows
    one = rows.groupby(KEY, sort=True, observed=True).first().reset_index()
    order = [name for name in (*names("sessions"), *one) if name in one]
    return one[[*dict.fromkeys(order)]].drop(columns=["_line", "_file"])
