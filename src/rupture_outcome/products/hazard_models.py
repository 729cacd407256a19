"""Repair and dropout under other models, beside the predicted chance of dropout by session."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, compares
from rupture_outcome.look.curves import session_ticks
from rupture_outcome.look.forest import draw_row, limits, ratio_axis, say, true_line
from rupture_outcome.look.formats import (
    count_texts,
    intervals,
    number,
    p_value,
    ratio_interval,
    with_interval,
)
from rupture_outcome.look.hazard_words import model_name
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    STATES,
    Mark,
    draw_band,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import NAMES, coding_name, contrast_name, name
from rupture_outcome.products.dropout_effects import COUNTS, ratio_of
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Repair and dropout under other models"
CURVE = "hazard_by_session"
OPEN = NAMES["open_rupture"]
WHEN = NAMES["repaired_when"]
HEADS = {"dropout": "Dropout", "agreed_ending": "Agreed ending"}
MARKS = {"dropout": Mark(BLUE, "-", "o"), "agreed_ending": Mark(BLACK, "--", "s")}
LABEL, PLOT, TEXT, GAP, SECOND = 3.05, 2.3, 1.5, 0.6, 3.2  # inches, from left to right
ROW, BELOW, ABOVE, CURVES = 0.24, 0.6, 0.35, 2.7


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
    """Draw the forest of models and, at its side, the predicted chances."""
    effects, margins = tables["hazard_models"], tables["hazard_margins"]
    return Drawing(hazard_figure(effects, margins, look), TITLE, alt_text(effects, margins, look))


@styled
def hazard_figure(effects: pd.DataFrame, margins: pd.DataFrame, look: Look) -> "Figure":
    """Draw repaired against open under every model, and hazards over sessions by state.

    Parameters
    ----------
    effects, margins : DataFrame
        Published hazard models and margins.
    look : Look
    """
    rows, depth = placed(effects)
    height = max(depth, CURVES + 1.0) + ABOVE + BELOW
    width = LABEL + PLOT + TEXT + GAP + SECOND
    fig = new_figure(width, height)
    top = ABOVE / height
    forest = fig.add_axes(
        (LABEL / width, 1 - top - depth / height, PLOT / width, depth / height), facecolor="none"
    )
    curves = fig.add_axes(
        (1 - SECOND / width, 1 - top - CURVES / height, SECOND / width, CURVES / height)
    )
    _forest(forest, rows, depth, look)
    _curves(curves, margins, name("clock", look.clock))
    at: dict[str, Any] = {"transform": curves.transAxes, "fontsize": 8, "va": "top"}
    curves.text(0, -0.62 / CURVES, "\n".join(_averages(margins)), **at)
    headline(fig, TITLE, f"{coding_name(look.primary)}.", look)
    footnote(fig, _note(effects, look), look)
    return fig


def alt_text(effects: pd.DataFrame, margins: pd.DataFrame, look: Look) -> str:
    """Say what each model found, and what the chances are."""
    rows, _ = placed(effects)
    parts = [
        f"{row['label']}: {ratio_interval(row) or why(row, look)}"
        for row in rows.to_dict("records")
    ]
    return (
        "Left, a forest plot of the ratio for repaired against open ruptures under each "
        f"model: {'; '.join(parts)}. Right, the predicted chance of dropout after each session by "
        f"state. {' '.join(_averages(margins))}"
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
    panel_title(ax, "Repaired against open rupture")


def _row(ax: "Axes", row: dict, ends: tuple[float, float], look: Look) -> None:
    text: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 8.5}
    ax.text(-LABEL / PLOT + 0.05, row["y"], row["label"], **text)
    ax.text(1.04, row["y"], ratio_interval(row), **text)
    draw_row(ax, row["y"], row["ratio"], ends, MARKS[row["event"]])
    if pd.isna(row["estimate"]):
        say(ax, row["y"], why(row, look), PLOT + TEXT)


def _curves(ax: "Axes", margins: pd.DataFrame, clock: str) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator

    known = margins[margins["quantity"].eq(CURVE) & margins["estimate"].notna()]
    panel_title(ax, "Chance of dropping out after a session")
    ax.set_xlabel(clock)
    ax.set_ylabel("Predicted chance, per cent")
    if known.empty:
        text = "withheld or not estimable"
        ax.text(0.5, 0.5, text, transform=ax.transAxes, color=GREY, ha="center", fontsize=8.5)
        ax.set(xticks=[], yticks=[])
        return
    for state, mark in STATES.items():
        curve = known[known["state_a"].eq(state)].sort_values("session")
        x = curve["session"].to_numpy(float)
        low, middle, high = (100 * curve[c].to_numpy() for c in ("ci_low", "estimate", "ci_high"))
        style: dict[str, Any] = {"color": mark.color, "ls": mark.line, "marker": mark.marker}
        if len(x):
            ax.plot(x, middle, ms=4, label=name("state", state), **style)
            draw_band(ax, x, low, high, mark)
    first, last = int(known["session"].min()), int(known["session"].max())
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(first, last)))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.set_ylim(0, 125 * float(known["ci_high"].max()))
    ax.grid(axis="y", color=FAINT, lw=0.8)
    ax.set_axisbelow(True)
    ax.legend(loc="upper right", handlelength=2.8)


def _averages(margins: pd.DataFrame) -> list[str]:
    """Chances by state and the difference made by repair, in the main model, as sentences."""
    main = margins[margins["model"].eq("main") & margins["estimate"].notna()]
    states = main[main["quantity"].eq("hazard")].to_dict("records")
    if not states:
        return []
    chances = [f"{name('state', row['state_a'])}: {_percent(row)}." for row in states]
    found = main[main["quantity"].eq("difference") & compares(main, HEADLINE)].to_dict("records")
    change = [f"Repaired minus open: {_percent(row, ' points')}." for row in found]
    return ["Averaged over sessions at risk, main model:", *chances, *change]


def _percent(row: Mapping, unit: str = "%") -> str:
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], 1, unit, 100)


def _note(effects: pd.DataFrame, look: Look) -> str:
    parts = [
        _basis(effects),
        f"Lines and bands: {look.level} intervals; dotted: estimate of the main model. "
        "Right: predicted by the model with sessions as a smooth curve for all patients, as if "
        "each were in the state.",
    ]
    if look.truth:
        parts.append(look.truth)
    if look.threshold:
        parts.append(f"Left out are sessions with 1 to {look.threshold} patients in the state.")
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
    reads=("hazard_margins",),
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
        Column("joint_p", "test", label="Joint test", of=["fewest_joint"]),
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
