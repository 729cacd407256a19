"""Spreadsheets: every sheet that holds a table, with one or two rows of headers."""

import datetime
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.study.importing.formats.workbook import properties
from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed

Cells = Sequence[Sequence[Any]]


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read the sheets of a workbook; of formulas, the values that were saved.

    Parameters
    ----------
    path : Path
    options : mapping
        `sheet`: the only one to read; `header`: the rows that hold names, counted from 1.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        found = "this is no readable workbook, or it is protected by a password"
        raise stop(path.name, found, "save it as .xlsx without a password, or as CSV") from None
    wanted = [options["sheet"]] if "sheet" in options else book.sheetnames
    if not set(wanted) <= set(book.sheetnames):
        found = "the workbook has no such sheet"
        raise stop(path.name, found, "correct the sheet in import.yaml")
    sheets = {
        name: [list(row) for row in book[name].iter_rows(values_only=True)] for name in wanted
    }
    book.close()
    filled = {name: cells for name, cells in sheets.items() if _has_table(cells)}
    beside = properties(path)
    tables = [_table(path, name, cells, options) for name, cells in filled.items()]
    return [replace(table, properties=beside) for table in tables]


def _has_table(cells: Cells) -> bool:
    return sum(sum(cell is not None for cell in row) > 1 for row in cells) > 1


def _table(path: Path, sheet: str, cells: Cells, options: Mapping[str, Any]) -> RawTable:
    name = f"{path.name}#{sheet}"
    header = list(options.get("header") or _header_rows(cells))
    width = max(
        (i for row in cells for i, cell in enumerate(row, 1) if cell is not None), default=0
    )
    names = _names([_padded(cells[row - 1], width) for row in header])
    kept = [i for i in range(width) if names[i] or any(_at(row, i) for row in cells[header[-1] :])]
    columns = tidy_columns(name, [names[i] for i in kept])
    body = [
        (line, [_cell(_at(row, i)) for i in kept])
        for line, row in enumerate(cells[header[-1] :], header[-1] + 1)
        if any(cell is not None for cell in row)
    ]
    frame = pd.DataFrame(
        [row for _, row in body], index=[line for line, _ in body], columns=columns, dtype="object"
    )
    return RawTable(name, typed(frame), options={"sheet": sheet, "header": header})


def _header_rows(cells: Cells) -> list[int]:
    """Rows of names: the first that is as wide as the table, and one above it that groups them."""
    filled = [sum(cell is not None for cell in row) for row in cells]
    widest = max(filled)
    first = next(i for i, n in enumerate(filled) if n > 1 and n >= widest / 4)
    below = cells[first + 1] if first + 1 < len(cells) else []
    gaps = filled[first] < len([cell for cell in below if cell is not None])
    if gaps and all(isinstance(cell, str) for cell in below if cell is not None):
        return [first + 1, first + 2]
    return [first + 1]


def _names(rows: list[list[Any]]) -> list[str]:
    """Names of one row, or of two: the group, which stands over its first column only, and own."""
    if len(rows) == 1:
        return ["" if cell is None else str(_cell(cell)) for cell in rows[0]]
    groups: list[str] = []
    for cell in rows[0]:
        groups.append(str(cell) if cell is not None else groups[-1] if groups else "")
    own = ["" if cell is None else str(cell) for cell in rows[1]]
    return [" ".join(part for part in pair if part) for pair in zip(groups, own, strict=True)]


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    return [_at(row, i) for i in range(width)]


def _at(row: Sequence[Any], i: int) -> Any:
    return row[i] if i < len(row) else None


def _cell(cell: Any) -> Any:
    """Keep times of a day as texts; they are nobody's score."""
    if isinstance(cell, datetime.time):
        return cell.isoformat("minutes")
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return cell
