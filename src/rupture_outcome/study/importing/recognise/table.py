"""One table of an export understood: its shape, its columns, its codes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study import contract
from rupture_outcome.study.identifiers import is_identifying
from rupture_outcome.study.importing.cells import dates, is_date, is_serial, numbers, texts
from rupture_outcome.study.importing.mapping import ENDING_ROLES, PATIENT_ROLES, SESSION_ROLES
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.decision import Decision, Hints
from rupture_outcome.study.importing.recognise.names import (
    INTAKE,
    OTHER_DATE,
    TOTALS,
    plain,
    role_by_name,
)
from rupture_outcome.study.importing.recognise.wide import (
    NUMBER,
    Group,
    base_name,
    empties_out,
    groups,
    item_sets,
)

SCORES = ("alliance_patient", "alliance_therapist", "symptom")
ITEM_LEVELS = 12
GENERIC_ID = re.compile(r"id|code|chiffre|pid|record id|key")


@dataclass(frozen=True)
class Column:
    """A column, or the columns of all sessions for one thing.

    Parameters
    ----------
    own : str
        Its name, or the pattern of its names.
    name : str
        What its name says, without the session.
    cells : Series
    """

    own: str
    name: str
    cells: pd.Series


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
        if own not in left and own not in told and is_identifying(own)
    }
    patient = _patient(table, told, [own for own in table.columns if own not in left])
    rest = [own for own in table.columns if own not in left and own != patient]
    by_name = {own: told.get(own) or _role(table, own) for own in rest}
    rows = _rows(table, patient, by_name, hints)
    wide = _wide(table, rest, hints) if rows == "patient" else []
    repeated = {own for group in wide for own in group.columns.values()}
    columns = [_logical(frame, group) for group in wide]
    columns += [Column(own, own, frame[own]) for own in rest if own not in repeated]
    taken = _Assigned(table, told, rows)
    for column in columns:
        taken.add(column)
    taken.items_and_scores()
    decisions = [Decision(table.name, patient, "patient_id", (told and "told") or "name")]
    decisions += taken.decisions()
    decisions += [Decision(table.name, own, "", why) for own, why in left.items()]
    roles = {"patient_id": Column(patient, patient, frame[patient]), **taken.roles}
    return Columns(rows, roles, taken.items, decisions)


def _parted(hints: Hints) -> list[tuple[str, str, str]]:
    return [given.partition("=") for given in hints.wide]


def _patient(table: RawTable, told: dict[str, str], names: list[str]) -> str:
    given = [own for own, role in told.items() if role == "patient_id"]
    found = given or [own for own in names if role_by_name(own) == "patient_id"]
    found = found or [
        own for own in names if role_by_name(table.labels.get(own, "")) == "patient_id"
    ]
    exact = [own for own in found if not GENERIC_ID.fullmatch(plain(own))]
    found = exact or found
    if len(found) == 1:
        return found[0]
    if not found:
        said = "no column is recognised as the patient's identifier"
    else:
        said = f"more than one column may be the patient's identifier: {', '.join(found)}"
    remedy = f"say which: --column patient_id={found[0] if found else 'NAME'}"
    raise StudyError([table.problem(said, remedy)])


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


class _Assigned:
    """Roles given to columns one by one; a role has one column."""

    def __init__(self, table: RawTable, told: dict[str, str], rows: str) -> None:
        self.table, self.told, self.rows = table, told, rows
        self.roles: dict[str, Column] = {}
        self.items: dict[str, list[Column]] = {}
        self.candidates: dict[str, list[Column]] = {}
        self.reasons: dict[str, tuple[str, str]] = {}
        self.loose: list[Column] = []

    def add(self, column: Column) -> None:
        own, cells = column.own, column.cells
        if texts(cells).isna().all():
            self._leave(column, "empty")
        elif own in self.told:
            self._give(column, self.told[own], "told")
        elif is_date(cells):
            self._date(column)
        else:
            role = role_by_name(column.name)
            why = "name" if role else "label"
            role = role or role_by_name(self.table.labels.get(own, "") or "-")
            if role == "session" and is_serial(cells):
                self._give(column, "date", "serial_dates")
            elif role in self._possible(column) and self._fits(role, cells):
                self.candidates.setdefault(role, []).append(column)
                self.reasons[own] = (role, why)
            else:
                self.loose.append(column)

    def _possible(self, column: Column) -> set[str]:
        if NUMBER in column.own:
            return set(SESSION_ROLES) - {"session"}
        if self.rows == "patient":
            return {*PATIENT_ROLES, *ENDING_ROLES} - {"patient_id"}
        helpers = {"item", "answer"} if self.rows == "item" else set()
        return {*PATIENT_ROLES, *ENDING_ROLES, *SESSION_ROLES, *helpers} - {"patient_id"}

    def _fits(self, role: str, cells: pd.Series) -> bool:
        """Half of the cells must be what the role needs; of those that are not, errors tell."""
        if role in ("attended", "ending", "dropout", "no_show", "item", *_texts()):
            return True
        if role.endswith("_rupture"):
            return len(texts(cells).dropna().unique()) <= ITEM_LEVELS
        read, wrong = numbers(cells, self.table.decimal)
        return bool(read.notna().sum() > wrong.sum())

    def _date(self, column: Column) -> None:
        words = plain(column.name)
        told_apart = re.fullmatch(OTHER_DATE, words)
        if re.fullmatch(INTAKE, words) and not told_apart and NUMBER not in column.own:
            self.candidates.setdefault("intake", []).append(column)
            self.reasons[column.own] = ("intake", "dates")
        elif (NUMBER in column.own or self.rows != "patient") and not told_apart:
            self.candidates.setdefault("date", []).append(column)
            self.reasons[column.own] = ("date", "dates")
        else:
            self._leave(column, "date")

    def items_and_scores(self) -> None:
        """Settle who gets a role that several columns could have; find sets of items."""
        self._item_sets()
        for role, found in self.candidates.items():
            if role in self.roles:
                for column in found:
                    self._leave(column, "another")
                continue
            best = _best(found)
            if best is None and role.startswith("alliance_"):
                names = ", ".join(column.own for column in found)
                said = f"more than one column may be the score '{role}': {names}"
                remedy = f"say which: --column {role}={found[0].own}"
                if NUMBER in found[0].own:
                    remedy = f"say which: --wide '{role}={found[0].own}'"
                raise StudyError([self.table.problem(said, remedy)])
            chosen = best or found[0]
            for column in found:
                if column is chosen:
                    self.roles[role] = column
                else:
                    self._leave(column, "another")
        for column in self.loose:
            self._leave(column, _why_left(column, self.table, self.rows))

    def _item_sets(self) -> None:
        if self.rows == "item":
            return
        named = (c for role in SCORES for c in self.candidates.get(role, []))
        open_columns = [*self.loose, *(c for c in named if self.reasons[c.own][1] == "name")]
        wide = any(NUMBER in column.own for column in open_columns)
        able = {
            column.own: column
            for column in open_columns
            if (NUMBER in column.own or not (wide or self.rows == "patient"))
            and self._like_an_item(column)
        }
        for stem, names in item_sets(list(able)).items():
            self.items[stem] = [able[name] for name in names]
        used = {column.own for found in self.items.values() for column in found}
        self.reasons = {own: said for own, said in self.reasons.items() if own not in used}
        self.loose = [column for column in self.loose if column.own not in used]
        for role in list(self.candidates):
            rest = [column for column in self.candidates[role] if column.own not in used]
            self.candidates[role] = rest
            if not rest:
                del self.candidates[role]

    def _like_an_item(self, column: Column) -> bool:
        read, wrong = numbers(column.cells, self.table.decimal)
        whole = (read.dropna() % 1 == 0).all()
        return bool(not wrong.any() and whole and read.nunique() <= ITEM_LEVELS)

    def _give(self, column: Column, role: str, why: str) -> None:
        self.roles[role] = column
        self.reasons[column.own] = (role, why)

    def _leave(self, column: Column, why: str) -> None:
        self.reasons[column.own] = ("", why)

    def decisions(self) -> list[Decision]:
        """Tell what became of every column but items, which their instruments tell."""
        return [Decision(self.table.name, own, *said) for own, said in self.reasons.items()]


def _texts() -> Iterable[str]:
    for table in ("patients", "sessions", "endings"):
        for name, given in contract.fields(table).items():
            if given["type"] == "string":
                yield name


def _best(found: list[Column]) -> Column | None:
    """Choose the column that is the total, if exactly one says so."""
    if len(found) == 1:
        return found[0]
    totals = [column for column in found if re.search(TOTALS, plain(column.name))]
    if len(totals) == 1:
        return totals[0]
    shortest = sorted(found, key=lambda column: len(plain(column.name)))
    stem = plain(shortest[0].name)
    rest = [plain(column.name) for column in shortest[1:]]
    return shortest[0] if all(name.startswith(f"{stem} ") for name in rest) else None


def _why_left(column: Column, table: RawTable, rows: str) -> str:
    shown = texts(column.cells).dropna()
    if table.form == "redcap" and column.own.startswith("redcap_"):
        return "bookkeeping"
    if column.own.endswith("_complete") and table.form == "redcap":
        return "form_status"
    if numbers(shown, table.decimal)[1].mean() < 0.5:
        return "serial_dates" if is_serial(shown) and "dat" in plain(column.name) else "unknown"
    read = dates(shown)[1]
    if read.mean() < 0.5:
        return "date"
    long = shown.str.len().mean() > 20 or (shown.nunique() > 20 and shown.str.contains(" ").any())
    return "free_text" if long else "unknown"
