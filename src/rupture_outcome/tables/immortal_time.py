"""Tables of the simulated world: what analyses find, and where sessions are counted."""

import pandas as pd

from rupture_outcome.look.formats import interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import NAIVE_WARNING, SIMULATED_WORLD, name

COUNTED = {
    "by_patient": "Patients sorted by what happened until they left (naive)",
    "by_session": "Sessions sorted by what was known at them",
}


def ratios_table(effects: pd.DataFrame, *, confidence: float = 0.95) -> str:
    """Lay out `immortal_time` of `models.immortal_time.worlds` as HTML, by true odds ratio."""
    cells = pd.DataFrame(index=effects.index)
    cells["truth"] = [f"True odds ratio {ratio:g}" for ratio in effects["true_ratio"]]
    cells["analysis"] = [name("analysis", each) for each in effects["analysis"]]
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    cells["range"] = [
        interval(*pair) for pair in zip(effects["ratio_low"], effects["ratio_high"], strict=True)
    ]
    for key in ("coverage", "excludes_one"):
        cells[key] = [
            _share(*pair) for pair in zip(effects[key], effects[f"{key}_error"], strict=True)
        ]
    level = f"{confidence * 100:g}%"
    return html_table(
        cells,
        "immortal_time",
        "What three analyses find where the truth is known",
        f"{SIMULATED_WORLD}. Odds ratio of dropout, repaired against unrepaired. "
        f"{_studies(effects)}",
        labels={
            "analysis": "Analysis",
            "ratio": "Found on average",
            "range": "95% of studies",
            "coverage": f"{level} intervals that hold the truth",
            "excludes_one": f"{level} intervals that exclude 1",
        },
        group="truth",
        notes=[
            "In brackets: Monte Carlo error.",
            NAIVE_WARNING,
            "From a landmark session, patients are compared by their state at session 6, which "
            "goes on to change. That is another question, with an answer nearer to 1.",
        ],
    )


def person_time_table(times: pd.DataFrame) -> str:
    """Lay out `rupture_outcome.estimates.immortal_time.person_time.person_time` as HTML."""
    cells = pd.DataFrame(index=times.index)
    cells["counted"] = times["counted"].map(COUNTED)
    cells["group"] = [
        name("history" if counted == "by_patient" else "state", group)
        for counted, group in zip(times["counted"], times["group"], strict=True)
    ]
    cells["dropout"] = [percent(value, 0) for value in times["dropout"]]
    for key in ("length", "before_rupture", "before_repair", "after_repair", "dropout_per_100"):
        cells[key] = [number(value) for value in times[key]]
    cells["misplaced"] = [percent(value, 0) for value in times["misplaced"]]
    return html_table(
        cells,
        "immortal_time_sessions",
        "Where the immortal time sits",
        f"{SIMULATED_WORLD} in which repair does nothing. Patients with a rupture; sessions are "
        "means of patients.",
        labels={
            "group": "",
            "dropout": "Dropped out",
            "length": "Sessions attended",
            "before_rupture": "before a rupture",
            "before_repair": "rupture not yet repaired",
            "after_repair": "from the first repair on",
            "misplaced": "Sessions counted too soon",
            "dropout_per_100": "Dropouts per 100 sessions",
        },
        group="counted",
        notes=[
            "Sessions counted too soon: counted to patients with a repaired rupture, although none "
            "was repaired yet. Nobody in this group can have dropped out in them: time in which "
            "the patient was, so to speak, immortal.",
            "Dropouts per 100 sessions after which there could have been one.",
        ],
    )


def _studies(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    one = effects.iloc[0]
    return f"{one['replicates']:,} studies of {one['patients']:,} patients for each true ratio."


def _share(value: float, error: float) -> str:
    return "" if pd.isna(value) else f"{percent(value)} ({percent(error)})"
