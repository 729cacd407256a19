"""Panels of the figure of dropout definitions: rates, sets of definitions, effects of repair."""

from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import OTHER
from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.look.dropout_words import PLUS, definition_name
from rupture_outcome.look.forest import draw_row, limits, ratio_axis, true_line
from rupture_outcome.look.formats import (
    count_text,
    count_texts,
    percent,
    ratio_interval,
    with_interval,
)
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import WITHHELD, why
from rupture_outcome.look.style import BLACK, BLUE, FAINT, GREY, LIGHT, Mark, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {"hazard": Mark(BLUE, "-", "o"), "naive": Mark(GREY, (0, (2, 1.5)), "D")}
# inches: the columns from left to right, then heights
NAMES, RATE, RATE_TEXT, SETS, FOREST, TEXT, COUNT = 2.05, 1.2, 1.25, 4.6, 1.95, 1.85, 0.6
WIDE, LEAST = 0.3, 4.0
ROW, ABOVE, HEADS, BELOW = 0.46, 1.25, 0.4, 0.55
WRAPPED = 27


def rows_figure(
    ids: list[str], chosen: str, above: float, columns: float
) -> tuple["Figure", "Axes", "Axes", float]:
    """Make a figure with one line a definition: names at the left, of the chosen one in bold.

    Parameters
    ----------
    ids : list of str
        Definitions of dropout.
    chosen : str
        That of the study.
    above, columns : float
        Inches above the lines, and to the right of the names.

    Returns
    -------
    figure, back, panel : Figure, Axes, Axes
        `back` spans the whole figure in inches, its y from the first line down; `panel` the lines
        to the right of the names.
    rows : float
        Height of the lines in inches.
    """
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import NullLocator

    rows, width = ROW * len(ids), NAMES + columns
    height = above + rows + BELOW
    fig = new_figure(width, height)
    back = fig.add_axes((0, BELOW / height, 1, rows / height))
    back.set(xlim=(0, width), ylim=(rows, 0))
    back.set_axis_off()
    for i, one in enumerate(ids):
        if i % 2 == 0:
            back.add_patch(Rectangle((0, i * ROW), width, ROW, facecolor=FAINT, lw=0, zorder=0))
        text = "\n".join(wrap(definition_name(one), WRAPPED))
        weight = "bold" if one == chosen else "normal"
        back.text(0.06, middle(i), text, va="center", fontsize=8.5, fontweight=weight)
    panel = fig.add_axes((NAMES / width, BELOW / height, 0.5, rows / height), facecolor="none")
    panel.set(ylim=(rows, 0))
    panel.spines["left"].set_visible(False)
    panel.yaxis.set_major_locator(NullLocator())
    return fig, back, panel, rows


def narrowed(panel: "Axes", inches: float) -> "Axes":
    """Give a panel its width."""
    box = panel.get_position()
    width = panel.figure.get_size_inches()[0]  # type: ignore[union-attr]
    panel.set_position((box.x0, box.y0, inches / width, box.height))
    return panel


