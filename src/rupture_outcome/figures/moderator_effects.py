"""Forest of the effect of repair on dropout by subgroup, with a joint test for each moderator."""

from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    VERMILLION,
    footnote,
    headline,
    styled,
)
from rupture_outcome.look.words import name, ratio_name, withheld_note
from rupture_outcome.publishable.shares import ROUNDED
from rupture_outcome.publishable.suppress import WITHHELD, count_texts, is_withheld, mark_of
from rupture_outcome.tables.moderator_effects import p_text, remark

TITLE = "Repair of ruptures and dropout, by subgroup"
REPAIR = "repaired vs unrepaired"
ALL = "all"
# inches: the columns from left to right, then heights
LABEL, PLOT, TEXT, COUNT = 2.1, 3.1, 1.75, 0.85
ROW, ABOVE, BELOW = 0.21, 0.3, 0.62
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
LIMITS = (0.06, 12.0)
FEW_DROPOUTS, FEW_UNITS = "†", "‡"
NOTHING = "No effect by subgroup could be estimated."


@styled
def subgroup_forest(
    effects: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw the effect of repair in every subgroup, on a logarithmic axis.

    Parameters
    ----------
    effects : DataFrame
        Published effects by subgroup (`publishable_moderators`).
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    rows, heads, height = placed(effects)
    if rows.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    width = LABEL + PLOT + TEXT + 2 * COUNT
    fig = Figure(figsize=(width, height + ABOVE + BELOW))
    total = fig.get_size_inches()[1]
    ax = fig.add_axes((LABEL / width, BELOW / total, PLOT / width, height / total))
    ax.set(ylim=(height, 0), xscale="log", facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    ratio = ratio_name(str(effects["link"].iloc[0]))
    _axis(ax, rows, ratio)
    for row in rows.to_dict("records"):
        _draw(ax, row)
    level = f"{confidence * 100:g}%"
    _texts(ax, rows, heads, f"{ratio} [{level}]")
    headline(fig, TITLE, _subtitle(effects), simulated=simulated)
    footnote(fig, _note(rows, effects, level, threshold))
    return fig


def alt_text(effects: pd.DataFrame) -> str:
    """Say what was estimated in each subgroup, what could not be, and the joint tests."""
    rows, heads, _ = placed(effects)
    if rows.empty:
        return NOTHING
    ratio = ratio_name(str(effects["link"].iloc[0])).lower()
    parts = []
    for head in heads:
        own = rows[rows["moderator"].eq(head["moderator"])].to_dict("records")
        found = ", ".join(f"{name('category', r['level'])} {_said(r)}" for r in own)
        tail = f" ({head['test']})" if head["test"] else ""
        parts.append(f"{head['text']}: {found}{tail}")
    return (
        "Forest plot of the effect of repair on dropout by subgroup, repaired against unrepaired "
        f"rupture, {ratio}. {'. '.join(parts)}."
    )


def placed(effects: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]], float]:
    """Rows to draw with their height `y` in inches, headings of moderators, and the height of all.

    One row a level: the estimate and both intervals (``unit_low`` and ``unit_high`` are those
    robust for units).
    """
    wanted = effects[effects["contrast"].eq(REPAIR)]
    rows = wanted[wanted["nested_in"].eq("therapist")].copy()
    unit = wanted[wanted["nested_in"].eq("unit")].set_index(["moderator", "level"])
    unit = unit.reindex(pd.MultiIndex.from_frame(rows[["moderator", "level"]]))
    rows["unit_low"], rows["unit_high"] = unit["ci_low"].to_numpy(), unit["ci_high"].to_numpy()
    rows["note"] = unit["note"].to_numpy()
    top, heads, y = 0.0, [], []
    for moderator, block in rows.groupby("moderator", sort=False):
        first = unit.loc[moderator].iloc[0]
        text = name("variable", moderator)
        heads.append(
            {"moderator": moderator, "text": text, "y": top + ROW / 2, "test": _test(first)}
        )
        y += [top + ROW * (i + 1.5) for i in range(len(block))]
        top += ROW * (len(block) + 1.5)
    return rows.assign(y=y), heads, top


def _test(row: Any) -> str:
    if pd.isna(row["joint_p"]):
        return ""
    adjusted = p_text(row["joint_p_holm"]).removeprefix("= ")
    return f"same in all? p {p_text(row['joint_p'])}, adjusted {adjusted}"


def _axis(ax: Axes, rows: pd.DataFrame, ratio: str) -> None:
    ends = np.exp(rows[["ci_low", "ci_high", "unit_low", "unit_high"]].to_numpy(dtype=float))
    ends = ends[np.isfinite(ends)]
    low = max(min([0.5, *ends]) * 0.9, LIMITS[0])
    high = min(max([2.0, *ends]) * 1.1, LIMITS[1])
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel(f"{ratio}, repaired against unrepaired (log scale)", labelpad=16)
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    overall = rows.loc[rows["moderator"].eq(ALL), "ratio"].dropna()
    if len(overall):
        ax.axvline(overall.iloc[0], color=BLUE, lw=1, ls=(0, (4, 2)), zorder=0)
    y = -0.33 / (ax.bbox.height / ax.figure.dpi)
    look: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← repair: less dropout", va="center", **look)
    ax.text(1, y, "more →", va="center", ha="right", **look)


