"""How far definitions agree, two at a time."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["n", "both", "patients"]
CELLS = ["n", "patients", "both", "only_a", "only_b", "neither"]


def agreement_table(tables: Tables, look: Look) -> str:
    """Lay out the agreement as HTML."""
    agreement = tables["definition_agreement"]
    cells = pd.DataFrame(index=agreement.index)
    cells["group"] = [name("definition", a) for a in agreement["definition_a"]]
    cells["definition_b"] = [name("definition", b) for b in agreement["definition_b"]]
    for column in COUNTS:
        cells[column] = count_texts(agreement[column])
    for column in ("kappa", "ac1"):
        cells[column] = [number(value, 2) for value in agreement[column]]
    for column in ("prevalence_a", "prevalence_b"):
        cells[column] = [percent(value) for value in agreement[column]]
    bounds = zip(agreement["ci_low"], agreement["ci_high"], strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    cells["reason"] = [remark(row, look, "kappa") for row in agreement.to_dict("records")]
    return html_table(
        cells,
        "definition_agreement",
        "Agreement between definitions of rupture",
        "Cohen's kappa over the sessions that both definitions can test. Unit: session.",
        labels=PRODUCT.labels("definition_b", "n", "kappa")
        | {"interval": f"{look.level} interval"}
        | PRODUCT.labels("prevalence_a", "prevalence_b", "both", "ac1", "patients", "reason"),
        group="group",
        notes=[
            "First and second find: share of the sessions that both can test. Where ruptures are "
            "rare kappa is low even if definitions hardly ever differ; Gwet's AC1 is not.",
            "Intervals: bootstrap of patients with all their sessions.",
        ],
        look=look,
    )


PRODUCT = Product(
    name="definition_agreement",
    about="Cohen's kappa of every pair of definitions, over the sessions that both can test",
    raw={"agreement": "coding/definition_agreement.parquet"},
    columns=(
        Column("definition_a", label="Definition"),
        Column("definition_b", label="With"),
        Column("n", "count", label="Sessions testable by both"),
        Column("kappa", "estimate", label="Kappa", of=CELLS, ends=["ci_low", "ci_high"], most=1.0),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("prevalence_a", "mean", label="First finds", of=["n"]),
        Column("prevalence_b", "mean", label="Second finds", of=["n"]),
        Column("ac1", "estimate", label="AC1", of=CELLS),
        Column("both", "count", label="Sessions found by both", of=["n"]),
        Column("only_a", "count", of=["n"]),
        Column("only_b", "count", of=["n"]),
        Column("neither", "count", of=["n"]),
        Column("patients", "count", label="Patients"),
        Column("reason", "text", label="Note"),
    ),
    lay_out=agreement_table,
)
