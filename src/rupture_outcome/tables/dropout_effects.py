"""Table of the effects on dropout, by definition of rupture and of repair."""

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import NAIVE_WARNING, analysis_name, name, ratio_name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

COUNTS = ["patients", "sessions", "events"]
COX = (
    "Cox: hazard ratio, with a baseline that is free at every session and errors robust for "
    "therapists; a check of the first."
)
ORDER = ["hazard", "landmark", "cox", "naive"]


def effects_table(
    effects: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published effects (`publishable_effects`) as HTML, grouped by definition."""
    effects = _ordered(effects)
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [
        f"{name('definition', d)}; repair: {name('repair_rule', r)}"
        for d, r in zip(effects["definition"], effects["repair_rule"], strict=True)
    ]
    cells["analysis"] = [
        analysis_name(a, t) for a, t in zip(effects["analysis"], effects["term"], strict=True)
    ]
    cells["contrast"] = effects["contrast"].str.replace(" vs ", " against ", regex=False)
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    bounds = zip(np.exp(effects["ci_low"]), np.exp(effects["ci_high"]), strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    for column in COUNTS:
        cells[column] = count_texts(effects, column)
    cells["note"] = [_remark(row) for row in effects.to_dict("records")]
    ratio = ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"
    return html_table(
        cells,
        "dropout_effects",
        "Ruptures, repair and dropout",
        _subtitle(effects),
        labels={
            "analysis": "Analysis",
            "contrast": "Contrast",
            "ratio": ratio,
            "interval": f"{confidence * 100:g}% interval",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "note": "Note",
        },
        group="group",
        notes=_notes(effects, threshold),
        simulated=simulated,
    )


def _ordered(effects: pd.DataFrame) -> pd.DataFrame:
    """Put the analyses of a block in the order of `ORDER`; blocks stay where they are."""
    keys = ["definition", "repair_rule"]
    block = effects.groupby(keys, sort=False, observed=True).ngroup()
    rank = effects["analysis"].astype(str).map({a: i for i, a in enumerate(ORDER)})
    order = effects.assign(_block=block, _rank=rank.fillna(len(ORDER)))
    return order.sort_values(["_block", "_rank"], kind="stable").drop(columns=["_block", "_rank"])


def _remark(row: dict) -> str:
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    if row["converged"] or note:
        return note
    return "not estimable"


def _subtitle(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropout: {dropout}. Below 1: less dropout in the state named first."


def _notes(effects: pd.DataFrame, threshold: int) -> list[str]:
    withheld = any(is_withheld(effects, column).any() for column in COUNTS)
    return [
        "Session by session: multilevel hazard of dropping out after a session, by the state of "
        "ruptures at it. From a session on: state fixed at that session.",
        COX if effects["analysis"].eq("cox").any() else "",
        NAIVE_WARNING if effects["analysis"].eq("naive").any() else "",
        withheld_note(threshold) if withheld else "",
    ]
