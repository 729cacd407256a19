"""Patients by the exact set of definitions that call them dropouts."""

from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.disclosure import OTHER, Categories, Column
from rupture_outcome.look.dropout_panels import (
    ABOVE,
    BELOW,
    LEAST,
    NAMES,
    SETS,
    WIDE,
    draw_sets,
    rows_figure,
)
from rupture_outcome.look.dropout_words import KIND, NONE, PLUS, definitions_of, pattern_name
from rupture_outcome.look.formats import count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import footnote, headline, styled
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Which definitions call the same patients dropouts"
NOTHING = "No set of definitions of dropout can be shown."
MOST = 8
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


def draw_patterns(tables: Tables, look: Look) -> Drawing:
    """Draw a bar and a column of dots for each set of definitions."""
    patterns = tables["dropout_patterns"]
    return Drawing(sets_figure(patterns, look), TITLE, alt_text(patterns))


@styled
def sets_figure(patterns: pd.DataFrame, look: Look) -> "Figure":
    """Draw published sets, the most frequent first; the study's definition is in bold."""
    ids, shown = definitions_of(patterns), shown_patterns(patterns)
    if shown.empty:
        return notice(TITLE, NOTHING, look)
    span = min(max(WIDE * len(shown), LEAST), SETS)
    chosen = look.settings["dropout"]["definition"]
    fig, back, panel, rows = rows_figure(ids, chosen, ABOVE - 0.3, span)
    panel.set_axis_off()
    width, height = fig.get_size_inches()
    box = (NAMES / width, (BELOW + rows) / height, span / width, (ABOVE - 0.35) / height)
    draw_sets(fig.add_axes(box), back, shown, ids, NAMES, span)
    headline(fig, TITLE, _about(patterns), look)
    footnote(fig, _note(patterns, look), look)
    return fig


def alt_text(patterns: pd.DataFrame) -> str:
    """Say how many patients the most frequent sets hold."""
    ids, shown = definitions_of(patterns), shown_patterns(patterns)
    if shown.empty:
        return NOTHING
    counts = count_texts(shown["patients"])
    sets = [
        f"{pattern_name(own, ids)}: {n}"
        for own, n in zip(shown["detected_by"], counts, strict=True)
    ]
    return f"Patients by the set of definitions that call them dropouts. {'; '.join(sets)}."


def shown_patterns(patterns: pd.DataFrame) -> pd.DataFrame:
    """Choose sets of at least one definition, most frequent first, the joined ones last."""
    known = patterns[patterns["share"].gt(0) & patterns["detected_by"].ne(NONE)]
    joined = known["detected_by"].eq(OTHER)
    named = known[~joined].sort_values("share", ascending=False, kind="stable")
    return pd.concat([named.head(MOST), known[joined]])


def _about(patterns: pd.DataFrame) -> str:
    every = patterns[patterns["detected_by"].eq(PLUS.join(definitions_of(patterns)))]
    shared = every["share"].dropna()
    of = f"{count_texts(patterns['n'])[0]} patients whom all definitions can classify"
    return f"{of}; {percent(shared.iloc[0], 0)} meet all." if len(shared) else f"{of}."


def _note(patterns: pd.DataFrame, look: Look) -> str:
    named = patterns[patterns["detected_by"].ne(NONE) & patterns["share"].gt(0)]
    most = f" The {MOST} most frequent sets are drawn." if len(named) > MOST else ""
    joined = patterns["detected_by"].eq(OTHER).any()
    together = f" Sets of 1 to {look.threshold} patients are counted together." if joined else ""
    return (
        "Bars: patients whom exactly the definitions with a black dot call dropouts. In bold: the "
        f"study's definition.{most}{together}"
    )


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
    settings=("dropout",),
    lay_out=patterns_table,
    draw=draw_patterns,
)
