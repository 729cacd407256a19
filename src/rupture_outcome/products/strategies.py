"""From rupture marker to strategy to resolution, as observers coded them."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import OTHER, SMALL, known
from rupture_outcome.look.formats import count_text, count_texts
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    ORANGE,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables
from rupture_outcome.products.strategy_resolution import joined_note

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "What followed a rupture marker, and how the session was resolved"
NOTHING = "No strategies to show: the study has no rupture markers coded by observers."
NONE = "none"
SCALE = (1, 5)
# inches
KIND, LABEL, BARS, BETWEEN, DOTS, COUNT = 1.5, 2.15, 2.3, 0.95, 2.3, 1.05
ROW, GAP, HEAD, BELOW = 0.235, 0.2, 0.35, 0.5


@styled
def draw_strategies(tables: Tables, look: Look) -> Drawing:
    """Draw one row a strategy: how often it followed, and the mean rating of resolution."""
    strategies = tables["strategy_resolution"]
    alt = alt_text(strategies)
    if strategies.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    rows, total = placed(strategies)
    width, height = KIND + LABEL + BARS + BETWEEN + DOTS + COUNT, HEAD + total + BELOW
    fig = new_figure(width, height)
    bars = _axes(fig, KIND + LABEL, BARS, total)
    dots = _axes(fig, KIND + LABEL + BARS + BETWEEN, DOTS, total)
    _frequencies(bars, rows)
    _resolutions(dots, rows)
    _words(bars, rows)
    headline(fig, TITLE, "", look)
    footnote(fig, _note(rows, look), look)
    return Drawing(fig, TITLE, alt)


def alt_text(strategies: pd.DataFrame) -> str:
    """Say how often no strategy followed, and which ones did, by kind of marker."""
    if strategies.empty:
        return NOTHING
    parts = []
    for kind, own in strategies.groupby("marker_kind", sort=False):
        said = [
            f"{name('strategy', row['strategy']).lower()} in {count_text(row['sessions'])} sessions"
            + (
                f" (mean resolution {row['resolution_mean']:.1f})"
                if pd.notna(row["resolution_mean"])
                else ""
            )
            for row in own[own["strategy"].ne(OTHER)].head(4).to_dict("records")
        ]
        parts.append(f"After {kind}: {', '.join(said)}.")
    return (
        "Bars and dots: which strategies followed a rupture marker, in how many sessions, and how "
        f"resolution of these sessions was rated from 1 to 5. {' '.join(parts)}"
    )


def placed(strategies: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Give rows their height `y` (inches from the top); also the height of all of them.

    Strategies stand in blocks by kind of marker, the most frequent first, then those of few
    sessions by name, so that their order tells nothing; no strategy stands last.
    """
    rows = strategies.assign(
        _none=strategies["strategy"].eq(NONE),
        _few=known(strategies["sessions"]).isna() | strategies["strategy"].eq(OTHER),
        _sessions=-known(strategies["sessions"]).fillna(0),
        label=[name("strategy", s) for s in strategies["strategy"]],
    )
    order = ["_none", "_few", "_sessions", "label"]
    top, blocks = 0.0, []
    for _, own in rows.groupby("marker_kind", sort=False):
        block = own.sort_values(order).reset_index(drop=True)
        blocks.append(block.assign(y=top + ROW * (np.arange(len(block)) + 0.5), top=top))
        top += ROW * len(block) + GAP
    return pd.concat(blocks, ignore_index=True), top - GAP


def _axes(fig: "Figure", left: float, width: float, height: float) -> "Axes":
    from matplotlib.ticker import NullLocator

    across, total = fig.get_size_inches()
    ax = fig.add_axes((left / across, BELOW / total, width / across, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _frequencies(ax: "Axes", rows: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator

    texts = count_texts(rows["sessions"])
    known = rows[rows["share"].notna()]
    top = float(known["share"].max()) if len(known) else 1.0
    for row, text in zip(rows.to_dict("records"), texts, strict=True):
        share = row["share"] if pd.notna(row["share"]) else 0.0
        look: dict[str, Any] = {"color": BLUE}
        if row["strategy"] == NONE:
            look = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "lw": 0.7}
        ax.barh(row["y"], share, height=0.62 * ROW, **look)
        color = GREY if text[0] == SMALL else BLACK
        ax.text(share + 0.02 * top, row["y"], text, va="center", fontsize=8, color=color)
    ax.set_xlim(0, 1.05 * top)
    ax.xaxis.set_major_locator(FixedLocator([t for t in (0, 0.2, 0.4, 0.6, 0.8, 1) if t <= top]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set_xlabel("Share of the sessions with the marker")
    panel_title(ax, "2  Strategy that followed (sessions)")


def _resolutions(ax: "Axes", rows: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator

    at = ax.get_yaxis_transform()
    resolved, rated = count_texts(rows["resolved"]), count_texts(rows["resolution_n"])
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


def _words(ax: "Axes", rows: pd.DataFrame) -> None:
    """Write kinds of markers and names of strategies to the left of the bars."""
    at = ax.get_yaxis_transform()
    left, label = -(KIND + LABEL) / BARS, -LABEL / BARS
    for row in rows.to_dict("records"):
        style = "italic" if row["strategy"] == NONE else "normal"
        ax.text(label, row["y"], row["label"], transform=at, va="center", fontsize=8.5, style=style)
    for _, block in rows.groupby("marker_kind", sort=False):
        y, n = block["top"].iloc[0] + 0.5 * ROW, count_texts(block["n"])[0]
        kind = name("marker_kind", block["marker_kind"].iloc[0])
        look: dict[str, Any] = {"transform": at, "va": "center"}
        ax.text(left, y, kind, fontsize=9, fontweight="bold", **look)
        ax.text(left, y + 0.19, f"{n} sessions", fontsize=8, **look)
    ax.annotate(
        "1  Marker", (left, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
        fontsize=9.5, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _note(rows: pd.DataFrame, look: Look) -> str:
    text = (
        "A session counts under every strategy that a rater saw in the segment of a marker or the "
        "next one, and under no strategy only if nobody saw any. Sessions in which more went "
        "wrong hold more strategies and are harder to resolve, so this says nothing of what a "
        "strategy does."
    )
    return f"{text} {joined_note(rows, look)}".strip()


PRODUCT = Product(
    name="strategies",
    about="Rupture markers, the strategies that followed them, and how the session was resolved",
    reads=["strategy_resolution"],
    draw=draw_strategies,
)
