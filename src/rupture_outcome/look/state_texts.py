"""Texts of states: shares with their intervals, and what a frame of them rests on."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import UNKNOWN, with_interval
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import NOT_ESTIMABLE, reason_text
from rupture_outcome.look.words import name

SHOWN_SESSIONS = 6
STATES = ("intact", "unrepaired", "repaired")


def state_name(state: object) -> str:
    """Name a state in treatment or an ending."""
    return name("state" if str(state) in STATES else "cause", state)


def share_cell(row: Mapping, look: Look) -> str:
    """Text of a share and its interval in per cent, or of what is missing.

    Examples
    --------
    >>> share_cell({"estimate": 0.304, "ci_low": 0.257, "ci_high": 0.353}, Look())
    '30.4 [25.7 to 35.3]'
    """
    if pd.isna(row["estimate"]):
        return missing_cell(row, look)
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], 1, scale=100)


def missing_cell(row: Mapping, look: Look) -> str:
    """Say whether a number could not be estimated or was withheld."""
    withheld = look.threshold and not reason_text(row.get("reason")).startswith(NOT_ESTIMABLE)
    return UNKNOWN if withheld else "not estimable"


def share_cells(curve: pd.DataFrame, sessions: list[int], look: Look) -> dict[str, str]:
    """Texts of the shares of one state at some sessions."""
    at = curve.set_index("session").to_dict("index")
    cells = {str(s): share_cell(at[s], look) if s in at else "" for s in sessions}
    return {"state": state_name(curve["state"].iloc[0])} | cells


def shown_sessions(curves: pd.DataFrame) -> list[int]:
    """Choose sessions at which something is published, evenly spread, first and last included."""
    known = np.unique(curves.loc[curves["estimate"].notna(), "session"].to_numpy(dtype=int))
    if len(known) == 0:
        return []
    places = np.linspace(0, len(known) - 1, min(SHOWN_SESSIONS, len(known))).round().astype(int)
    return [int(s) for s in known[places]]


def specification(frame: pd.DataFrame) -> str:
    """Name the definition and the repair rule of a frame."""
    if frame.empty:
        return ""
    first = frame.iloc[0]
    repair = name("repair_rule", first["repair_rule"])
    return f"{name('definition', first['definition'])}; repair: {repair}."


def told_notes(frame: pd.DataFrame) -> list[str]:
    """Collect the notes that stand in the rows of a frame, each once."""
    notes = map(reason_text, frame["reason"].drop_duplicates())
    return [f"{note[:1].upper()}{note[1:]}." for note in notes if note]
