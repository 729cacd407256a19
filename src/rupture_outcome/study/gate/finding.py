"""What the gate says of a column: never a value."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rupture_outcome.errors import Problem

ACCEPT = "or let it through with a written reason, under study.accept in the config"


@dataclass(frozen=True)
class Finding:
    """One kind of identifier in one column.

    Parameters
    ----------
    file : str
        Name of the file; where it is the name that identifies, which file it is.
    column : str or None
        The column; None where its name identifies, and `why` says which it is.
    rows : sequence of int
        Labels of the frame's index: lines of the file where that is how it is indexed.
    kind : str
        A code, such as ``e_mail``.
    why : str
        What it looks like.
    advice : str
        What to do.
    key : str
        Under which it can be accepted: the name of the column or file. Never shown.
    """

    file: str
    column: str | None
    rows: Sequence[int]
    kind: str
    why: str
    advice: str
    key: str = field(repr=False)

    def problem(self) -> Problem:
        """Say it as a problem of the study."""
        rows = [int(row) for row in self.rows]
        return Problem(self.file, self.why, f"{self.advice}, {ACCEPT}", self.column, rows)
