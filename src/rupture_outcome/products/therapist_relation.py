"""Whether therapists who repair more lose fewer patients."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, interval, number, p_value
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables


def relation_table(tables: Tables, look: Look) -> str:
    """Lay out a row a method and measure."""
    relation = tables["therapist_relation"]
    rows = relation.to_dict("records")
    cells = pd.DataFrame(index=relation.index)
    cells["group"] = [f"Repair and: {name('therapist_outcome', row['second'])}" for row in rows]
    cells["method"] = [name("relation_method", row["method"]) for row in rows]
    cells["measure"] = [name("relation_measure", row["measure"]) for row in rows]
    cells["estimate"] = [number(row["estimate"], 2) for row in rows]
    cells["interval"] = [interval(row["ci_low"], row["ci_high"]) for row in rows]
    cells["p"] = [p_value(row["p"], bare=True) for row in rows]
    for column in ("therapists", "patients", "events"):
        cells[column] = count_texts(relation[column])
    cells["reason"] = [remark(row, look) for row in rows]
    return html_table(
        cells,
        "therapist_relation",
        "Do therapists who repair more lose fewer?",
        "Unit: therapist. Below 0: therapists who repair more lose fewer.",
        labels={
            "method": "How",
            "measure": "Measure",
            "estimate": "Estimate",
            "interval": f"{look.level} interval",
            "p": "p",
            "therapists": "Therapists",
            "patients": "Patients",
            "events": "Events",
            "reason": "Note",
        },
        group="group",
        notes=[
            "Effects on repair and on dropout are bivariate normal between therapists; profile-"
            "likelihood intervals. Given the state: what is left of dropout beyond ruptures and "
            "repairs of the therapist's own patients. Counts: those in both outcomes, and of "
            "events the fewer.",
        ],
        look=look,
    )


def with_without(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """Add the patients without the event; of repair and dropout, dropout is what happens once."""
    return frame.assign(without=frame["patients"] - frame["events"])


BASIS = ("patients", "events", "without")

PRODUCT = Product(
    name="therapist_relation",
    about="Correlation of therapists' effects on repair and on dropout",
    raw={"frame": "models/therapist_relation.parquet"},
    make=with_without,
    columns=(
        Column("first", label="Outcome"),
        Column("second", label="Other outcome"),
        Column("method", label="How"),
        Column("measure", label="Measure"),
        Column("estimate", "estimate", label="Estimate", of=BASIS, ends=["ci_low", "ci_high"]),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("p", "p", label="p", of=BASIS),
        Column("therapists", "count", label="Therapists"),
        Column("patients", "count", label="Patients"),
        Column("events", "count", label="Events", of=["patients"]),
        Column("without", "basis"),
        Column("converged", "flag", label="Converged", of=BASIS),
        Column("reason", "text", label="Note", of=BASIS),
    ),
    lay_out=relation_table,
)
