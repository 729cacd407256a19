"""Formats of files, each behind the same interface: a path and options in, raw tables out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rupture_outcome.errors import did_you_mean
from rupture_outcome.study.importing.formats import delimited, excel, parquet, statistics
from rupture_outcome.study.importing.raw import RawTable, stop

Reader = Callable[[Path, Mapping[str, Any]], list[RawTable]]

READERS: dict[str, Reader] = {
    **dict.fromkeys(("csv", "tsv", "txt"), delimited.read),
    **dict.fromkeys(("parquet", "pq"), parquet.read),
    **dict.fromkeys(("xlsx", "xlsm"), excel.read),
    **dict.fromkeys(("sav", "zsav", "por", "dta"), statistics.read),
}


def read_file(path: Path, options: Mapping[str, Any] | None = None) -> list[RawTable]:
    """Read all tables of a file by the reader for its ending.

    Parameters
    ----------
    path : Path
    options : mapping, optional
        What a reader would otherwise find out by looking, such as `delimiter` or `sheet`.

    Raises
    ------
    StudyError
        There is no such file, nobody can read its format, or it is damaged.
    """
    if not path.is_file():
        near = did_you_mean(path.name, [one.name for one in _beside(path)])
        raise stop(path.name, f"there is no such file{near}", "check the path after --from")
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if ending not in READERS:
        known = ", ".join(READERS)
        raise stop(path.name, "files of this ending cannot be read", f"save it as one of: {known}")
    try:
        tables = READERS[ending](path, options or {})
    except PermissionError:
        raise stop(path.name, "the file may not be read", "ask for the right to read it") from None
    filled = [table for table in tables if len(table.frame) and len(table.frame.columns)]
    if not filled:
        raise stop(path.name, "the file holds no rows", "export it again, with header and rows")
    return filled


def _beside(path: Path) -> list[Path]:
    return sorted(path.parent.iterdir()) if path.parent.is_dir() else []
