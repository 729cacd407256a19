"""Effects of repair in the study on the scale of published ones."""

from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from rupture_outcome.estimates.literature import STUDY
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    Mark,
    footnote,
    headline,
    styled,
)
from rupture_outcome.look.words import NAIVE_WARNING
from rupture_outcome.tables.literature import scale_text, value_text, who

TITLE = "Repair and dropout in this study beside published effects"
NOTHING = "No effect has a place on the common scale."
OURS = Mark(BLUE, "-", "o")
NAIVELY = Mark(GREY, (0, (2, 1.5)), "D")
THEIRS = Mark(BLACK, "-", "s")
# inches: the columns from left to right, then heights
LABEL, PLOT, TEXT = 4.3, 2.9, 1.9
LINE, GAP, BELOW = 0.165, 0.15, 0.62
CHARACTERS = 68
DIFFERENT = (
    "What is compared and with what outcome differs from row to row: an order of magnitude, not a "
    "replication. The study's outcome is dropout after a session."
)
CONVERTED = (
    "Published r and d on the log-odds scale: d × π/√3, d = 2r/√(1 − r²) unless d was published; "
    "limits of intervals transformed one by one; no line: no interval was read."
)


@styled
def literature_figure(rows: pd.DataFrame, *, simulated: bool = False) -> Figure:
    """Draw effects on the log-odds scale, the study's own first.

    Parameters
    ----------
    rows : DataFrame
        From `rupture_outcome.estimates.literature.literature`, as published.
    simulated : bool
        Whether to mark the figure as simulated data; only the study's own rows are.
    """
    drawn, height = placed(rows, simulated=simulated)
    if drawn.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    width = LABEL + PLOT + TEXT
    fig = Figure(figsize=(width, height + BELOW))
    total = fig.get_size_inches()[1]
    ax = fig.add_axes((LABEL / width, BELOW / total, PLOT / width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    _axis(ax, drawn)
    for row in drawn.to_dict("records"):
        _draw(ax, row)
    subtitle = "Log odds ratio, turned so that more than 0 is better: less dropout, better outcome."
    headline(fig, TITLE, subtitle, simulated=simulated)
    footnote(fig, f"{DIFFERENT} {CONVERTED} {NAIVE_WARNING}")
    return fig


def alt_text(rows: pd.DataFrame) -> str:
    """Say every effect on the common scale, with what it compares."""
    drawn, _ = placed(rows)
    if drawn.empty:
        return NOTHING
    parts = [
        f"{row['title']}: {scale_text(row) or row['note']} ({row['about']})"
        for row in drawn.to_dict("records")
    ]
    return (
        "Effects as log odds ratios, more than 0 is better. "
        f"{'; '.join(parts)}. What is compared and with what outcome differs between rows."
    )


def placed(rows: pd.DataFrame, *, simulated: bool = False) -> tuple[pd.DataFrame, float]:
    """Rows to draw with their texts and top `y` in inches, and the height of all.

    The study's own rows are drawn even without an estimate, and say why there is none.
    """
    drawn = rows[rows["log_odds"].notna() | rows["source"].eq(STUDY)].copy()
    records = drawn.to_dict("records")
    drawn["title"] = [_title(row, simulated) for row in records]
    drawn["about"] = [
        f"compared with {row['comparator']}; outcome: {row['outcome']}; unit: {row['unit']}"
        for row in records
    ]
    tops, height = [], 0.0
    for title, about in zip(drawn["title"], drawn["about"], strict=True):
        tops.append(height)
        lines = len(wrap(title, CHARACTERS - 8)) + len(wrap(about, CHARACTERS))
        height += LINE * lines + GAP
    return drawn.assign(y=tops), height


def _title(row: dict, simulated: bool) -> str:
    recalled = " (recalled)" if row["status"] == "recalled" else ""
    ours = "this study, simulated" if simulated else "this study"
    source = ours if row["source"] == STUDY else who(row)
    return f"{row['finding']}: {source}{recalled}"


def _axis(ax: Axes, rows: pd.DataFrame) -> None:
    ends = rows[["log_odds", "log_odds_low", "log_odds_high"]].to_numpy(dtype=float)
    ends = ends[np.isfinite(ends)]
    low, high = min([-0.5, *ends]) - 0.15, max([1.0, *ends]) + 0.15
    ax.set_xlim(low, high)
    ax.axvline(0, color=BLACK, lw=0.8, zorder=0)
    ax.set_xlabel("Log odds ratio", labelpad=14)
    y = -0.33 / (ax.bbox.height / ax.figure.dpi)
    look: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← worse", va="center", **look)
    ax.text(1, y, "better →", va="center", ha="right", **look)


def _draw(ax: Axes, row: dict) -> None:
    ours = row["source"] == STUDY
    naive = ours and "naive" in row["finding"]
    look = NAIVELY if naive else OURS if ours else THEIRS
    at = ax.get_yaxis_transform()
    x = -LABEL / PLOT
    title, about = wrap(row["title"], CHARACTERS - 8), wrap(row["about"], CHARACTERS)
    for i, line in enumerate([*title, *about]):
        bold = i < len(title)
        style: dict[str, Any] = {"fontsize": 8.5 if bold else 7.5}
        style |= {"fontweight": "bold"} if bold else {"color": GREY}
        y = row["y"] + LINE * (i + 0.5)
        ax.text(x, y, line, transform=at, va="center", **style)
    y = row["y"] + LINE * (len(title) + len(about)) / 2
    if row["y"]:
        edge = [row["y"] - GAP / 2] * 2
        ax.plot(
            [x, 1 + TEXT / PLOT], edge, transform=at, color=FAINT, lw=1, clip_on=False, zorder=0
        )
    if pd.isna(row["log_odds"]):
        note = "\n".join(wrap(f"not shown: {row['note']}", 44))
        ax.text(0, y, note, transform=at, va="center", fontsize=7.5, color=GREY)
        return
    if pd.notna(row["log_odds_low"]):
        ends = [row["log_odds_low"], row["log_odds_high"]]
        ax.plot(ends, [y, y], ls=look.line, color=look.color, lw=1.6)
    face = "white" if naive else look.color
    ax.plot(row["log_odds"], y, ls="", marker=look.marker, ms=6, mfc=face, mec=look.color, mew=1.2)
    right = 1 + 0.12 / PLOT
    ax.text(right, y - LINE / 2, scale_text(row), transform=at, va="center", fontsize=8.5)
    reported = "\n".join(wrap(value_text(row), 34))
    ax.text(right, y, reported, transform=at, va="top", fontsize=7, color=GREY)
