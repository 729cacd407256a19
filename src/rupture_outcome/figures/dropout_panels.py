"""Panels of the figure of dropout definitions: rates, sets of definitions, effects of repair."""

import re
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from rupture_outcome.figures.dropout_effects import LIMITS, LOOKS, TICKS
from rupture_outcome.look.dropout_words import OTHER, PLUS, remark
from rupture_outcome.look.style import BLACK, BLUE, GREY, LIGHT, share
from rupture_outcome.publishable.suppress import count_texts

# inches: the columns from left to right, then heights
NAMES, RATE, RATE_TEXT, SETS, FOREST, TEXT, COUNT = 2.05, 1.2, 1.15, 2.2, 1.95, 1.75, 0.6
WIDE, LEAST = 0.3, 1.2
GAP, ROW, ABOVE, HEADS, BELOW = 0.3, 0.46, 1.25, 0.5, 0.55


def draw_rates(ax: Axes, back: Axes, rates: pd.DataFrame, left: float, level: str) -> None:
    """Draw rates with their intervals; write them, and their counts, at `left` inches."""
    counts = [count_texts(rates, column) for column in ("events", "patients")]
    for i, row in enumerate(rates.to_dict("records")):
        if pd.notna(row["rate"]):
            ax.plot([row["ci_low"], row["ci_high"]], [middle(i)] * 2, color=BLUE)
            ax.plot(row["rate"], middle(i), color=BLUE, marker="o", mew=0)
        span = "" if pd.isna(row["ci_low"]) else _span(row)
        rate = "withheld" if pd.isna(row["rate"]) else f"{share(row['rate'])}{span}"
        back.text(left, middle(i) - 0.09, rate, va="center", fontsize=8.5)
        of = f"{counts[0][i]} of {counts[1][i]}"
        back.text(left, middle(i) + 0.09, of, va="center", fontsize=7.5, color=GREY)
    ends = rates[["rate", "ci_high"]].max().max()
    ax.set_xlim(0, 1.08 * ends if ends > 0 else 1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value)))
    ax.set_xlabel("Dropped out")
    _head(back, left - RATE, "Rate of dropout")
    _head(back, left, f"Rate [{level}]")


def _span(row: dict) -> str:
    return f" [{100 * row['ci_low']:.0f}, {100 * row['ci_high']:.0f}]"


def draw_sets(
    ax: Axes, back: Axes, shown: pd.DataFrame, ids: list[str], left: float, span: float
) -> None:
    """Draw a bar and a column of dots a set, over `span` inches from `left` on."""
    ax.set_axis_off()
    top = 0.3 if shown.empty else ABOVE - 0.3
    back.text(left, -top, "Same patients", fontweight="bold", va="bottom", fontsize=8.5)
    if shown.empty:
        back.text(left, -0.12, "no set can be shown", va="bottom", fontsize=8, color=GREY)
        return
    wide = min(span / len(shown), WIDE)
    ax.set(xlim=(0, span), ylim=(0, 1.3 * shown["share"].max()))
    for i, row in enumerate(shown.to_dict("records")):
        x = (i + 0.5) * wide
        look: dict[str, Any] = {"color": BLUE}
        if row["detected_by"] == OTHER:
            look = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "lw": 0.8}
        ax.bar(x, row["share"], width=0.62 * wide, **look)
        text = _bar_text(row)
        size = min(8.0, 100 * wide / len(text))  # points that leave room between neighbours
        ax.text(x, row["share"], text, ha="center", va="bottom", fontsize=size)
        _column(back, left + x, row, ids)
    ax.plot([0, wide * len(shown)], [0, 0], color=LIGHT, lw=0.8)


def _bar_text(row: dict) -> str:
    n = row["patients"]
    return f"{int(n):,}" if pd.notna(n) else f"≈{share(row['share'])}"


