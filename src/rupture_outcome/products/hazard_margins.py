"""Predicted chances of ending after a session, by the state of ruptures."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST
from rupture_outcome.look.formats import with_interval
from rupture_outcome.look.hazard_words import model_name
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.words import coding_name, contrast_name, name
from rupture_outcome.products.product import Product, Tables

STATES = ["state_a", "state_b"]
QUANTITIES = {"hazard": 100.0, "difference": 100.0, "risk_ratio": 1.0}


def margins_table(tables: Tables, look: Look) -> str:
    """Lay out predicted hazards by state, their differences and ratios as HTML."""
    margins = tables["hazard_margins"].fillna({"state_b": ""})
    shown = margins[margins["quantity"].isin(list(QUANTITIES))]
    keys = ["model", "link", *STATES]
    lines = shown.drop_duplicates(keys)[keys].reset_index(drop=True)
    cells = pd.DataFrame(index=lines.index)
    cells["group"] = [model_name(m, link) for m, link in lines[["model", "link"]].to_numpy()]
    cells["state"] = [_what(row) for row in lines.to_dict("records")]
    for quantity, scale in QUANTITIES.items():
        own = shown[shown["quantity"].eq(quantity)].set_index(["model", *STATES])
        places = pd.MultiIndex.from_frame(lines[["model", *STATES]])
        cells[quantity] = [_value(row, scale) for row in own.reindex(places).to_dict("records")]
    first = shown.drop_duplicates(keys).to_dict("records")
    cells["reason"] = [remark(row, look) for row in first]
    return html_table(
        cells,
        "hazard_margins",
        "Chance of ending after a session, by state of ruptures",
        f"{coding_name(look.primary)}. In brackets: {look.level} intervals.",
        labels={
            "state": "State, or states compared",
            "hazard": "Chance after a session, per cent",
            "difference": "Difference, percentage points",
            "risk_ratio": "Ratio of chances",
            "reason": "Note",
        },
        group="group",
        notes=[
            "Predicted from the model with every session at risk put into the state, at the "
            "session and covariates that it has, and averaged over sessions and therapists.",
        ],
        look=look,
    )


def _what(row: Mapping) -> str:
    return contrast_name(row) if row["state_b"] else name("state", row["state_a"])


def _value(row: Mapping, scale: float) -> str:
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], scale=scale)


PRODUCT = Product(
    name="hazard_margins",
    about="Predicted chances of dropping out or ending after a session, by state of ruptures",
    raw={"margins": "models/hazard_margins.parquet"},
    columns=(
        Column("model", label="Model"),
        Column("event", label="Event"),
        Column("link"),
        Column("quantity", label="Quantity"),
        Column("state_a", label="State, or the first of two compared"),
        Column("state_b", label="The second"),
        Column("session", "number", label="Session"),
        Column("estimate", "estimate", of=FEWEST, ends=("ci_low", "ci_high"), se="se"),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("patients", "count"),
        Column("sessions", "count", of=["patients"]),
        Column("events", "count", of=["patients"]),
        Column("converged", "flag", of=FEWEST),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("definition"),
        Column("repair_rule"),
        Column("dropout_definition"),
        *(Column(cell, "basis") for cell in FEWEST),
    ),
    lay_out=margins_table,
)
