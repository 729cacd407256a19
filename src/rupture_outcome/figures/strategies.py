"""From rupture marker to strategy to resolution, as observers coded them."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    ORANGE,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

TITLE = "What followed a rupture marker, and how the session was resolved"
NOTHING = "No strategies to show: the study has no rupture markers coded by observers."
NONE = "none"
SCALE = (1, 5)
# inches
KIND, LABEL, BARS, BETWEEN, DOTS, COUNT = 1.5, 2.15, 2.3, 0.95, 2.3, 1.05
ROW, GAP, HEAD, BELOW = 0.235, 0.2, 0.35, 0.5


@styled
def strategy_figure(
    strategies: pd.DataFrame, *, threshold: int = 10, simulated: bool = False
) -> Figure:
    """Draw one row a strategy: how often it followed, and the mean rating of resolution.

    Parameters
    ----------
    strategies : DataFrame
        Published `strategy_resolution`: marker_kind, strategy, sessions, share, n,
        resolution_mean, resolution_n, resolved, withheld.
    threshold : int
        Largest count that is not shown, for the note.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    if strategies.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    rows, total = placed(strategies)
    width, height = KIND + LABEL + BARS + BETWEEN + DOTS + COUNT, HEAD + total + BELOW
    fig = Figure(figsize=(width, height))
    bars = _axes(fig, KIND + LABEL, BARS, total)
    dots = _axes(fig, KIND + LABEL + BARS + BETWEEN, DOTS, total)
    _frequencies(bars, rows)
    _resolutions(dots, rows)
    _words(bars, rows)
    headline(fig, TITLE, simulated=simulated)
    footnote(fig, _note(rows, threshold))
    return fig


def alt_text(strategies: pd.DataFrame) -> str:
    """Say how often no strategy followed, and which ones did, by kind of marker."""
    if strategies.empty:
        return NOTHING
    parts = []
    for kind, own in strategies.groupby("marker_kind", sort=False):
        shown = own[own["sessions"].notna()]
        said = [
            f"{name('strategy', row['strategy']).lower()} in {int(row['sessions'])} sessions"
            + (
                f" (mean resolution {row['resolution_mean']:.1f})"
                if pd.notna(row["resolution_mean"])
                else ""
            )
            for row in shown.head(4).to_dict("records")
        ]
        parts.append(f"After {kind}: {', '.join(said) or 'counts withheld'}.")
    return (
        "Bars and dots: which strategies followed a rupture marker, in how many sessions, and how "
        f"resolution of these sessions was rated from 1 to 5. {' '.join(parts)}"
    )


def placed(strategies: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Give rows their height `y` (inches from the top); also the height of all of them.

    Strategies stand in blocks by kind of marker, the most frequent first, then those whose number
    is withheld, by name, so that their order tells nothing; no strategy stands last.
    """
    rows = strategies.assign(
        _none=strategies["strategy"].eq(NONE),
        _hidden=strategies["sessions"].isna(),
        _sessions=-strategies["sessions"].astype(float).fillna(0),
        label=[name("strategy", s) for s in strategies["strategy"]],
    )
    order = ["_none", "_hidden", "_sessions", "label"]
    top, blocks = 0.0, []
    for _, own in rows.groupby("marker_kind", sort=False):
        block = own.sort_values(order).reset_index(drop=True)
        blocks.append(block.assign(y=top + ROW * (np.arange(len(block)) + 0.5), top=top))
        top += ROW * len(block) + GAP
    return pd.concat(blocks, ignore_index=True), top - GAP


def _axes(fig: Figure, left: float, width: float, height: float) -> Axes:
    across, total = fig.get_size_inches()
    ax = fig.add_axes((left / across, BELOW / total, width / across, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _frequencies(ax: Axes, rows: pd.DataFrame) -> None:
    texts = count_texts(rows, "sessions")
    known = rows[rows["share"].notna()]
    top = float(known["share"].max()) if len(known) else 1.0
    for row, text in zip(rows.to_dict("records"), texts, strict=True):
        share = row["share"] if pd.notna(row["share"]) and pd.notna(row["sessions"]) else 0.0
        look: dict[str, Any] = {"color": BLUE}
        if row["strategy"] == NONE:
            look = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "lw": 0.7}
        ax.barh(row["y"], share, height=0.62 * ROW, **look)
        color = GREY if text[0] in "≤≈–" else BLACK
        ax.text(share + 0.02 * top, row["y"], text, va="center", fontsize=8, color=color)
    ax.set_xlim(0, 1.05 * top)
    ax.xaxis.set_major_locator(FixedLocator([t for t in (0, 0.2, 0.4, 0.6, 0.8, 1) if t <= top]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set_xlabel("Share of the sessions with the marker")
    panel_title(ax, "2  Strategy that followed (sessions)")


def _resolutions(ax: Axes, rows: pd.DataFrame) -> None:
    at = ax.get_yaxis_transform()
    resolved, rated = count_texts(rows, "resolved"), count_texts(rows, "resolution_n")
    for i, row in enumerate(rows.to_dict("records")):
        ax.plot(SCALE, [row["y"]] * 2, color=FAINT, lw=1, zorder=0)
        if pd.notna(row["resolution_mean"]):
            none = row["strategy"] == NONE
            style: dict[str, Any] = {"mfc": "white" if none else ORANGE, "mec": BLACK, "mew": 0.9}
            ax.plot(row["resolution_mean"], row["y"], marker="o", ms=6, ls="", **style)
            look: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8}
            ax.text(1.05, row["y"], f"{resolved[i]} of {rated[i]}", **look)
    ax.set_xlim(SCALE[0] - 0.1, SCALE[1] + 0.1)
    ax.xaxis.set_major_locator(FixedLocator(range(SCALE[0], SCALE[1] + 1)))
    ax.set_xlabel("Mean resolution (1 none, 5 full)")
    panel_title(ax, "3  Resolution")
    ax.text(1.05, 1, "Resolved\n(3 or more)", transform=ax.transAxes, fontsize=8, va="bottom")


def _words(ax: Axes, rows: pd.DataFrame) -> None:
    """Write kinds of markers and names of strategies to the left of the bars."""
    at = ax.get_yaxis_transform()
    left, label = -(KIND + LABEL) / BARS, -LABEL / BARS
    for row in rows.to_dict("records"):
        style = "italic" if row["strategy"] == NONE else "normal"
        ax.text(label, row["y"], row["label"], transform=at, va="center", fontsize=8.5, style=style)
    for _, block in rows.groupby("marker_kind", sort=False):
        y, n = block["top"].iloc[0] + 0.5 * ROW, count_texts(block, "n")[0]
        kind = name("marker_kind", block["marker_kind"].iloc[0])
        look: dict[str, Any] = {"transform": at, "va": "center"}
        ax.text(left, y, kind, fontsize=9, fontweight="bold", **look)
        ax.text(left, y + 0.19, f"{n} sessions", fontsize=8, **look)
    ax.annotate(
        "1  Marker", (left, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
        fontsize=9.5, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _note(rows: pd.DataFrame, threshold: int) -> str:
    parts = [
        "A session counts under every strategy that a rater saw in the segment of a marker or the "
        "next one, and under no strategy only if nobody saw any. Sessions in which more went "
        "wrong hold more strategies and are harder to resolve, so this says nothing of what a "
        "strategy does."
    ]
    if any(is_withheld(rows, c).any() for c in ("n", "sessions", "resolved", "resolution_n")):
        parts.append(withheld_note(threshold))
    return " ".join(parts)
