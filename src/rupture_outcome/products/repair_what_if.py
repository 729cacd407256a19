"""Dropout if ruptures were repaired as by the best quarter of therapists: table and figure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.curves import session_ticks
from rupture_outcome.look.formats import UNROUNDED, percent, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.state_texts import share_cell, specification, told_notes
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    Mark,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import WHAT_IF_ASSUMPTIONS, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Dropout if ruptures were repaired as by the best quarter of therapists"
OBSERVED, BEST, BEST_MODEL = "observed", "best_quarter", "best_quarter_model"
MARKS: Mapping[str, Mark] = {
    OBSERVED: Mark(BLACK, "-", "o"),
    BEST: Mark(BLUE, "--", "s"),
    BEST_MODEL: Mark(GREEN, ":", "^"),
}
LABELS: Mapping[str, str] = {
    OBSERVED: "As observed",
    BEST: "Best quarter: shrunken effects",
    BEST_MODEL: "Best quarter: by the model, 1.27 SD",
}


def what_if_table(tables: Tables, look: Look) -> str:
    """Lay out dropout by the last published session, as observed and as it would be."""
    what_if = tables["repair_what_if"]
    known = what_if.loc[what_if["estimate"].notna(), "session"]
    session = int(known.max() if len(known) else what_if["session"].max())
    last = what_if[what_if["session"].eq(session)]
    rows = [
        {
            "scenario": name("scenario", row["scenario"]),
            "odds": "" if pd.isna(row["shift"]) else f"× {np.exp(row['shift']):.2f}",
            "dropout": share_cell(row, look),
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
        f"Dropout by session {session} [{look.level} interval]. {specification(what_if)}",
        labels=labels,
        notes=[
            f"Assumed: {WHAT_IF_ASSUMPTIONS}.",
            "The best quarter of therapists: the mean of their shrunken effects. The one that the "
            "model expects: the mean of the upper quarter of the distribution of effects, 1.27 SD.",
            "Intervals: bootstrap of therapists with their patients, with draws of what is not "
            "known of therapists.",
            UNROUNDED,
            *told_notes(what_if),
        ],
        look=look,
    )


def draw_what_if(tables: Tables, look: Look) -> Drawing:
    """Draw how much dropout would differ from what was observed: the curves hardly do."""
    what_if = tables["repair_what_if"]
    return Drawing(what_if_figure(what_if, look), TITLE, alt_text(what_if))


@styled
def what_if_figure(what_if: pd.DataFrame, look: Look) -> "Figure":
    """Draw published scenarios."""
    from matplotlib.ticker import FixedLocator

    fig = new_figure(7.6, 3.6)
    ax = fig.add_axes((0.09, 0.13, 0.60, 0.85))
    _differences(ax, what_if)
    sessions = what_if["session"]
    ticks = session_ticks(int(sessions.min()), int(sessions.max()))
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.set_xlim(ticks[0], sessions.max() + 0.2)
    ax.set_xlabel(name("clock", look.clock))
    headline(fig, TITLE, specification(what_if), look)
    footnote(fig, _note(what_if, look), look)
    return fig


def alt_text(what_if: pd.DataFrame) -> str:
    """Say what dropout is at the last published session and how much it would differ."""
    known = what_if[what_if["estimate"].notna()]
    if known.empty:
        return "Dropout as observed and if more ruptures were repaired; not estimable."
    last = known[known["session"].eq(known["session"].max())]
    parts = [
        f"{LABELS[row['scenario']]}: {percent(row['estimate'])}{_compared(row)}"
        for row in last.to_dict("records")
    ]
    return f"Curves of dropout. By session {int(last['session'].iloc[0])}: {'; '.join(parts)}."


def _differences(ax: "Axes", what_if: pd.DataFrame) -> None:
    ax.set_ylabel("Difference from dropout as observed,\npercentage points")
    ax.axhline(0, color=GREY, lw=0.8)
    for scenario in (BEST, BEST_MODEL):
        curve = _known(what_if, scenario, "difference")
        _band(ax, curve, "difference_low", "difference_high", MARKS[scenario], 100.0)
        _line(ax, curve, "difference", MARKS[scenario], 100.0)
    _end_labels(ax, what_if)
    if what_if["difference"].isna().all():
        ax.text(0.5, 0.55, "not estimable", transform=ax.transAxes, ha="center", color=GREY)
        ax.set_ylim(-1, 1)


def _known(what_if: pd.DataFrame, scenario: str, column: str) -> pd.DataFrame:
    rows = what_if[what_if["scenario"].eq(scenario) & what_if[column].notna()]
    return rows.sort_values("session")


def _end_labels(ax: "Axes", what_if: pd.DataFrame) -> None:
    """Name each curve at its end, the labels apart, with the difference there."""
    ends = []
    for scenario in (BEST, BEST_MODEL):
        curve = _known(what_if, scenario, "difference")
        if len(curve):
            ends.append((100 * float(curve["difference"].iloc[-1]), scenario, curve.iloc[-1]))
    low, high = ax.get_ylim()
    apart, below = 0.16 * (high - low), np.inf
    for y, scenario, row in sorted(ends, key=lambda end: -end[0]):
        below = min(y, below - apart)
        text = f"{LABELS[scenario]}\n{_difference(row.to_dict())}"
        look: dict[str, Any] = {"color": MARKS[scenario].color, "va": "center", "fontsize": 8.5}
        ax.annotate(text, (1.02, below), xycoords=("axes fraction", "data"), **look)


def _line(ax: "Axes", curve: pd.DataFrame, column: str, mark: Mark, by: float) -> None:
    if curve.empty:
        return
    style: dict[str, Any] = {"color": mark.color, "ls": mark.line, "marker": mark.marker}
    ax.plot(curve["session"], by * curve[column], ms=3.5, mew=0, **style)


def _band(ax: "Axes", curve: pd.DataFrame, low: str, high: str, mark: Mark, by: float) -> None:
    if curve.empty:
        return
    middle = curve["difference"]
    bottom, top = (by * curve[edge].fillna(middle).to_numpy(float) for edge in (low, high))
    ax.fill_between(curve["session"], bottom, top, facecolor=(mark.color, 0.12), lw=0)
    for bound in (bottom, top):
        ax.plot(curve["session"], bound, color=mark.color, lw=0.6, ls=mark.line, alpha=0.7)


def _compared(row: Mapping) -> str:
    return f" (difference in points {_difference(row)})" if pd.notna(row["difference"]) else ""


def _difference(row: Mapping) -> str:
    ends = row["difference_low"], row["difference_high"]
    return with_interval(row["difference"], *ends, scale=100)


def _note(what_if: pd.DataFrame, look: Look) -> str:
    return " ".join(
        [
            f"{_observed(what_if)}Assumed: {WHAT_IF_ASSUMPTIONS}. Bands: {look.level} intervals, "
            "one session at a time (bootstrap of therapists with their patients).",
            *told_notes(what_if),
        ]
    )


def _observed(what_if: pd.DataFrame) -> str:
    """Say what the difference is from."""
    known = _known(what_if, OBSERVED, "estimate")
    if known.empty:
        return ""
    last = known.iloc[-1]
    share = with_interval(last["estimate"], last["ci_low"], last["ci_high"], 1, "%", 100)
    return f"As observed, {share} had dropped out by session {int(last['session'])}. "


def with_basis(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """Mark a best quarter that is a single therapist, of whom it would tell too much."""
    return frame.assign(alone=frame["therapists"].eq(1).astype(int))


BASIS = ["alone", "patients", "fewest_repairs"]

PRODUCT = Product(
    name="repair_what_if",
    about="Dropout as observed, and if ruptures were repaired as by the best quarter of therapists",
    raw={"frame": "models/repair_what_if.parquet"},
    make=with_basis,
    columns=(
        Column("scenario", label="Scenario"),
        Column("session", "number", label="Session"),
        Column(
            "estimate", "mean", label="Dropped out", of=["started", *BASIS],
            ends=["ci_low", "ci_high"],
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column(
            "difference", "estimate", label="Difference", of=BASIS,
            ends=["difference_low", "difference_high"],
        ),
        Column("difference_low", "follows"),
        Column("difference_high", "follows"),
        Column("shift", "estimate", label="Shift of the log odds of repair", of=BASIS),
        *(Column(cell, "basis") for cell in ("started", *BASIS)),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("reason", "text", label="Note", of=BASIS),
    ),
    lay_out=what_if_table,
    draw=draw_what_if,
)  # fmt: skip
