"""Table of cumulative incidence from landmark sessions, at a few sessions."""

from collections.abc import Mapping

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import HIDDEN, count_texts

SHOWN_SESSIONS = 6


def incidence_table(
    incidence: pd.DataFrame,
    primary: Mapping[str, str] | None = None,
    *,
    unit: str = "session",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """Lay out the published incidence (`publishable_incidence`) of one definition and rule.

    `unit` is that of the clock, in the singular.
    """
    keep = pd.Series(True, index=incidence.index)
    for column, value in (primary or {}).items():
        if column in incidence:
            keep &= incidence[column].astype(str).eq(value)
    curves = incidence[keep]
    sessions = shown_sessions(curves)
    rows = [
        _row(key, curve, sessions, unit)
        for key, curve in curves.groupby(["landmark", "cause", "state"], sort=False, observed=True)
    ]
    labels = {"state": f"State at that {unit}", "at_risk": "Patients"}
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels, *map(str, sessions)]),
        "cumulative_incidence",
        "Dropout and agreed endings from landmark sessions",
        f"Cumulative incidence in % [{confidence * 100:g}% interval] by {unit}. {_of(primary)}",
        labels=labels | {str(s): f"By {unit} {s}" for s in sessions},
        group="group",
        notes=[
            f"{HIDDEN} also stands where 1 to {threshold} events lie between two {unit}s.",
            withheld_note(threshold),
        ],
        simulated=simulated,
    )


def shown_sessions(curves: pd.DataFrame) -> list[int]:
    """Choose sessions after the first landmark, evenly spread, the last one included."""
    if curves.empty:
        return []
    first, last = int(curves["landmark"].min()), int(curves["session"].max())
    step = max(1, -(-(last - first) // SHOWN_SESSIONS))
    return list(range(last, first, -step))[::-1]


def _row(key: tuple, curve: pd.DataFrame, sessions: list[int], unit: str) -> dict[str, str]:
    landmark, cause, state = key
    start = curve.sort_values("session").head(1)
    by_session = curve.set_index("session")
    texts = {str(s): _cell(by_session, s, landmark) for s in sessions}
    group = f"{name('cause', cause)}, in treatment at {unit} {landmark}"
    return {
        "group": group,
        "state": name("state", state),
        "at_risk": count_texts(start, "at_risk")[0],
    } | texts


def _cell(by_session: pd.DataFrame, session: int, landmark: int) -> str:
    if session <= landmark or session not in by_session.index:
        return ""
    row = by_session.loc[session]
    if pd.isna(row["estimate"]):
        return HIDDEN
    if pd.isna(row["ci_low"]):
        return f"{100 * row['estimate']:.1f}"
    bounds = f"{100 * row['ci_low']:.1f}, {100 * row['ci_high']:.1f}"
    return f"{100 * row['estimate']:.1f} [{bounds}]"


def _of(primary: Mapping[str, str] | None) -> str:
    if not primary:
        return ""
    definition = name("definition", primary["definition"])
    return f"{definition}; repair: {name('repair_rule', primary['repair_rule'])}."
