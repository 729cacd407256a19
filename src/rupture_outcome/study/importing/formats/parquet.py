"""Parquet."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rupture_outcome.study.gate.properties import Property
from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed

_TECHNICAL = (b"pandas", b"ARROW:schema", b"PARQUET:field_id")


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read a file of Parquet; rows are counted from 1."""
    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError):
        found = "this is no readable Parquet file"
        raise stop(path.name, found, "export the table again") from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = pd.Index(tidy_columns(path.name, list(frame)))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return [RawTable(path.name, typed(frame), properties=tuple(_properties(path)))]


def _properties(path: Path) -> Iterator[Property]:
    schema = pq.read_schema(path)
    described = [schema.metadata, *(field.metadata for field in schema)]
    given = [pair for one in described for pair in (one or {}).items() if pair[0] not in _TECHNICAL]
    for number, pair in enumerate(given, 1):
        name, value = (part.decode("utf-8", "replace") for part in pair)
        for text in (name, *_texts(value)):
            yield Property(f"metadata entry {number}", text)


def _texts(value: str) -> Iterator[str]:
    """Texts of JSON, where it is JSON, as pandas writes what is attached to a frame."""
    try:
        inside = json.loads(value)
    except ValueError:
        inside = value
    waiting = [inside]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif one is not None:
            yield str(one)
