"""A table as a file holds it, before anybody decided what its columns mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.gate.properties import Property

Codes = Mapping[str, str]


@dataclass(frozen=True)
class RawTable:
    """One table of an export.

    Parameters
    ----------
    name : str
        For messages and `import.yaml`: the file's name, and of a spreadsheet its sheet
        (``scores.xlsx#Sheet1``).
    frame : DataFrame
        Columns of texts (`str`), numbers (`float64`) or moments (`datetime64`), indexed by the
        line of the file; missing is NaN, and what the file declares as missing is.
    labels : mapping of str to str
        What the file says about a column, as variable labels of SPSS do.
    codes : mapping of str to mapping
        Labels of a column's values, by the value as text.
    options : mapping
        How the file was read; what reading it again alike needs.
    blanked : mapping of str to int
        Cells of a column that held a code which the file declares as missing.
    form : str
        ``table``, or ``redcap`` where the export tells rows by event and instrument.
    properties : tuple of Property
        What its file holds beside tables.
    """

    name: str
    frame: pd.DataFrame
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Codes] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    blanked: Mapping[str, int] = field(default_factory=dict)
    form: str = "table"
    properties: tuple[Property, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of its columns."""
        return [str(name) for name in self.frame]

    @property
    def decimal(self) -> str:
        """The character before decimals in its texts."""
        return str(self.options.get("decimal", "."))

    def problem(
        self, expected: str, remedy: str, column: str | None = None, rows: Sequence[int] = ()
    ) -> Problem:
        """Build a problem of this table.

        Parameters
        ----------
        expected, remedy : str
            See `Problem`.
        column : str, optional
        rows : sequence of int
            Lines of the file.
        """
        return Problem(self.name, expected, remedy, column, [int(row) for row in rows])


def stop(file: str, found: str, remedy: str) -> StudyError:
    """Make the error of one problem with a file.

    Parameters
    ----------
    file : str
    found, remedy : str
        What was expected and found, and what to do.
    """
    return StudyError([Problem(file, found, remedy)])


def tidy_columns(name: str, header: Sequence[Any]) -> list[str]:
    """Give every column a name that is a text and its own; blank ones get their position.

    Parameters
    ----------
    name : str
        Of the table, for messages.
    header : sequence
        Its first row.
    """
    names = [" ".join(str(one).split()) if one is not None else "" for one in header]
    names = [one or f"column {i}" for i, one in enumerate(names, 1)]
    twice = [one for one in dict.fromkeys(names) if names.count(one) > 1]
    if twice:
        raise StudyError(
            [
                Problem(name, "two columns have this name", "give each its own", one, [1])
                for one in twice
            ]
        )
    return names


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring typed columns to the three kinds that a `RawTable` knows."""
    return pd.DataFrame({name: _typed(column) for name, column in frame.items()}, frame.index)


def _typed(column: pd.Series) -> pd.Series:
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _typed(column.astype(kind.categories.dtype))
    if pd.api.types.is_datetime64_any_dtype(kind):
        naive = column.dt.tz_localize(None) if getattr(kind, "tz", None) is not None else column
        return naive.astype("datetime64[s]")
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_numeric_dtype(kind):
        return column.astype("Float64").astype("float64")
    found = pd.api.types.infer_dtype(column, skipna=True)
    if found in ("floating", "integer", "mixed-integer-float", "boolean", "decimal", "empty"):
        return pd.to_numeric(column.astype("object")).astype("float64")
    if found in ("datetime", "date", "datetime64"):
        return pd.to_datetime(column, errors="coerce").astype("datetime64[s]")
    texts = column.map(_as_text, na_action="ignore").astype("str")
    return texts.where(texts.str.strip() != "")


def _as_text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
