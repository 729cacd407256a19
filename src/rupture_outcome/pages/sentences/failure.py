"""Sentences on who had got better at the end, and how that goes with repair and with leaving."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.disclosure import known
from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.look.formats import UNKNOWN, count_text, percent, ratio_interval
from rupture_outcome.look.words import analysis_name, lower_first, name

NOBODY = "Nobody's change in symptoms can be judged, or too few can."
DESCRIBES = (
    "The first of these describes only: who stays longer has more time both to be repaired and to "
    "get better."
)


def failure_sentence(effects: pd.DataFrame, flow: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say how many failed, and how far that goes with the repair of the last rupture.

    Parameters
    ----------
    effects, flow : DataFrame
        Published tables `failure_effects` and `failure_flow`.
    card : mapping
        `study.json`.
    """
    counts = _cells(flow)
    size = known(counts)
    failed = size[size.index.str.endswith("not_better")].sum()
    judged = size.drop("not_judged").sum()
    if not judged:
        return NOBODY
    opening = (
        f"Of the {count_text(judged)} patients who could be judged "
        f"({count_text(counts['not_judged'])} could not), {percent(failed / judged, 0)} ended "
        "without a reliable improvement of their symptoms."
    )
    rows = effects[
        effects["outcome"].eq("failure")
        & effects["method"].eq(_method(effects))
        & effects["end_point"].eq("last_rating")
        & effects["state_a"].eq(HEADLINE[0])
        & effects["state_b"].eq(HEADLINE[1])
        & effects["estimate"].notna()
    ]
    if rows.empty:
        return f"{opening} How that goes with repair is withheld or could not be estimated."
    unit = name("clock_unit", card["clock"]).lower()
    said = "; ".join(
        f"{analysis_name(row['analysis'], row['landmark'], unit).lower()} {ratio_interval(row)}"
        for row in rows.to_dict("records")
    )
    level = f"{card['models']['confidence'] * 100:g}%"
    describes = f" {DESCRIBES}" if rows["analysis"].eq("before_end").any() else ""
    return (
        f"{opening} The odds of that after a repaired rupture, as a ratio to those after an open "
        f"one: {said} ({level} confidence intervals in brackets; below 1: fewer failures)."
        f"{describes}"
    )


def flow_of_failure_sentence(flow: pd.DataFrame) -> str:
    """Say how many left better, and how many stayed without getting better (`failure_flow`)."""
    size = known(_cells(flow)).fillna(0)
    left, stayed = size.filter(like="left").sum(), size.filter(like="stayed").sum()
    if not left or not stayed:
        return NOBODY
    better, not_better = size["left_better"] / left, size["stayed_not_better"] / stayed
    return (
        f"Leaving is not always failing: of the {count_text(left)} who dropped out and could be "
        f"judged, {percent(better, 0)} had got reliably better; of the {count_text(stayed)} who "
        f"stayed, {percent(not_better, 0)} had not."
    )


def not_judged_sentence(flow: pd.DataFrame) -> str:
    """Say why some could not be judged (`failure_flow`)."""
    rows = flow[flow["view"].eq("not_judged") & flow["end_point"].eq("last_rating")]
    said = [
        f"{lower_first(name('why_not_judged', row['end']))} ({count_text(row['patients'])})"
        for row in rows.to_dict("records")
        if row["patients"] != 0
    ]
    if not said:
        return "Everybody could be judged." if len(rows) else NOBODY
    return f"Not judged, with the number of patients: {'; '.join(said)}."


def cutoff_sentence(cutoffs: pd.DataFrame, cutoff: float) -> str:
    """Say how many recover under a cut-off (`failure_cutoffs`), or which can be chosen.

    Parameters
    ----------
    cutoffs : DataFrame
        Published table `failure_cutoffs`.
    cutoff : number
        In points of the scale.
    """
    own = cutoffs[cutoffs["end_point"].eq("last_rating")]
    tried = sorted(own["cutoff"].unique())
    if not tried:
        return NOBODY
    rows = own[own["cutoff"].eq(cutoff)].set_index("level").to_dict("index")
    if not rows:
        return f"Choose one of these cut-offs: {', '.join(f'{each:g}' for each in tried)}."
    everybody = rows["all"]
    by_state = "; ".join(
        f"{lower_first(name('state', state))} {percent(rows[state]['share'], 0) or UNKNOWN}"
        for state in ("intact", "unrepaired", "repaired")
    )
    return (
        f"With a cut-off of **{cutoff:g}** points, {count_text(everybody['clinical'])} patients "
        f"who could be judged began in the clinical range, and "
        f"**{count_text(everybody['recovered'])}** of them "
        f"({percent(everybody['share'], 0) or UNKNOWN}) recovered. By the state of their "
        f"ruptures before the end: {by_state}."
    )


def _cells(flow: pd.DataFrame) -> "pd.Series[Any]":
    rows = flow[
        flow["by"].eq("all") & flow["view"].eq("cells") & flow["end_point"].eq("last_rating")
    ]
    ends = ("left_better", "left_not_better", "stayed_better", "stayed_not_better", "not_judged")
    return rows.set_index("end")["patients"].reindex(list(ends)).fillna(0).astype(int)


def _method(effects: pd.DataFrame) -> str:
    """Give the method of the main result: the one under which recovery is compared, too."""
    found = effects.loc[effects["outcome"].eq("recovery"), "method"]
    return str(found.iloc[0]) if len(found) else ""
