"""Expected sessions in every state, and the chances of a rupture and of its repair."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.state_texts import (
    STATES,
    missing_cell,
    share_cell,
    specification,
    state_name,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables


def time_table(tables: Tables, look: Look) -> str:
    """Lay out the expected sessions in each state and the chances of rupture and repair."""
    times = tables["time_in_state"]
    horizon = int(times["horizon"].iloc[0])
    about = times["reason"].map(reason_text)
    rows = pd.DataFrame(
        {
            "what": [_measure(row) for row in times.to_dict("records")],
            "value": [_value(row, look) for row in times.to_dict("records")],
            "reason": about.where(times["measure"].eq("odds_ratio_per_session_open"), ""),
        }
    )
    return html_table(
        rows,
        "time_in_state",
        "How long ruptures stay open",
        f"Per patient who starts, up to session {horizon} [{look.level} interval]. "
        f"{specification(times)}",
        labels={"what": "", "value": "Estimate", "reason": "Note"},
        notes=["Sessions lost to an ending count from the session after it."],
        look=look,
    )


def _measure(row: Mapping) -> str:
    measure = name("time_in_state", row["measure"])
    return measure if row["measure"] != "expected_sessions" else f"{measure}: {_phase(row)}"


def _phase(row: Mapping) -> str:
    ending = str(row["state"]) not in STATES
    return ("lost to " if ending else "") + state_name(row["state"]).lower()


def _value(row: Mapping, look: Look) -> str:
    if row["measure"].startswith(("ever", "repaired")):
        text = share_cell(row, look)
        return f"{text} %" if text[0].isdigit() else text
    if pd.isna(row["estimate"]):
        return missing_cell(row, look)
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"])


PRODUCT = Product(
    name="time_in_state",
    about="Expected sessions in every state, and the chances of a rupture and of its repair",
    raw={"frame": "models/time_in_state.parquet"},
    columns=(
        Column("measure", label="Measure"),
        Column("state", label="State"),
        Column(
            "estimate", "mean", label="Estimate", of=["patients", "events", "without"],
            ends=["ci_low", "ci_high"],
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("patients", "basis"),
        Column("events", "basis"),
        Column("without", "basis"),
        Column("horizon", "number", label="Sessions followed"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("reason", "text", label="Note", of=["events", "without"]),
    ),
    lay_out=time_table,
)  # fmt: skip
