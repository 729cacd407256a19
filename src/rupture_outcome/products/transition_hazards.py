"""Hazards of every transition between states, over all sessions and session by session."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.state_texts import share_cell, specification, state_name, told_notes
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables


def hazard_table(tables: Tables, look: Look) -> str:
    """Lay out the hazards over all sessions; those of single sessions are in the file."""
    hazards = tables["transition_hazards"]
    pooled = hazards[hazards["session"].isna()]
    pooled = pooled[~(pooled["to"].eq("intact") & pooled["events"].eq(0))]
    rows = pd.DataFrame(
        {
            "group": [f"From: {name('state', state).lower()}" for state in pooled["from"]],
            "to": [state_name(state) for state in pooled["to"]],
            "at_risk": count_texts(pooled["at_risk"]),
            "events": count_texts(pooled["events"]),
            "hazard": [share_cell(row, look) for row in pooled.to_dict("records")],
        }
    )
    labels = {"to": "To", "at_risk": "Sessions", "events": "Transitions", "hazard": "Hazard, %"}
    return html_table(
        rows,
        "transition_hazards",
        "What follows a session, by the state of the alliance",
        f"Transitions per 100 sessions in a state [{look.level} interval]. "
        f"{specification(hazards)}",
        labels=labels,
        group="group",
        notes=told_notes(hazards),
        look=look,
    )


PRODUCT = Product(
    name="transition_hazards",
    about="How often each state is followed by each other one, over all sessions and in each",
    raw={"frame": "models/transition_hazards.parquet"},
    columns=(
        Column("session", "number", label="Session"),
        Column("from", label="From"),
        Column("to", label="To"),
        Column("at_risk", "count", label="Sessions in the state"),
        Column("events", "count", label="Transitions", of=["at_risk"]),
        Column("estimate", "mean", label="Hazard", of=["at_risk"], ends=["ci_low", "ci_high"]),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("reason", "text", label="Note"),
    ),
    lay_out=hazard_table,
)
