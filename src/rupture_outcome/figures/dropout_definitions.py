"""Definitions of dropout side by side: how many each finds, whom they share, what they say."""

from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from rupture_outcome.figures.dropout_effects import REPAIR
from rupture_outcome.figures.dropout_panels import (
    ABOVE,
    BELOW,
    COUNT,
    FOREST,
    GAP,
    HEADS,
    LEAST,
    NAMES,
    RATE,
    RATE_TEXT,
    ROW,
    SETS,
    TEXT,
    WIDE,
    draw_effects,
    draw_rates,
    draw_sets,
    middle,
    ratio_text,
    why,
)
from rupture_outcome.look.dropout_words import (
    NONE,
    OTHER,
    PLUS,
    definition_name,
    definitions_of,
)
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import FAINT, footnote, headline, share, styled
from rupture_outcome.look.words import NAIVE_WARNING, name, ratio_name, withheld_note
from rupture_outcome.publishable.suppress import HIDDEN, count_texts

TITLE = "Definitions of dropout, and repair under each of them"
NOTHING = "No definition of dropout can be applied to the study."
MOST = 8
WRAPPED = 27


@styled
def overview(
    rates: pd.DataFrame,
    patterns: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    chosen: str,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw one line a definition: rate, sets of definitions that agree, effect of repair.

    Parameters
    ----------
    rates, patterns, effects : DataFrame
        Published tables of `rupture_outcome.publishable.dropout`, and `publishable_effects` of one
        rupture definition and repair rule.
    chosen : str
        The study's own definition, in bold.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    if rates.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    ids = [str(one) for one in rates["dropout_definition"]]
    rows = ROW * len(ids)
    shown = shown_patterns(patterns)
    above = HEADS if shown.empty else ABOVE
    span = min(max(WIDE * len(shown), LEAST), SETS)
    starts = np.cumsum([NAMES, RATE, RATE_TEXT, span + GAP, FOREST, TEXT, COUNT])
    width, height = float(starts[-1]), above + rows + BELOW
    fig = Figure(figsize=(width, height))
    back = fig.add_axes((0, BELOW / height, 1, rows / height))
    back.set(xlim=(0, width), ylim=(rows, 0))
    back.set_axis_off()
    _names(back, ids, chosen, width)
    level = f"{confidence * 100:g}%"
    draw_rates(_panel(fig, starts[0], RATE - 0.1, rows), back, rates, float(starts[1]), level)
    sets = fig.add_axes(
        (starts[2] / width, (BELOW + rows) / height, span / width, (above - 0.35) / height)
    )
    draw_sets(sets, back, shown, ids, float(starts[2]), span)
    ratio = ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"
    forest = _panel(fig, starts[3], FOREST - 0.1, rows)
    draw_effects(forest, back, repair_rows(effects), ids, float(starts[4]), f"{ratio} [{level}]")
    forest.set_xlabel(f"{ratio} (log scale)")
    headline(fig, TITLE, _subtitle(rates, patterns, effects), simulated=simulated)
    footnote(fig, _note(patterns, level, threshold, _any_hidden(rates, patterns, effects)))
    return fig


def alt_text(rates: pd.DataFrame, patterns: pd.DataFrame, effects: pd.DataFrame) -> str:
    """Say how much the rate of dropout and the effect of repair move with the definition."""
    if rates.empty:
        return NOTHING
    found = [
        f"{definition_name(row['dropout_definition'])}: {share(row['rate'])}"
        for row in rates.dropna(subset="rate").to_dict("records")
    ]
    rows = repair_rows(effects)
    hazard = rows[rows["analysis"].eq("hazard")]
    said = [
        f"{definition_name(row['dropout_definition'])}: {ratio_text(row) or why(row)}"
        for row in hazard.to_dict("records")
    ]
    ratio = ratio_name(str(effects["link"].iloc[0])).lower() if len(effects) else "ratio"
    return (
        f"Definitions of dropout compared. Rates: {'; '.join(found)}. "
        f"Repaired against unrepaired rupture, {ratio} by definition: {'; '.join(said)}. "
        "The naive odds ratio stands beside each and is biased by immortal time."
    )


def shown_patterns(patterns: pd.DataFrame) -> pd.DataFrame:
    """Choose sets of at least one definition, most frequent first, the joined ones last."""
    known = patterns[patterns["share"].gt(0) & patterns["detected_by"].ne(NONE)]
    joined = known["detected_by"].eq(OTHER)
    named = known[~joined].sort_values("share", ascending=False, kind="stable")
    return pd.concat([named.head(MOST), known[joined]])


def repair_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of repaired against unrepaired rupture, and the naive ones."""
    hazard = effects["analysis"].eq("hazard") & effects["contrast"].eq(REPAIR)
    return effects[hazard | effects["analysis"].eq("naive")]


def _panel(fig: Figure, left: float, width: float, rows: float) -> Axes:
    total, height = fig.get_size_inches()
    ax = fig.add_axes((left / total, BELOW / height, width / total, rows / height))
    ax.set(ylim=(rows, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _names(ax: Axes, ids: list[str], chosen: str, width: float) -> None:
    for i, one in enumerate(ids):
        if i % 2 == 0:
            ax.add_patch(Rectangle((0, i * ROW), width, ROW, facecolor=FAINT, lw=0, zorder=0))
        text = "\n".join(wrap(definition_name(one), WRAPPED))
        weight = "bold" if one == chosen else "normal"
        ax.text(0.06, middle(i), text, va="center", fontsize=8.5, fontweight=weight)


def _subtitle(rates: pd.DataFrame, patterns: pd.DataFrame, effects: pd.DataFrame) -> str:
    ended = count_texts(rates, "ended")[0]
    parts = [f"{ended} patients whose treatment began and has ended."]
    if len(definitions_of(patterns)) == len(rates) and len(patterns):
        every = patterns[patterns["detected_by"].eq(PLUS.join(definitions_of(patterns)))]
        shared = every["share"].dropna()
        n = count_texts(patterns, "n")[0].replace(HIDDEN, "those")
        if len(shared):
            parts.append(f"Of {n} whom all can classify, {share(shared.iloc[0])} meet all.")
    if len(effects):
        rupture = name("definition", effects["definition"].iloc[0])
        repair = name("repair_rule", effects["repair_rule"].iloc[0])
        parts.append(f"{rupture}; repair: {repair}.")
    return " ".join(parts)


def _note(patterns: pd.DataFrame, level: str, threshold: int, hidden: bool) -> str:
    parts = [
        f"In bold: the study's definition. Lines: {level} intervals; arrows: beyond the axis. "
        "Columns of dots: patients whom exactly these definitions call dropouts, among those whom "
        "all can classify. Circles, solid: session by session; diamonds, dashed: naive.",
        NAIVE_WARNING,
    ]
    if patterns["detected_by"].eq(OTHER).any():
        parts.append(f"Sets of {threshold} patients or fewer are counted together.")
    parts += [withheld_note(threshold)] if hidden else []
    return " ".join(parts)


def _any_hidden(*frames: pd.DataFrame) -> bool:
    notes = pd.concat([frame["withheld"].astype(object).fillna("") for frame in frames])
    return bool(notes.astype(str).str.contains("patients|events", regex=True).any())
