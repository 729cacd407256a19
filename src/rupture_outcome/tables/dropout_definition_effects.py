"""Table of the effects on dropout under every definition of dropout."""

import numpy as np
import pandas as pd

from rupture_outcome.look.dropout_words import definition_name, remark
from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import (
    NAIVE_WARNING,
    analysis_name,
    lower_first,
    name,
    ratio_name,
    withheld_note,
)
from rupture_outcome.publishable.suppress import count_texts, is_withheld
from rupture_outcome.tables.dropout_effects import COUNTS


def definition_effects_table(
    effects: pd.DataFrame,
    chosen: str,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published effects (`publishable_effects`), grouped by the definition of dropout.

    Parameters
    ----------
    effects : DataFrame
        Of one rupture definition and repair rule.
    chosen : str
        The study's own definition of dropout.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the table as simulated data.
    """
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [_group(one, chosen) for one in effects["dropout_definition"]]
    analyses = zip(effects["analysis"], effects["term"], strict=True)
    cells["analysis"] = [analysis_name(analysis, term) for analysis, term in analyses]
    cells["contrast"] = effects["contrast"].str.replace(" vs ", " against ", regex=False)
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    bounds = zip(np.exp(effects["ci_low"]), np.exp(effects["ci_high"]), strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    for column in COUNTS:
        cells[column] = count_texts(effects, column)
    cells["note"] = [remark(row) for row in effects.to_dict("records")]
    hidden = any(is_withheld(effects, column).any() for column in COUNTS)
    return html_table(
        cells,
        "dropout_definition_effects",
        "Ruptures, repair and dropout, by definition of dropout",
        _subtitle(effects),
        labels={
            "analysis": "Analysis",
            "contrast": "Contrast",
            "ratio": ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio",
            "interval": f"{confidence * 100:g}% interval",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "note": "Note",
        },
        group="group",
        notes=[
            "Each definition has its own risk set: sessions after which leaving cannot be dropout "
            "by the definition are not at risk. The definitions share patients and dropouts, so "
            "that they agree is no independent confirmation.",
            NAIVE_WARNING if effects["analysis"].eq("naive").any() else "",
            withheld_note(threshold) if hidden else "",
        ],
        simulated=simulated,
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
