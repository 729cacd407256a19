"""Repair and dropout under other models, beside the predicted chance of dropout by session."""

from collections.abc import Mapping
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from rupture_outcome.look.curves import session_ticks
from rupture_outcome.look.hazard_words import model_name, remark
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    STATES,
    Mark,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name, ratio_name
from rupture_outcome.publishable.suppress import count_texts

TITLE = "Repair and dropout under other models"
REPAIR, CURVE = "repaired vs unrepaired", "hazard_by_session"
HEADS = {"dropout": "Dropout", "agreed_ending": "Agreed ending"}
LOOKS = {"dropout": Mark(BLUE, "-", "o"), "agreed_ending": Mark(BLACK, "--", "s")}
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
LIMITS = (0.04, 25.0)
LABEL, PLOT, TEXT, GAP, SECOND = 3.05, 2.3, 1.5, 0.6, 3.2  # inches, from left to right
ROW, BELOW, ABOVE, CURVES = 0.24, 0.6, 0.35, 2.7


@styled
def hazard_figure(
    effects: pd.DataFrame,
    margins: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    clock: str = "Sessions attended",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw repaired against unrepaired under every model, and hazards over sessions by state.

    Parameters
    ----------
    effects, margins : DataFrame
        Published (`rupture_outcome.publishable.hazards.publishable_hazards`).
    primary : mapping
        ``definition`` and ``repair_rule``.
    clock : str
        Label of the axis of sessions.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    rows, depth = placed(effects)
    height = max(depth, CURVES + 1.0) + ABOVE + BELOW
    width = LABEL + PLOT + TEXT + GAP + SECOND
    fig = Figure(figsize=(width, height))
    top = ABOVE / height
    forest = fig.add_axes(
        (LABEL / width, 1 - top - depth / height, PLOT / width, depth / height), facecolor="none"
    )
    curves = fig.add_axes(
        (1 - SECOND / width, 1 - top - CURVES / height, SECOND / width, CURVES / height)
    )
    level = f"{confidence * 100:g}%"
    _forest(forest, rows, depth, level)
    _curves(curves, margins, clock)
    lines = _averages(margins)
    at: dict[str, Any] = {"transform": curves.transAxes, "fontsize": 8, "va": "top"}
    curves.text(0, -0.62 / CURVES, "\n".join(lines), **at)
    definition = name("definition", primary["definition"])
    rule = name("repair_rule", primary["repair_rule"])
    headline(fig, TITLE, f"{definition}; repair: {rule}.", simulated=simulated)
    footnote(fig, _note(effects, level, threshold))
    return fig


def alt_text(effects: pd.DataFrame, margins: pd.DataFrame) -> str:
    """Say what each model found, and what the chances are."""
    rows, _ = placed(effects)
    parts = [f"{row['label']}: {_ratio(row) or remark(row)}" for row in rows.to_dict("records")]
    return (
        "Left, a forest plot of the ratio for repaired against unrepaired ruptures under each "
        f"model: {'; '.join(parts)}. Right, the predicted chance of dropout after each session by "
        f"state. {' '.join(_averages(margins))}"
    )


def placed(effects: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Rows of the forest with label and height `y` (inches from the top), and all their height."""
    rows = effects[effects["contrast"].str.startswith(REPAIR)].copy()
    kind = rows["contrast"].str.removeprefix(REPAIR).str.removeprefix(", ")
    names = [model_name(m, link) for m, link in rows[["model", "link"]].to_numpy()]
    rows["label"] = [f"{n}: {k}" if k else n for n, k in zip(names, kind, strict=True)]
    depth, heights = 0.0, []
    before = None
    for event in rows["event"]:
        depth += ROW * (1.15 if event != before else 0)
        heights.append(depth + ROW / 2)
        depth, before = depth + ROW, event
    return rows.assign(y=heights), depth


def _forest(ax: Axes, rows: pd.DataFrame, depth: float, level: str) -> None:
    known = rows[rows["estimate"].notna()]
    low, high = _limits(known)
    at = ax.get_yaxis_transform()
    for event, block in rows.groupby("event", sort=False):
        y = block["y"].min() - ROW
        ax.text(-LABEL / PLOT, y, HEADS[str(event)], transform=at, va="center", fontweight="bold")
    for row in rows.to_dict("records"):
        _row(ax, row, low, high)
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    main = known.loc[known["model"].eq("main"), "ratio"]
    if len(main):
        ax.axvline(main.iloc[0], color=GREY, lw=0.8, ls=":", zorder=0)
    ax.set(ylim=(depth, 0), xscale="log", xlim=(low, high))
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ratio = ratio_name(str(rows["link"].iloc[0])) if len(rows) else "Ratio"
    ax.set_xlabel(f"{ratio} (log scale)\n← repair: less      more →")
    head: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5, "fontweight": "bold"}
    ax.text(1.04, ROW * 0.65, f"{ratio} [{level}]", **head)
    panel_title(ax, "Repaired against unrepaired rupture")


def _row(ax: Axes, row: dict, low: float, high: float) -> None:
    at = ax.get_yaxis_transform()
    text: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5}
    ax.text(-LABEL / PLOT + 0.05, row["y"], row["label"], **text)
    if pd.isna(row["estimate"]):
        white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        why = shorten(remark(row), int((PLOT + TEXT) / 0.055), placeholder=" …")
        ax.text(0, row["y"], why, color=GREY, bbox=white, zorder=3, **(text | {"fontsize": 7.5}))
        return
    look = LOOKS[row["event"]]
    ends = np.exp([row["ci_low"], row["ci_high"]])
    ax.plot(np.clip(ends, low, high), [row["y"]] * 2, ls=look.line, color=look.color, lw=1.5)
    for end, arrow, limit in ((ends[0], "<", low), (ends[1], ">", high)):
        if not low <= end <= high:
            ax.plot(limit, row["y"], marker=arrow, color=look.color, ms=4, clip_on=False)
    if low <= row["ratio"] <= high:
        ax.plot(row["ratio"], row["y"], ls="", marker=look.marker, color=look.color, ms=5.5)
    ax.text(1.04, row["y"], _ratio(row), **text)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(dtype=float))
    low, high = min([0.5, *ends[:, 0]]) * 0.9, max([2.0, *ends[:, 1]]) * 1.1
    return max(low, LIMITS[0]), min(high, LIMITS[1])


def _curves(ax: Axes, margins: pd.DataFrame, clock: str) -> None:
    known = margins[margins["quantity"].eq(CURVE) & margins["estimate"].notna()]
    panel_title(ax, "Chance of dropping out after a session")
    ax.set_xlabel(clock)
    ax.set_ylabel("Predicted chance, per cent")
    if known.empty:
        text = "withheld or not estimable"
        ax.text(0.5, 0.5, text, transform=ax.transAxes, color=GREY, ha="center", fontsize=8.5)
        ax.set(xticks=[], yticks=[])
        return
    for state, look in STATES.items():
        curve = known[known["state"].eq(state)].sort_values("session")
        x = curve["session"].to_numpy(float)
        low, middle, high = (100 * curve[c].to_numpy() for c in ("ci_low", "estimate", "ci_high"))
        style: dict[str, Any] = {"color": look.color, "ls": look.line, "marker": look.marker}
        if len(x):
            ax.plot(x, middle, ms=4, label=name("state", state), **style)
            ax.fill_between(
                x, low, high, facecolor=(look.color, 0.12), edgecolor=(look.color, 0.3),
                hatch=look.hatch, lw=0,
            )  # fmt: skip
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
    chances = [f"{name('state', row['state'])}: {_percent(row)}." for row in states]
    found = main[main["quantity"].eq("difference") & main["state"].eq(REPAIR)].to_dict("records")
    change = [f"Repaired minus unrepaired: {_percent(row, 'points')}." for row in found]
    return ["Averaged over sessions at risk, main model:", *chances, *change]


def _percent(row: Mapping, unit: str = "%") -> str:
    value, low, high = (100 * row[key] for key in ("estimate", "ci_low", "ci_high"))
    gap = "" if unit == "%" else " "
    return f"{value:.1f}{gap}{unit} [{low:.1f}, {high:.1f}]".replace("-", "−")


def _ratio(row: Mapping) -> str:
    if pd.isna(row["estimate"]):
        return ""
    low, high = np.exp([row["ci_low"], row["ci_high"]])
    return f"{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"


def _note(effects: pd.DataFrame, level: str, threshold: int) -> str:
    parts = [_basis(effects)]
    parts.append(f"Lines and bands: {level} intervals; dotted: estimate of the main model.")
    parts.append(
        "Right: predicted by the model with sessions as a smooth curve for all patients, as if "
        f"each were in the state; for sessions with more than {threshold} patients in it."
    )
    if effects["model"].eq("other_link").any():
        parts.append("Other link: the ratio is of another kind, as named.")
    return " ".join(parts)


def _basis(effects: pd.DataFrame) -> str:
    main = effects[effects["model"].eq("main")].head(1)
    found = [count_texts(main, column) for column in ("patients", "sessions", "events")]
    if main.empty:
        return ""
    patients, sessions, events = (texts[0] for texts in found)
    return f"Main model: n = {patients} patients, {sessions} sessions at risk, {events} dropouts."
