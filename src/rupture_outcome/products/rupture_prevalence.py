"""How frequent ruptures are under each definition."""

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts, interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Product, Tables

COUNTS = ["sessions_testable", "sessions_detected", "patients_testable", "patients_detected"]
EXPECTED = ["expected_by_chance", "expected_without_change"]


def prevalence_table(tables: Tables, look: Look) -> str:
    """Lay out the prevalence as HTML."""
    prevalence = tables["rupture_prevalence"]
    cells = pd.DataFrame(index=prevalence.index)
    for kind in ("definition", "class", "provenance"):
        cells[kind] = [name(kind, value) for value in prevalence[kind]]
    for column in COUNTS:
        cells[column] = count_texts(prevalence[column])
    cells["rate"] = [percent(rate) for rate in prevalence["rate"]]
    for column in EXPECTED:
        cells[column] = [number(n) for n in prevalence[column]]
    bounds = zip(100 * prevalence["ci_low"], 100 * prevalence["ci_high"], strict=True)
    cells["interval"] = [interval(low, high, 1) for low, high in bounds]
    first = ("definition", "class", "provenance", *COUNTS[:2], "rate")
    return html_table(
        cells,
        "rupture_prevalence",
        "Ruptures under each definition",
        "Testable: a session in which the definition can be applied. Unit: session, then patient.",
        labels=PRODUCT.labels(*first)
        | {"interval": f"{look.level} interval (%)"}
        | PRODUCT.labels(*EXPECTED, *COUNTS[2:]),
        notes=_notes(prevalence),
        look=look,
    )


def _notes(prevalence: pd.DataFrame) -> list[str]:
    recalled = prevalence["provenance"].eq("recalled").any()
    return [
        "Expected by chance: mean number of sessions with a rupture when each patient's scores are "
        "put in random order; given for definitions that use scores. It can exceed what was found: "
        "real courses move slowly, and shuffled ones jump more from session to session. Expected "
        "without change: the same if scores differed by errors of measurement only, given where "
        "the reliability is known.",
        "Recalled: the rule is known to the authors but was not read in a source; check it before "
        "citing it."
        if recalled
        else "",
    ]


PRODUCT = Product(
    name="rupture_prevalence",
    about="Sessions and patients with a rupture under each definition, and how many chance gives",
    raw={"prevalence": "coding/prevalence.parquet"},
    columns=(
        Column("definition", label="Definition"),
        Column("class", label="Class"),
        Column("provenance", label="Source of the rule"),
        Column("sessions_testable", "count", label="Sessions testable"),
        Column("sessions_detected", "count", "Sessions with a rupture", of=["sessions_testable"]),
        Column("patients_testable", "count", label="Patients testable"),
        Column("patients_detected", "count", "Patients with a rupture", of=["patients_testable"]),
        Column(
            "rate", "share", "Share of testable sessions",
            of=["sessions_detected", "sessions_testable"], ends=["ci_low", "ci_high"],
        ),
        Column(
            "expected_by_chance", "estimate", "Sessions expected, random order",
            of=["sessions_testable", "patients_testable"],
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column(
            "expected_without_change", "estimate", "Sessions expected, nobody changed",
            of=["sessions_testable", "patients_testable"],
        ),
    ),
    lay_out=prevalence_table,
)  # fmt: skip
