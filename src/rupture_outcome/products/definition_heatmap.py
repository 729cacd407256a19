"""Heat map of how far definitions of rupture agree, two at a time."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import BLACK, FAINT, GREY, footnote, headline, new_figure, styled
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

TITLE = "Agreement between definitions of rupture"
NOTHING = "Fewer than two definitions were applied, so there is no agreement to show."
SUBTITLE = (
    "Cohen's kappa of every pair, over the sessions that both can test. To find a pair, follow the "
    "row of the lower name to the column under the upper one."
)
COLORS = ["#f4f8fb", "#7fb5d8", "#0a3a5e"]  # light to dark, so that it reads in grey
WIDE, HIGH, NAMES, ABOVE, BELOW = 0.64, 0.44, 2.75, 0.1, 0.62  # inches
LEAST = 6.0
DARK = 0.55


@styled
def draw_heatmap(tables: Tables, look: Look) -> Drawing:
    """Draw one cell a pair of definitions, with kappa and the sessions that both can test."""
    agreement = tables["definition_agreement"]
    alt = alt_text(agreement)
    names = definitions_of(agreement)
    if not names:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    width, height = max(NAMES + WIDE * len(names), LEAST), ABOVE + HIGH * len(names) + BELOW
    fig = new_figure(width, height)
    rows = HIGH * len(names)
    box = (0, BELOW / height, 1, rows / height)
    ax = fig.add_axes(box)
    ax.set(xlim=(0, width), ylim=(rows, 0))
    ax.set_axis_off()
    texts = count_texts(agreement["n"])
    for row, n in zip(agreement.to_dict("records"), texts, strict=True):
        j, i = sorted((names.index(row["definition_a"]), names.index(row["definition_b"])))
        _cell(ax, j, i, row, n)
    for i, definition in enumerate(names):
        _name(ax, i, name("definition", definition))
    _scale(fig, width, height)
    headline(fig, TITLE, SUBTITLE, look)
    footnote(fig, _note(agreement, look), look)
    return Drawing(fig, TITLE, alt)


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


def _cell(ax: "Axes", column: int, line: int, row: dict, n: str) -> None:
    from matplotlib.patches import Rectangle

    kappa = row["kappa"]
    known = bool(pd.notna(kappa))
    face = _colors()(min(max(float(kappa), 0.0), 1.0)) if known else "white"
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
    text = f"{row['kappa']:.2f}".replace("-", "−")
    return f"({text})" if row["ci_low"] <= 0 <= row["ci_high"] else text


def _colors() -> "Colormap":
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("agreement", COLORS)


def _name(ax: "Axes", i: int, text: str) -> None:
    """Write a name on the diagonal: to the left lies its row, below it its column."""
    from matplotlib.patches import Rectangle

    y = (i + 0.5) * HIGH
    ax.add_patch(
        Rectangle((i * WIDE, i * HIGH), WIDE, HIGH, facecolor=FAINT, edgecolor="white", lw=1.2)
    )
    ax.text((i + 0.5) * WIDE, y, str(i + 1), ha="center", va="center", color=GREY, fontsize=9)
    ax.text((i + 1) * WIDE + 0.09, y, text, va="center", fontsize=9)


def _scale(fig: "Figure", width: float, height: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    box = (0.14 / width, 0.36 / height, 2.2 / width, 0.11 / height)
    bar = fig.colorbar(
        ScalarMappable(Normalize(0, 1), _colors()), cax=fig.add_axes(box),
        orientation="horizontal", ticks=np.arange(0, 1.01, 0.25),
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7.5, length=2)
    bar.ax.text(1.06, 0.5, "kappa (0: as by chance, 1: always the same)", va="center", fontsize=8)


def _note(agreement: pd.DataFrame, look: Look) -> str:
    parts = [
        "Small number: sessions that both definitions can test. In brackets: kappa whose "
        f"{look.level} interval holds 0. Kappa stays low where one definition finds far "
        "more ruptures than the other, however well they agree on the rest."
    ]
    if agreement["kappa"].isna().any():
        parts.append("–: not defined there, or withheld.")
    return " ".join(parts)


PRODUCT = Product(
    name="definition_heatmap",
    about="Cohen's kappa of every pair of definitions as a heat map",
    reads=["definition_agreement"],
    draw=draw_heatmap,
)
