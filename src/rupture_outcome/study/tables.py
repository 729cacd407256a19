"""What a study is once it has been read: five frames under the names of the data contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rupture_outcome.errors import Problem
from rupture_outcome.study.contract import DTYPES, TABLES, fields
from rupture_outcome.study.flow import FLOW_COLUMNS
from rupture_outcome.study.writing import write_csv, write_parquet

CHANGE_COLUMNS = ["table", "columns", "change", "rows"]


@dataclass(frozen=True)
class StudyTables:
    """The tables of a study.

    Parameters
    ----------
    patients, sessions, markers, ratings, endings : DataFrame
        All columns of the data contract under its names, missing where the study has none; item
        columns of instruments follow under the study's own names. Texts are `str`, whole numbers
        and yes/no (0, 1) `Int64`, numbers `float64`.
    flow : DataFrame
        How many persons and sessions remain after each step, see `rupture_outcome.study.flow`.
    changes : DataFrame
        Cells that cleaning changed without removing a row: `table`, `columns`, `change`, `rows`.
    lines : DataFrame
        Of sessions as read: `line`, where each row stands in its file; the header is line 1.
    gate : DataFrame
        `finding`: what the gate found and let through, as the config has a reason for it.
    """

    patients: pd.DataFrame
    sessions: pd.DataFrame
    markers: pd.DataFrame
    ratings: pd.DataFrame
    endings: pd.DataFrame
    flow: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FLOW_COLUMNS))
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CHANGE_COLUMNS))
    lines: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"line": []}))
    gate: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"finding": []}))

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give the five tables by name."""
        return {table: getattr(self, table) for table in TABLES}


@dataclass(frozen=True)
class Source:
    """Where a table came from, for messages in the words of the study.

    Parameters
    ----------
    file : str
        Name of the file.
    own : mapping of str to str
        The study's own name of each column of the contract that the file has.
    """

    file: str
    own: Mapping[str, str] = field(default_factory=dict)

    def has(self, column: str) -> bool:
        """Whether the study delivers this column."""
        return column in self.own

    def problem(
        self, expected: str, remedy: str, column: str | None = None, rows: Sequence[int] = ()
    ) -> Problem:
        """Build a problem of this file; `column` is a name of the contract.

        Parameters
        ----------
        expected, remedy : str
            See `Problem`.
        column : str, optional
            Name in the contract; the message has the study's own.
        rows : sequence of int
            Line numbers in the file; the header is line 1.
        """
        own = None if column is None else self.own.get(column, column)
        return Problem(self.file, expected, remedy, own, [int(row) for row in rows])


def empty_table(table: str) -> pd.DataFrame:
    """Build a table of the contract without rows.

    >>> list(empty_table("endings").dtypes.astype(str))
    ['str', 'Int64', 'str', 'Int64', 'Int64']
    """
    types = {name: DTYPES[field["type"]] for name, field in fields(table).items()}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in types.items()})


def is_among(ids: pd.Series, known: pd.Series) -> pd.Series:
    """Say which identifiers are among known ones; `Series.isin` takes seconds for a million.

    >>> is_among(pd.Series(["a", "b"]), pd.Series(["b", "c"])).tolist()
    [False, True]
    """
    given, wanted = (pa.array(series.array, type=pa.large_string()) for series in (ids, known))
    return pd.Series(pc.is_in(given, value_set=wanted).to_numpy(zero_copy_only=False), ids.index)


def write_tables(study: StudyTables, folder: Path | str) -> None:
    """Write the five tables as parquet and the flow as `flow.csv` into a folder."""
    folder = Path(folder)
    for table, frame in study.frames().items():
        write_parquet(frame, folder / f"{table}.parquet")
    write_csv(study.flow, folder / "flow.csv")


def read_tables(folder: Path | str) -> StudyTables:
    """Read back what `write_tables` wrote; the flow of earlier steps is not carried on."""
    frames = {table: pd.read_parquet(Path(folder) / f"{table}.parquet") for table in TABLES}
    return StudyTables(**frames)
