"""Tables of the hazard under other models, and of predicted hazards by state."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.hazard_words import contrast_name, model_name, remark
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, ratio_name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

COUNTS = ["patients", "sessions", "events"]
QUANTITIES = {"hazard": 100.0, "difference": 100.0, "risk_ratio": 1.0}


def models_table(
    effects: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published contrasts of every model as HTML, grouped by model."""
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [model_name(m, link) for m, link in effects[["model", "link"]].to_numpy()]
    cells["contrast"] = [contrast_name(contrast) for contrast in effects["contrast"]]
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    ends = np.exp(effects[["ci_low", "ci_high"]].to_numpy(float))
    cells["interval"] = [interval(low, high) for low, high in ends]
    cells["joint"] = [_joint(df, p) for df, p in effects[["joint_df", "joint_p"]].to_numpy(float)]
    for column in COUNTS:
        cells[column] = count_texts(effects, column)
    cells["note"] = [remark(row) for row in effects.to_dict("records")]
    ratio = ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"
    return html_table(
        cells,
        "hazard_models",
        "Ruptures, repair and dropout under other models",
        f"{_primary(primary)} Below 1: less of the event in the state named first.",
        labels={
            "contrast": "Contrast",
            "ratio": ratio,
            "interval": f"{confidence * 100:g}% interval",
            "joint": "Joint test",
            "patients": "Patients",
            "sessions": "Sessions at risk",
            "events": "Events",
            "note": "Note",
        },
        group="group",
        notes=[
            "Each model differs from the main one as its name says. Joint test: Wald test that no "
            "two states differ; for time since the rupture, that it has no effect in either state.",
            "Agreed endings: before the plan was complete, at risk are the sessions before the "
            "last planned one; with planned ones included, all attended sessions.",
            "With time since the rupture: states are compared at the median of that time; 'later "
            "by one' is one step of the clock.",
            _withheld(effects, threshold),
        ],
        simulated=simulated,
    )


def margins_table(
    margins: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out predicted hazards by state, their differences and ratios as HTML."""
    shown = margins[margins["quantity"].isin(list(QUANTITIES))]
    keys = ["model", "link", "state"]
    lines = shown.drop_duplicates(keys)[keys].reset_index(drop=True)
    cells = pd.DataFrame(index=lines.index)
    cells["group"] = [model_name(m, link) for m, link in lines[["model", "link"]].to_numpy()]
    cells["state"] = [contrast_name(s) if " vs " in s else name("state", s) for s in lines["state"]]
    for quantity, scale in QUANTITIES.items():
        own = shown[shown["quantity"].eq(quantity)].set_index(["model", "state"])
        places = pd.MultiIndex.from_frame(lines[["model", "state"]])
        cells[quantity] = [_value(row, scale) for row in own.reindex(places).to_dict("records")]
    notes = shown.groupby(keys, sort=False).first().reset_index().to_dict("records")
    cells["note"] = [remark(row) for row in notes]
    level = f"{confidence * 100:g}%"
    return html_table(
        cells,
        "hazard_margins",
        "Chance of ending after a session, by state of ruptures",
        f"{_primary(primary)} In brackets: {level} intervals.",
        labels={
            "state": "State, or states compared",
            "hazard": "Chance after a session, per cent",
            "difference": "Difference, percentage points",
            "risk_ratio": "Ratio of chances",
            "note": "Note",
        },
        group="group",
        notes=[
            "Predicted from the model with every session at risk put into the state, at the "
            "session and covariates that it has, and averaged over sessions and therapists.",
        ],
        simulated=simulated,
    )


def _value(row: Mapping, scale: float) -> str:
    if pd.isna(row["estimate"]):
        return ""
    value, low, high = (scale * row[key] for key in ("estimate", "ci_low", "ci_high"))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]".replace("-", "−")


def _joint(df: float, p: float) -> str:
    if pd.isna(p):
        return ""
    return f"{'p < 0.001' if p < 0.001 else f'p = {p:.3f}'} ({df:.0f} df)"


def _primary(primary: Mapping[str, str]) -> str:
    definition = name("definition", primary["definition"])
    return f"{definition}; repair: {name('repair_rule', primary['repair_rule'])}."


def _withheld(frame: pd.DataFrame, threshold: int) -> str:
    hidden = any(is_withheld(frame, column).any() for column in COUNTS)
    return withheld_note(threshold) if hidden else ""
