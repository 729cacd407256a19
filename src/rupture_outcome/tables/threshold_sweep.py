"""Table of what definitions find, and what chance gives, as their thresholds move."""

import pandas as pd

from rupture_outcome.look.formats import number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import ROUNDED_NOTE, any_rounded, share_texts
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

COUNTS = ["sessions_testable", "sessions_detected"]
EXPECTED = ["expected_by_chance", "expected_without_change"]


def sweep_table(sweep: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out a published sweep (`publishable_sweep`) as HTML."""
    cells = pd.DataFrame(index=sweep.index)
    cells["group"] = [
        f"{name('definition', one)}: {name('parameter', parameter)}"
        for one, parameter in zip(sweep["definition"], sweep["parameter"], strict=True)
    ]
    pairs = zip(sweep["value"], sweep["in_use"], strict=True)
    cells["value"] = [_value(value, bool(in_use)) for value, in_use in pairs]
    for column in COUNTS:
        cells[column] = count_texts(sweep, column)
    for column in EXPECTED:
        cells[column] = [number(n) for n in sweep[column]]
    for column in ("rate", "sensitivity", "specificity"):
        cells[column] = share_texts(sweep, column, 1, percent=True)
    labels = {
        "value": "Value",
        "sessions_testable": "Sessions testable",
        "sessions_detected": "Sessions with a rupture",
        "rate": "Share of testable sessions",
        "expected_by_chance": "Sessions expected by chance",
        "expected_without_change": "Sessions expected without change",
    }
    if sweep["sensitivity"].notna().any():
        labels |= {"sensitivity": "Sensitivity", "specificity": "Specificity"}
    return html_table(
        cells,
        "threshold_sweep",
        "Ruptures as the threshold of a definition moves",
        "Unit: session.",
        labels=labels,
        group="group",
        notes=[
            "* The value in use.",
            "Sensitivity and specificity: against the true ruptures of the simulated study."
            if "sensitivity" in labels
            else "",
            ROUNDED_NOTE if any_rounded(sweep) else "",
            withheld_note(threshold) if len(sweep) else "",
        ],
        simulated=simulated,
    )


def _value(value: float, in_use: bool) -> str:
    text = "not used" if pd.isna(value) else f"{value:.3g}"
    return f"{text} *" if in_use else text
