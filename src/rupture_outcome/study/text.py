"""Delimited text read as it stands: every cell a text, every row with its line number."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from rupture_outcome.errors import Problem, StudyError

BROKEN_GZIP = (
    "by its name the file is compressed by gzip, and it cannot be unpacked",
    "compress it again, or name it .csv if it is not compressed",
)
# A study needs some dozens; each is looked at by the gate, which takes its time.
MOST_COLUMNS = 20_000
UNREADABLE = ("the file cannot be read", "check the disk, or copy the file again")
QUOTE_REMEDY = "look for an unclosed quote, or declare delimiter and quoteChar in the dialect"


@dataclass(frozen=True)
class TextTable:
    """Cells of a file.

    Parameters
    ----------
    columns : dict of str to Categorical
        Texts by column name. Each distinct text is stored once, so that what follows looks at
        distinct texts only, however many rows there are.
    lines : array of int, shape (rows,)
        Line of the file on which each row begins; the header is line 1.
    """

    columns: dict[str, pd.Categorical]
    lines: np.ndarray


def read_text(path: Path, resource: Mapping[str, Any]) -> TextTable:
    """Read a file by the function for its format.

    Parameters
    ----------
    path : Path
    resource : mapping
        Its resource in the dictionary: `format`, `dialect` and `encoding` are used; an import
        also says `nameless`: columns without a name get their position.

    Raises
    ------
    StudyError
        The file cannot be read as the dictionary says; all broken rows are listed.
    """
    given = resource.get("format") or path.name.removesuffix(".gz").rpartition(".")[2]
    if given.lower() not in READERS:
        remedy = f"save the table as one of: {', '.join(READERS)}"
        raise _stop(path, f"files of the format '{given}' cannot be read", remedy)
    return READERS[given.lower()](path, resource)


def read_csv(path: Path, resource: Mapping[str, Any]) -> TextTable:
    """Read delimited text; a byte-order mark, CRLF, quoted line breaks and blank rows are fine."""
    try:
        header, is_bare = _header(path, resource)
        if is_bare:  # the parser wants a line break after it
            return TextTable(dict.fromkeys(header, _NO_TEXTS), np.array([], dtype=np.int64))
        table, broken = _body(path, resource, header)
    except PermissionError:
        raise _stop(path, "the file may not be read", "ask for the right to read it") from None
    except OSError:
        raise _stop(path, *BROKEN_GZIP if path.suffix == ".gz" else UNREADABLE) from None
    except LookupError:
        encoding = resource.get("encoding")
        raise _stop(
            path, f"unknown encoding '{encoding}'", "correct it in the dictionary"
        ) from None
    except (pa.ArrowInvalid, UnicodeError, csv.Error) as error:
        raise _unreadable(path, str(error)) from None
    columns = {name: table[name].cat.as_unordered().array for name in header}
    first = 2 + sum(name.count("\n") for name in header)
    lines, broken_lines = _line_numbers(_breaks(columns, len(table)), broken, first)
    if len(broken_lines):
        expected = f"these rows do not have the {len(header)} cells that the header names"
        raise StudyError([Problem(path.name, expected, QUOTE_REMEDY, rows=broken_lines.tolist())])
    spoilt = _holding("\0", columns, len(table))
    if spoilt.any():
        expected = "these rows hold the character NUL, which no text has: the file is damaged"
        remedy = "export the table again; a file in UTF-16 needs that encoding in the dictionary"
        raise StudyError([Problem(path.name, expected, remedy, rows=lines[spoilt].tolist())])
    keep = ~_blank(columns, len(table))
    if keep.all():
        return TextTable(columns, lines)
    return TextTable({name: column[keep] for name, column in columns.items()}, lines[keep])


READERS: dict[str, Callable[[Path, Mapping[str, Any]], TextTable]] = {
    "csv": read_csv,
    "tsv": read_csv,
    "txt": read_csv,
}


_NO_TEXTS = pd.Categorical([], categories=pd.Index([], dtype="str"))
_START = 1 << 20  # bytes that surely hold the header


def _dialect(path: Path, resource: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(resource.get("dialect") or {})
    given |= given.get("csv") or {}
    tab = path.name.removesuffix(".gz").endswith(".tsv") or resource.get("format") == "tsv"
    return {"delimiter": "\t" if tab else ",", "quoteChar": '"', **given}


def _encoding(resource: Mapping[str, Any]) -> str:
    name = str(resource.get("encoding") or "utf-8").lower().replace("_", "-")
    return "utf-8-sig" if name in ("utf-8", "utf8", "utf-8-sig") else name


def _header(path: Path, resource: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Names of the columns, and whether nothing follows them."""
    dialect = _dialect(path, resource)
    with pa.input_stream(str(path)) as raw:
        start = raw.read(_START)
    if not start.strip():
        raise _stop(path, "the file is empty", "export the table again, with its header and rows")
    text = start.decode(_encoding(resource), "strict" if len(start) < _START else "ignore")
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect["delimiter"],
        quotechar=dialect["quoteChar"],
    )
    names = [name.strip() for name in next(rows)]
    if resource.get("nameless"):  # as R writes the names of rows
        names = [name or f"column {i}" for i, name in enumerate(names, 1)]
    header = _checked_header(path, names)
    return header, next(rows, None) is None


