"""Definitions of dropout side by side: how many each finds."""

from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.disclosure import Column
from rupture_outcome.look.dropout_panels import (
    HEADS,
    NAMES,
    RATE_TEXT,
    draw_rates,
    narrowed,
    rows_figure,
)
from rupture_outcome.look.dropout_words import KIND, definition_name, rule_in_words
from rupture_outcome.look.formats import count_texts, interval, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.style import footnote, headline, styled
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LIMITS_OF_SYMPTOMS = (
    "Left without reliable improvement also counts agreed endings, and rests on the symptoms that "
    "were rated: who left before a second rating cannot be classified, and nobody is at risk "
    "before it. A rupture may act on this outcome through symptoms as well as through leaving."
)
TITLE = "How many drop out, by definition of dropout"
NOTHING = "No definition of dropout can be applied to the study."
PLOT = 2.6  # inches


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
    """Draw the rate of dropout by each definition."""
    rates = tables["dropout_definitions"]
    return Drawing(rates_figure(rates, look), TITLE, alt_text(rates))


@styled
def rates_figure(rates: pd.DataFrame, look: Look) -> "Figure":
    """Draw published rates, one line a definition; that of the study is in bold."""
    if rates.empty:
        return notice(TITLE, NOTHING, look)
    ids = [str(one) for one in rates[KIND]]
    chosen = look.settings["dropout"]["definition"]
    fig, back, panel, _ = rows_figure(ids, chosen, HEADS, PLOT + 0.15 + RATE_TEXT)
    draw_rates(narrowed(panel, PLOT), back, rates, NAMES + PLOT + 0.15, look.level)
    ended = count_texts(rates["ended"])[0]
    headline(fig, TITLE, f"{ended} patients whose treatment began and has ended.", look)
    footnote(
        fig,
        f"In bold: the study's definition. Lines: {look.level} intervals, widened for therapists "
        "whose patients are alike. Not every definition can classify everybody. The models count "
        "dropouts among patients and sessions at risk, which are fewer.",
        look,
    )
    return fig


def alt_text(rates: pd.DataFrame) -> str:
    """Say how much the rate of dropout moves with the definition."""
    if rates.empty:
        return NOTHING
    found = [
        f"{definition_name(row[KIND])}: {percent(row['rate'], 0)}"
        for row in rates.dropna(subset="rate").to_dict("records")
    ]
    return f"Rate of dropout by definition: {'; '.join(found) or 'withheld'}."


PRODUCT = Product(
    name="dropout_definitions",
    about="How many patients each definition of dropout finds",
    raw={"rates": "models/dropout_rates.parquet"},
    settings=("dropout",),
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
