"""Columns of a table get their roles, each of them one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from rupture_outcome.errors import StudyError
from rupture_outcome.study import contract
from rupture_outcome.study.importing.cells import dates, is_date, is_serial, numbers, texts
from rupture_outcome.study.importing.formats import redcap
from rupture_outcome.study.importing.mapping import ENDING_ROLES, PATIENT_ROLES, SESSION_ROLES
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.decision import Decision
from rupture_outcome.study.importing.recognise.names import (
    INTAKE,
    OTHER_DATE,
    TOTALS,
    plain,
    role_by_name,
)
from rupture_outcome.study.importing.recognise.wide import (
    NUMBER,
    item_sets,
)

SCORES = ("alliance_patient", "alliance_therapist", "symptom")
MUST = ("alliance_patient", "alliance_therapist", "session", "attended", "ending", "dropout")
ITEM_LEVELS = 12


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


class Assigned:
    """Roles given to columns one by one; a role has one column."""

    def __init__(self, table: RawTable, told: dict[str, str], rows: str) -> None:
        self.table, self.told, self.rows = table, told, rows
        self.roles: dict[str, Column] = {}
        self.items: dict[str, list[Column]] = {}
        self.candidates: dict[str, list[Column]] = {}
        self.reasons: dict[str, tuple[str, str]] = {}
        self.loose: list[Column] = []

    def add(self, column: Column) -> None:
        """Note what a column could be, by what was told, its cells, its name or its label."""
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
        stamp = self.table.form == "redcap" and words.endswith("timestamp")
        told_apart = bool(re.fullmatch(OTHER_DATE, words)) or stamp
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
            if best is None and self._must_be_told(role):
                names = ", ".join(column.own for column in found)
                said = f"more than one column may be '{role}': {names}"
                remedy = f"say which: --column {role}={found[0].own}"
                if NUMBER in found[0].own:
                    remedy = f"say which: --wide '{role}={found[0].own}'"
                raise StudyError([self.table.problem(said, remedy)])
            for column in found:
                if column is best:
                    self.roles[role] = column
                else:
                    self._leave(column, "another" if best else f"one_of:{role}")
        for column in self.loose:
            self._leave(column, _why_left(column, self.table, self.rows))

    def _must_be_told(self, role: str) -> bool:
        """Whether a study would be wrong, not only poorer, if nobody said which column it is."""
        return role in MUST or (role == "date" and "session" not in self.candidates)

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
    if len(found) == 1 or found[0].own == redcap.SESSION:
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
    if table.form == "redcap" and column.own.endswith("_complete"):
        return "form_status"
    if table.form == "redcap" and "___" in column.own:
        return "checkbox"
    plainly = (
        pd.to_numeric(shown, errors="coerce").notna().all()
    )  # quick, where there are thousands
    if plainly and "dat" not in plain(column.name):
        return "unknown"
    if numbers(shown, table.decimal)[1].mean() < 0.5:
        return "serial_dates" if is_serial(shown) and "dat" in plain(column.name) else "unknown"
    read = dates(shown)[1]
    if read.mean() < 0.5:
        return "date"
    long = shown.str.len().mean() > 20 or (shown.nunique() > 20 and shown.str.contains(" ").any())
    return "free_text" if long else "unknown"
