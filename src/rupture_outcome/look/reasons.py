"""Why a row has no estimate, and what is to be known of one that has, in words."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.look.look import Look

WITHHELD = "withheld: too few persons or events in one arm"
NOT_ESTIMABLE = "not estimable"
SPEAKING = ("left out of the model", "impossible", "none", "no test", "no interval")


def remark(row: Mapping, look: Look, value: str = "estimate") -> str:
    """Say why a published row has no estimate, or what must be known of it.

    Parameters
    ----------
    row : mapping
        With `value` and, where there is one, ``note``. Where `value` was withheld the note is
        empty: its `Column` names the same cells.
    look : Look
        Of the study; with exact counts nothing is withheld.
    value : str
        Column of the estimate.

    Examples
    --------
    >>> row = {"estimate": float("nan"), "note": ""}
    >>> remark(row, Look(threshold=10))
    'withheld: too few persons or events in one arm'
    >>> remark({**row, "note": "no dropout in state repaired"}, Look(threshold=10))
    'not estimable: no dropout in state repaired'
    """
    note = note_text(row.get("note"))
    if pd.notna(row[value]) or NOT_ESTIMABLE in note or note.startswith(SPEAKING):
        return note
    if not note:
        return WITHHELD if look.threshold else NOT_ESTIMABLE
    return f"{NOT_ESTIMABLE}: {note}"


def why(row: Mapping, look: Look, value: str = "estimate") -> str:
    """Say why a row has no estimate, without the cautions that stand before the reason.

    Examples
    --------
    >>> note = "biased by immortal time; not estimable: a cell is empty"
    >>> why({"estimate": float("nan"), "note": note}, Look())
    'not estimable: a cell is empty'
    """
    text = remark(row, look, value)
    return text[max(text.find(NOT_ESTIMABLE), 0) :]


def note_text(note: object) -> str:
    """Text of a note, empty where there is none."""
    return "" if note is None or note is pd.NA or note != note else str(note)
