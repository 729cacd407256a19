"""One decision about a column, with its reason as a code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rupture_outcome.study.importing.mapping import Source
from rupture_outcome.study.importing.recognise.instruments import Instrument


@dataclass(frozen=True)
class Decision:
    """What became of a column.

    Parameters
    ----------
    table, column : str
        Of the export; a pattern where every session has its own column.
    became : str
        Column of the data contract, `HELPERS`, an item, or nothing.
    why : str
        A code: ``told``, ``name``, ``label``, ``dates``, ``items`` …; of what is left out the
        reason: ``date``, ``identifying``, ``free_text``, ``unknown`` …
    """

    table: str
    column: str
    became: str
    why: str

    @property
    def left_out(self) -> bool:
        """Whether the column is not read."""
        return not self.became


@dataclass(frozen=True)
class Open:
    """Something that could not be decided: a line of the config that the user completes.

    Parameters
    ----------
    key : str
        Of the config, such as ``values.endings.ending``.
    what : str
        A code, or the export's own code that has no meaning yet.
    """

    key: str
    what: str


@dataclass(frozen=True)
class Hints:
    """What the user said beforehand.

    Parameters
    ----------
    columns : mapping of str to str
        Own column, then role.
    wide : tuple of str
        Patterns, or ``role=pattern``.
    missing : tuple of str
        Codes for missing values in every column.
    left_out : tuple of str
        Own columns not to read.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    wide: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understood:
    """One table of an export, understood.

    Parameters
    ----------
    source : Source
    decisions : tuple of Decision
    instruments : tuple of Instrument
    undecided : tuple of Open
    shape : str
        A code: ``one_row_a_patient_wide``, ``one_row_a_patient``, ``one_row_a_session``,
        ``one_row_a_visit`` (dates number them) or ``one_row_an_answer``.
    """

    source: Source
    decisions: tuple[Decision, ...]
    instruments: tuple[Instrument, ...]
    undecided: tuple[Open, ...]
    shape: str
