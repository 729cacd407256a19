"""Patients by the exact set of definitions that call them dropouts."""

import pandas as pd

from rupture_outcome.disclosure import OTHER, Categories, Column
from rupture_outcome.look.dropout_words import KIND, PLUS, definitions_of, pattern_name
from rupture_outcome.look.formats import count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.products.product import Product, Tables

LEADING = ("detected_by", "definitions", "sessions", "patients", "share", "n")
BENCHMARK = (
    "For comparison: of 2,977 patients classified by three definitions, fewer than 1% met all "
    "three (Xiao 2023)."
)


def with_compared(look: Look, patterns: pd.DataFrame) -> pd.DataFrame:
    """Add which definitions are compared, in the order of their columns."""
    return patterns.assign(compared=PLUS.join(c for c in patterns.columns if c not in LEADING))


def patterns_table(tables: Tables, look: Look) -> str:
    """Lay out the sets of definitions as HTML."""
    patterns = tables["dropout_patterns"]
    ids = definitions_of(patterns)
    cells = pd.DataFrame(index=patterns.index)
    cells["detected_by"] = [pattern_name(own, ids) for own in patterns["detected_by"]]
    cells["definitions"] = [number_of(n) for n in patterns["definitions"]]
    cells["patients"] = count_texts(patterns["patients"])
    cells["share"] = [percent(share) for share in patterns["share"]]
    n = count_texts(patterns["n"])[0] if len(patterns) else "0"
    compared = "; ".join(lower_first(name(KIND, one)) for one in ids)
    joined = patterns["detected_by"].eq(OTHER).any()
    return html_table(
        cells,
        "dropout_patterns",
        "Patients by the set of definitions that call them dropouts",
        f"n = {n} patients whom all of these definitions can classify. Unit: patient.",
        labels={
            "detected_by": "Dropout by",
            "definitions": "Definitions",
            "patients": "Patients",
            "share": "Share of patients",
        },
        notes=[
            f"Compared: {compared}." if ids else "",
            BENCHMARK,
            f"Other sets: sets of 1 to {look.threshold} patients, counted together."
            if joined
            else "",
        ],
        look=look,
    )


def number_of(definitions: float) -> str:
    """Text of how many definitions a set holds; empty for several sets that were joined."""
    return "" if pd.isna(definitions) else str(int(definitions))


PRODUCT = Product(
    name="dropout_patterns",
    about="Which definitions of dropout call the same patients dropouts",
    raw={"patterns": "models/dropout_patterns.parquet"},
    make=with_compared,
    columns=(
        Column("detected_by", label="Dropout by"),
        Column("definitions", "number", label="Definitions"),
        Column("patients", "count", label="Patients", of=["n"]),
        Column("share", "share", label="Share of patients", of=["patients", "n"]),
        Column("n", "count"),
        Column("compared"),
    ),
    categories=Categories("detected_by", "patients", within=["n", "compared"]),
    lay_out=patterns_table,
)
