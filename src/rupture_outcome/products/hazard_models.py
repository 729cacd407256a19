"""Repair and dropout under other models, beside the predicted chance of dropout by session."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE
from rupture_outcome.look.forest import (
    draw_penalised,
    draw_row,
    limits,
    ratio_axis,
    say,
    true_line,
)
from rupture_outcome.look.formats import (
    count_texts,
    intervals,
    number,
    p_value,
    ratio_interval,
)
from rupture_outcome.look.hazard_words import model_name
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import penalised_estimates, penalised_text, remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    Mark,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import NAMES, coding_name, contrast_name
from rupture_outcome.products.dropout_effects import COUNTS, ratio_of
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Repair and dropout under other models"
OPEN = NAMES["open_rupture"]
WHEN = NAMES["repaired_when"]
HEADS = {"dropout": "Dropout", "agreed_ending": "Agreed ending"}
MARKS = {"dropout": Mark(BLUE, "-", "o"), "agreed_ending": Mark(BLACK, "--", "s")}
LABEL, PLOT, TEXT = 3.05, 2.6, 1.5  # inches, from left to right
ROW, BELOW, ABOVE = 0.24, 0.6, 0.05


def models_table(tables: Tables, look: Look) -> str:
    """Lay out the contrasts of every model as HTML, grouped by model."""
    effects = tables["hazard_models"]
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [model_name(m, link) for m, link in effects[["model", "link"]].to_numpy()]
    cells["contrast"] = [contrast_name(row) for row in effects.to_dict("records")]
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    cells["interval"] = intervals(effects, ratio=True)
    cells["joint"] = [_joint(df, p) for df, p in effects[["joint_df", "joint_p"]].to_numpy(float)]
    for column in COUNTS:
        cells[column] = count_texts(effects[column])
    cells["reason"] = [remark(row, look) for row in effects.to_dict("records")]
    return html_table(
        cells,
        "hazard_models",
        "Ruptures, repair and dropout under other models",
        f"{coding_name(look.primary)}. Below 1: less of the event in the state named first.",
        labels={
            "contrast": "Contrast",
            "ratio": ratio_of(effects),
            "interval": f"{look.level} interval",
            "joint": "Joint test",
            "patients": "Patients",
            "sessions": "Sessions at risk",
            "events": "Events",
            "reason": "Note",
        },
        group="group",
        notes=[
            "Each model differs from the main one as its name says. Joint test: Wald test that no "
            "two states differ; for time since the rupture, that it has no effect in either state.",
            "Agreed endings: before the plan was complete, at risk are the sessions before the "
            "last planned one; with planned ones included, all attended sessions.",
            "With time since the rupture: states are compared at the median of that time; 'later "
            "by one' is one step of the clock.",
        ],
        look=look,
    )


def _joint(df: float, p: float) -> str:
    return "" if pd.isna(p) else f"{p_value(p)} ({df:.0f} df)"


def draw_models(tables: Tables, look: Look) -> Drawing:
    """Draw the forest of models."""
    effects = tables["hazard_models"]
    return Drawing(hazard_figure(effects, look), TITLE, alt_text(effects, look))


@styled
def hazard_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw repaired against open under every model."""
    rows, depth = placed(effects)
    height, width = depth + ABOVE + BELOW, LABEL + PLOT + TEXT
    fig = new_figure(width, height)
    box = (LABEL / width, BELOW / height, PLOT / width, depth / height)
    _forest(fig.add_axes(box, facecolor="none"), rows, depth, look)
    headline(fig, TITLE, f"Repaired against open rupture. {coding_name(look.primary)}.", look)
    footnote(fig, _note(effects, rows, look), look)
    return fig


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what each model found."""
    rows, _ = placed(effects)
    parts = [
        f"{row['label']}: {ratio_interval(row) or why(row, look)}"
        for row in rows.to_dict("records")
    ]
    return (
        "A forest plot of the ratio for repaired against open ruptures under each model: "
        f"{'; '.join(parts)}."
    )


def placed(effects: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Rows of the forest with label and height `y` (inches from the top), and all their height."""
    repair = effects["state_a"].isin(list(WHEN)) & effects["state_b"].isin(list(OPEN))
    rows = effects[repair].copy()
    kind = (
        rows["state_b"].map(OPEN).where(rows["state_a"].eq("repaired"), rows["state_a"].map(WHEN))
    )
    names = [model_name(m, link) for m, link in rows[["model", "link"]].to_numpy()]
    rows["label"] = [f"{n}: {k}" if k else n for n, k in zip(names, kind, strict=True)]
    depth, heights = 0.0, []
    before = None
    for event in rows["event"]:
        depth += ROW * (1.15 if event != before else 0)
        heights.append(depth + ROW / 2)
        depth, before = depth + ROW, event
    rows["penalised"] = penalised_estimates(rows["reason"])
    return rows.assign(y=heights), depth


