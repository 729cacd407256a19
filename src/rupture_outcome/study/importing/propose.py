"""What an export seems to be, as a plan that can be confirmed, and carried out again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.importing.contribution import contribution
from rupture_outcome.study.importing.formats import (
    Place,
    place_from,
    place_in,
    read_file,
    read_files,
)
from rupture_outcome.study.importing.mapping import FILE, Plan, Source
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.decision import Hints, Understood
from rupture_outcome.study.importing.recognise.instruments import Instrument
from rupture_outcome.study.importing.recognise.table import NoPatientsError
from rupture_outcome.study.importing.recognise.understand import all_instruments, understand
from rupture_outcome.study.importing.sessions import courses, numbered


@dataclass(frozen=True)
class Proposal:
    """An export, read and understood.

    Parameters
    ----------
    tables : tuple of RawTable
    plan : Plan
    understood : tuple of Understood
        One for each table.
    instruments : tuple of Instrument
    others : tuple of str
        Tables in which no column identifies patients.
    """

    tables: tuple[RawTable, ...]
    plan: Plan
    understood: tuple[Understood, ...]
    instruments: tuple[Instrument, ...]
    others: tuple[str, ...] = ()


def propose(
    name: str, files: Sequence[Place], folder: Path, hints: Hints, identifiers: str
) -> Proposal:
    """Read an export and say what it seems to be.

    Parameters
    ----------
    name : str
        Of the study.
    files : sequence of Path or Address
    folder : Path
        Where the study will lie: paths are kept relative to it.
    hints : Hints
    identifiers : str
        See `Plan`.

    Raises
    ------
    StudyError
        A file cannot be read, or something must be told.
    """
    read = read_files(files)
    _stop_if_unknown(hints, [table for _, table in read])
    where = folder.resolve()
    tables, understood, others = _understood(read, where, hints)
    sources = tuple(one.source for one in understood)
    plan = Plan(name, sources, _numbering(sources), identifiers=identifiers)
    plan = replace(plan, second_courses=_second_courses(tables, plan))
    return Proposal(tables, plan, understood, tuple(all_instruments(understood)), others)


def _understood(
    read: Sequence[tuple[Place, RawTable]], where: Path, hints: Hints
) -> tuple[tuple[RawTable, ...], tuple[Understood, ...], tuple[str, ...]]:
    """Understand tables; of a file with several, those without patients are left out."""
    several = [path for path, _ in read]
    kept, understood, others = [], [], []
    for path, table in read:
        try:
            found = understand(table, place_from(path, where), hints)
        except NoPatientsError:
            others.append(table.name)
            if several.count(path) == 1 or len(others) == len(read):
                raise
            continue
        kept.append(table)
        understood.append(found)
    return tuple(kept), tuple(understood), tuple(others)


def read_again(plan: Plan, folder: Path) -> list[RawTable]:
    """Read the tables of a plan.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Of the study.

    Raises
    ------
    StudyError
        A file is gone or cannot be read.
    """
    tables = []
    for source in plan.sources:
        path = place_in(folder, source.file)
        found = read_file(path, source.options)
        if len(found) != 1:
            said = f"{path.name} holds several tables"
            raise StudyError([Problem(FILE, said, "name one: options: {sheet: …}")])
        tables += found
    return tables


def _numbering(sources: Sequence[Source]) -> str:
    if any(source.wide or "session" in source.columns for source in sources):
        return "column"
    return "dates" if any("date" in source.columns for source in sources) else "order"


def _second_courses(tables: Sequence[RawTable], plan: Plan) -> str:
    parts = [contribution(*pair) for pair in zip(tables, plan.sources, strict=True)]
    if any(part.problems for part in parts):
        return "stop"  # building says so
    try:
        rows = numbered(parts, plan, {})
    except StudyError:
        return "stop"
    return "split" if courses(rows).gt(1).any() else "stop"


def _stop_if_unknown(hints: Hints, tables: Sequence[RawTable]) -> None:
    known = {own for table in tables for own in table.columns}
    told = [*hints.columns, *hints.left_out]
    problems = [
        Problem(
            tables[0].name,
            "there is no such column in any table",
            "look at the names of its columns",
            own,
        )
        for own in told
        if own not in known
    ]
    for given in hints.wide:
        pattern = given.partition("=")[2] or given
        head, _, tail = pattern.partition("{session}")
        if not any(own.startswith(head) and own.endswith(tail) for own in known):
            said = f"no column is called '{pattern}'"
            problems.append(Problem("--wide", said, "write {session} where the number stands"))
    if problems:
        raise StudyError(problems)
