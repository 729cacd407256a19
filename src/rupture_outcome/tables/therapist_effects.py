"""Tables of therapists: how much they differ, how repair and dropout relate, and their order."""

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import THERAPIST_BENCHMARK, name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

COUNTS = ["therapists", "patients", "sessions", "events"]
SHRUNKEN = (
    "Effects are drawn towards the average of all therapists, the more so the fewer sessions they "
    "rest on; intervals take the other parts of the model as known and are somewhat too narrow. "
    "Chance: of the event in a session, had this therapist held all sessions at risk."
)
WHO_IS_SHOWN = (
    "Therapists are not named; their order is that of each outcome. Shown are those with more than "
    "{threshold} patients at risk"
)
MODEL = (
    "Multilevel hazards of the session after which, or in which, the event happened, with the "
    "therapist who held it. SD: of therapists, in log odds (log hazards under cloglog); share: of "
    "the variance of the latent variable; test: likelihood ratio against no difference between "
    "therapists. Chance: with the average therapist, and from the 10th to the 90th percentile of "
    "therapists."
)


def variances_table(
    variances: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published variances (`publishable_therapist_table`) as HTML."""
    rows = variances.to_dict("records")
    cells = pd.DataFrame(index=variances.index)
    cells["outcome"] = [name("therapist_outcome", row["outcome"]) for row in rows]
    cells["group_sd"] = [_with_ends(row, "group_sd", "ci", 2) for row in rows]
    cells["share"] = [_percents(row, "share") for row in rows]
    cells["mor"] = [number(row["mor"], 2) for row in rows]
    cells["p"] = [_p_value(row["p"]) for row in rows]
    cells["chance"] = [_percents(row, "chance") for row in rows]
    for column in COUNTS:
        cells[column] = count_texts(variances, column)
    cells["note"] = [_remark(row) for row in rows]
    level = f"{confidence * 100:g}% interval"
    ratio = "hazard" if (variances["link"] == "cloglog").any() else "odds"
    return html_table(
        cells,
        "therapist_variances",
        "How much therapists differ",
        "Unit: session at risk, held by a named therapist.",
        labels={
            "outcome": "Outcome",
            "group_sd": f"SD ({level})",
            "share": f"Share of variance ({level})",
            "mor": f"Median {ratio} ratio",
            "p": "Test, p",
            "chance": "Chance in a session (80% of therapists)",
            "therapists": "Therapists",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Events",
            **({"note": "Note"} if cells["note"].any() else {}),
        },
        notes=[MODEL, THERAPIST_BENCHMARK, _on_withheld(variances, threshold)],
        simulated=simulated,
    )


def relation_table(
    relation: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published relation (`publishable_therapist_table`) as HTML."""
    rows = relation.to_dict("records")
    cells = pd.DataFrame(index=relation.index)
    cells["group"] = [f"Repair and: {name('therapist_outcome', row['second'])}" for row in rows]
    cells["method"] = [name("relation_method", row["method"]) for row in rows]
    cells["measure"] = [name("relation_measure", row["measure"]) for row in rows]
    cells["estimate"] = [number(row["estimate"], 2) for row in rows]
    cells["interval"] = [_interval(row["ci_low"], row["ci_high"]) for row in rows]
    cells["p"] = [_p_value(row["p"]) for row in rows]
    for column in ("therapists", "patients", "events"):
        cells[column] = count_texts(relation, column)
    cells["note"] = [_remark(row) for row in rows]
    return html_table(
        cells,
        "therapist_relation",
        "Do therapists who repair more lose fewer?",
        "Unit: therapist. Below 0: therapists who repair more lose fewer.",
        labels={
            "method": "How",
            "measure": "Measure",
            "estimate": "Estimate",
            "interval": f"{confidence * 100:g}% interval",
            "p": "p",
            "therapists": "Therapists",
            "patients": "Patients",
            "events": "Events",
            "note": "Note",
        },
        group="group",
        notes=[
            "Effects on repair and on dropout are bivariate normal between therapists; profile-"
            "likelihood intervals. Given the state: what is left of dropout beyond ruptures and "
            "repairs of the therapist's own patients. Counts: those in both outcomes, and of "
            "events the fewer.",
            _on_withheld(relation, threshold),
        ],
        simulated=simulated,
    )


def therapists_table(
    effects: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    full: bool = False,
    simulated: bool = False,
) -> str:
    """Lay out published effects of single therapists (`publishable_therapists`) as HTML."""
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [name("therapist_outcome", row["outcome"]) for row in rows]
    cells["rank"] = [number(row["rank"], 0) for row in rows]
    cells["ratio"] = [number(np.exp(row["estimate"]), 2) for row in rows]
    cells["ratio_interval"] = [
        interval(np.exp(row["ci_low"]), np.exp(row["ci_high"])) for row in rows
    ]
    cells["chance"] = [percent(row["chance"]) for row in rows]
    cells["interval"] = [_percent_interval(row) for row in rows]
    cells["note"] = ["" if pd.isna(row["note"]) else str(row["note"]) for row in rows]
    level = f"{confidence * 100:g}% interval"
    return html_table(
        cells,
        "therapist_effects",
        "Therapists in order",
        "Ratio: odds (hazard under cloglog) against the average therapist.",
        labels={
            "rank": "Rank",
            "ratio": "Ratio",
            "ratio_interval": level,
            "chance": "Chance in a session",
            "interval": level,
            **({"note": "Note"} if cells["note"].any() else {}),
        },
        group="group",
        notes=[SHRUNKEN, who_is_shown(threshold, full)],
        simulated=simulated,
    )


def who_is_shown(threshold: int, full: bool) -> str:
    """Say which therapists are shown one by one.

    Examples
    --------
    >>> who_is_shown(10, True)[-60:]
    'Shown are those with more than 10 patients at risk, at most.'
    """
    if not threshold:
        return "Therapists are not named; their order is that of each outcome."
    text = WHO_IS_SHOWN.format(threshold=threshold)
    if full:
        return f"{text}, at most."
    few = f"{text} and with no event or more than {threshold}, at most"
    return f"{few}: those left out have fewer events, so the order is not that of all."


def _with_ends(row: dict, value: str, ends: str, digits: int) -> str:
    if pd.isna(row[value]):
        return ""
    between = interval(row[f"{ends}_low"], row[f"{ends}_high"], digits)
    return f"{number(row[value], digits)} ({between})"


def _percents(row: dict, value: str) -> str:
    if pd.isna(row[value]):
        return ""
    low, high = percent(row[f"{value}_low"]), percent(row[f"{value}_high"])
    return f"{percent(row[value])} ({low} to {high})"


def _percent_interval(row: dict) -> str:
    if pd.isna(row["chance_low"]):
        return ""
    return f"{percent(row['chance_low'])} to {percent(row['chance_high'])}"


def _interval(low: float, high: float) -> str:
    return "no limit" if np.isinf(low) and np.isinf(high) else interval(low, high)


def _p_value(p: float) -> str:
    if pd.isna(p):
        return ""
    return "< 0.001" if p < 0.001 else number(p, 3)


def _remark(row: dict) -> str:
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    return note if row["converged"] else f"not estimable: {note}"


def _on_withheld(frame: pd.DataFrame, threshold: int) -> str:
    hidden = any(is_withheld(frame, column).any() for column in COUNTS)
    return withheld_note(threshold) if hidden else ""