def _forest(ax: "Axes", rows: pd.DataFrame, depth: float, look: Look) -> None:
    at = ax.get_yaxis_transform()
    for event, block in rows.groupby("event", sort=False):
        y = block["y"].min() - ROW
        ax.text(-LABEL / PLOT, y, HEADS[str(event)], transform=at, va="center", fontweight="bold")
    ax.set_ylim(depth, 0)
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(float))
    ratio = ratio_of(rows)
    ratio_axis(ax, *limits(ends.ravel()), f"{ratio} (log scale)\n← repair: less      more →")
    true_line(ax, look.true_ratio(HEADLINE), rows.loc[rows["event"].eq("dropout"), "y"].max())
    for row, (low, high) in zip(rows.to_dict("records"), ends, strict=True):
        _row(ax, row, (low, high), look)
    main = rows.loc[rows["model"].eq("main"), "ratio"].dropna()
    if len(main):
        ax.axvline(main.iloc[0], color=GREY, lw=0.8, ls=":", zorder=0)
    head: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5, "fontweight": "bold"}
    ax.text(1.04, ROW * 0.65, f"{ratio} [{look.level}]", **head)


def _row(ax: "Axes", row: dict, ends: tuple[float, float], look: Look) -> None:
    text: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 8.5}
    ax.text(-LABEL / PLOT + 0.05, row["y"], row["label"], **text)
    ax.text(1.04, row["y"], ratio_interval(row) or penalised_text(row["penalised"]), **text)
    draw_penalised(ax, row["y"], row["penalised"], MARKS[row["event"]])
    draw_row(ax, row["y"], row["ratio"], ends, MARKS[row["event"]])
    if pd.isna(row["estimate"]) and row["penalised"] is None:
        say(ax, row["y"], why(row, look), PLOT + TEXT)


def _note(effects: pd.DataFrame, rows: pd.DataFrame, look: Look) -> str:
    parts = [
        _basis(effects),
        f"Lines: {look.level} intervals; dotted: estimate of the main model; hollow, without "
        "therapists: by penalised likelihood, where fewer than ten events are in a state."
        if rows["penalised"].notna().any()
        else f"Lines: {look.level} intervals; dotted: estimate of the main model.",
    ]
    if look.truth:
        parts.append(look.truth)
    if effects["model"].eq("other_link").any():
        parts.append("Other link: the ratio is of another kind, as named.")
    return " ".join(parts)


def _basis(effects: pd.DataFrame) -> str:
    main = effects[effects["model"].eq("main")].head(1)
    if main.empty:
        return ""
    patients, sessions, events = (count_texts(main[column])[0] for column in COUNTS)
    return f"Main model: n = {patients} patients, {sessions} sessions at risk, {events} dropouts."


CELLS = (*FEWEST, "fewest_rest")
ABOUT_CODING = (Column("definition"), Column("repair_rule"), Column("dropout_definition"))
PRODUCT = Product(
    name="hazard_models",
    about="Ruptures, repair and dropout under models that differ from the main one in one thing",
    raw={"effects": "models/hazard_models.parquet"},
    settings=("truth",),
    columns=(
        Column("model", label="Model"),
        Column("event", label="Event"),
        Column("link"),
        Column("nodes", "number"),
        Column("groups"),
        Column("term"),
        Column("contrast", label="Contrast"),
        Column("estimate", "estimate", of=CELLS, ends=("ci_low", "ci_high"), se="se"),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("ratio", "estimate", label="Ratio", of=CELLS, se="se"),
        Column("joint_df", "number"),
        Column("joint_p", "p", label="Joint test", of=["fewest_joint"]),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions at risk", of=["patients"]),
        Column("events", "count", label="Events", of=["patients"]),
        Column("converged", "flag", of=CELLS),
        Column("reason", "text", label="Note", of=CELLS),
        Column("state_a"),
        Column("state_b"),
        *ABOUT_CODING,
        Column("events_a", "count", label="Events in the first", of=["patients"]),
        Column("events_b", "count", label="Events in the second", of=["patients"]),
        *(Column(cell, "basis") for cell in (*CELLS, "fewest_joint")),
    ),
    lay_out=models_table,
    draw=draw_models,
)
