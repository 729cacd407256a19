"""Table of the strategies that followed rupture markers, and of how resolution was rated."""

import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.look.shares import ROUNDED_NOTE, any_rounded, share_texts
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

COUNTS = ["sessions", "patients", "resolved"]


def strategies_table(
    strategies: pd.DataFrame, *, threshold: int = 10, simulated: bool = False
) -> str:
    """Lay out published strategies (`publishable_strategies`) as HTML."""
    cells = pd.DataFrame(index=strategies.index)
    n = count_texts(strategies, "n")
    cells["group"] = [
        f"{name('marker_kind', kind)} ({count} sessions)"
        for kind, count in zip(strategies["marker_kind"], n, strict=True)
    ]
    cells["strategy"] = [name("strategy", one) for one in strategies["strategy"]]
    for column in COUNTS:
        cells[column] = count_texts(strategies, column)
    cells["share"] = share_texts(strategies, "share", 1, percent=True)
    cells["resolution_mean"] = share_texts(strategies, "resolution_mean")
    return html_table(
        cells,
        "strategy_resolution",
        "What followed a rupture marker, and how the session was resolved",
        "Coded by observers. Unit: session with a marker of that kind.",
        labels={
            "strategy": "Strategy that followed",
            "sessions": "Sessions",
            "share": "Share",
            "patients": "Patients",
            "resolution_mean": "Mean resolution (1 to 5)",
            "resolved": "Resolved",
        },
        group="group",
        notes=_notes(strategies, threshold),
        simulated=simulated,
    )


def _notes(strategies: pd.DataFrame, threshold: int) -> list[str]:
    if strategies.empty:
        return ["No rupture marker was coded by observers."]
    return [
        "A strategy followed if the same observer coded it in the marker's segment or the next. A "
        "session can hold several strategies. Resolved: mean rating of the session 3 or more.",
        "This describes: where more went wrong, more was tried and less was resolved. It does not "
        "say what a strategy does.",
        ROUNDED_NOTE if any_rounded(strategies) else "",
        withheld_note(threshold),
    ]
