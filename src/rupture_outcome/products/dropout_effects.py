"""Effects of ruptures and repair on dropout, by definition of rupture and of repair."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, RUPTURE, compares
from rupture_outcome.look.forest import draw_row, limits, ratio_axis, say, true_line
from rupture_outcome.look.formats import count_texts, intervals, number, ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
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
LEFT_OUT = (
    "The main analysis stands first; the others differ from it in one choice. The table has all."
)
ORDER = ["hazard", "landmark", "cox", "naive"]
MARKS = {
    "hazard": Mark(BLUE, "-", "o"),
    "landmark": Mark(SKY, "-", "s"),
    "cox": Mark(BLACK, "-", "^"),
    "naive": Mark(GREY, (0, (2, 1.5)), "D"),
}
# inches: the columns from left to right, then heights
DEFINITION, LABEL, PLOT, TEXT, COUNT, SECOND = 2.1, 1.55, 2.4, 1.35, 0.8, 1.9
ROW, LEAST, BELOW, ABOVE = 0.19, 4, 0.6, 0.45
LINE_OF_TEXT = 27


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
    """Draw the forest of effects."""
    effects = tables["dropout_effects"]
    title = "Ruptures, repair and dropout, by definition"
    return Drawing(forest(effects, look), title, alt_text(effects, look))


@styled
def forest(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw ratios with their intervals, by definition and repair rule, on a logarithmic axis.

    Parameters
    ----------
    effects : DataFrame
        As published, of one definition of dropout and one link.
    look : Look
        Its ``primary`` stands first; what is shown besides is that of `around`.
    """
    if effects.empty:
        return notice(TITLE, NOTHING, look)
    effects, left_out = around(effects, look.primary)
    rows, heights = placed(effects, look.unit)
    width = DEFINITION + LABEL + PLOT + TEXT + 2 * COUNT + SECOND
    fig = new_figure(width, heights + ABOVE + BELOW)
    first = _axes(fig, DEFINITION + LABEL, PLOT, heights)
    second = _axes(fig, width - SECOND, SECOND, heights)
    ratio = ratio_of(effects)
    main = rows[~compares(rows, RUPTURE)]
    _labels(first, main, f"{ratio} [{look.level}]")
    _points(first, main, ratio, PLOT + TEXT, look)
    _points(second, rows[compares(rows, RUPTURE)], ratio, SECOND, look)
    panel_title(first, "Repaired against\nopen rupture")
    panel_title(second, "Open rupture\nagainst none so far")
    for ax, pair in ((first, HEADLINE), (second, RUPTURE)):
        true_line(ax, look.true_ratio(pair))
    _directions(first, "← repair: less dropout", "more →")
    _directions(second, "← less dropout", "rupture: more →")
    headline(fig, TITLE, _subtitle(effects), look)
    footnote(fig, _note(rows, look, left_out), look)
    return fig