def _checked_header(path: Path, header: list[str]) -> list[str]:
    if len(header) > MOST_COLUMNS:
        found = f"the header names {len(header):,} columns; more than {MOST_COLUMNS:,} are not read"
        raise _stop(path, found, "export the columns that the study needs")
    times = Counter(header)
    twice = [name for name, count in times.items() if name and count > 1]
    problems = [
        Problem(
            path.name,
            f"the header names this column {times[name]} times",
            "give every column its own name, or remove the copy",
            column=name,
            rows=[1],
        )
        for name in twice
    ]
    if not all(header):
        at = [str(i) for i, name in enumerate(header, 1) if not name]
        found = f"the header has no name at position {', '.join(at)}"
        remedy = "name the columns there, or remove them (often an extra delimiter or a blank line)"
        problems.append(Problem(path.name, found, remedy, rows=[1]))
    if problems:
        raise StudyError(problems)
    return header


def _body(
    path: Path, resource: Mapping[str, Any], header: list[str]
) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
    """Rows of the file; position and line breaks of those that are too short or too long."""
    dialect, broken = _dialect(path, resource), []

    def note(row: Any) -> str:
        broken.append((row.number - 2, row.text.count("\n")))  # the header is row 1
        return "skip"

    encoding = _encoding(resource)
    table = pacsv.read_csv(
        path,
        read_options=pacsv.ReadOptions(
            use_threads=False,  # only then are broken rows numbered
            column_names=header,
            skip_rows_after_names=1,
            encoding="utf8" if encoding == "utf-8-sig" else encoding,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=dialect["delimiter"],
            quote_char=dialect["quoteChar"],
            escape_char=dialect.get("escapeChar") or False,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in header},
            strings_can_be_null=False,
        ),
    )
    return table.unify_dictionaries().to_pandas(), broken


def _breaks(columns: Mapping[str, pd.Categorical], rows: int) -> np.ndarray:
    """How many line breaks lie inside the cells of each row."""
    breaks = np.zeros(rows, dtype=np.int64)
    for column in columns.values():
        within = np.array([text.count("\n") for text in column.categories.tolist()], dtype=np.int64)
        if within.any():
            breaks += within[column.codes]
    return breaks


def _holding(character: str, columns: Mapping[str, pd.Categorical], rows: int) -> np.ndarray:
    """Which rows hold a character in any cell."""
    found = np.zeros(rows, dtype=bool)
    for column in columns.values():
        within = np.array([character in text for text in column.categories.tolist()], dtype=bool)
        if within.any():
            found |= within[column.codes]
    return found


def _line_numbers(
    breaks: np.ndarray, broken: list[tuple[int, int]], first: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lines on which the rows that were kept, and the broken ones, begin."""
    positions = np.array([position for position, _ in broken], dtype=np.int64)
    kept = np.ones(len(breaks) + len(broken), dtype=bool)
    kept[positions] = False
    heights = np.ones(len(kept), dtype=np.int64)
    heights[kept] += breaks
    heights[~kept] += np.array([inside for _, inside in broken], dtype=np.int64)
    lines = first + heights.cumsum() - heights
    return lines[kept], lines[~kept]


def _blank(columns: Mapping[str, pd.Categorical], rows: int) -> np.ndarray:
    blank = np.ones(rows, dtype=bool)
    for column in columns.values():
        if not blank.any():
            break
        empty = np.array([not text.strip() for text in column.categories.tolist()], dtype=bool)
        blank &= empty[column.codes] if len(empty) else True
    return blank


def _unreadable(path: Path, message: str) -> StudyError:
    if "UTF8" in message or "codec" in message:
        found = "the text is not in the encoding that the dictionary declares"
        return _stop(path, found, "declare the encoding of the file, for example windows-1252")
    return _stop(path, "the file cannot be read as delimited text", QUOTE_REMEDY)


def _stop(path: Path, found: str, remedy: str) -> StudyError:
    return StudyError([Problem(path.name, found, remedy)])
