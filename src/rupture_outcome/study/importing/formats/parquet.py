"""Parquet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed


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
    return [RawTable(path.name, typed(frame))]
