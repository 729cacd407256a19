"""Which definitions find the same sessions: an UpSet figure."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.disclosure import OTHER
from rupture_outcome.look.curves import percent_axis
from rupture_outcome.look.formats import count_text, count_texts
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    LIGHT,
    footnote,
    headline,
    new_figure,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.detected_by import PLUS, compared
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Which definitions find the same sessions"
NOTHING = "No sets of definitions to show: no session can be tested by all, or every set is small."
NONE = "none"
MOST = 24
# inches
NAMES, WIDE, WIDEST, LEAST, RIGHT = 2.95, 0.36, 0.5, 3.6, 0.3
BARS, GAP, HIGH = 1.8, 0.12, 0.27


@styled
def draw_sets(tables: Tables, look: Look) -> Drawing:
    """Draw one column a set: which share of the sessions above, which definitions below."""
    sets = tables["detected_by"]
    alt = alt_text(sets)
    shown, definitions = shown_sets(sets), compared(sets)
    if shown.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    wide = min(max(WIDE, LEAST / len(shown)), WIDEST)
    span, rows = wide * len(shown), HIGH * len(definitions)
    width, height = NAMES + max(span, LEAST) + RIGHT, BARS + GAP + rows
    fig = new_figure(width, height)
    bars = fig.add_axes((NAMES / width, (GAP + rows) / height, span / width, BARS / height))
    dots = fig.add_axes((0, 0, 1, rows / height))
    dots.set(xlim=(0, width), ylim=(rows, 0))
    dots.set_axis_off()
    _bars(bars, shown)
    _names(dots, definitions, NAMES + span)
    for i, row in enumerate(shown.to_dict("records")):
        _column(dots, NAMES + (i + 0.5) * wide, row, definitions)
    headline(fig, TITLE, _subtitle(sets), look)
    footnote(fig, _note(sets, shown, look), look)
    return Drawing(fig, TITLE, alt)


def alt_text(sets: pd.DataFrame) -> str:
    """Say which sets of definitions are the most frequent ones."""
    shown = shown_sets(sets)
    if shown.empty:
        return NOTHING
    parts = [
        f"{_set_words(row)}: {count_text(row['sessions'])} sessions"
        for row in shown[shown["detected_by"].ne(OTHER)].head(6).to_dict("records")
    ]
    return (
        "UpSet figure of the sets of definitions that find a rupture in the same session. "
        f"{_subtitle(sets)} Most frequent sets: {'; '.join(parts)}."
    )


def shown_sets(sets: pd.DataFrame) -> pd.DataFrame:
    """Choose published sets of at least one definition, most frequent first, small ones last.

    At most `MOST`: more columns cannot be read.
    """
    known = sets[sets["share"].gt(0) & sets["detected_by"].ne(NONE)]
    joined = known["detected_by"].eq(OTHER)
    named = known[~joined].sort_values("share", ascending=False, kind="stable")
    return pd.concat([named.head(MOST), known[joined]])


def members(row: dict) -> list[str]:
    """Ids of the definitions in a set; none of the joined sets, whose members differ."""
    return [] if row["detected_by"] == OTHER else str(row["detected_by"]).split(PLUS)


def _set_words(row: dict) -> str:
    return " with ".join(name("definition", d) for d in members(row))


def _bars(ax: "Axes", shown: pd.DataFrame) -> None:
    from matplotlib.ticker import NullLocator

    for x, row in enumerate(shown.to_dict("records")):
        look: dict[str, Any] = {"color": BLUE}
        if row["detected_by"] == OTHER:
            look = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "lw": 0.8}
        ax.bar(x, row["share"], width=0.62, **look)
        ax.text(x, row["share"], count_text(row["sessions"]), ha="center", va="bottom", fontsize=8)
    ax.set(xlim=(-0.5, len(shown) - 0.5), ylim=(0, 1.12 * shown["share"].max()))
    percent_axis(ax)
    ax.set_ylabel("Share of these sessions")
    ax.xaxis.set_major_locator(NullLocator())
    ax.spines["bottom"].set_color(LIGHT)


def _names(ax: "Axes", definitions: list[str], end: float) -> None:
    from matplotlib.patches import Rectangle

    for i, definition in enumerate(definitions):
        if i % 2 == 0:
            ax.add_patch(Rectangle((0, i * HIGH), end, HIGH, facecolor=FAINT, lw=0, zorder=0))
        text = name("definition", definition)
        ax.text(NAMES - 0.12, (i + 0.5) * HIGH, text, ha="right", va="center", fontsize=8.5)


def _column(ax: "Axes", x: float, row: dict, definitions: list[str]) -> None:
    """Dots below a bar: filled and joined where a definition is in the set."""
    own = [definitions.index(d) for d in members(row)]
    if not own:
        y = 0.5 * HIGH * len(definitions)
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        ax.text(
            x, y, "all other sets", rotation=90, ha="center", va="center", fontsize=8, bbox=white
        )
        return
    y_of = [(i + 0.5) * HIGH for i in range(len(definitions))]
    rest = [y for i, y in enumerate(y_of) if i not in own]
    dot: dict[str, Any] = {"ls": "", "marker": "o", "mew": 0}
    ax.plot([x] * len(rest), rest, color="#cfcfcf", ms=4, **dot)
    ax.plot([x] * 2, [y_of[min(own)], y_of[max(own)]], color=BLACK, lw=1.6)
    ax.plot([x] * len(own), [y_of[i] for i in own], color=BLACK, ms=7, **dot)


def _subtitle(sets: pd.DataFrame) -> str:
    none = sets.loc[sets["detected_by"].eq(NONE)]
    text = f"{count_texts(sets['n'])[0]} sessions that all of these definitions can test."
    if none["share"].isna().all():
        return text
    return f"{text} In {share(none['share'].iloc[0])} of them none finds a rupture."


def _note(sets: pd.DataFrame, shown: pd.DataFrame, look: Look) -> str:
    parts = [
        "A session counts in one set only: that of all definitions that find a rupture in it. "
        "Above the bars: sessions."
    ]
    if shown["detected_by"].eq(OTHER).any():
        parts.append(f"Sets of 1 to {look.threshold} patients are counted together.")
    if len(sets[sets["share"].gt(0) & sets["detected_by"].ne(NONE)]) > len(shown):
        parts.append(f"The {MOST} most frequent sets; the table has all.")
    return " ".join(parts)


PRODUCT = Product(
    name="definition_sets",
    about="UpSet figure of the definitions that find a rupture in the same sessions",
    reads=["detected_by"],
    draw=draw_sets,
)
