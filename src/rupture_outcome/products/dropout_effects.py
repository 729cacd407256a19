"""Effects of ruptures and repair on dropout, by definition of rupture and of repair."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import EVER, FEWEST, HEADLINE, RUPTURE, compares
from rupture_outcome.look.forest import (
    draw_penalised,
    draw_row,
    limits,
    ratio_axis,
    say,
    true_line,
)
from rupture_outcome.look.formats import count_texts, intervals, number, ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import penalised_estimates, penalised_text, remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import (
    NAIVE_WARNING,
    analysis_name,
    coding_name,
    contrast_name,
    name,
    ratio_name,
)
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Repair of ruptures and dropout"
NOTHING = "No definition of ruptures can be used for effects on dropout."
COUNTS = ("patients", "sessions", "events")
COX_IN_TABLE = (
    "Cox: hazard ratio, with a baseline that is free at every session and errors robust for "
    "therapists; a check of the first."
)
COX_IN_FIGURE = "Cox: hazard ratios, errors robust for therapists."
PENALISED = (
    "Hollow on a thin line: by penalised likelihood, without therapists, where a state has fewer "
    "than ten dropouts or none."
)
SHOWN = ("hazard", "cox", "naive")
LABELS = {"naive": "Naive (biased)"}
ORDER = ["hazard", "landmark", "cox", "naive"]
MARKS = {
    "hazard": Mark(BLUE, "-", "o"),
    "landmark": Mark(SKY, "-", "s"),
    "cox": Mark(BLACK, "-", "^"),
    "naive": Mark(GREY, (0, (2, 1.5)), "D"),
}
# inches: the columns from left to right, then heights
LABEL, PLOT, TEXT = 1.75, 2.2, 1.55
ROW, BELOW, ABOVE = 0.4, 0.6, 0.3


def effects_table(tables: Tables, look: Look) -> str:
    """Lay out the effects as HTML, grouped by definition."""
    effects = _ordered(tables["dropout_effects"])
    cells = effect_cells(effects, look)
    coded = effects[["definition", "repair_rule"]].to_dict("records")
    cells["group"] = [coding_name(row) for row in coded]
    return html_table(
        cells,
        "dropout_effects",
        "Ruptures, repair and dropout",
        _about(effects),
        labels=effect_labels(effects, look),
        group="group",
        notes=[
            "Session by session: multilevel hazard of dropping out after a session, by the state "
            "of ruptures at it. From a session on: state fixed at that session. Intervals of both "
            "allow for patients who are treated together, where there are any.",
            COX_IN_TABLE if effects["analysis"].eq("cox").any() else "",
            NAIVE_WARNING if effects["analysis"].eq("naive").any() else "",
        ],
        look=look,
    )


def effect_cells(effects: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Texts of effects, one row each; columns as in `effect_labels`."""
    cells = pd.DataFrame(index=effects.index)
    records = effects.to_dict("records")
    cells["analysis"] = [
        analysis_name(row["analysis"], row["landmark"], look.unit) for row in records
    ]
    cells["contrast"] = [contrast_name(row) for row in records]
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    cells["interval"] = intervals(effects, ratio=True)
    for column in COUNTS:
        cells[column] = count_texts(effects[column])
    cells["reason"] = [remark(row, look) for row in records]
    return cells


def effect_labels(effects: pd.DataFrame, look: Look) -> dict[str, str]:
    """Columns of a table of effects, and their headings."""
    return {
        "analysis": "Analysis",
        "contrast": "Contrast",
        "ratio": ratio_of(effects),
        "interval": f"{look.level} interval",
        "patients": "Patients",
        "sessions": "Sessions",
        "events": "Dropouts",
        "reason": "Note",
    }


def ratio_of(effects: pd.DataFrame) -> str:
    """Name the ratio of a frame of effects by the link of its first row."""
    return ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"


