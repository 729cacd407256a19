"""Agreement between definitions of dropout, two at a time."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.agreement.definition_agreement import CELLS
from rupture_outcome.look.dropout_words import definition_name
from rupture_outcome.look.formats import count_texts, intervals, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.products.product import Product, Tables


def overlap_table(tables: Tables, look: Look) -> str:
    """Lay out the agreement of two definitions as HTML."""
    pairs = tables["dropout_overlap"]
    cells = pd.DataFrame(index=pairs.index)
    cells["group"] = [definition_name(a) for a in pairs["definition_a"]]
    cells["definition_b"] = [definition_name(b) for b in pairs["definition_b"]]
    for column in ("n", "both", "only_a", "only_b"):
        cells[column] = count_texts(pairs[column])
    for column in ("kappa", "ac1"):
        cells[column] = [number(value, 2) for value in pairs[column]]
    cells["interval"] = intervals(pairs)
    cells["reason"] = [remark(row, look, "kappa") for row in pairs.to_dict("records")]
    return html_table(
        cells,
        "dropout_overlap",
        "Agreement between definitions of dropout",
        "Cohen's kappa over the patients whom both definitions can classify. Unit: patient.",
        labels={
            "definition_b": "With",
            "n": "Patients classified by both",
            "both": "Dropout by both",
            "only_a": "By the first only",
            "only_b": "By the second only",
            "kappa": "Kappa",
            "interval": f"{look.level} interval",
            "ac1": "AC1",
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        group="group",
        notes=["Intervals: bootstrap of patients."],
        look=look,
    )


PRODUCT = Product(
    name="dropout_overlap",
    about="How far two definitions of dropout call the same patients dropouts",
    raw={"pairs": "models/dropout_overlap.parquet"},
    columns=(
        Column("definition_a", label="Definition"),
        Column("definition_b", label="With"),
        Column("n", "count", label="Patients classified by both"),
        Column("kappa", "estimate", label="Kappa", of=CELLS, ends=("ci_low", "ci_high"), most=1.0),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("prevalence_a", "mean", of=["n"]),
        Column("prevalence_b", "mean", of=["n"]),
        Column("ac1", "estimate", label="AC1", of=CELLS),
        Column("both", "count", label="Dropout by both", of=["n"]),
        Column("only_a", "count", label="By the first only", of=["n"]),
        Column("only_b", "count", label="By the second only", of=["n"]),
        Column("neither", "count", of=["n"]),
        Column("reason", "text", label="Note", of=CELLS),
    ),
    lay_out=overlap_table,
)