def _column(ax: Axes, x: float, row: dict, ids: list[str]) -> None:
    """Dots below a bar: filled and joined where a definition is in the set."""
    if row["detected_by"] == OTHER:
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        look: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center", "fontsize": 8}
        ax.text(x, 0.5 * ROW * len(ids), "all other sets", bbox=white, **look)
        return
    own = [ids.index(d) for d in str(row["detected_by"]).split(PLUS)]
    rest = [i for i in range(len(ids)) if i not in own]
    dot: dict[str, Any] = {"ls": "", "marker": "o", "mew": 0}
    ax.plot([x] * len(rest), [middle(i) for i in rest], color="#cfcfcf", ms=4, **dot)
    ax.plot([x] * 2, [middle(min(own)), middle(max(own))], color=BLACK, lw=1.6)
    ax.plot([x] * len(own), [middle(i) for i in own], color=BLACK, ms=7, **dot)


def draw_effects(
    ax: Axes, back: Axes, rows: pd.DataFrame, ids: list[str], left: float, head: str
) -> None:
    """Draw the ratios of each definition, the naive one below; write them at `left` inches."""
    known = rows[rows["estimate"].notna()]
    low = max(min([0.5, *np.exp(known["ci_low"])]) * 0.9, LIMITS[0])
    high = min(max([2.0, *np.exp(known["ci_high"])]) * 1.1, LIMITS[1])
    events = count_texts(rows, "events")
    for row, dropouts in zip(rows.to_dict("records"), events, strict=True):
        naive = row["analysis"] == "naive"
        y = middle(ids.index(row["dropout_definition"])) + (0.1 if naive else -0.1)
        style: dict[str, Any] = {"va": "center", "fontsize": 8, "color": GREY if naive else BLACK}
        style["style"] = "italic" if naive else "normal"
        text = ratio_text(row) or shorten(why(row), 26, placeholder=" …")
        back.text(left, y, f"{text}{', naive' if naive else ''}", **style)
        back.text(left + TEXT + COUNT - 0.08, y, dropouts, ha="right", **style)
        if pd.notna(row["estimate"]):
            _interval(ax, row, y, low, high)
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    ax.set(xscale="log", xlim=(low, high))
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _head(back, left - FOREST, "Repaired against\nunrepaired rupture")
    _head(back, left, head)
    _head(back, left + TEXT + COUNT - 0.08, "Dropouts", ha="right")


def _interval(ax: Axes, row: dict, y: float, low: float, high: float) -> None:
    look = LOOKS[row["analysis"]]
    ends = np.exp([row["ci_low"], row["ci_high"]])
    ax.plot(np.clip(ends, low, high), [y] * 2, ls=look.line, color=look.color, lw=1.5)
    for end, arrow, limit in ((ends[0], "<", low), (ends[1], ">", high)):
        if not low <= end <= high:
            ax.plot(limit, y, marker=arrow, color=look.color, ms=4, clip_on=False)
    if low <= row["ratio"] <= high:
        face = "white" if row["analysis"] == "naive" else look.color
        ax.plot(row["ratio"], y, marker=look.marker, ms=5, mfc=face, mec=look.color, mew=1.2)


def _head(ax: Axes, x: float, text: str, **look: Any) -> None:
    ax.text(x, -0.1, text, va="bottom", fontsize=8.5, fontweight="bold", **look)


def middle(i: int) -> float:
    """Middle of line i, in inches from the top."""
    return (i + 0.5) * ROW


def ratio_text(row: dict) -> str:
    """Text of a ratio with its interval, empty where there is none."""
    if pd.isna(row["estimate"]):
        return ""
    low, high = np.exp([row["ci_low"], row["ci_high"]])
    return f"{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"


def why(row: dict) -> str:
    """Say in few words why there is no ratio."""
    text = re.sub(r".*not estimable: ", "", remark(row).replace(" patients or events", ""))
    return text if text.startswith(("withheld", "not estimable")) else f"not estimable: {text}"
