"""Tables of where patients stand: occupancy of states, and transition probabilities."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name
from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD

SHOWN_SESSIONS = 6


def occupancy_table(
    occupancy: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published occupancy: a row a state, a column for a few sessions."""
    sessions = shown_sessions(occupancy)
    rows = [_row(state, curve, sessions) for state, curve in _each(occupancy, "state")]
    labels = {"state": "State"} | {str(s): _heading(s, occupancy) for s in sessions}
    return html_table(
        pd.DataFrame(rows, columns=list(labels)),
        "state_occupancy",
        "Where patients stand after each session",
        f"% of patients [{confidence * 100:g}% interval]. {specification(occupancy)}",
        labels=labels,
        notes=[
            "Those in treatment are in the state of their next session. Intervals: bootstrap of "
            "therapists and their patients, for one session at a time; bands for all sessions at "
            "once are in the file.",
            thinned_note(occupancy, threshold),
            *told_notes(occupancy),
        ],
        simulated=simulated,
    )


def probability_table(
    probabilities: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published transition probabilities: a group a start and state, a row a later state.

    The columns say how many sessions later.
    """
    later = probabilities.assign(session=probabilities["session"] - probabilities["start"])
    moved = later[later["session"] > 0]
    sessions = shown_sessions(moved)
    rows = [
        {"group": f"After session {start}: {name('state', origin).lower()}"}
        | _row(state, curve, sessions)
        for (start, origin), part in _each(moved, ["start", "from"])
        for state, curve in _each(part, "state")
        if state != "intact" or origin == "intact"
    ]
    labels = {"state": "State"} | {str(s): f"{s} session{'s' * (s > 1)} later" for s in sessions}
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels]),
        "transition_probabilities",
        "From a state to what comes later",
        f"Probability in % [{confidence * 100:g}% interval]. {specification(probabilities)}",
        labels=labels,
        group="group",
        notes=[
            "Product of the transitions from session to session; it holds if what comes next "
            "depends on state and session only (Markov).",
            thinned_note(probabilities, threshold),
            *told_notes(probabilities),
        ],
        simulated=simulated,
    )


def shown_sessions(curves: pd.DataFrame) -> list[int]:
    """Choose sessions at which something is published, evenly spread, first and last included."""
    known = np.unique(curves.loc[curves["estimate"].notna(), "session"].to_numpy(dtype=int))
    if len(known) == 0:
        return []
    places = np.linspace(0, len(known) - 1, min(SHOWN_SESSIONS, len(known))).round().astype(int)
    return [int(s) for s in known[places]]


def share_cell(row: Mapping) -> str:
    """Text of a share and its interval in per cent, or of what is missing.

    Examples
    --------
    >>> share_cell({"estimate": 0.304, "ci_low": 0.257, "ci_high": 0.353})
    '30.4 [25.7, 35.3]'
    """
    if pd.isna(row["estimate"]):
        return HIDDEN if row.get(WITHHELD) else "not estimable"
    text = f"{100 * row['estimate']:.1f}"
    if pd.isna(row["ci_low"]):
        return text
    return f"{text} [{100 * row['ci_low']:.1f}, {100 * row['ci_high']:.1f}]"


def specification(frame: pd.DataFrame) -> str:
    """Name the definition and the repair rule of a frame."""
    if frame.empty:
        return ""
    first = frame.iloc[0]
    repair = name("repair_rule", first["repair_rule"])
    return f"{name('definition', first['definition'])}; repair: {repair}."


def told_notes(frame: pd.DataFrame) -> list[str]:
    """Collect the notes that stand in the rows of a frame, each once."""
    notes = frame["note"].dropna().astype(str)
    return [f"{note[:1].upper()}{note[1:]}." for note in dict.fromkeys(notes) if note]


def thinned_note(frame: pd.DataFrame, threshold: int) -> str:
    """Say why sessions or states are not shown, where some are not."""
    if not frame[WITHHELD].astype(object).fillna("").astype(str).str.contains("estimate").any():
        return ""
    return f"{HIDDEN} and sessions left out: a count of 1 to {threshold} patients could be derived."


def _each(frame: pd.DataFrame, by: str | list[str]):  # type: ignore[no-untyped-def]
    return frame.groupby(by, sort=False, observed=True)


def _row(state: object, curve: pd.DataFrame, sessions: list[int]) -> dict[str, str]:
    at = curve.set_index("session").to_dict("index")
    cells = {str(s): share_cell(at[s]) if s in at else "" for s in sessions}
    kind = "state" if str(state) in ("intact", "unrepaired", "repaired") else "cause"
    return {"state": name(kind, state)} | cells


def _heading(session: int, occupancy: pd.DataFrame) -> str:
    first = session == occupancy["session"].min()
    return "At the first session" if first else f"After session {session}"
