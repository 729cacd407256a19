"""Tables of transitions: their hazards, time in states, and "what if" of repair."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import WHAT_IF_ASSUMPTIONS, name, withheld_note
from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, count_texts
from rupture_outcome.tables.state_occupancy import share_cell, specification, told_notes


def hazard_table(
    hazards: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out published hazards over all sessions; those of single sessions are in the file."""
    pooled = hazards[hazards["session"].isna()]
    pooled = pooled[~(pooled["to"].eq("intact") & pooled["events"].eq(0))]
    rows = pd.DataFrame(
        {
            "group": [f"From: {name('state', state).lower()}" for state in pooled["from"]],
            "to": [_state(state) for state in pooled["to"]],
            "at_risk": count_texts(pooled, "at_risk"),
            "events": count_texts(pooled, "events"),
            "hazard": [share_cell(row) for row in pooled.to_dict("records")],
        }
    )
    labels = {"to": "To", "at_risk": "Sessions", "events": "Transitions", "hazard": "Hazard, %"}
    return html_table(
        rows,
        "transition_hazards",
        "What follows a session, by the state of the alliance",
        f"Transitions per 100 sessions in a state [{confidence * 100:g}% interval]. "
        f"{specification(hazards)}",
        labels=labels,
        group="group",
        notes=[withheld_note(threshold), *told_notes(hazards)],
        simulated=simulated,
    )


def time_table(
    times: pd.DataFrame, *, threshold: int = 10, confidence: float = 0.95, simulated: bool = False
) -> str:
    """Lay out the expected sessions in each state and the chances of rupture and repair."""
    horizon = int(times["horizon"].iloc[0])
    about = times["note"].fillna("").astype(str)
    rows = pd.DataFrame(
        {
            "what": [_measure(row) for row in times.to_dict("records")],
            "value": [_value(row) for row in times.to_dict("records")],
            "note": about.where(times["measure"].eq("odds_ratio_per_session_open"), ""),
        }
    )
    withheld = times[WITHHELD].astype(object).fillna("").astype(str).ne("").any()
    return html_table(
        rows,
        "time_in_state",
        "How long ruptures stay open",
        f"Per patient who starts, up to session {horizon} [{confidence * 100:g}% interval]. "
        f"{specification(times)}",
        labels={"what": "", "value": "Estimate", "note": "Note"},
        notes=[
            "Sessions lost to an ending count from the session after it.",
            f"{HIDDEN}: withheld, it stands for {threshold} or fewer." if withheld else "",
        ],
        simulated=simulated,
    )


def what_if_table(
    what_if: pd.DataFrame, *, confidence: float = 0.95, simulated: bool = False
) -> str:
    """Lay out dropout by the last published session, as observed and as it would be."""
    known = what_if.loc[what_if["estimate"].notna(), "session"]
    session = int(known.max() if len(known) else what_if["session"].max())
    last = what_if[what_if["session"].eq(session)]
    rows = [
        {
            "scenario": name("scenario", row["scenario"]),
            "odds": "" if pd.isna(row["shift"]) else f"× {np.exp(row['shift']):.2f}",
            "dropout": share_cell(row),
            "difference": _difference(row),
        }
        for row in last.to_dict("records")
    ]
    labels = {
        "scenario": "",
        "odds": "Odds of repair",
        "dropout": "Dropout, %",
        "difference": "Difference, points",
    }
    return html_table(
        pd.DataFrame(rows, columns=list(labels)),
        "repair_what_if",
        "What if ruptures were repaired more often",
        f"Dropout by session {session} [{confidence * 100:g}% interval]. {specification(what_if)}",
        labels=labels,
        notes=[
            f"Assumed: {WHAT_IF_ASSUMPTIONS}.",
            "The best quarter of therapists: the mean of their shrunken effects. The one that the "
            "model expects: the mean of the upper quarter of the distribution of effects, 1.27 SD.",
            "Intervals: bootstrap of therapists and their patients, with draws of what is not "
            "known of therapists.",
            *told_notes(what_if),
        ],
        simulated=simulated,
    )


def _state(state: object) -> str:
    kind = "state" if str(state) in ("intact", "unrepaired", "repaired") else "cause"
    return name(kind, state)


def _measure(row: Mapping) -> str:
    measure = name("time_in_state", row["measure"])
    return measure if row["measure"] != "expected_sessions" else f"{measure}: {_phase(row)}"


def _phase(row: Mapping) -> str:
    ending = str(row["state"]) not in ("intact", "unrepaired", "repaired")
    return ("lost to " if ending else "") + _state(row["state"]).lower()


def _value(row: Mapping) -> str:
    if row["measure"].startswith(("ever", "repaired")):
        text = share_cell(row)
        return f"{text} %" if text[0].isdigit() else text
    if pd.isna(row["estimate"]):
        return HIDDEN if row.get(WITHHELD) else "not estimable"
    text = f"{row['estimate']:.2f}"
    return text if pd.isna(row["ci_low"]) else f"{text} [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"


def _difference(row: Mapping) -> str:
    if pd.isna(row["difference"]):
        return ""
    text = _signed(row["difference"])
    if pd.isna(row["difference_low"]):
        return text
    return f"{text} [{_signed(row['difference_low'])}, {_signed(row['difference_high'])}]"


def _signed(value: float) -> str:
    points = round(100 * value, 2)
    return f"{points:+.2f}".replace("-", "−") if points else "0"
