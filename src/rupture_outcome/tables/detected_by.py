"""Table of the sets of definitions that detect the same sessions."""

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import share_texts
from rupture_outcome.look.words import lower_first, name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

LEADING = ["detected_by", "definitions", "sessions", "patients", "share", "n", "withheld"]
PLUS = " + "


def sets_table(sets: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out published sets (`publishable_detected_by`) as HTML."""
    ids = [column for column in sets if column not in LEADING]
    cells = pd.DataFrame(index=sets.index)
    cells["detected_by"] = [set_name(own) for own in sets["detected_by"]]
    for column in ("definitions", "sessions", "patients"):
        cells[column] = count_texts(sets, column)
    cells["share"] = share_texts(sets, "share", 1, percent=True)
    n = count_texts(sets, "n")[0] if len(sets) else "0"
    return html_table(
        cells,
        "detected_by",
        "Sessions by the set of definitions that find a rupture in them",
        f"n = {n} sessions that all of these definitions can test. Unit: session.",
        labels={
            "detected_by": "Found by",
            "definitions": "Definitions",
            "sessions": "Sessions",
            "share": "Share of sessions",
            "patients": "Patients",
        },
        notes=[
            f"Compared: {'; '.join(lower_first(name('definition', one)) for one in ids)}. "
            "Definitions that can test fewer than a quarter of the sessions are left out."
            if ids
            else "",
            f"Other sets: sets of 1 to {threshold} sessions or patients, counted together."
            if threshold
            else "",
            withheld_note(threshold) if len(sets) else "",
        ],
        simulated=simulated,
    )


def set_name(detected_by: object) -> str:
    """Name a set of definitions.

    Examples
    --------
    >>> set_name("psq_patient + psq_therapist")
    'Rupture reported by patient + rupture reported by therapist'
    """
    text = str(detected_by)
    if text in {"none", "other sets"}:
        return {"none": "None of them", "other sets": "Other sets"}[text]
    first, *more = [name("definition", one) for one in text.split(PLUS)]
    return PLUS.join([first, *map(lower_first, more)])
