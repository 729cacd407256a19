"""Effects of ruptures and repair on dropout under every definition of dropout."""

from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE, compares
from rupture_outcome.look.dropout_panels import (
    COUNT,
    HEADS,
    NAMES,
    TEXT,
    draw_forest,
    narrowed,
    rows_figure,
)
from rupture_outcome.look.dropout_words import definition_name
from rupture_outcome.look.formats import ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import why
from rupture_outcome.look.style import footnote, headline, styled
from rupture_outcome.look.words import NAIVE_WARNING, coding_name, lower_first, name
from rupture_outcome.products.dropout_effects import (
    EFFECTS,
    effect_cells,
    effect_labels,
    ratio_of,
)
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Repair and dropout, by definition of dropout"
NOTHING = "No definition of dropout can be applied to the study."
PLOT = 2.4  # inches


def definition_effects_table(tables: Tables, look: Look) -> str:
    """Lay out the effects as HTML, grouped by the definition of dropout."""
    effects = tables["dropout_definition_effects"]
    chosen = look.settings["dropout"]["definition"]
    cells = effect_cells(effects, look)
    cells["group"] = [_group(one, chosen) for one in effects["dropout_definition"]]
    return html_table(
        cells,
        "dropout_definition_effects",
        "Ruptures, repair and dropout, by definition of dropout",
        _subtitle(effects),
        labels=effect_labels(effects, look),
        group="group",
        notes=[
            "Each definition has its own risk set: sessions after which leaving cannot be dropout "
            "by the definition are not at risk. The definitions share patients and dropouts, so "
            "that they agree is no independent confirmation.",
            NAIVE_WARNING if effects["analysis"].eq("naive").any() else "",
        ],
        look=look,
    )


def _group(definition: object, chosen: str) -> str:
    text = definition_name(definition)
    return f"{text} (the study's definition)" if definition == chosen else text


def _subtitle(effects: pd.DataFrame) -> str:
    if effects.empty:
        return NOTHING
    rupture = lower_first(name("definition", effects["definition"].iloc[0]))
    repair = lower_first(name("repair_rule", effects["repair_rule"].iloc[0]))
    return f"Rupture: {rupture}; repair: {repair}. Below 1: less dropout in the state named first."


def draw_definition_effects(tables: Tables, look: Look) -> Drawing:
    """Draw repaired against open under every definition of dropout, the naive one beside it."""
    effects = tables["dropout_definition_effects"]
    return Drawing(effects_figure(effects, look), TITLE, alt_text(effects, look))


@styled
def effects_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw published effects of one rupture definition and repair rule."""
    rows = repair_rows(effects)
    if rows.empty:
        return notice(TITLE, NOTHING, look)
    ids = [str(one) for one in rows["dropout_definition"].unique()]
    chosen = look.settings["dropout"]["definition"]
    fig, back, panel, _ = rows_figure(ids, chosen, HEADS, PLOT + 0.15 + TEXT + COUNT)
    left = NAMES + PLOT + 0.15
    draw_forest(narrowed(panel, PLOT), back, rows, ids, left, ratio_of(effects), look)
    headline(fig, TITLE, f"{coding_name(effects.iloc[0].to_dict())}.", look)
    footnote(fig, _note(look), look)
    return fig


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what repaired against open is under each definition."""
    rows = repair_rows(effects)
    if rows.empty:
        return NOTHING
    hazard = rows[rows["analysis"].eq("hazard")].to_dict("records")
    said = [
        f"{definition_name(row['dropout_definition'])}: {ratio_interval(row) or why(row, look)}"
        for row in hazard
    ]
    return (
        f"Repaired against open rupture, {ratio_of(effects).lower()} by definition of dropout: "
        f"{'; '.join(said)}. The naive odds ratio stands beside each and is biased by immortal "
        "time."
    )


def repair_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of repaired against open rupture, and the naive ones."""
    hazard = effects["analysis"].eq("hazard") & compares(effects, HEADLINE)
    return effects[hazard | effects["analysis"].eq("naive")]


def _note(look: Look) -> str:
    parts = [
        f"In bold: the study's definition. Circles, solid: session by session; diamonds, dashed: "
        f"naive. Lines: {look.level} intervals; arrows: beyond the axis. The definitions share "
        "patients and dropouts, so that they agree is no independent confirmation.",
        NAIVE_WARNING,
        look.truth,
    ]
    return " ".join(filter(None, parts))


PRODUCT = Product(
    name="dropout_definition_effects",
    about="Ruptures, repair and dropout under every definition of dropout",
    raw={"effects": "models/dropout_definition_effects.parquet"},
    columns=EFFECTS,
    settings=("dropout", "truth"),
    lay_out=definition_effects_table,
    draw=draw_definition_effects,
)