def _draw(ax: Axes, row: dict) -> None:
    low, high = ax.get_xlim()
    if pd.isna(row["estimate"]):
        text = shorten(remark(row), int((PLOT + TEXT) / 0.06), placeholder=" …")
        white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        at = ax.get_yaxis_transform()
        ax.text(0, row["y"], text, transform=at, va="center", fontsize=7.5, color=GREY, bbox=white)
        return
    overall = row["moderator"] == ALL
    wide: dict[str, Any] = {"color": BLUE, "lw": 1.8, "solid_capstyle": "butt"}
    thin: dict[str, Any] = {"color": VERMILLION, "lw": 1.0, "ls": (0, (2, 1.2))}
    kinds = (("ci_low", "ci_high", wide, -0.012), ("unit_low", "unit_high", thin, 0.045))
    for start, end, look, shift in kinds:
        ends = np.exp([row[start], row[end]])
        y = row["y"] + shift
        ax.plot(np.clip(ends, low, high), [y, y], **look)
        for at, arrow, limit in ((ends[0], "<", low), (ends[1], ">", high)):
            if not low <= at <= high:
                ax.plot(limit, y, marker=arrow, color=look["color"], ms=4, clip_on=False)
    face = "white" if FEW_DROPOUTS in _flags(row) else BLUE
    marker: dict[str, Any] = {"marker": "D" if overall else "o", "ms": 7 if overall else 5.5}
    ax.plot(row["ratio"], row["y"] - 0.012, ls="", mfc=face, mec=BLUE, mew=1.2, **marker)


def _texts(ax: Axes, rows: pd.DataFrame, heads: list[dict], ratio: str) -> None:
    """Write the columns of text to the left and right of the panel."""
    plain: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": 8.5}
    bold = plain | {"fontweight": "bold"}
    start, end = -LABEL / PLOT, 1 + (TEXT + 2 * COUNT) / PLOT
    columns = [1 + x / PLOT for x in (0.12, TEXT + COUNT - 0.1, TEXT + 2 * COUNT - 0.05)]
    titles = [(ratio, "left"), ("Patients", "right"), ("Dropouts", "right")]
    for x, (text, align) in zip(columns, titles, strict=True):
        ax.text(x, -0.08, text, ha=align, va="bottom", **bold)
    plain, bold = plain | {"va": "center"}, bold | {"va": "center"}
    for head in heads:
        ax.text(start, head["y"], head["text"], **bold)
        ax.text(columns[-1], head["y"], head["test"], ha="right", style="italic", **plain)
        if head["y"] > ROW:
            line: dict[str, Any] = {"color": FAINT, "lw": 1, "clip_on": False, "zorder": 0}
            edge = [head["y"] - 0.8 * ROW] * 2
            ax.plot([start, end], edge, transform=plain["transform"], **line)
    counts = {column: count_texts(rows, column) for column in ("patients", "events")}
    for i, row in enumerate(rows.to_dict("records")):
        ax.text(start + 0.12 / PLOT, row["y"], _label(row), **plain)
        if pd.notna(row["estimate"]):
            ax.text(columns[0], row["y"], _ratio_text(row), **plain)
        ax.text(columns[1], row["y"], counts["patients"][i], ha="right", **plain)
        ax.text(columns[2], row["y"], counts["events"][i], ha="right", **plain)


def _label(row: dict) -> str:
    return f"{name('category', row['level'])} {_flags(row)}".strip()


def _flags(row: dict) -> str:
    if pd.isna(row["estimate"]):
        return ""
    note = str(row["note"])
    few = FEW_DROPOUTS if "fewer than ten dropouts in a state" in note else ""
    return few + (FEW_UNITS if "few couples" in note else "")


def _ratio_text(row: dict) -> str:
    low, high = np.exp([row["ci_low"], row["ci_high"]])
    mark = ROUNDED if mark_of(row.get(WITHHELD), "estimate") == ROUNDED else ""
    return f"{mark}{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"


def _said(row: dict) -> str:
    return _ratio_text(row) if pd.notna(row["estimate"]) else remark(row)


def _subtitle(effects: pd.DataFrame) -> str:
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropping out after a session, repaired against unrepaired rupture. Dropout: {dropout}."


def _note(rows: pd.DataFrame, effects: pd.DataFrame, level: str, threshold: int) -> str:
    tested = effects.loc[effects["joint_p"].notna(), "moderator"].nunique()
    flags = "".join(_flags(row) for row in rows.to_dict("records"))
    hidden = is_withheld(rows, "patients") | is_withheld(rows, "events")
    parts = [
        f"Solid: {level} intervals with therapists as groups (also in figures on the right). "
        "Dashed: intervals robust for patients in one couple, family or group; the p values are "
        "from these. Arrows: beyond the axis. Dashed vertical line: all patients.",
        f"Moderators tested: {tested}; p values adjusted for their number by Holm's method."
        if tested
        else "",
        f"{FEW_DROPOUTS} (open symbol): fewer than ten dropouts in a state compared: one more or "
        "less moves the estimate a great deal, and no difference between subgroups is no proof "
        "that they are alike."
        if FEW_DROPOUTS in flags
        else "",
        f"{FEW_UNITS}: few couples, families or groups, so the dashed interval may be too short."
        if FEW_UNITS in flags
        else "",
        f"{ROUNDED} before a ratio: rounded so that no small count can be derived."
        if rows[WITHHELD].astype(str).str.contains("estimate ≈").any()
        else "",
        withheld_note(threshold) if hidden.any() else "",
    ]
    return " ".join(filter(None, parts))
