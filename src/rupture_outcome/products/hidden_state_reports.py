"""How often each report of ruptures and repairs is right, as the reports together tell."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, interval, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

RATES = ("sensitivity", "specificity")
BASIS = ("patients", "events", "least_cell")
EMPTY = "The study holds no report of ruptures."


def reports_table(tables: Tables, look: Look) -> str:
    """Lay out one row a report; beside the estimate the truth, where it is known."""
    reports = tables["hidden_state_reports"]
    cells = pd.DataFrame(index=reports.index)
    cells["report"] = [name("report", one) for one in reports["report"]]
    cells["sees"] = [name("sees", one) for one in reports["sees"]]
    for column in ("patients", "sessions"):
        cells[column] = count_texts(reports[column])
    labels = PRODUCT.labels(*cells)
    for rate in RATES:
        bounds = zip(100 * reports[f"{rate}_low"], 100 * reports[f"{rate}_high"], strict=True)
        cells[rate] = [percent(value) for value in reports[rate]]
        cells[f"{rate}_interval"] = [interval(low, high, 1) for low, high in bounds]
        labels |= PRODUCT.labels(rate) | {f"{rate}_interval": f"{look.level} interval (%)"}
        if look.simulated:
            cells[f"true_{rate}"] = [percent(value) for value in reports[f"true_{rate}"]]
            labels |= PRODUCT.labels(f"true_{rate}")
    cells["reason"] = [reason_text(one) for one in reports["reason"]]
    return html_table(
        cells,
        "hidden_state_reports",
        "How often each report is right",
        "Nobody sees the state of the alliance: it is told from all reports together."
        if len(reports)
        else EMPTY,
        labels=labels | PRODUCT.labels("reason"),
        notes=[
            "Reported when there: share of sessions with what the report is about in which it "
            "says so. Not reported when not: of sessions with an open rupture for resolutions, of "
            "sessions without one for all else.",
            "Estimated in one model with dropout; once the state is known, each report is taken to "
            "err apart from the others.",
        ],
        look=look,
    )


PRODUCT = Product(
    name="hidden_state_reports",
    about="How often each report of ruptures and repairs is right, estimated from all of them",
    raw={"reports": "models/hidden_state_reports.parquet"},
    columns=(
        Column("report", label="Report"),
        Column("sees", label="Is about"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions answered", of=["patients"]),
        Column(
            "sensitivity", "estimate", label="Reported when there", of=BASIS,
            ends=["sensitivity_low", "sensitivity_high"], most=1.0,
        ),
        Column("sensitivity_low", "follows"),
        Column("sensitivity_high", "follows"),
        Column("true_sensitivity", "estimate", label="In truth", of=BASIS),
        Column(
            "specificity", "estimate", label="Not reported when not", of=BASIS,
            ends=["specificity_low", "specificity_high"], most=1.0,
        ),
        Column("specificity_low", "follows"),
        Column("specificity_high", "follows"),
        Column("true_specificity", "estimate", label="In truth", of=BASIS),
        Column("reason", "text", label="Note", of=BASIS),
        Column("events", "basis"),
        Column("least_cell", "basis"),
    ),
    lay_out=reports_table,
)  # fmt: skip