def around(effects: pd.DataFrame, primary: Mapping[str, str]) -> tuple[pd.DataFrame, bool]:
    """Rows that differ from the main analysis in one choice, and whether others were left out.

    They are those of the main definition and repair rule, then of every other definition under the
    main rule, then of the main definition under every other rule; all where there is no main one.
    """
    if not primary:
        return effects, False
    definition = effects["definition"].eq(primary["definition"])
    rule = effects["repair_rule"].eq(primary["repair_rule"])
    parts = [effects[definition & rule], effects[~definition & rule], effects[definition & ~rule]]
    shown = pd.concat(parts)
    return shown, len(shown) < len(effects)


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what was estimated under each definition, and what could not be."""
    if effects.empty:
        return NOTHING
    effects, _ = around(effects, look.primary)
    rows, _ = placed(effects, look.unit)
    main = rows[compares(rows, HEADLINE) & rows["analysis"].eq("hazard")]
    parts = [_alt_row(row, look) for row in main.to_dict("records")]
    naive = rows.loc[rows["analysis"].eq("naive"), "ratio"].dropna()
    text = (
        "Forest plot of the effect of repair on dropout, by definition of rupture and of repair. "
        f"Session by session, repaired against open rupture, {ratio_of(effects).lower()}: "
        f"{'; '.join(parts)}."
    )
    if naive.empty:
        return text
    return f"{text} Naive odds ratios: {naive.min():.2f} to {naive.max():.2f}. {NAIVE_WARNING}"


def placed(effects: pd.DataFrame, unit: str = "session") -> tuple[pd.DataFrame, float]:
    """Rows to draw with their height `y` (inches from the top), and the height of all of them.

    Rows of one definition and repair rule form a block in the order session by session, landmarks,
    Cox, naive; a block is at least as high as its name.
    """
    shown = compares(effects, HEADLINE) | compares(effects, RUPTURE)
    rows = effects[shown | effects["analysis"].eq("naive")].copy()
    rows["label"] = [_label(row, unit) for row in rows.to_dict("records")]
    rank = rows["analysis"].map({a: i for i, a in enumerate(ORDER)}).fillna(len(ORDER))
    rows = rows.assign(_rank=rank, _landmark=rows["landmark"].fillna(0))
    top, blocks = 0.0, []
    for _, block in rows.groupby(["definition", "repair_rule"], sort=False):
        block = block.sort_values(["_rank", "_landmark"], kind="stable")
        lines = {label: i for i, label in enumerate(dict.fromkeys(block["label"]))}
        y = [top + ROW * (lines[label] + 0.5) for label in block["label"]]
        blocks.append(block.assign(y=y, top=top))
        top += ROW * (max(len(lines), LEAST) + 0.8)
    return pd.concat(blocks), top


def _label(row: Mapping, unit: str) -> str:
    if row["analysis"] == "naive":
        return "Naive (biased)"
    return analysis_name(row["analysis"], row["landmark"], unit)


def _axes(fig: "Figure", left: float, width: float, height: float) -> "Axes":
    total_width, total = fig.get_size_inches()
    ax = fig.add_axes((left / total_width, BELOW / total, width / total_width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    return ax


def _labels(ax: "Axes", rows: pd.DataFrame, ratio: str) -> None:
    """Write the columns of text to the left and right of the first panel."""
    at = ax.get_yaxis_transform()  # x in widths of the panel, y in inches
    start, label = -(DEFINITION + LABEL) / PLOT, -LABEL / PLOT
    columns = [1 + x / PLOT for x in (0.1, TEXT + COUNT - 0.15, TEXT + 2 * COUNT - 0.25)]
    heads = [(ratio, "left"), ("Patients", "right"), ("Dropouts", "right")]
    for x, (text, align) in zip(columns, heads, strict=True):
        ax.text(
            x, -0.12, text, transform=at, ha=align, va="bottom", fontweight="bold", fontsize=8.5
        )
    counts = {c: count_texts(rows[c]) for c in ("patients", "events")}
    for i, row in enumerate(rows.to_dict("records")):
        naive = row["analysis"] == "naive"
        style: dict[str, Any] = {
            "transform": at,
            "va": "center",
            "fontsize": 8.5,
            "color": GREY if naive else BLACK,
        }
        ax.text(label, row["y"], row["label"], style="italic" if naive else "normal", **style)
        ax.text(columns[0], row["y"], ratio_interval(row), **style)
        ax.text(columns[1], row["y"], counts["patients"][i], ha="right", **style)
        ax.text(columns[2], row["y"], counts["events"][i], ha="right", **style)
    blocks = rows.drop_duplicates(["definition", "repair_rule"])
    for row in blocks.to_dict("records"):
        _block_name(ax, row, start)


def _block_name(ax: "Axes", row: dict, x: float) -> None:
    at = ax.get_yaxis_transform()
    strong = wrap(name("definition", row["definition"]), LINE_OF_TEXT)
    weak = wrap(f"Repair: {name('repair_rule', row['repair_rule'])}", LINE_OF_TEXT)
    for i, line in enumerate([*strong, *weak]):
        weight = "bold" if i < len(strong) else "normal"
        y = row["top"] + ROW * (i + 0.5)
        ax.text(x, y, line, transform=at, va="center", fontsize=8.5, fontweight=weight)
    end = 1 + (TEXT + 2 * COUNT + SECOND) / PLOT
    edge = [row["top"] - 0.4 * ROW] * 2
    if row["top"]:
        ax.plot([x, end], edge, transform=at, color=FAINT, lw=1, clip_on=False, zorder=0)


def _points(ax: "Axes", rows: pd.DataFrame, ratio: str, room: float, look: Look) -> None:
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(float))
    label = f"{ratio} (log scale)"
    ratio_axis(ax, *limits(ends.ravel()), label, labelpad=16)
    for row, (low, high) in zip(rows.to_dict("records"), ends, strict=True):
        mark, naive = MARKS.get(row["analysis"], MARKS["cox"]), row["analysis"] == "naive"
        draw_row(ax, row["y"], row["ratio"], (low, high), mark, hollow=naive)
        if pd.isna(row["estimate"]):
            say(ax, row["y"], why(row, look), room)


def _directions(ax: "Axes", left: str, right: str) -> None:
    at = ax.transAxes
    y = -0.3 / (ax.bbox.height / ax.figure.dpi)
    ax.text(0, y, left, transform=at, fontsize=7.5, color=GREY, va="center")
    ax.text(1, y, right, transform=at, fontsize=7.5, color=GREY, va="center", ha="right")


def _subtitle(effects: pd.DataFrame) -> str:
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Chance of dropping out after a session, by the state of ruptures. Dropout: {dropout}."


def _note(rows: pd.DataFrame, look: Look, left_out: bool) -> str:
    parts = [f"Points: ratios; lines: {look.level} intervals; arrows: beyond the axis."]
    parts += [look.truth] if look.truth else []
    parts += [LEFT_OUT] if left_out else []
    parts += [COX_IN_FIGURE] if rows["analysis"].eq("cox").any() else []
    parts += [NAIVE_WARNING] if rows["analysis"].eq("naive").any() else []
    return " ".join(parts)


def _alt_row(row: dict, look: Look) -> str:
    what = f"{name('definition', row['definition'])}, {name('repair_rule', row['repair_rule'])}"
    return f"{what}: {ratio_interval(row) or why(row, look)}"


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
