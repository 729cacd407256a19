"""Files of SPSS and Stata, with their labels; what they declare as missing is missing."""

import re
from collections.abc import Mapping
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.study.gate.properties import Property
from rupture_outcome.study.importing.cells import texts
from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read `.sav`, `.zsav`, `.por` or `.dta`; rows are counted from 1, as these programs do.

    Values are read as they are kept; their labels go beside them. User-missing codes and ranges of
    SPSS and Stata's `.a` to `.z` become missing, and are counted.
    """
    import pyreadstat

    kind = path.suffix.lower().lstrip(".")
    reader = getattr(pyreadstat, f"read_{'sav' if kind == 'zsav' else kind}")
    try:
        frame, meta = reader(str(path), user_missing=True) if kind != "por" else reader(str(path))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OSError):
        found = f"this is no readable {kind} file"
        raise stop(path.name, found, "save it again, or export it as CSV") from None
    blanked = {}
    for name in frame:
        gone = _user_missing(frame[name], meta, name)
        if gone.any():
            blanked[str(name)] = int(gone.sum())
            frame[name] = frame[name].mask(gone)
    frame.columns = pd.Index(tidy_columns(path.name, list(frame)))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
    beside = [*_texts_beside(meta), *(_characteristics(path) if kind == "dta" else ())]
    table = RawTable(path.name, typed(frame), labels, _codes(meta), blanked=blanked)
    return [replace(table, properties=tuple(beside))]


def _texts_beside(meta: Any) -> tuple[Property, ...]:
    notes = [Property(f"note {i}", str(one)) for i, one in enumerate(meta.notes, 1)]
    return (Property("label", meta.file_label or ""), *notes)


def _characteristics(path: Path) -> tuple[Property, ...]:
    """Read what pyreadstat does not give of Stata's files since version 13."""
    with open(path, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        start, end = content.find(b"<characteristics>"), content.find(b"</characteristics>")
        section = content[max(start, 0) : max(end, 0)]
        width = 33 if b"<release>117" in content[:100] else 129  # of the two names before each
    parts = re.findall(rb"<ch>.{4}(.*?)</ch>", section, re.DOTALL)
    read = [part[2 * width :].rstrip(b"\0").decode("utf-8", "replace") for part in parts]
    return tuple(Property(f"characteristic {i}", one) for i, one in enumerate(read, 1))


def _user_missing(column: pd.Series, meta: Any, name: str) -> pd.Series:
    gone = pd.Series(False, column.index)
    for span in meta.missing_ranges.get(name, []):
        if isinstance(span["lo"], str) or pd.api.types.is_string_dtype(column):
            gone |= column.astype("str").str.strip().eq(str(span["lo"]).strip())
        else:
            gone |= pd.to_numeric(column, errors="coerce").between(span["lo"], span["hi"])
    letters = set(meta.missing_user_values.get(name, []))  # Stata
    return gone | column.map(lambda cell: isinstance(cell, str) and cell in letters).astype(bool)


def _codes(meta: Any) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, labels in meta.variable_value_labels.items():
        values = texts(pd.Series(list(labels), dtype="object").pipe(_plain))
        found[name] = dict(zip(values, map(str, labels.values()), strict=True))
    return {
        name: {k: v for k, v in one.items() if isinstance(k, str)} for name, one in found.items()
    }


def _plain(values: pd.Series) -> pd.Series:
    return values if values.map(lambda one: isinstance(one, str)).any() else values.astype(float)
