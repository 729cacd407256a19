"""Weights of the marginal structural hazard: what they look like, and whether to trust them."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

EMPTY = "There are no weights: the study has no symptom scores, or their model could not be fitted."
NUMBERS = {"mean": 3, "sd": 3, "smallest": 2, "largest": 2, "effective_size": 0}


def diagnostics_page(tables: Tables, look: Look) -> str:
    """Lay out a row a kind of weights."""
    diagnostics = tables["weight_diagnostics"]
    cells = pd.DataFrame({"weights": [name("sensitivity", w) for w in diagnostics["weights"]]})
    for column in ("patients", "sessions"):
        cells[column] = count_texts(diagnostics[column])
    for column, digits in NUMBERS.items():
        cells[column] = [number(value, digits) for value in diagnostics[column]]
    cells["share_truncated"] = [percent(value) for value in diagnostics["share_truncated"]]
    cells["least_chance"] = [percent(value) for value in diagnostics["least_chance"]]
    cells["reason"] = [reason_text(note) for note in diagnostics["reason"]]
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
            "reason": "Remark",
        },
        notes=[
            "The mean should be near 1. Effective number: of sessions with equal weights that "
            "would tell as much. Least chance: of a rupture, a repair or neither, given symptoms.",
        ],
        look=look,
    )


PRODUCT = Product(
    name="weight_diagnostics",
    about="Weights for confounding by symptoms that change, and whether they can be trusted",
    raw={"frame": "models/weight_diagnostics.parquet"},
    columns=(
        Column("weights", label="Weights"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions"),
        *(
            Column(key, "estimate", label=label, of=["patients"])
            for key, label in {
                "mean": "Mean",
                "sd": "SD",
                "smallest": "Smallest",
                "largest": "Largest",
                "effective_size": "Effective number of sessions",
            }.items()
        ),
        Column("share_truncated", "mean", label="Truncated", of=["sessions"]),
        Column("least_chance", "estimate", label="Least chance", of=["patients"]),
        Column("reason", "text", label="Remark", of=["patients"]),
    ),
    lay_out=diagnostics_page,
)
