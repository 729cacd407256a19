"""What if ruptures were repaired as by the best therapists: dropout then, and the difference."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from rupture_outcome.look.curves import percent_axis, session_ticks
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    Mark,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import WHAT_IF_ASSUMPTIONS
from rupture_outcome.tables.state_occupancy import specification

TITLE = "Dropout if ruptures were repaired as by the best quarter of therapists"
OBSERVED, BEST, BEST_MODEL = "observed", "best_quarter", "best_quarter_model"
LOOKS: Mapping[str, Mark] = {
    OBSERVED: Mark(BLACK, "-", "o"),
    BEST: Mark(BLUE, "--", "s"),
    BEST_MODEL: Mark(GREEN, ":", "^"),
}
LABELS: Mapping[str, str] = {
    OBSERVED: "As observed",
    BEST: "Best quarter, shrunken effects",
    BEST_MODEL: "Best quarter, by the model (1.27 SD)",
}


@styled
def what_if_figure(
    what_if: pd.DataFrame,
    *,
    clock: str = "Sessions attended",
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw dropout in every scenario, and beside it the differences from what was observed.

    Parameters
    ----------
    what_if : DataFrame
        Published scenarios (`publishable_what_if`).
    clock : str
        Label of the axis of sessions.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    fig = Figure(figsize=(9.6, 3.5))
    left, right = (fig.add_axes((x, 0.14, 0.4, 0.76)) for x in (0.06, 0.6))
    _dropout(left, what_if)
    _differences(right, what_if)
    sessions = what_if["session"]
    ticks = session_ticks(int(sessions.min()), int(sessions.max()))
    for ax in (left, right):
        ax.xaxis.set_major_locator(FixedLocator(ticks))
        ax.set_xlim(ticks[0], sessions.max() + 0.4)
        ax.set_xlabel(clock)
    headline(fig, TITLE, specification(what_if), simulated=simulated)
    footnote(fig, _note(what_if, confidence))
    return fig


def alt_text(what_if: pd.DataFrame) -> str:
    """Say what dropout is at the last published session and how much it would differ."""
    known = what_if[what_if["estimate"].notna()]
    if known.empty:
        return "Dropout as observed and if more ruptures were repaired; not estimable."
    last = known[known["session"].eq(known["session"].max())]
    parts = [
        f"{LABELS[row['scenario']]}: {100 * row['estimate']:.1f}%{_interval(row)}"
        for row in last.to_dict("records")
    ]
    return f"Curves of dropout. By session {int(last['session'].iloc[0])}: {'; '.join(parts)}."


def _dropout(ax: Axes, what_if: pd.DataFrame) -> None:
    panel_title(ax, "Dropped out")
    for scenario, look in LOOKS.items():
        curve = _known(what_if, scenario, "estimate")
        if scenario == OBSERVED:
            _band(ax, curve, "ci_low", "ci_high", look, 1.0)
        _line(ax, curve, "estimate", look, LABELS[scenario], 1.0)
    highest = what_if[["estimate", "ci_high"]].max().max()
    ax.set_ylim(0, 0.1 if pd.isna(highest) else 1.35 * float(highest) + 0.01)
    percent_axis(ax)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left", handlelength=3)


def _differences(ax: Axes, what_if: pd.DataFrame) -> None:
    panel_title(ax, "Difference from observed")
    ax.set_ylabel("Percentage points")
    ax.axhline(0, color=GREY, lw=0.8)
    for scenario in (BEST, BEST_MODEL):
        curve = _known(what_if, scenario, "difference")
        _band(ax, curve, "difference_low", "difference_high", LOOKS[scenario], 100.0)
        _line(ax, curve, "difference", LOOKS[scenario], LABELS[scenario], 100.0)
    if what_if["difference"].isna().all():
        ax.text(0.5, 0.55, "not estimable", transform=ax.transAxes, ha="center", color=GREY)
        ax.set_ylim(-1, 1)


def _known(what_if: pd.DataFrame, scenario: str, column: str) -> pd.DataFrame:
    rows = what_if[what_if["scenario"].eq(scenario) & what_if[column].notna()]
    return rows.sort_values("session")


def _line(ax: Axes, curve: pd.DataFrame, column: str, look: Mark, label: str, by: float) -> None:
    if curve.empty:
        return
    style: dict[str, Any] = {"color": look.color, "ls": look.line, "marker": look.marker}
    ax.plot(curve["session"], by * curve[column], ms=3.5, mew=0, label=label, **style)


def _band(ax: Axes, curve: pd.DataFrame, low: str, high: str, look: Mark, by: float) -> None:
    if curve.empty:
        return
    middle = curve["estimate" if by == 1.0 else "difference"]
    bottom, top = (by * curve[edge].fillna(middle).to_numpy(float) for edge in (low, high))
    ax.fill_between(curve["session"], bottom, top, facecolor=(look.color, 0.12), lw=0)
    for bound in (bottom, top):
        ax.plot(curve["session"], bound, color=look.color, lw=0.6, ls=look.line, alpha=0.7)


def _interval(row: Mapping) -> str:
    if pd.isna(row["difference"]):
        return ""
    text = f" (difference {100 * row['difference']:.2f} points"
    if pd.isna(row["difference_low"]):
        return f"{text})"
    low, high = np.round([100 * row["difference_low"], 100 * row["difference_high"]], 2)
    return f"{text}, interval {low:.2f} to {high:.2f})"


def _note(what_if: pd.DataFrame, confidence: float) -> str:
    notes = [note for note in dict.fromkeys(what_if["note"].dropna().astype(str)) if note]
    told = "".join(f" {note[:1].upper()}{note[1:]}." for note in notes)
    return (
        f"Assumed: {WHAT_IF_ASSUMPTIONS}. Bands: {confidence * 100:g}% intervals, one session at a "
        f"time (bootstrap of therapists and their patients).{told}"
    )
