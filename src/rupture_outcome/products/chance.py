"""Ruptures found under every definition, against what chance would give."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import SMALL, known
from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    VERMILLION,
    Mark,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Ruptures found, and expected by chance"
NOTHING = "No rate of ruptures can be shown: every count is small, or no definition was applied."
LOOKS = {
    "rate": Mark(BLUE, "-", "o"),
    "by_chance": Mark(VERMILLION, "", "D"),
    "without_change": Mark(BLACK, "", "x"),
}
LABELS = {
    "rate": "Found, with interval",
    "by_chance": "Expected, scores in random order",
    "without_change": "Expected, nobody changed",
}
EXPECTED = {"by_chance": "in random order", "without_change": "if nobody changed"}
COLUMNS = {
    "sessions_testable": "Sessions\ntestable",
    "sessions_detected": "With a\nrupture",
    "expected_by_chance": "Random\norder",
    "expected_without_change": "Nobody\nchanged",
}
TICKS = [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
# inches
NAMES, PLOT, COLUMN, ROW, HEAD, BELOW = 2.95, 3.7, 0.72, 0.27, 0.42, 0.82


@styled
def draw_chance(tables: Tables, look: Look) -> Drawing:
    """Draw one row a definition: the rate found and the two expected ones, on a log axis."""
    from matplotlib.lines import Line2D

    prevalence = tables["rupture_prevalence"]
    alt = alt_text(prevalence)
    rates = expected_rates(prevalence)
    if rates["rate"].isna().all():
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    rows = ROW * len(rates)
    width, height = NAMES + PLOT + COLUMN * len(COLUMNS), HEAD + rows + BELOW
    fig = new_figure(width, height)
    box = (NAMES / width, BELOW / height, PLOT / width, rows / height)
    ax = fig.add_axes(box)
    _points(ax, rates)
    _words(ax, rates)
    handles = [
        Line2D([], [], ls=mark.line, label=LABELS[key], **_marker(mark))
        for key, mark in LOOKS.items()
    ]
    fig.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=3, borderaxespad=0,
        borderpad=0, columnspacing=1.6,
    )  # fmt: skip
    headline(fig, TITLE, "", look)
    footnote(fig, _note(look), look)
    return Drawing(fig, TITLE, alt)


def alt_text(prevalence: pd.DataFrame) -> str:
    """Say for each definition how often it fires and how often chance would make it fire."""
    rates = expected_rates(prevalence)
    known = rates[rates["rate"].notna()]
    if known.empty:
        return NOTHING
    parts = []
    for row in known.to_dict("records"):
        chance = [
            f"{_percent(row[key])} {words}" for key, words in EXPECTED.items() if pd.notna(row[key])
        ]
        expected = f" (expected {', '.join(chance)})" if chance else ""
        parts.append(f"{name('definition', row['definition'])} {_percent(row['rate'])}{expected}")
    return f"Ruptures per testable session, found and expected by chance. {'; '.join(parts)}."


def expected_rates(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Add the expected detections as rates: by_chance and without_change, per testable session."""
    testable = known(prevalence["sessions_testable"])
    rates = prevalence.copy()
    for key in ("by_chance", "without_change"):
        rates[key] = rates[f"expected_{key}"] / testable.where(testable > 0)
    return rates


def _percent(rate: float) -> str:
    """Percentage with two significant digits; see also `style.share`."""
    return f"{100 * rate:.2g}%" if rate < 0.1 else f"{100 * rate:.0f}%"


def _points(ax: "Axes", rates: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    low, high = _limits(rates)
    for y, row in enumerate(rates.to_dict("records")):
        if y % 2 == 0:
            ends = -NAMES / PLOT, 1 + len(COLUMNS) * COLUMN / PLOT
            ax.axhspan(y - 0.5, y + 0.5, *ends, color=FAINT, lw=0, zorder=0, clip_on=False)
        interval = [row["ci_low"], row["ci_high"]]
        ax.plot(np.clip(interval, low, high), [y, y], color=LOOKS["rate"].color, lw=1.6)
        for key, look in LOOKS.items():
            _mark(ax, row[key], y, look, low)
    ax.set(xscale="log", xlim=(low, high), ylim=(len(rates) - 0.5, -0.5))
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("Share of testable sessions with a rupture (log scale)")


def _mark(ax: "Axes", rate: float, y: int, look: Mark, low: float) -> None:
    if pd.isna(rate):
        return
    style: dict[str, Any] = {"ls": "", "clip_on": False, "zorder": 3}
    if rate < low:
        ax.plot(low, y, marker="<", ms=4.5, color=look.color, **style)
    else:
        ax.plot(rate, y, **_marker(look), **style)


def _marker(look: Mark) -> dict[str, Any]:
    style = {"color": look.color, "marker": look.marker, "ms": 5.5, "mew": 1.4}
    return style | ({"mfc": "white"} if look.marker == "D" else {})


def _limits(rates: pd.DataFrame) -> tuple[float, float]:
    """Find ends of the axis; what is expected may lie far lower, and is then shown as an arrow."""
    found = rates["rate"].to_numpy(float)
    lowest = found[found > 0].min(initial=1.0)
    every = rates[["rate", "by_chance", "without_change"]].to_numpy(float)
    every = every[every > 0]
    return max(every.min(initial=1.0), lowest / 20) / 1.3, min(1.0, 1.5 * every.max(initial=0.01))


def _words(ax: "Axes", rates: pd.DataFrame) -> None:
    at = ax.get_yaxis_transform()
    texts = {c: count_texts(rates[c]) for c in ("sessions_testable", "sessions_detected")}
    for column in ("expected_by_chance", "expected_without_change"):
        texts[column] = [_expected_text(n) for n in rates[column]]
    edges = {c: 1 + (i + 1) * COLUMN / PLOT - 0.02 for i, c in enumerate(COLUMNS)}
    look: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5}
    for y, definition in enumerate(rates["definition"]):
        ax.text(-NAMES / PLOT, y, name("definition", definition), **look)
        for column, x in edges.items():
            ax.text(x, y, texts[column][y], ha="right", **look)
        scored = any(texts[c][y] for c in ("expected_by_chance", "expected_without_change"))
        if not scored and texts["sessions_testable"][y][0] != SMALL:
            x = edges["expected_without_change"]
            ax.text(x, y, "not of scores", ha="right", color=GREY, **look)
    head: dict[str, Any] = {"transform": at, "va": "bottom", "ha": "right", "fontsize": 8}
    for column, x in edges.items():
        ax.text(x, -0.65, COLUMNS[column], fontweight="bold", **head)


def _expected_text(mean: float) -> str:
    if pd.isna(mean):
        return ""
    return f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"


def _note(look: Look) -> str:
    return (
        f"Lines: {look.level} intervals, sessions clustered in therapists; what is expected is a "
        "mean of many repetitions, and has none. Random order: sessions with a rupture when each "
        "patient's scores are put in random order. Nobody changed: when scores are drawn anew and "
        "differ by errors of measurement only. An arrow: "
        "less than the axis shows. Real courses move slowly, and shuffled ones jump, so shuffling "
        "can give more falls than were found. Not of scores: chance cannot be worked out this way."
    )


PRODUCT = Product(
    name="chance",
    about="Share of testable sessions with a rupture, found and expected by chance",
    reads=["rupture_prevalence"],
    draw=draw_chance,
)
