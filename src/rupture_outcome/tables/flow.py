"""Table of the flow of persons and sessions."""

import pandas as pd

from rupture_outcome.disclosure import ALSO, count_texts, is_withheld
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note

LABELS = {
    "step": "Step",
    "reason": "Reason for removal",
    "removed_patients": "Patients removed",
    "removed_sessions": "Sessions removed",
    "patients": "Patients left",
    "sessions": "Sessions left",
}
COUNTS = ["removed_patients", "removed_sessions", "patients", "sessions"]


def flow_table(flow: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out the published flow (`publishable_flow`) as HTML."""
    cells = flow[["step", "reason"]].copy()
    for column in COUNTS:
        cells[column] = count_texts(flow, column)
    cells["step"] = [name("step", step) for step in cells["step"]]
    withheld = any(is_withheld(flow, column).any() for column in COUNTS)
    joined = flow["reason"].map(lambda reason: ALSO in str(reason)).any()
    notes = [
        f"Removals of 1 to {threshold} patients or sessions are joined with the next step."
        if joined
        else "",
        withheld_note(threshold) if withheld else "",
    ]
    return html_table(
        cells,
        "flow",
        "Flow of patients and sessions",
        "Counts of patients and of sessions.",
        labels=LABELS,
        notes=notes,
        simulated=simulated,
    )
