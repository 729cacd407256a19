"""Sets of definitions that detect a rupture in the same sessions."""

import pandas as pd

from rupture_outcome.disclosure import OTHER, Categories, Column
from rupture_outcome.look.formats import count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.products.product import Product, Tables

LEADING = ["detected_by", "definitions", "sessions", "patients", "share", "n"]
PLUS = " + "


def compared_sets(look: Look, sets: pd.DataFrame) -> pd.DataFrame:
    """Name the definitions that are compared in one column instead of one column each."""
    ids = [str(column) for column in sets if column not in LEADING]
    return sets[LEADING].assign(compared=PLUS.join(ids)).astype({"definitions": "Int64"})


def sets_table(tables: Tables, look: Look) -> str:
    """Lay out the sets as HTML."""
    sets = tables["detected_by"]
    cells = pd.DataFrame(index=sets.index)
    cells["detected_by"] = [set_name(own) for own in sets["detected_by"]]
    cells["definitions"] = [f"{n:.0f}" if pd.notna(n) else "" for n in sets["definitions"]]
    for column in ("sessions", "patients"):
        cells[column] = count_texts(sets[column])
    cells["share"] = [percent(share) for share in sets["share"]]
    n = count_texts(sets["n"])[0] if len(sets) else "0"
    ids = compared(sets)
    return html_table(
        cells,
        "detected_by",
        "Sessions by the set of definitions that find a rupture in them",
        f"n = {n} sessions that all of these definitions can test. Unit: session.",
        labels=PRODUCT.labels("detected_by", "definitions", "sessions", "share", "patients"),
        notes=[
            f"Compared: {'; '.join(lower_first(name('definition', one)) for one in ids)}. "
            "Definitions that can test fewer than a quarter of the sessions are left out."
            if ids
            else "",
            f"Other sets: sets of 1 to {look.threshold} patients, counted together; a patient "
            "counts once in each of them."
            if sets["detected_by"].eq(OTHER).any()
            else "",
        ],
        look=look,
    )


def compared(sets: pd.DataFrame) -> list[str]:
    """Definitions that published sets are of."""
    return [] if sets.empty else str(sets["compared"].iloc[0]).split(PLUS)


def set_name(detected_by: object) -> str:
    """Name a set of definitions.

    Examples
    --------
    >>> set_name("psq_patient + psq_therapist")
    'Rupture reported by patient + rupture reported by therapist'
    """
    text = str(detected_by)
    if text in {"none", OTHER}:
        return {"none": "None of them", OTHER: "Other sets"}[text]
    first, *more = [name("definition", one) for one in text.split(PLUS)]
    return PLUS.join([first, *map(lower_first, more)])


PRODUCT = Product(
    name="detected_by",
    about="Sessions by the set of definitions that find a rupture in them",
    raw={"sets": "coding/detected_by.parquet"},
    make=compared_sets,
    columns=(
        Column("detected_by", label="Found by"),
        Column("definitions", "number", label="Definitions"),
        Column("sessions", "count", label="Sessions"),
        Column("patients", "count", label="Patients"),
        Column("share", "share", label="Share of sessions", of=["sessions", "n"]),
        Column("n", "count"),
        Column("compared"),
    ),
    categories=Categories("detected_by", "patients", within=["n", "compared"]),
    lay_out=sets_table,
)
