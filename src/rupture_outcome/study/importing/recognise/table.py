"""One table of an export understood: its shape, its columns, its codes."""

import re
from dataclasses import dataclass

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.gate.names import is_identifying
from rupture_outcome.study.importing.cells import is_date, is_serial, texts
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.assign import Assigned, Column
from rupture_outcome.study.importing.recognise.decision import Decision, Hints
from rupture_outcome.study.importing.recognise.names import (
    plain,
    role_by_name,
)
from rupture_outcome.study.importing.recognise.wide import (
    NUMBER,
    Group,
    base_name,
    empties_out,
    groups,
)

# Each takes some hundredths of a second.
MOST_ALONE = 4_000
GENERIC_ID = re.compile(r"id|code|chiffre|pid|record id|key")


class NoPatientsError(StudyError):
    """A table is about no patients, or nobody can see so."""


@dataclass(frozen=True)
class Columns:
    """Columns of a table by what they are.

    Parameters
    ----------
    rows : str
        As in `Source`.
    roles : dict of str to Column
    items : dict of str to list of Column
        Sets of items by the part of their names that they share.
    decisions : list of Decision
    """

    rows: str
    roles: dict[str, Column]
    items: dict[str, list[Column]]
    decisions: list[Decision]


def understand_columns(table: RawTable, hints: Hints) -> Columns:
    """Say what each column of a table is.

    Raises
    ------
    StudyError
        No column identifies patients, or it is open which of two is meant.
    """
    frame = table.frame
    told = {own: role for own, role in hints.columns.items() if own in frame}
    told |= {pattern: role for role, eq, pattern in _parted(hints) if eq}
    left = {own: "told" for own in hints.left_out if own in frame}
    left |= {
        own: "identifying"
        for own in table.columns
        if own not in left and own not in told and _announces(own, frame[own])
    }
    patient = _patient(table, told, [own for own in table.columns if own not in left])
    rest = [own for own in table.columns if own not in left and own != patient]
    by_name = {own: told.get(own) or _role(table, own) for own in rest}
    rows = _rows(table, patient, by_name, hints)
    wide = _wide(table, rest, hints) if rows == "patient" else []
    repeated = {own for group in wide for own in group.columns.values()}
    columns = [_logical(frame, group) for group in wide]
    columns += [Column(own, own, frame[own]) for own in rest if own not in repeated]
    if len(columns) > MOST_ALONE:
        found = f"{len(columns):,} columns, beside those that repeat for every session, are more"
        found += f" than can be understood one by one ({MOST_ALONE:,})"
        raise StudyError([table.problem(found, "export the columns that the study needs")])
    taken = Assigned(table, told, rows)
    for column in columns:
        taken.add(column)
    taken.items_and_scores()
    decisions = [Decision(table.name, patient, "patient_id", _why_patient(patient, told))]
    decisions += taken.decisions()
    decisions += [Decision(table.name, own, "", why) for own, why in left.items()]
    roles = {"patient_id": Column(patient, patient, frame[patient]), **taken.roles}
    return Columns(rows, roles, taken.items, decisions)


def _announces(own: str, cells: pd.Series) -> bool:
    """Whether a name announces what identifies persons and is of no use: no key, no date."""
    if role_by_name(own) == "patient_id" or not is_identifying(own):
        return False
    dated = is_date(cells) or is_serial(cells)
    return not dated or is_identifying(re.sub(r"dat(e|um)", "", plain(own)))


def _parted(hints: Hints) -> list[tuple[str, str, str]]:
    return [given.partition("=") for given in hints.wide]


def _patient(table: RawTable, told: dict[str, str], names: list[str]) -> str:
    given = [own for own, role in told.items() if role == "patient_id"]
    found = given or [own for own in names if role_by_name(own) == "patient_id"]
    found = found or [
        own for own in names if role_by_name(table.labels.get(own, "")) == "patient_id"
    ]
    if not found:
        said = "no column is recognised as the patient's identifier"
        raise NoPatientsError([table.problem(said, "say which: --column patient_id=NAME")])
    exact = [own for own in found if not GENERIC_ID.fullmatch(plain(own))]
    found = exact or found
    if len(found) == 1:
        return found[0]
    said = f"more than one column may be the patient's identifier: {', '.join(found)}"
    raise StudyError([table.problem(said, f"say which: --column patient_id={found[0]}")])


def _why_patient(own: str, told: dict[str, str]) -> str:
    if told.get(own) == "patient_id":
        return "told"
    return "name" if role_by_name(own) == "patient_id" else "label"


def _role(table: RawTable, own: str) -> str | None:
    role = role_by_name(own)
    return role or (role_by_name(table.labels[own]) if table.labels.get(own) else None)


def _rows(table: RawTable, patient: str, by_name: dict[str, str | None], hints: Hints) -> str:
    roles = set(by_name.values())
    if {"item", "answer"} <= roles:
        return "item"
    if hints.wide and any(_group(table, given) for given in hints.wide):
        return "patient"
    if "session" in roles or texts(table.frame[patient]).dropna().duplicated().any():
        return "session"
    return "patient"


def _group(table: RawTable, given: str) -> Group | None:
    pattern = given.partition("=")[2] or given
    if pattern.count(NUMBER) != 1:
        found = f"a pattern should hold {NUMBER} once"
        raise StudyError([Problem("--wide", found, "write for example 'alliance_s{session}'")])
    head, tail = pattern.split(NUMBER)
    regular = re.compile(re.escape(head) + r"([0-9]{1,6})" + re.escape(tail))
    found_columns = {int(m[1]): own for own in table.columns if (m := regular.fullmatch(own))}
    return Group(pattern, found_columns, True) if found_columns else None


def _wide(table: RawTable, names: list[str], hints: Hints) -> list[Group]:
    given = [group for one in hints.wide if (group := _group(table, one))]
    taken = {own for group in given for own in group.columns.values()}
    seen = groups([own for own in names if own not in taken])
    return given + [group for group in seen if group.marked or empties_out(table.frame, group)]


def _logical(frame: pd.DataFrame, group: Group) -> Column:
    cells = pd.concat([frame[own] for own in group.columns.values()], ignore_index=True)
    return Column(group.pattern, base_name(group.pattern), cells)
