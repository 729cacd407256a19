"""Table of how far observers agree, with model, type and unit of every coefficient in words."""

import pandas as pd

from rupture_outcome.look.formats import percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import interval_texts, share_texts
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

WHOLE = "all"


def rater_table(
    agreement: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published agreement of raters (`publishable_rater_agreement`) as HTML."""
    cells = pd.DataFrame(index=agreement.index)
    rows = agreement.fillna({"note": ""}).to_dict("records")
    cells["group"] = [group_name(row["measure"], row["type"], row["half"]) for row in rows]
    cells["statistic"] = [_statistic(row["statistic"], row["half"]) for row in rows]
    cells["model"] = agreement["model"]
    cells["type"] = [name("agreement_type", kind) for kind in agreement["type"]]
    cells["unit"] = [name("agreement_unit", unit) for unit in agreement["unit"]]
    for column in ("n", "patients"):
        cells[column] = count_texts(agreement, column)
    cells["raters"] = agreement["raters"].astype(int).astype(str)
    cells["estimate"] = share_texts(agreement, "estimate")
    cells["interval"] = interval_texts(agreement)
    cells["present"] = [_present(row["present_low"], row["present_high"]) for row in rows]
    cells["note"] = [row["note"] for row in rows]
    return html_table(
        cells,
        "rater_agreement",
        "Agreement between observers",
        "Unit: session, coded by two observers or more.",
        labels={
            "statistic": "Coefficient",
            "model": "Model",
            "type": "Type",
            "unit": "Reliability of",
            "n": "Sessions",
            "raters": "Observers",
            "patients": "Patients",
            "estimate": "Estimate",
            "interval": f"{confidence * 100:g}% interval",
            "present": "Observers say present",
            "note": "Note",
        },
        group="group",
        notes=_notes(agreement, threshold),
        simulated=simulated,
    )


def group_name(measure: object, kind: object, half: object) -> str:
    """Name what observers agree about.

    Examples
    --------
    >>> group_name("withdrawal", "present at ≥ 2", "all")
    'Withdrawal, rated from 1 to 5: present at ≥ 2'
    """
    about = name("measure", measure)
    if half != WHOLE:
        return f"{about}: earlier and later sessions"
    return f"{about}: {kind}" if str(kind).startswith("present") else about


def _statistic(statistic: object, half: object) -> str:
    return str(statistic) if half == WHOLE else f"{statistic}, {name('half', half)}"


def _present(low: float, high: float) -> str:
    if pd.isna(low):
        return ""
    return f"{percent(low, 0)} to {percent(high, 0)}"


def _notes(agreement: pd.DataFrame, threshold: int) -> list[str]:
    if agreement.empty:
        return ["Nothing was coded by observers."]
    return [
        "ICC: intraclass correlation. One-way models allow for other observers in each session; "
        "two-way models rest on sessions that the same observers all rated.",
        "Mean of k ratings: how reliable the average over k observers is, not one of them.",
        "Observers say present: lowest and highest share over observers. Kappa depends on it.",
        "Intervals: bootstrap of patients with all their sessions. Sessions are split at the "
        "median session number; this shows whether late sessions are harder to rate.",
        withheld_note(threshold),
    ]
