"""Writing result files, whole or not at all, and reading back some of them."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_FORMULA = re.compile(r"'*[=+\-@\t\n]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\n]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def write_csv(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table as CSV that a spreadsheet may open: no text of it can act as a formula.

    A text (of a cell or of the header) that begins with `=`, `+`, `-`, `@`, a tab or a line break
    gets an apostrophe before it, unless it is a number; so does one that begins with apostrophes
    and one of these, so that `read_csv` knows which apostrophes to take away again. All line breaks
    are written as a line feed.

    Parameters
    ----------
    frame : DataFrame
        Its index is not written.
    path : path
        The file appears under its name when it is complete.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> frame = pd.DataFrame({"site": ["=1+1", "north"], "change": [-0.5, 2.0]})
    >>> with TemporaryDirectory() as folder:
    ...     write_csv(frame, f"{folder}/sites.csv")
    ...     print(Path(f"{folder}/sites.csv").read_text())
    ...     read_csv(f"{folder}/sites.csv").equals(frame)
    site,change
    '=1+1,-0.5
    north,2.0
    <BLANKLINE>
    True
    """
    safe = frame.rename(columns=_neutral)
    with complete_file(path) as part:
        _texts_mapped(safe, _neutral).to_csv(part, index=False, lineterminator="\n")


def read_csv(path: Path | str, **options: Any) -> pd.DataFrame:
    """Read a table that `write_csv` wrote, with its texts as they were before.

    Parameters
    ----------
    path : path
    **options
        Passed to `pandas.read_csv`.
    """
    frame = pd.read_csv(path, **options)
    return _texts_mapped(frame.rename(columns=_as_it_was), _as_it_was)


def write_parquet(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a table as parquet, without its index."""
    with complete_file(path) as part:
        frame.to_parquet(part, index=False)


def read_parquet(
    path: Path | str,
    columns: Sequence[str] | None = None,
    filters: Sequence[tuple[str, str, Any]] | None = None,
) -> pd.DataFrame:
    """Read of a table that `write_parquet` wrote what is needed; each patient's id is kept once.

    Parameters
    ----------
    path : path
    columns : sequence of str, optional
        Those of them that the table has; all if not given.
    filters : sequence of tuple, optional
        As for `pandas.read_parquet`: column, comparison and value.

    Returns
    -------
    DataFrame
        ``patient_id`` as a categorical.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> frame = pd.DataFrame({"patient_id": ["a", "a", "b"], "session": [1, 2, 1]})
    >>> with TemporaryDirectory() as folder:
    ...     write_parquet(frame, f"{folder}/sessions.parquet")
    ...     read_parquet(f"{folder}/sessions.parquet", ["session", "day"], [("session", "==", 2)])
       session
    0        2
    """
    there = pq.read_schema(path).names
    frame = pd.read_parquet(
        path,
        columns=None if columns is None else [name for name in columns if name in there],
        filters=None if filters is None else list(filters),
        read_dictionary=[name for name in ("patient_id",) if name in there],
    )
    pa.default_memory_pool().release_unused()  # what reading took beside the table
    return frame


def write_json(value: Any, path: Path | str) -> None:
    """Write a value as JSON; numbers that JSON does not know (NaN, infinity) become null."""
    text = json.dumps(_finite(value), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(text + "\n", path)


def read_json(path: Path | str) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_text(text: str, path: Path | str) -> None:
    """Write a text in UTF-8."""
    with complete_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


@contextmanager
def complete_file(path: Path | str) -> Iterator[Path]:
    """Give a name beside the path to write to; what was written moves to the path at the end.

    The name is the same every time: what a killed run leaves is overwritten by the next.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _texts_mapped(frame: pd.DataFrame, change: Any) -> pd.DataFrame:
    columns = [
        column if pd.api.types.is_numeric_dtype(column) else column.map(change, na_action="ignore")
        for _, column in frame.items()
    ]
    return pd.concat(columns, axis=1) if columns else frame


def _neutral(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _as_it_was(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and _NEUTRALISED.match(cell) else cell


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