def draw_rates(ax: "Axes", back: "Axes", rates: pd.DataFrame, left: float, level: str) -> None:
    """Draw rates with their intervals, and write them beside.

    Parameters
    ----------
    ax : Axes
        Of the points, one line a definition.
    back : Axes
        Of the whole figure in inches, for texts.
    rates : DataFrame
        Published rates.
    left : float
        Where rates and their counts are written, in inches.
    level : str
        Of the intervals, such as "95%".
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ends = rates[["rate", "ci_high"]].max().max()
    ax.set_xlim(0, 1.08 * ends if ends > 0 else 1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, 0)))
    ax.set_xlabel("Dropped out")
    counts = [count_texts(rates[column]) for column in ("events", "patients")]
    for i, row in enumerate(rates.to_dict("records")):
        span = row["ci_low"], row["ci_high"]
        draw_row(ax, middle(i), row["rate"], span, MARKS["hazard"], size=5)
        rate = with_interval(row["rate"], *span, 0, "%", 100) or "withheld"
        back.text(left, middle(i) - 0.09, rate, va="center", fontsize=8.5)
        of = f"{counts[0][i]} of {counts[1][i]}"
        back.text(left, middle(i) + 0.09, of, va="center", fontsize=7.5, color=GREY)
    _head(back, left - RATE, "Rate of dropout")
    _head(back, left, f"Rate [{level}]")


def draw_sets(
    ax: "Axes", back: "Axes", shown: pd.DataFrame, ids: list[str], left: float, span: float
) -> None:
    """Draw a bar and a column of dots a set.

    Parameters
    ----------
    ax : Axes
        Of the bars.
    back : Axes
        Of the whole figure in inches, for the dots.
    shown : DataFrame
        Published sets with a known share.
    ids : list of str
        Definitions, one line each.
    left, span : float
        Where the columns begin, and the inches that they may take.
    """
    ax.set_axis_off()
    if shown.empty:
        back.text(left, -0.12, "no set can be shown", va="bottom", fontsize=8, color=GREY)
        return
    wide = min(span / len(shown), WIDE)
    ax.set(xlim=(0, span), ylim=(0, 1.3 * shown["share"].max()))
    for i, row in enumerate(shown.to_dict("records")):
        x = (i + 0.5) * wide
        fill: dict[str, Any] = {"color": BLUE}
        if row["detected_by"] == OTHER:
            fill = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "lw": 0.8}
        ax.bar(x, row["share"], width=0.62 * wide, **fill)
        text = count_text(row["patients"])
        size = min(8.0, 100 * wide / len(text))  # points that leave room between neighbours
        ax.text(x, row["share"], text, ha="center", va="bottom", fontsize=size)
        _column(back, left + x, row, ids)
    ax.plot([0, wide * len(shown)], [0, 0], color=LIGHT, lw=0.8)


def _column(ax: "Axes", x: float, row: dict, ids: list[str]) -> None:
    """Dots below a bar: filled and joined where a definition is in the set."""
    if row["detected_by"] == OTHER:
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        style: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "center", "fontsize": 8}
        ax.text(x, 0.5 * ROW * len(ids), "all other sets", bbox=white, **style)
        return
    own = [ids.index(d) for d in str(row["detected_by"]).split(PLUS)]
    rest = [i for i in range(len(ids)) if i not in own]
    dot: dict[str, Any] = {"ls": "", "marker": "o", "mew": 0}
    ax.plot([x] * len(rest), [middle(i) for i in rest], color="#cfcfcf", ms=4, **dot)
    ax.plot([x] * 2, [middle(min(own)), middle(max(own))], color=BLACK, lw=1.6)
    ax.plot([x] * len(own), [middle(i) for i in own], color=BLACK, ms=7, **dot)


def draw_forest(
    ax: "Axes",
    back: "Axes",
    rows: pd.DataFrame,
    ids: list[str],
    left: float,
    ratio: str,
    look: Look,
) -> None:
    """Draw the ratios of each definition, the naive one below, and write them beside.

    Parameters
    ----------
    ax : Axes
        Of the points, one line a definition.
    back : Axes
        Of the whole figure in inches, for texts.
    rows : DataFrame
        Published effects, two a definition.
    ids : list of str
        Definitions, one line each.
    left : float
        Where ratios are written, in inches.
    ratio : str
        Such as "Odds ratio".
    look : Look
    """
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(float))
    ratio_axis(ax, *limits(ends.ravel()), f"{ratio} (log scale)")
    true_line(ax, look.true_ratio(HEADLINE))
    events = count_texts(rows["events"])
    for row, span, dropouts in zip(rows.to_dict("records"), ends, events, strict=True):
        naive = row["analysis"] == "naive"
        y = middle(ids.index(row["dropout_definition"])) + (0.1 if naive else -0.1)
        style: dict[str, Any] = {"va": "center", "fontsize": 8, "color": GREY if naive else BLACK}
        style["style"] = "italic" if naive else "normal"
        text = ratio_interval(row) or _short(why(row, look))
        back.text(left, y, f"{text}{', naive' if naive else ''}", **style)
        back.text(left + TEXT + COUNT - 0.08, y, dropouts, ha="right", **style)
        draw_row(ax, y, row["ratio"], tuple(span), MARKS[row["analysis"]], hollow=naive, size=5)
    _head(back, left - FOREST, "Repaired against\nopen rupture")
    _head(back, left, f"{ratio} [{look.level}]")
    _head(back, left + TEXT + COUNT - 0.08, "Dropouts", ha="right")


def _short(reason: str) -> str:
    return "withheld: too few" if reason == WITHHELD else shorten(reason, 26, placeholder=" …")


def _head(ax: "Axes", x: float, text: str, **style: Any) -> None:
    ax.text(x, -0.1, text, va="bottom", fontsize=8.5, fontweight="bold", **style)


def middle(i: int) -> float:
    """Middle of line i, in inches from the top."""
    return (i + 0.5) * ROW
