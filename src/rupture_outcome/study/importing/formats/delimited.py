"""Delimited text: delimiter, decimal character and encoding are seen in the file."""

import codecs
import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from rupture_outcome.study.importing.formats import redcap
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.text import read_csv

DELIMITERS = ";\t|,"
ENCODINGS = ("utf-8", "windows-1252")
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LOOKED_AT = 1 << 20  # bytes
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read one file of delimited text, `.gz` or not.

    Parameters
    ----------
    path : Path
    options : mapping
        `delimiter`, `decimal`, `encoding`; seen in the file where they are not given.
    """
    seen = _seen(path) | dict(options)
    dialect = {"delimiter": seen["delimiter"]}
    resource = {"encoding": seen["encoding"], "dialect": dialect, "nameless": True}
    text = read_csv(path, resource)
    columns = {name: pd.Series(cells).astype("str") for name, cells in text.columns.items()}
    frame = pd.DataFrame(columns).set_axis(text.lines, axis="index")
    frame = frame.mask(frame.apply(lambda column: column.str.strip() == ""))
    seen.setdefault("decimal", _decimal(frame, seen["delimiter"]))
    kept = {name: seen[name] for name in ("delimiter", "decimal", "encoding")}
    table = RawTable(path.name, frame, options=kept)
    return [redcap.as_export(table) if redcap.is_export(table.columns) else table]


def _seen(path: Path) -> dict[str, Any]:
    try:
        with pa.input_stream(str(path)) as stream:
            start = stream.read(_LOOKED_AT)
    except PermissionError:
        raise
    except OSError:  # said by reading it
        return {"encoding": "utf-8", "delimiter": ","}
    encoding = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    encoding = encoding or next((name for name in ENCODINGS if _fits(start, name)), "utf-8")
    text = start.decode(encoding, "ignore").lstrip("\ufeff").lstrip()
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    counts = {mark: len(next(csv.reader([header], delimiter=mark), [])) for mark in DELIMITERS}
    return {"encoding": encoding, "delimiter": max(counts, key=lambda mark: counts[mark])}


def _fits(start: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _decimal(frame: pd.DataFrame, delimiter: str) -> str:
    if delimiter == ",":
        return "."
    seen = (frame[name].dropna().drop_duplicates().head(1000) for name in frame)
    return "," if any(column.map(_COMMA.fullmatch).any() for column in seen) else "."
