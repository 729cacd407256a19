"""What definitions find, and what chance gives, as their thresholds move."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["sessions_testable", "sessions_detected"]
EXPECTED = ["expected_by_chance", "expected_without_change"]


def sweep_table(tables: Tables, look: Look) -> str:
    """Lay out the sweep as HTML."""
    sweep = tables["threshold_sweep"]
    cells = pd.DataFrame(index=sweep.index)
    cells["group"] = [
        f"{name('definition', one)}: {name('parameter', parameter)}"
        for one, parameter in zip(sweep["definition"], sweep["parameter"], strict=True)
    ]
    pairs = zip(sweep["value"], sweep["in_use"], strict=True)
    cells["value"] = [_value(value, bool(in_use)) for value, in_use in pairs]
    for column in COUNTS:
        cells[column] = count_texts(sweep[column])
    for column in EXPECTED:
        cells[column] = [number(n) for n in sweep[column]]
    for column in ("rate", "sensitivity", "specificity"):
        cells[column] = [percent(share) for share in sweep[column]]
    truth = ["sensitivity", "specificity"] if sweep["sensitivity"].notna().any() else []
    return html_table(
        cells,
        "threshold_sweep",
        "Ruptures as the threshold of a definition moves",
        "Unit: session.",
        labels=PRODUCT.labels("value", *COUNTS, "rate", *EXPECTED, *truth),
        group="group",
        notes=[
            "* The value in use.",
            "Sensitivity and specificity: against the true ruptures of the simulated study."
            if truth
            else "",
        ],
        look=look,
    )


def _value(value: float, in_use: bool) -> str:
    text = "not used" if pd.isna(value) else f"{value:.3g}"
    return f"{text} *" if in_use else text


PRODUCT = Product(
    name="threshold_sweep",
    about="Sessions with a rupture, and how many chance gives, as the threshold moves",
    raw={"sweep": "coding/threshold_sweep.parquet"},
    columns=(
        Column("definition", label="Definition"),
        Column("parameter", label="Threshold"),
        Column("value", "number", label="Value"),
        Column("sessions_testable", "count", label="Sessions testable"),
        Column("sessions_detected", "count", "Sessions with a rupture", of=["sessions_testable"]),
        Column("rate", "share", "Share of testable sessions", of=COUNTS[::-1]),
        Column("expected_by_chance", "estimate", "Sessions expected by chance", of=COUNTS[:1]),
        Column(
            "expected_without_change", "estimate", "Sessions expected without change",
            of=COUNTS[:1],
        ),
        Column("sensitivity", "estimate", label="Sensitivity", of=COUNTS),
        Column("specificity", "estimate", label="Specificity", of=COUNTS),
        Column("in_use", "flag"),
    ),
    lay_out=sweep_table,
)  # fmt: skip
