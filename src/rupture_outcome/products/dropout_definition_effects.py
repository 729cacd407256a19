"""Effects of ruptures and repair on dropout under every definition of dropout."""

import pandas as pd

from rupture_outcome.look.dropout_words import definition_name
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.words import NAIVE_WARNING, lower_first, name
from rupture_outcome.products.dropout_effects import EFFECTS, effect_cells, effect_labels
from rupture_outcome.products.product import Product, Tables


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
        return "No definition of dropout can be applied to the study."
    rupture = lower_first(name("definition", effects["definition"].iloc[0]))
    repair = lower_first(name("repair_rule", effects["repair_rule"].iloc[0]))
    return f"Rupture: {rupture}; repair: {repair}. Below 1: less dropout in the state named first."


PRODUCT = Product(
    name="dropout_definition_effects",
    about="Ruptures, repair and dropout under every definition of dropout",
    raw={"effects": "models/dropout_definition_effects.parquet"},
    columns=EFFECTS,
    settings=("dropout",),
    lay_out=definition_effects_table,
)
