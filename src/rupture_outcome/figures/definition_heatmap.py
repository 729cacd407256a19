"""Heat map of how far definitions of rupture agree, two at a time."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import BLACK, FAINT, GREY, footnote, headline, styled
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import count_texts

TITLE = "Agreement between definitions of rupture"
NOTHING = "Fewer than two definitions were applied, so there is no agreement to show."
SUBTITLE = (
    "Cohen's kappa of every pair, over the sessions that both can test. To find a pair, follow the "
    "row of the lower name to the column under the upper one."
)
# light to dark, so that it reads in grey; what is below 0 looks like 0
COLORS = LinearSegmentedColormap.from_list("agreement", ["#f4f8fb", "#7fb5d8", "#0a3a5e"])
WIDE, HIGH, NAMES, ABOVE, BELOW = 0.64, 0.44, 2.75, 0.1, 0.62  # inches
LEAST = 6.0
DARK = 0.55


@styled
def heatmap(
    agreement: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw one cell a pair of definitions, with kappa and the sessions that both can test.

    Parameters
    ----------
    agreement : DataFrame
        Published agreement: definition_a, definition_b, n, kappa, ci_low, ci_high, and withheld
        where counts were suppressed.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    names = definitions_of(agreement)
    if not names:
        return notice(TITLE, NOTHING, simulated=simulated)
    width, height = max(NAMES + WIDE * len(names), LEAST), ABOVE + HIGH * len(names) + BELOW
    fig = Figure(figsize=(width, height))
    rows = HIGH * len(names)
    box = (0, BELOW / height, 1, rows / height)
    ax = fig.add_axes(box)
    ax.set(xlim=(0, width), ylim=(rows, 0))
    ax.set_axis_off()
    texts = count_texts(agreement, "n")
    for row, n in zip(agreement.to_dict("records"), texts, strict=True):
        j, i = sorted((names.index(row["definition_a"]), names.index(row["definition_b"])))
        _cell(ax, j, i, row, n)
    for i, definition in enumerate(names):
        _name(ax, i, name("definition", definition))
    _scale(fig, width, height)
    headline(fig, TITLE, SUBTITLE, simulated=simulated)
    footnote(fig, _note(agreement, threshold, confidence))
    return fig


def alt_text(agreement: pd.DataFrame) -> str:
    """Say which definitions agree most and least, and how many pairs there are."""
    known = agreement[agreement["kappa"].notna()].sort_values("kappa")
    if agreement.empty:
        return NOTHING
    if known.empty:
        return "Heat map of agreement between definitions. No kappa can be shown."
    best, worst = known.iloc[-1], known.iloc[0]
    return (
        f"Heat map of Cohen's kappa for {len(agreement)} pairs of definitions. Median "
        f"{known['kappa'].median():.2f}. Highest: {_pair(best)}. Lowest: {_pair(worst)}."
    )


def definitions_of(agreement: pd.DataFrame) -> list[str]:
    """Definitions in the order in which they appear."""
    pairs = agreement[["definition_a", "definition_b"]].to_numpy().ravel()
    return [str(definition) for definition in dict.fromkeys(pairs)]


def _pair(row: pd.Series) -> str:
    names = [name("definition", row[column]) for column in ("definition_a", "definition_b")]
    return f"{names[0]} and {names[1]}, {row['kappa']:.2f}".replace("-0", "−0")


def _cell(ax: Axes, column: int, line: int, row: dict, n: str) -> None:
    kappa = row["kappa"]
    known = bool(pd.notna(kappa))
    face = COLORS(Normalize(0, 1, clip=True)(kappa)) if known else "white"
    corner, middle = (column * WIDE, line * HIGH), ((column + 0.5) * WIDE, (line + 0.5) * HIGH)
    ax.add_patch(
        Rectangle(corner, WIDE, HIGH, facecolor=face, edgecolor="white" if known else FAINT, lw=1.2)
    )
    ink = "white" if known and kappa > DARK else BLACK
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
    ax.text(middle[0], middle[1] - 0.075, _kappa_text(row), fontsize=9, **look)
    ax.text(middle[0], middle[1] + 0.105, n, fontsize=6.5, **look)


def _kappa_text(row: dict) -> str:
    """Kappa, in brackets where its interval holds 0."""
    if pd.isna(row["kappa"]):
        return "–"
    text = f"≈{row['kappa']:.1f}" if _is_coarse(row) else f"{row['kappa']:.2f}"
    text = text.replace("-", "−")
    return f"({text})" if row["ci_low"] <= 0 <= row["ci_high"] else text


def _is_coarse(row: dict) -> bool:
    """Whether kappa was published with one decimal; with two, there is nothing to be marked."""
    values = [row[column] for column in ("kappa", "ci_low", "ci_high")]
    rounded = " kappa ≈" in f" {row.get('withheld')}"
    return rounded and all(round(value, 1) == value for value in values)


def _name(ax: Axes, i: int, text: str) -> None:
    """Write a name on the diagonal: to the left lies its row, below it its column."""
    y = (i + 0.5) * HIGH
    ax.add_patch(
        Rectangle((i * WIDE, i * HIGH), WIDE, HIGH, facecolor=FAINT, edgecolor="white", lw=1.2)
    )
    ax.text((i + 0.5) * WIDE, y, str(i + 1), ha="center", va="center", color=GREY, fontsize=9)
    ax.text((i + 1) * WIDE + 0.09, y, text, va="center", fontsize=9)


def _scale(fig: Figure, width: float, height: float) -> None:
    box = (0.14 / width, 0.36 / height, 2.2 / width, 0.11 / height)
    bar = fig.colorbar(
        mpl.cm.ScalarMappable(Normalize(0, 1), COLORS), cax=fig.add_axes(box),
        orientation="horizontal", ticks=np.arange(0, 1.01, 0.25),
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7.5, length=2)
    bar.ax.text(1.06, 0.5, "kappa (0: as by chance, 1: always the same)", va="center", fontsize=8)


def _note(agreement: pd.DataFrame, threshold: int, confidence: float) -> str:
    parts = [
        "Small number: sessions that both definitions can test. In brackets: kappa whose "
        f"{confidence * 100:g}% interval holds 0. Kappa stays low where one definition finds far "
        "more ruptures than the other, however well they agree on the rest."
    ]
    if agreement["kappa"].isna().any():
        parts.append("–: not defined there, or withheld.")
    if any(_is_coarse(row) for row in agreement.to_dict("records")):
        parts.append("≈ before kappa: rounded, as more digits would give a small count away.")
    if agreement["n"].isna().any():
        parts.append(withheld_note(threshold))
    return " ".join(parts)
