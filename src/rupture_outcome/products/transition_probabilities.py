"""Probabilities of later states, given the state after a session."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.state_texts import share_cells, shown_sessions, specification, told_notes
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables


def probability_table(tables: Tables, look: Look) -> str:
    """Lay out a group a start and state, a row a later state.

    The columns say how many sessions later.
    """
    probabilities = tables["transition_probabilities"]
    later = probabilities.assign(session=probabilities["session"] - probabilities["start"])
    moved = later[later["session"] > 0]
    sessions = shown_sessions(moved)
    rows = [
        {"group": f"After session {start}: {name('state', origin).lower()}"}
        | share_cells(curve, sessions, look)
        for (start, origin), part in moved.groupby(["start", "from"], sort=False)
        for state, curve in part.groupby("state", sort=False)
        if state != "intact" or origin == "intact"
    ]
    labels = {"state": "State"} | {str(s): f"{s} session{'s' * (s > 1)} later" for s in sessions}
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels]),
        "transition_probabilities",
        "From a state to what comes later",
        f"Probability in % [{look.level} interval]. {specification(probabilities)}",
        labels=labels,
        group="group",
        notes=[
            "Product of the transitions from session to session; it holds if what comes next "
            "depends on state and session only (Markov).",
            *told_notes(probabilities),
        ],
        look=look,
    )


PRODUCT = Product(
    name="transition_probabilities",
    about="Probability of every later state, given the state after a session",
    raw={"frame": "models/transition_probabilities.parquet"},
    columns=(
        Column("start", "number", label="After session"),
        Column("from", label="From"),
        Column("session", "number", label="Session"),
        Column("state", label="State"),
        Column(
            "estimate", "mean", label="Probability", of=["at_risk"],
            ends=["ci_low", "ci_high", "band_low", "band_high"],
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("band_low", "follows"),
        Column("band_high", "follows"),
        Column("at_risk", "count", label="Patients in the state at the start"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("reason", "text", label="Note"),
    ),
    lay_out=probability_table,
)  # fmt: skip
