"""From raw tables and the decisions of an import to the tables of the data contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.importing.contribution import Contribution, contribution
from rupture_outcome.study.importing.mapping import Plan
from rupture_outcome.study.importing.people import patients_and_endings
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.sessions import numbered, one_row_a_session, second_courses
from rupture_outcome.study.importing.visits import (
    attended,
    last_missed,
    with_days,
    with_last_sessions,
)

LARGEST_WHOLE = 2**53  # of those that a float holds


@dataclass(frozen=True)
class Imported:
    """A study in the form of the data contract.

    Parameters
    ----------
    patients, sessions, endings : DataFrame
        Under the names of the contract, with items under names of their own; texts, whole numbers
        (`Int64`) and numbers. Codes that nobody could translate are as the export has them.
    counts : mapping of str to int
        What was done, by a code; see `rupture_outcome.pipeline.import_words`.
    """

    patients: pd.DataFrame
    sessions: pd.DataFrame
    endings: pd.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name."""
        return {"patients": self.patients, "sessions": self.sessions, "endings": self.endings}


def build(tables: Sequence[RawTable], plan: Plan) -> Imported:
    """Build a study.

    Parameters
    ----------
    tables : sequence of RawTable
        One for each source of the plan, in its order.
    plan : Plan

    Raises
    ------
    StudyError
        Cells are not what the plan says, or contradict each other; all problems at once, with the
        lines of the export.
    """
    problems: list[Problem] = []
    parts: list[Contribution] = []
    for table, source in zip(tables, plan.sources, strict=True):
        part = contribution(table, source)
        problems += part.problems
        parts.append(part)
    if problems:
        raise StudyError(problems)
    counts: dict[str, int] = {}
    rows = numbered(parts, plan, counts)
    rows = second_courses(rows, plan, counts)
    sessions = one_row_a_session(rows, counts)
    people, endings = patients_and_endings(parts, sessions, counts)
    people = _with_severity(people, parts)
    intake = people.pop("intake") if "intake" in people else pd.Series(pd.NaT, people.index)
    began = pd.Series(intake.to_numpy(), people["patient_id"])
    sessions = with_days(sessions, sessions["_person"].map(began), plan.sources[0].file)
    sessions = with_last_sessions(sessions, parts, endings, counts)
    sessions, stays = attended(sessions)
    endings = last_missed(endings, sessions, stays, counts)
    persons = sessions.pop("_person")
    if not persons.equals(sessions["patient_id"]):
        people, endings = _each_course(people, endings, sessions, persons)
    return Imported(people, _kinds(sessions), endings, counts)


def _with_severity(people: pd.DataFrame, parts: Sequence[Contribution]) -> pd.DataFrame:
    """Take a symptom score that an export holds outside of sessions as that of the baseline."""
    if "severity" in people:
        return people
    for part in parts:
        rows = part.sessions
        if part.table.form == "redcap" and {"session", "symptom"} <= set(rows):
            before = rows[rows["session"].isna()].groupby("patient_id")["symptom"].first()
            if len(before):
                return people.assign(severity=people["patient_id"].map(before))
    return people


def _kinds(sessions: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers as such, as the data contract and a reader of the file expect them."""
    out = sessions.reset_index(drop=True)
    for name, column in out.items():
        known = column.dropna()
        if column.dtype == "float64" and ((known % 1 == 0) & (known.abs() < LARGEST_WHOLE)).all():
            out[name] = column.astype("Int64")
    return out.dropna(axis="columns", how="all")


def _each_course(
    people: pd.DataFrame, endings: pd.DataFrame, sessions: pd.DataFrame, persons: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every course of treatment its row; the recorded ending is that of the last one."""
    known = pd.DataFrame({"patient_id": sessions["patient_id"], "person": persons})
    known = known.drop_duplicates("patient_id")
    last = known.drop_duplicates("person", keep="last")["patient_id"]
    people = known.merge(people.rename(columns={"patient_id": "person"}), how="left", on="person")
    ended = known.merge(endings.rename(columns={"patient_id": "person"}), how="left", on="person")
    facts = [name for name in endings if name != "patient_id"]
    ended.loc[~ended["patient_id"].isin(last), facts] = pd.NA
    return people.drop(columns="person"), ended.drop(columns="person")
