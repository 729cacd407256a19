"""Table of how well definitions find the ruptures of a simulated study."""

import pandas as pd

from rupture_outcome.look.formats import interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

COUNTS = ["n", "onsets", "found", "negatives", "detections"]


def accuracy_table(
    accuracy: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published accuracy (`publishable_accuracy`) as HTML."""
    cells = pd.DataFrame(index=accuracy.index)
    cells["definition"] = [name("definition", one) for one in accuracy["definition"]]
    for column in COUNTS:
        cells[column] = count_texts(accuracy, column)
    for rate in ("sensitivity", "specificity"):
        bounds = zip(100 * accuracy[f"{rate}_low"], 100 * accuracy[f"{rate}_high"], strict=True)
        cells[rate] = [percent(value) for value in accuracy[rate]]
        cells[f"{rate}_interval"] = [interval(low, high, 1) for low, high in bounds]
    cells["ppv"] = [percent(value) for value in accuracy["ppv"]]
    cells["delay_mean"] = [number(delay, 2) for delay in accuracy["delay_mean"]]
    level = f"{confidence * 100:g}% interval (%)"
    return html_table(
        cells,
        "definition_accuracy",
        "Definitions against the true ruptures",
        "Truth is known because the study is simulated. Unit: rupture for sensitivity and delay, "
        "session for the rest.",
        labels={
            "definition": "Definition",
            "n": "Sessions testable",
            "onsets": "True ruptures",
            "found": "Found",
            "sensitivity": "Sensitivity",
            "sensitivity_interval": level,
            "negatives": "Sessions without rupture",
            "specificity": "Specificity",
            "specificity_interval": level,
            "detections": "Detections",
            "ppv": "Of these true",
            "delay_mean": "Delay (sessions)",
        },
        notes=_notes(accuracy, threshold),
        simulated=simulated,
    )


def _notes(accuracy: pd.DataFrame, threshold: int) -> list[str]:
    if accuracy.empty:
        return ["The true ruptures are not known: they are in simulated studies only."]
    return [
        "Found: a detection in the session in which a rupture began or up to two attended sessions "
        "later. True ruptures that a definition could not test in that time are left out.",
        "Sessions without rupture: none open, and none began so shortly before. Accuracy depends "
        "on how ruptures were simulated; it says nothing of real ones.",
        withheld_note(threshold),
    ]
