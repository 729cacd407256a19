"""Therapists in order of their chances of rupture, repair and dropout."""

from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    footnote,
    headline,
    styled,
)
from rupture_outcome.look.words import THERAPIST_BENCHMARK, name

TITLE = "Differences between therapists"
PANELS = {"rupture": "Rupture", "repair": "Repair", "dropout": "Dropout"}
OF_WHAT = {
    "rupture": "Sessions in which one begins",
    "repair": "Sessions in which an open one is repaired",
    "dropout": "Sessions after which the patient drops out",
}
PANEL, BETWEEN, LEFT = 2.75, 0.35, 0.45  # inches
ROW, LOWEST, HIGHEST, ABOVE, BELOW = 0.13, 1.6, 5.2, 0.55, 0.75


@styled
def caterpillar(
    effects: pd.DataFrame,
    variances: pd.DataFrame,
    relation: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw a panel an outcome: the therapists shown one by one, from the lowest chance up.

    Parameters
    ----------
    effects : DataFrame
        Published effects (`publishable_therapists`).
    variances, relation : DataFrame
        Published variances and relation (`publishable_therapist_table`).
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    most = effects.groupby("outcome")["rank"].count().max() if len(effects) else 0
    height = float(np.clip(ROW * most, LOWEST, HIGHEST))
    width = LEFT + len(PANELS) * PANEL + (len(PANELS) - 1) * BETWEEN
    total = ABOVE + height + BELOW
    fig = Figure(figsize=(width, total))
    for i, outcome in enumerate(PANELS):
        left = (LEFT + i * (PANEL + BETWEEN)) / width
        ax = fig.add_axes((left, BELOW / total, PANEL / width, height / total))
        of = variances[variances["outcome"].eq(outcome)].to_dict("records")
        shown = effects[effects["outcome"].eq(outcome)]
        _panel(ax, outcome, shown, of[0] if of else {})
        if i == 0:
            ax.set_ylabel("Therapists, in order")
    fig.legend(
        handles=_legend(confidence, single=most > 0),
        loc="lower left",
        bbox_to_anchor=(0, 0),
        ncols=4,
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.4,
        handlelength=1.8,
    )
    headline(fig, TITLE, relation_sentence(relation, confidence), simulated=simulated)
    footnote(fig, _note(threshold))
    return fig


def alt_text(effects: pd.DataFrame, variances: pd.DataFrame, relation: pd.DataFrame) -> str:
    """Say how much therapists differ in each outcome, and how repair and dropout relate."""
    parts = []
    for row in variances.to_dict("records"):
        if row["outcome"] in PANELS:
            shown = int(effects.loc[effects["outcome"].eq(row["outcome"]), "rank"].count())
            how_many = f", {shown} therapists shown" if shown else ", no therapist shown"
            spread = _spread(row).replace("\n", ", ")
            parts.append(f"{name('therapist_outcome', row['outcome'])}: {spread}{how_many}")
    text = f"Therapists in order of their chances, by outcome. {'; '.join(parts)}."
    return f"{text} {relation_sentence(relation)}"


def relation_sentence(relation: pd.DataFrame, confidence: float = 0.95) -> str:
    """Answer whether therapists who repair more lose fewer, with the interval, or say why not."""
    joint = relation["method"].eq("joint") & relation["measure"].eq("correlation")
    rows = relation[joint & relation["second"].eq("dropout")].to_dict("records")
    if not rows or pd.isna(rows[0]["estimate"]):
        why = "withheld, too few patients or events"
        if rows and "estimate" not in str(rows[0].get("withheld")):
            why = f"not estimable: {rows[0]['note']}"
        return f"Correlation of repair and dropout between therapists: {why}."
    row = rows[0]
    low, high = row["ci_low"], row["ci_high"]
    if low > 0:
        answer = "therapists who repair more lose more patients"
    elif high < 0:
        answer = "therapists who repair more lose fewer patients"
    else:
        answer = "the data do not say whether therapists who repair more lose fewer patients"
    text = (
        f"Correlation of repair and dropout between therapists {row['estimate']:.2f} "
        f"[{confidence * 100:g}% interval {low:.2f}, {high:.2f}], errors of both taken into "
        f"account: {answer}."
    )
    return text.replace("-", "−")


def _panel(ax: Axes, outcome: str, effects: pd.DataFrame, variance: dict) -> None:
    shown = effects[effects["estimate"].notna()]
    n = len(shown)
    ax.set_title(PANELS[outcome], loc="left", fontweight="bold", pad=30)
    about: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    unit = "in log hazards" if variance.get("link") == "cloglog" else "in log odds"
    ax.annotate(_spread(variance, unit), (0, 1), (0, 4), fontsize=8, **about)
    if pd.notna(variance.get("chance", np.nan)):
        span = 100 * variance["chance_low"], 100 * variance["chance_high"]
        ax.axvspan(*span, color=FAINT, lw=0, zorder=0)
        ax.axvline(100 * variance["chance"], color=BLACK, lw=0.9, ls=(0, (4, 2)), zorder=1)
    size = min(4.0, 55.0 * ax.bbox.height / ax.figure.dpi / max(n, 1))
    for row in shown.to_dict("records"):
        _therapist(ax, row, size)
    if not n:
        ax.text(0.5, 0.5, _why(effects), transform=ax.transAxes, **_LOOK)
    ax.set(ylim=(0.3, max(n, 1) + 0.7), xlabel=OF_WHAT[outcome])
    ax.yaxis.set_major_locator(FixedLocator([1, n]) if n else NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}%")


_LOOK: dict[str, Any] = {
    "fontsize": 8,
    "color": GREY,
    "ha": "center",
    "va": "center",
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 2},
    "zorder": 4,
}


