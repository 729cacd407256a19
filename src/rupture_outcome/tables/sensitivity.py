"""Table of the sensitivity analyses, one section for each way in which a result could be wrong."""

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, ratio_name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

COUNTS = ["patients", "sessions", "events"]
SHOWN_ACCURACY = (0.7, 0.8, 0.9, 1.0)
EMPTY = "The main specification gives no effect that could be looked at further."
NOTES = [
    "E-value: how strongly, as a risk ratio, a confounder that was not measured would have to be "
    "tied both to the state and to dropout to explain the ratio away; limit: to move the interval "
    "to 1. Over treatment dropout is more common, and the ratio is converted to one of risks.",
    "Weighted: a pooled hazard in which patients count by how likely their course of ruptures and "
    "repairs was, given symptoms before each session. Alliance is not adjusted for: it is part of "
    "the rupture and of its repair.",
    "Untested sessions: the definition could not be tested, and the main analysis carries the "
    "state of the session before on. The table gives the end of each series and the share from "
    "which the interval begins or ceases to include 1; the CSV file has every share.",
    "Coded wrongly: among sessions with a rupture so far, open ruptures coded open (sensitivity) "
    "and others coded repaired (specificity), the same before dropout as elsewhere. Ratios of "
    "sessions, not adjusted; at 100% and 100% the one observed.",
]


def sensitivity_table(
    effects: pd.DataFrame,
    *,
    link: str = "logit",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published effects (`publishable_sensitivity`) as HTML, one section an analysis."""
    rows = _ordered(effects[_shown(effects)])
    cells = pd.DataFrame({"group": [_group(row) for row in rows.to_dict("records")]})
    cells["setting"] = [setting_name(row) for row in rows.to_dict("records")]
    cells["ratio"] = [number(ratio, 2) for ratio in rows["ratio"]]
    bounds = zip(np.exp(rows["ci_low"]), np.exp(rows["ci_high"]), strict=True)
    cells["interval"] = [interval(low, high) for low, high in bounds]
    for column in ("e_value", "e_value_limit"):
        cells[column] = [number(value, 2) for value in rows[column]]
    for column in COUNTS:
        cells[column] = count_texts(rows, column)
    cells["note"] = [_remark(row) for row in rows.to_dict("records")]
    hidden = any(is_withheld(rows, column).any() for column in COUNTS)
    return html_table(
        cells,
        "sensitivity",
        "How far the effect of repair could move",
        "Main definition of rupture and repair. Below 1: less dropout in the state named first."
        if len(rows)
        else EMPTY,
        labels={
            "setting": "Supposition",
            "ratio": ratio_name(link),
            "interval": f"{confidence * 100:g}% interval",
            "e_value": "E-value",
            "e_value_limit": "E-value of the limit",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "note": "Note",
        },
        group="group",
        notes=[_how_common(effects), *NOTES, withheld_note(threshold) if hidden else ""],
        simulated=simulated,
    )


def setting_name(row: dict) -> str:
    """Name a supposition with its number.

    Examples
    --------
    >>> setting_name({"setting": "grid", "sensitivity": 0.9, "specificity": 1.0})
    'Sensitivity 90%, specificity 100%'
    """
    setting = str(row["setting"])
    if setting in ("grid", "own"):
        errors = (
            f"ensitivity {_share(row['sensitivity'])}, specificity {_share(row['specificity'])}"
        )
        return f"S{errors}" if setting == "grid" else f"{name('sensitivity', setting)}: s{errors}"
    base = name("sensitivity", setting.removeprefix("tipping_"))
    if pd.isna(row.get("value")):
        return f"{base}: no share tips" if setting.startswith("tipping_") else base
    return f"{base}: {_share(row['value'])}"


def _ordered(effects: pd.DataFrame) -> pd.DataFrame:
    """Put the contrasts of an analysis one after the other; analyses stay where they are."""
    block = effects.groupby("analysis", sort=False).ngroup()
    contrast = effects.groupby("contrast", sort=False).ngroup()
    order = effects.assign(_block=block, _contrast=contrast)
    order = order.sort_values(["_block", "_contrast"], kind="stable", ignore_index=True)
    return order.drop(columns=["_block", "_contrast"])


def _group(row: dict) -> str:
    return (
        f"{name('sensitivity', row['analysis'])} – {row['contrast'].replace(' vs ', ' against ')}"
    )


def _how_common(effects: pd.DataFrame) -> str:
    """Say how common dropout is per session and over treatment, where its numbers are shown."""
    known = effects[effects["analysis"].eq("e_value")][COUNTS].dropna().astype(float)
    if known.empty or not known.iloc[0].all():
        return ""
    patients, sessions, events = known.iloc[0]
    return (
        f"Dropout follows {events / sessions:.1%} of the sessions at risk and ends "
        f"{events / patients:.0%} of the treatments; below 15% counts as rare."
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


def _shown(effects: pd.DataFrame) -> np.ndarray:
    """Rows of the page: ends and tipping points of series, some cells of the grid, all else."""
    setting, value = effects["setting"].astype(str), effects["value"].astype(float)
    series = setting.str.startswith("share_")
    redundant = setting.isin(["share_open", "share_repaired"]) | value.ne(1.0)
    accuracy = [effects[side].astype(float).isin(SHOWN_ACCURACY) for side in _ACCURACY]
    outside = setting.eq("grid") & ~(accuracy[0] & accuracy[1])
    kept: np.ndarray = (~(series & redundant) & ~outside).to_numpy(bool)
    return kept


_ACCURACY = ("sensitivity", "specificity")


def _remark(row: dict) -> str:
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    if row["converged"] or note.startswith(("impossible", "none")):
        return note
    return f"not estimable: {note}" if note else "not estimable"
