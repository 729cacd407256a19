"""Definitions of dropout side by side: how many each finds, whom they share, what they say."""

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.disclosure import OTHER, Column
from rupture_outcome.estimates.effect_rows import HEADLINE, compares
from rupture_outcome.look.dropout_panels import (
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
    draw_forest,
    draw_rates,
    draw_sets,
    middle,
)
from rupture_outcome.look.dropout_words import (
    KIND,
    NONE,
    PLUS,
    definition_name,
    definitions_of,
    rule_in_words,
)
from rupture_outcome.look.formats import count_texts, interval, percent, ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text, why
from rupture_outcome.look.style import FAINT, footnote, headline, new_figure, styled
from rupture_outcome.look.words import NAIVE_WARNING, coding_name
from rupture_outcome.products.dropout_effects import ratio_of
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIMITS_OF_SYMPTOMS = (
    "Left without reliable improvement also counts agreed endings, and rests on the symptoms that "
    "were rated: who left before a second rating cannot be classified, and nobody is at risk "
    "before it. A rupture may act on this outcome through symptoms as well as through leaving."
)
TITLE = "Definitions of dropout, and repair under each of them"
NOTHING = "No definition of dropout can be applied to the study."
MOST = 8
WRAPPED = 27


def definitions_table(tables: Tables, look: Look) -> str:
    """Lay out the rates as HTML."""
    rates = tables["dropout_definitions"]
    limits = DropoutLimits.from_config(look.settings["dropout"])
    cells = pd.DataFrame(index=rates.index)
    cells["definition"] = [definition_name(d) for d in rates[KIND]]
    cells["rule"] = [rule_in_words(d, limits) for d in rates[KIND]]
    for column in ("patients", "events"):
        cells[column] = count_texts(rates[column])
    cells["rate"] = [percent(rate) for rate in rates["rate"]]
    bounds = zip(100 * rates["ci_low"], 100 * rates["ci_high"], strict=True)
    cells["interval"] = [interval(low, high, 1) for low, high in bounds]
    cells["reason"] = [reason_text(note) for note in rates["reason"]]
    ended = count_texts(rates["ended"])[0] if len(rates) else "0"
    symptoms = rates[KIND].eq("no_reliable_improvement").any()
    return html_table(
        cells,
        "dropout_definitions",
        "Dropout, by definition",
        f"n = {ended} patients whose treatment began and has ended.",
        labels={
            "definition": "Definition",
            "rule": "Dropout if",
            "patients": "Patients classified",
            "events": "Dropouts",
            "rate": "Rate",
            "interval": f"{look.level} interval (%)",
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        notes=[
            "Intervals: Wilson, widened for therapists whose patients are alike.",
            LIMITS_OF_SYMPTOMS if symptoms else "",
            "A definition for which the study does not hold the data is not listed.",
        ],
        look=look,
    )


def draw_definitions(tables: Tables, look: Look) -> Drawing:
    """Draw the overview of definitions."""
    rates, patterns = tables["dropout_definitions"], tables["dropout_patterns"]
    shown = rates, patterns, tables["dropout_definition_effects"]
    return Drawing(overview(*shown, look), TITLE, alt_text(*shown, look))


@styled
def overview(
    rates: pd.DataFrame, patterns: pd.DataFrame, effects: pd.DataFrame, look: Look
) -> "Figure":
    """Draw one line a definition: rate, sets of definitions that agree, effect of repair.

    Parameters
    ----------
    rates, patterns, effects : DataFrame
        As published; effects of one rupture definition and repair rule.
    look : Look
        With ``dropout`` in its settings, whose definition is in bold.
    """
    if rates.empty:
        return notice(TITLE, NOTHING, look)
    ids = [str(one) for one in rates["dropout_definition"]]
    rows = ROW * len(ids)
    shown = shown_patterns(patterns)
    above = HEADS if shown.empty else ABOVE
    span = min(max(WIDE * len(shown), LEAST), SETS)
    starts = np.cumsum([NAMES, RATE, RATE_TEXT, span + GAP, FOREST, TEXT, COUNT])
    width, height = float(starts[-1]), above + rows + BELOW
    fig = new_figure(width, height)
    back = fig.add_axes((0, BELOW / height, 1, rows / height))
    back.set(xlim=(0, width), ylim=(rows, 0))
    back.set_axis_off()
    _names(back, ids, look.settings["dropout"]["definition"], width)
    draw_rates(_panel(fig, starts[0], RATE - 0.1, rows), back, rates, float(starts[1]), look.level)
    sets = fig.add_axes(
        (starts[2] / width, (BELOW + rows) / height, span / width, (above - 0.35) / height)
    )
    draw_sets(sets, back, shown, ids, float(starts[2]), span)
    forest = _panel(fig, starts[3], FOREST - 0.1, rows)
    draw_forest(forest, back, repair_rows(effects), ids, float(starts[4]), ratio_of(effects), look)
    headline(fig, TITLE, _subtitle(rates, patterns, effects), look)
    footnote(fig, _note(patterns, look), look)
    return fig


def alt_text(rates: pd.DataFrame, patterns: pd.DataFrame, effects: pd.DataFrame, look: Look) -> str:
    """Say how much the rate of dropout and the effect of repair move with the definition."""
    if rates.empty:
        return NOTHING
    found = [
        f"{definition_name(row['dropout_definition'])}: {percent(row['rate'], 0)}"
        for row in rates.dropna(subset="rate").to_dict("records")
    ]
    rows = repair_rows(effects)
    hazard = rows[rows["analysis"].eq("hazard")]
    said = [
        f"{definition_name(row['dropout_definition'])}: {ratio_interval(row) or why(row, look)}"
        for row in hazard.to_dict("records")
    ]
    return (
        f"Definitions of dropout compared. Rates: {'; '.join(found)}. Repaired against open "
        f"rupture, {ratio_of(effects).lower()} by definition: {'; '.join(said)}. "
        "The naive odds ratio stands beside each and is biased by immortal time."
    )


def shown_patterns(patterns: pd.DataFrame) -> pd.DataFrame:
    """Choose sets of at least one definition, most frequent first, the joined ones last."""
    known = patterns[patterns["share"].gt(0) & patterns["detected_by"].ne(NONE)]
    joined = known["detected_by"].eq(OTHER)
    named = known[~joined].sort_values("share", ascending=False, kind="stable")
    return pd.concat([named.head(MOST), known[joined]])


def repair_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of repaired against open rupture, and the naive ones."""
    hazard = effects["analysis"].eq("hazard") & compares(effects, HEADLINE)
    return effects[hazard | effects["analysis"].eq("naive")]


def _panel(fig: "Figure", left: float, width: float, rows: float) -> "Axes":
    from matplotlib.ticker import NullLocator

    total, height = fig.get_size_inches()
    ax = fig.add_axes((left / total, BELOW / height, width / total, rows / height))
    ax.set(ylim=(rows, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _names(ax: "Axes", ids: list[str], chosen: str, width: float) -> None:
    from matplotlib.patches import Rectangle

    for i, one in enumerate(ids):
        if i % 2 == 0:
            ax.add_patch(Rectangle((0, i * ROW), width, ROW, facecolor=FAINT, lw=0, zorder=0))
        text = "\n".join(wrap(definition_name(one), WRAPPED))
        weight = "bold" if one == chosen else "normal"
        ax.text(0.06, middle(i), text, va="center", fontsize=8.5, fontweight=weight)


def _subtitle(rates: pd.DataFrame, patterns: pd.DataFrame, effects: pd.DataFrame) -> str:
    ended = count_texts(rates["ended"])[0]
    parts = [f"{ended} patients whose treatment began and has ended."]
    if len(patterns):
        every = patterns[patterns["detected_by"].eq(PLUS.join(definitions_of(patterns)))]
        shared = every["share"].dropna()
        n = count_texts(patterns["n"])[0]
        if len(shared):
            parts.append(f"Of {n} whom all can classify, {percent(shared.iloc[0], 0)} meet all.")
    if len(effects):
        parts.append(f"{coding_name(effects.iloc[0].to_dict())}.")
    return " ".join(parts)


def _note(patterns: pd.DataFrame, look: Look) -> str:
    parts = [
        f"In bold: the study's definition. Lines: {look.level} intervals; arrows: beyond the axis. "
        "Columns of dots: patients whom exactly these definitions call dropouts, among those whom "
        "all can classify. Circles, solid: session by session; diamonds, dashed: naive.",
        NAIVE_WARNING,
    ]
    if look.truth:
        parts.append(look.truth)
    if patterns["detected_by"].eq(OTHER).any():
        parts.append(f"Sets of 1 to {look.threshold} patients are counted together.")
    return " ".join(parts)


PRODUCT = Product(
    name="dropout_definitions",
    about="How many patients each definition of dropout finds",
    raw={"rates": "models/dropout_rates.parquet"},
    reads=("dropout_patterns", "dropout_definition_effects"),
    settings=("dropout", "truth"),
    columns=(
        Column("dropout_definition", label="Definition"),
        Column("ended", "count", label="Patients whose treatment ended"),
        Column("patients", "count", label="Patients classified", of=["ended"]),
        Column("events", "count", label="Dropouts", of=["patients"]),
        Column(
            "rate", "share", label="Rate", of=["events", "patients"], ends=["ci_low", "ci_high"]
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("therapists", "count", label="Therapists"),
        Column("reason", "text", label="Note"),
    ),
    lay_out=definitions_table,
    draw=draw_definitions,
)
