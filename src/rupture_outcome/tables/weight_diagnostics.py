"""Table of the weights of the marginal structural hazard."""

import pandas as pd

from rupture_outcome.look.formats import number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

EMPTY = "There are no weights: the study has no symptom scores, or their model could not be fitted."
NUMBERS = {"mean": 3, "sd": 3, "smallest": 2, "largest": 2, "effective_size": 0}


def diagnostics_page(
    diagnostics: pd.DataFrame, *, threshold: int = 10, simulated: bool = False
) -> str:
    """Lay out the published diagnostics (`publishable_diagnostics`) as HTML."""
    cells = pd.DataFrame({"weights": [name("sensitivity", w) for w in diagnostics["weights"]]})
    for column in ("patients", "sessions"):
        cells[column] = count_texts(diagnostics, column)
    for column, digits in NUMBERS.items():
        cells[column] = [number(value, digits) for value in diagnostics[column]]
    cells["share_truncated"] = [percent(value) for value in diagnostics["share_truncated"]]
    cells["least_chance"] = [percent(value) for value in diagnostics["least_chance"]]
    cells["note"] = diagnostics["note"].astype(str).to_list()
    hidden = is_withheld(diagnostics, "patients") | is_withheld(diagnostics, "sessions")
    return html_table(
        cells,
        "weight_diagnostics",
        "Weights for confounding by symptoms",
        "Stabilised weights of sessions at risk of dropout." if len(diagnostics) else EMPTY,
        labels={
            "weights": "Weights",
            "patients": "Patients",
            "sessions": "Sessions",
            "mean": "Mean",
            "sd": "SD",
            "smallest": "Smallest",
            "largest": "Largest",
            "effective_size": "Effective number of sessions",
            "share_truncated": "Truncated",
            "least_chance": "Least chance of what happened",
            "note": "Remark",
        },
        notes=[
            "The mean should be near 1. Effective number: of sessions with equal weights that "
            "would tell as much. Least chance: of a rupture, a repair or neither, given symptoms.",
            withheld_note(threshold) if hidden.any() else "",
        ],
        simulated=simulated,
    )
