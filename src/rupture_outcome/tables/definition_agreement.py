"""Table of how far definitions agree, two at a time."""

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import (
    ROUNDED_NOTE,
    any_rounded,
    interval_texts,
    share_texts,
)
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

COUNTS = ["n", "both", "patients"]


def agreement_table(
    agreement: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published agreement (`publishable_definition_agreement`) as HTML."""
    cells = pd.DataFrame(index=agreement.index)
    cells["group"] = [name("definition", a) for a in agreement["definition_a"]]
    cells["definition_b"] = [name("definition", b) for b in agreement["definition_b"]]
    for column in COUNTS:
        cells[column] = count_texts(agreement, column)
    for column in ("kappa", "ac1"):
        cells[column] = share_texts(agreement, column)
    for column in ("prevalence_a", "prevalence_b"):
        cells[column] = share_texts(agreement, column, 1, percent=True)
    cells["interval"] = interval_texts(agreement)
    cells["note"] = agreement["note"].astype(object)
    return html_table(
        cells,
        "definition_agreement",
        "Agreement between definitions of rupture",
        "Cohen's kappa over the sessions that both definitions can test. Unit: session.",
        labels={
            "definition_b": "With",
            "n": "Sessions testable by both",
            "kappa": "Kappa",
            "interval": f"{confidence * 100:g}% interval",
            "prevalence_a": "First finds",
            "prevalence_b": "Second finds",
            "both": "Sessions found by both",
            "ac1": "AC1",
            "patients": "Patients",
            "note": "Note",
        },
        group="group",
        notes=[
            "First and second find: share of the sessions that both can test. Where ruptures are "
            "rare kappa is low even if definitions hardly ever differ; Gwet's AC1 is not.",
            "Intervals: bootstrap of patients with all their sessions.",
            ROUNDED_NOTE if any_rounded(agreement) else "",
            withheld_note(threshold) if len(agreement) else "",
        ],
        simulated=simulated,
    )