def _ordered(effects: pd.DataFrame) -> pd.DataFrame:
    """Put the analyses of a block in the order of `ORDER`; blocks stay where they are."""
    keys = ["definition", "repair_rule"]
    block = effects.groupby(keys, sort=False, observed=True).ngroup()
    rank = effects["analysis"].astype(str).map({a: i for i, a in enumerate(ORDER)})
    order = effects.assign(_block=block, _rank=rank.fillna(len(ORDER)))
    return order.sort_values(["_block", "_rank"], kind="stable").drop(columns=["_block", "_rank"])


def _about(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropout: {dropout}. Below 1: less dropout in the state named first."


def draw_effects(tables: Tables, look: Look) -> Drawing:
    """Draw the main analysis beside Cox's and the naive one."""
    effects = tables["dropout_effects"]
    title = "Ruptures, repair and dropout"
    return Drawing(forest(effects, look), title, alt_text(effects, look))


@styled
def forest(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw the main analysis, Cox's and the naive comparison, on a logarithmic axis.

    Parameters
    ----------
    effects : DataFrame
        As published, of one definition of dropout and one link.
    look : Look
        With its ``primary`` definition and repair rule.
    """
    rows = placed(effects, look)
    if rows.empty:
        return notice(TITLE, NOTHING, look)
    height, width = ROW * rows["y"].nunique(), LABEL + 2 * (PLOT + TEXT)
    fig = new_figure(width, height + ABOVE + BELOW)
    ratio = ratio_of(rows)
    for pair, left, title, ends in (
        (HEADLINE, LABEL, "Repaired against open", ("← repair: less dropout", "more →")),
        (RUPTURE, LABEL + PLOT + TEXT, "Open against none so far", ("← less", "rupture: more →")),
    ):
        ax = _axes(fig, left, height)
        own = rows[compares(rows, RUPTURE) == (pair == RUPTURE)]
        _points(ax, own, ratio, look, look.true_ratio(pair))
        panel_title(ax, title)
        _directions(ax, *ends)
    _labels(fig.axes[0], rows)
    headline(fig, TITLE, _subtitle(rows, look), look)
    footnote(fig, _note(rows, look), look)
    return fig


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what the main analysis finds, and what the others do."""
    rows = placed(effects, look)
    if rows.empty:
        return NOTHING
    own = rows[~compares(rows, RUPTURE)].to_dict("records")
    parts = [f"{row['label']}: {ratio_interval(row) or why(row, look)}" for row in own]
    text = f"Forest plot of repaired against open rupture, ratios of dropout. {'; '.join(parts)}."
    return f"{text} {NAIVE_WARNING}" if rows["analysis"].eq("naive").any() else text


def placed(effects: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Rows to draw, those of the main coding, with their height `y` (inches from the top)."""
    rows = primary_rows(effects, look.primary) if look.primary else effects
    contrast = compares(rows, HEADLINE) | compares(rows, RUPTURE) | compares(rows, EVER)
    rows = rows[contrast & rows["analysis"].isin(SHOWN)].copy()
    rows["label"] = [
        LABELS.get(row["analysis"]) or analysis_name(row["analysis"], None, look.unit)
        for row in rows.to_dict("records")
    ]
    rank = rows["analysis"].map({analysis: i for i, analysis in enumerate(SHOWN)})
    lines = {line: i for i, line in enumerate(sorted(rank.unique()))}
    rows["y"] = [ROW * (lines[line] + 0.5) for line in rank]
    rows["penalised"] = penalised_estimates(rows["reason"])
    return rows.sort_values("y", kind="stable")


def _axes(fig: "Figure", left: float, height: float) -> "Axes":
    width, total = fig.get_size_inches()
    ax = fig.add_axes((left / width, BELOW / total, PLOT / width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    return ax


def _labels(ax: "Axes", rows: pd.DataFrame) -> None:
    """Write what each row is, with what it rests on, to the left of the first panel."""
    at = ax.get_yaxis_transform()
    main = rows[~compares(rows, RUPTURE)]
    counts = {column: count_texts(main[column]) for column in ("patients", "events")}
    for i, row in enumerate(main.to_dict("records")):
        strong = row["analysis"] == "hazard"
        color = GREY if row["analysis"] == "naive" else BLACK
        look: dict[str, Any] = {"transform": at, "va": "center", "color": color}
        weight = "bold" if strong else "normal"
        ax.text(-LABEL / PLOT, row["y"] - 0.08, row["label"], fontsize=9, fontweight=weight, **look)
        text = f"{counts['patients'][i]} patients, {counts['events'][i]} dropouts"
        ax.text(-LABEL / PLOT, row["y"] + 0.1, text, fontsize=7.5, **look | {"color": GREY})


def _points(ax: "Axes", rows: pd.DataFrame, ratio: str, look: Look, true: float) -> None:
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(float))
    ratio_axis(ax, *limits([*ends.ravel(), true]), f"{ratio} (log scale)", labelpad=16)
    true_line(ax, true)
    at = ax.get_yaxis_transform()
    for row, (low, high) in zip(rows.to_dict("records"), ends, strict=True):
        mark, naive = MARKS[row["analysis"]], row["analysis"] == "naive"
        draw_penalised(ax, row["y"], row["penalised"], mark, 0.11)
        draw_row(ax, row["y"], row["ratio"], (low, high), mark, hollow=naive, size=6.5)
        text = ratio_interval(row) or penalised_text(row["penalised"])
        color = GREY if naive else BLACK
        ax.text(1.04, row["y"], text, transform=at, va="center", fontsize=9, color=color)
        if not text:
            say(ax, row["y"], why(row, look), PLOT + TEXT)


def _directions(ax: "Axes", left: str, right: str) -> None:
    at = ax.transAxes
    y = -0.3 / (ax.bbox.height / ax.figure.dpi)
    ax.text(0, y, left, transform=at, fontsize=7.5, color=GREY, va="center")
    ax.text(1, y, right, transform=at, fontsize=7.5, color=GREY, va="center", ha="right")


def _subtitle(rows: pd.DataFrame, look: Look) -> str:
    dropout = name("dropout_definition", rows["dropout_definition"].iloc[0])
    coding = f" {coding_name(look.primary)}." if look.primary else ""
    return f"Chance of dropping out after a session. Dropout: {dropout}.{coding}"


def _note(rows: pd.DataFrame, look: Look) -> str:
    analyses = set(rows["analysis"])
    parts = [
        f"Points: ratios; lines and brackets: {look.level} intervals.",
        look.truth,
        PENALISED if rows["penalised"].notna().any() else "",
        COX_IN_FIGURE if "cox" in analyses else "",
        NAIVE_WARNING if "naive" in analyses else "",
    ]
    return " ".join(filter(None, parts))


EFFECTS = (
    Column("analysis", label="Analysis"),
    Column("definition"),
    Column("repair_rule"),
    Column("dropout_definition"),
    Column("link"),
    Column("term"),
    Column("contrast", label="Contrast"),
    Column("estimate", "estimate", of=FEWEST, ends=("ci_low", "ci_high"), se="se"),
    Column("se", "follows"),
    Column("ci_low", "follows"),
    Column("ci_high", "follows"),
    Column("ratio", "estimate", label="Ratio", of=FEWEST, se="se"),
    Column("patients", "count", label="Patients"),
    Column("sessions", "count", label="Sessions", of=["patients"]),
    Column("events", "count", label="Dropouts", of=["patients"]),
    Column("converged", "flag", of=FEWEST),
    Column("reason", "text", label="Note", of=FEWEST),
    Column("landmark", "number", label="Landmark"),
    Column("state_a"),
    Column("state_b"),
    Column("df", "estimate", label="Degrees of freedom", of=FEWEST),
    *(Column(cell, "basis") for cell in FEWEST),
)
PRODUCT = Product(
    name="dropout_effects",
    about="Ruptures, repair and dropout: session by session, from landmarks, by Cox, and naively",
    raw={"effects": "models/dropout_effects.parquet"},
    settings=("truth",),
    columns=EFFECTS,
    lay_out=effects_table,
    draw=draw_effects,
)