def _therapist(ax: Axes, row: dict, size: float) -> None:
    differs = row["ci_low"] > 0 or row["ci_high"] < 0
    color = BLUE if differs else GREY
    ends = [100 * row["chance_low"], 100 * row["chance_high"]]
    ax.plot(ends, [row["rank"]] * 2, color=color, lw=1.4 if differs else 1.0, zorder=2)
    face = color if differs else "white"
    ax.plot(100 * row["chance"], row["rank"], "o", ms=size, mfc=face, mec=color, zorder=3)


def _spread(row: dict, unit: str = "") -> str:
    if pd.isna(row.get("group_sd", np.nan)):
        withheld = "estimate" in str(row.get("withheld", ""))
        return "withheld: few patients or events" if withheld else "SD not estimable"
    low, high = row["ci_low"], row["ci_high"]
    sd = f"SD {unit} {row['group_sd']:.2f} [{low:.2f}, {high:.2f}]".replace("  ", " ")
    ends = f"[{100 * row['share_low']:.1f}%, {100 * row['share_high']:.1f}%]"
    return f"{sd}\nshare of variance {100 * row['share']:.1f}% {ends}"


def _why(effects: pd.DataFrame) -> str:
    notes = effects["note"].dropna().astype(str).tolist()
    text = notes[0] if notes else "nothing to show"
    return "\n".join(wrap(text, 36))


def _legend(confidence: float, *, single: bool) -> list[Any]:
    level = f"{confidence * 100:g}%"
    dot: dict[str, Any] = {"marker": "o", "ms": 4}
    one_by_one = [
        Line2D([], [], color=BLUE, mfc=BLUE, **dot, label=f"{level} interval without the average"),
        Line2D([], [], color=GREY, mfc="white", **dot, label=f"{level} interval with it"),
    ]
    return [
        *(one_by_one if single else []),
        Line2D([], [], color=BLACK, lw=0.9, ls=(0, (4, 2)), label="average therapist"),
        Patch(color=FAINT, lw=0, label="80% of all therapists"),
    ]


def _note(threshold: int) -> str:
    who = f" with more than {threshold} patients at risk" if threshold else ""
    return (
        f"Shown are therapists{who}, without their names; each panel has an order of its own. "
        "Chances are drawn towards the average of all therapists. Intervals in brackets: profile "
        f"likelihood. {THERAPIST_BENCHMARK}"
    )
