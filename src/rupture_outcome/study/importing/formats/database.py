"""Databases of SQLite: every table and view that holds rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.study.importing.raw import RawTable, stop, tidy_columns, typed


def read(path: Path, options: Mapping[str, Any]) -> list[RawTable]:
    """Read the tables of a database, which is opened for reading only.

    Parameters
    ----------
    path : Path
    options : mapping
        `table`: the only one to read.
    """
    from sqlalchemy import MetaData, Table, create_engine, inspect, select
    from sqlalchemy.exc import DatabaseError

    place = path.resolve().as_uri()  # with all odd characters of the path quoted
    engine = create_engine(f"sqlite:///{place}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            seen = inspect(connection)
            names = sorted([*seen.get_table_names(), *seen.get_view_names()])
            wanted = [options["table"]] if "table" in options else names
            if not set(wanted) <= set(names):
                found = "the database has no such table"
                raise stop(path.name, found, "correct the table in import.yaml")
            frames = {
                name: pd.read_sql_query(
                    select(Table(name, MetaData(), autoload_with=connection)), connection
                )
                for name in wanted
            }
    except DatabaseError:
        found = "this is no readable database of SQLite"
        raise stop(path.name, found, "copy the file again, while nobody writes to it") from None
    finally:
        engine.dispose()
    return [_table(path, name, frame) for name, frame in frames.items() if len(frame)]


def _table(path: Path, name: str, frame: pd.DataFrame) -> RawTable:
    shown = f"{path.name}#{name}"
    frame.columns = pd.Index(tidy_columns(shown, list(frame)))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return RawTable(shown, typed(frame), options={"table": name})
