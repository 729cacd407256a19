"""Formats of files, each behind the same interface: a path and options in, raw tables out."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rupture_outcome.errors import did_you_mean
from rupture_outcome.study.importing.formats import (
    database,
    delimited,
    excel,
    parquet,
    redcap,
    statistics,
)
from rupture_outcome.study.importing.formats.database import Address, is_address
from rupture_outcome.study.importing.raw import RawTable, stop

Reader = Callable[[Path, Mapping[str, Any]], list[RawTable]]
Place = Path | Address  # of an export

READERS: dict[str, Reader] = {
    **dict.fromkeys(("csv", "tsv", "txt"), delimited.read),
    **dict.fromkeys(("parquet", "pq"), parquet.read),
    **dict.fromkeys(("xlsx", "xlsm"), excel.read),
    **dict.fromkeys(("db", "sqlite", "sqlite3"), database.read),
    **dict.fromkeys(("sav", "zsav", "por", "dta"), statistics.read),
}


def place(given: str) -> Place:
    """Tell files and databases on servers apart."""
    return Address(given) if is_address(given) else Path(given)


def place_from(where: Place, folder: Path) -> str:
    """Write a place as it is kept in a folder: files relative to it.

    Parameters
    ----------
    where : Path or Address
    folder : Path
    """
    return where.text if isinstance(where, Address) else os.path.relpath(where.resolve(), folder)


def place_in(folder: Path, kept: str) -> Place:
    """Read what `place_from` wrote; the folder may not exist yet.

    >>> place_in(Path("a/study"), "../x.csv"), place_in(Path("a"), "postgresql://server/clinic")
    (PosixPath('a/x.csv'), Address(text='postgresql://server/clinic'))
    """
    return place(kept) if is_address(kept) else Path(os.path.normpath(folder / kept))


def read_files(paths: Sequence[Place]) -> list[tuple[Place, RawTable]]:
    """Read all tables of files; a data dictionary among them describes the others.

    Parameters
    ----------
    paths : sequence of Path or Address
    """
    read = [(path, table) for path in paths for table in read_file(path)]
    books = [(path, table) for path, table in read if redcap.is_dictionary(table)]
    tables = [(path, table) for path, table in read if not redcap.is_dictionary(table)]
    if not tables:
        raise stop(paths[0].name, "this describes data and holds none", "give the export, too")
    if not books:
        return tables
    where, book = books[0]
    known = set(book.frame[redcap.FIELD])
    return [
        (path, _by_the_book(table, book, path, where) if known & set(table.columns) else table)
        for path, table in tables
    ]


def _by_the_book(table: RawTable, book: RawTable, path: Place, where: Place) -> RawTable:
    if isinstance(path, Address) or isinstance(where, Address):  # REDCap exports files
        return table
    beside = os.path.relpath(where.resolve(), path.resolve().parent)
    frame = table.frame.drop(columns=redcap.identifiers(book), errors="ignore")
    kept = replace(table, frame=frame, options={**table.options, "dictionary": beside})
    return redcap.described(kept, book)


def read_file(path: Place, options: Mapping[str, Any] | None = None) -> list[RawTable]:
    """Read all tables of a file by the reader for its ending, or those of a server.

    Parameters
    ----------
    path : Path or Address
    options : mapping, optional
        What a reader would otherwise find out by looking, such as `delimiter` or `sheet`.

    Raises
    ------
    StudyError
        There is no such file, nobody can read its format, or it is damaged.
    """
    if isinstance(path, Address):
        what, tables = "database", database.read_server(path, options or {})
    else:
        what, tables = "file", _of_file(path, options or {})
    filled = [table for table in tables if len(table.frame) and len(table.frame.columns)]
    if not filled:
        remedy = "export it again, with header and rows"
        raise stop(path.name, f"the {what} holds no rows", remedy)
    return filled


def _of_file(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    if not path.is_file():
        near = did_you_mean(path.name, [one.name for one in _beside(path)])
        raise stop(path.name, f"there is no such file{near}", "check the path after --from")
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if ending not in READERS:
        known = ", ".join(READERS)
        raise stop(path.name, "files of this ending cannot be read", f"save it as one of: {known}")
    try:
        tables = READERS[ending](path, options)
    except PermissionError:
        raise stop(path.name, "the file may not be read", "ask for the right to read it") from None
    if "dictionary" in options:
        where = path.parent / str(options["dictionary"])
        tables = [_by_the_book(table, read_file(where)[0], path, where) for table in tables]
    return tables


def _beside(path: Path) -> list[Path]:
    return sorted(path.parent.iterdir()) if path.parent.is_dir() else []
