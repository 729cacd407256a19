"""Table of the ruptures that two definitions share, within a few sessions."""

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import ROUNDED_NOTE, any_rounded, share_texts
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

COUNTS = ["onsets_a", "onsets_b", "matched", "patients"]


def onsets_table(onsets: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out published agreement on onsets (`publishable_onset_agreement`) as HTML."""
    cells = pd.DataFrame(index=onsets.index)
    cells["group"] = [name("definition", a) for a in onsets["definition_a"]]
    cells["definition_b"] = [name("definition", b) for b in onsets["definition_b"]]
    for column in COUNTS:
        cells[column] = count_texts(onsets, column)
    for column in ("precision", "sensitivity", "positive_agreement"):
        cells[column] = share_texts(onsets, column, 1, percent=True)
    cells["lag_mean"] = share_texts(onsets, "lag_mean")
    return html_table(
        cells,
        "onset_agreement",
        "Ruptures that two definitions share",
        f"Onsets of the same patient {_within(onsets)}. Unit: rupture.",
        labels={
            "definition_b": "With",
            "onsets_a": "Ruptures, first",
            "onsets_b": "Ruptures, second",
            "matched": "Shared",
            "precision": "Of the first's",
            "sensitivity": "Of the second's",
            "positive_agreement": "Of both",
            "lag_mean": "Second later by (sessions)",
            "patients": "Patients",
        },
        group="group",
        notes=[
            "A rupture counts only if the other definition could test a session that near to it. "
            "Matched one to one, the nearest first. Of both: twice the shared ones over all.",
            ROUNDED_NOTE if any_rounded(onsets) else "",
            withheld_note(threshold) if len(onsets) else "",
        ],
        simulated=simulated,
    )


def _within(onsets: pd.DataFrame) -> str:
    tolerance = int(onsets["tolerance"].iloc[0]) if len(onsets) else 1
    sessions = "session" if tolerance == 1 else "sessions"
    return f"at most {tolerance} {sessions} apart"
