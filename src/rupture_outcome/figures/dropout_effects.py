"""Forest of the effects of repair on dropout, by definition of rupture and of repair."""

import re
from collections.abc import Mapping
from textwrap import shorten, wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    SKY,
    Mark,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import NAIVE_WARNING, analysis_name, name, ratio_name, withheld_note
from rupture_outcome.publishable.suppress import count_texts, is_withheld

TITLE = "Repair of ruptures and dropout"
LEFT_OUT = (
    "The main analysis stands first; the others differ from it in one choice. The table has all."
)
COX = "Cox: hazard ratios, errors robust for therapists."
REPAIR, RUPTURE = "repaired vs unrepaired", "unrepaired vs intact"
ORDER = ["hazard", "landmark", "cox", "naive"]
LOOKS = {
    "hazard": Mark(BLUE, "-", "o"),
    "landmark": Mark(SKY, "-", "s"),
    "cox": Mark(BLACK, "-", "^"),
    "naive": Mark(GREY, (0, (2, 1.5)), "D"),
}
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
LIMITS = (0.04, 25.0)
# inches: the columns from left to right, then heights
DEFINITION, LABEL, PLOT, TEXT, COUNT, SECOND = 2.1, 1.55, 2.4, 1.35, 0.8, 1.9
ROW, LEAST, BELOW, ABOVE = 0.19, 4, 0.6, 0.45
LINE_OF_TEXT = 27


@styled
def forest(
    effects: pd.DataFrame,
    primary: Mapping[str, str] | None = None,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw ratios with their intervals, by definition and repair rule, on a logarithmic axis.

    Parameters
    ----------
    effects : DataFrame
        Published effects (`publishable_effects`), of one definition of dropout and one link.
    primary : mapping, optional
        The main ``definition`` and ``repair_rule``, to be shown as in `around`.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    effects, left_out = around(effects, primary)
    rows, heights = placed(effects)
    width = DEFINITION + LABEL + PLOT + TEXT + 2 * COUNT + SECOND
    height = heights + ABOVE + BELOW
    fig = Figure(figsize=(width, height))
    left = DEFINITION + LABEL
    first = _axes(fig, left, PLOT, heights)
    second = _axes(fig, width - SECOND, SECOND, heights)
    ratio = ratio_name(str(effects["link"].iloc[0]))
    level = f"{confidence * 100:g}%"
    main = rows[rows["contrast"].ne(RUPTURE)]
    _labels(first, main, f"{ratio} [{level}]")
    _points(first, main, ratio, room=PLOT + TEXT)
    _points(second, rows[rows["contrast"].eq(RUPTURE)], ratio, room=SECOND)
    panel_title(first, "Repaired against\nunrepaired rupture")
    panel_title(second, "Unrepaired rupture\nagainst none so far")
    _directions(first, "← repair: less dropout", "more →")
    _directions(second, "← less dropout", "rupture: more →")
    headline(fig, TITLE, _subtitle(effects), simulated=simulated)
    footnote(fig, _note(rows, level, threshold, left_out))
    return fig


def around(effects: pd.DataFrame, primary: Mapping[str, str] | None) -> tuple[pd.DataFrame, bool]:
    """Rows that differ from the main analysis in one choice, and whether others were left out.

    They are those of the main definition and repair rule, then of every other definition under the
    main rule, then of the main definition under every other rule.
    """
    if primary is None:
        return effects, False
    definition = effects["definition"].eq(primary["definition"])
    rule = effects["repair_rule"].eq(primary["repair_rule"])
    parts = [effects[definition & rule], effects[~definition & rule], effects[definition & ~rule]]
    shown = pd.concat(parts)
    return shown, len(shown) < len(effects)


def alt_text(effects: pd.DataFrame, primary: Mapping[str, str] | None = None) -> str:
    """Say what was estimated under each definition, and what could not be."""
    effects, _ = around(effects, primary)
    rows, _ = placed(effects)
    main = rows[rows["contrast"].eq(REPAIR) & rows["analysis"].eq("hazard")]
    parts = [_alt_row(row) for row in main.to_dict("records")]
    naive = rows.loc[rows["analysis"].eq("naive"), "ratio"].dropna()
    ratio = ratio_name(str(effects["link"].iloc[0])).lower()
    text = (
        "Forest plot of the effect of repair on dropout, by definition of rupture and of repair. "
        f"Session by session, repaired against unrepaired rupture, {ratio}: {'; '.join(parts)}."
    )
    if naive.empty:
        return text
    return f"{text} Naive odds ratios: {naive.min():.2f} to {naive.max():.2f}. {NAIVE_WARNING}"


def placed(effects: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Rows to draw with their height `y` (inches from the top), and the height of all of them.

    Rows of one definition and repair rule form a block in the order session by session, landmarks,
    Cox, naive; a block is at least as high as its name.
    """
    rows = effects[
        effects["contrast"].isin([REPAIR, RUPTURE]) | effects["analysis"].eq("naive")
    ].copy()
    rows["label"] = [_label(a, t) for a, t in zip(rows["analysis"], rows["term"], strict=True)]
    rank = rows["analysis"].map({a: i for i, a in enumerate(ORDER)}).fillna(len(ORDER))
    rows = rows.assign(_rank=rank, _landmark=rows["term"].map(_number))
    top, blocks = 0.0, []
    for _, block in rows.groupby(["definition", "repair_rule"], sort=False):
        block = block.sort_values(["_rank", "_landmark"], kind="stable")
        lines = {label: i for i, label in enumerate(dict.fromkeys(block["label"]))}
        y = [top + ROW * (lines[label] + 0.5) for label in block["label"]]
        blocks.append(block.assign(y=y, top=top))
        top += ROW * (max(len(lines), LEAST) + 0.8)
    return pd.concat(blocks), top


def _number(term: object) -> int:
    found = re.search(r"\d+", str(term))
    return int(found[0]) if found else 0


def _label(analysis: str, term: object) -> str:
    return "Naive (biased)" if analysis == "naive" else analysis_name(analysis, term)


def _axes(fig: Figure, left: float, width: float, height: float) -> Axes:
    total_width, total = fig.get_size_inches()
    ax = fig.add_axes((left / total_width, BELOW / total, width / total_width, height / total))
    ax.set(ylim=(height, 0), xscale="log", facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _labels(ax: Axes, rows: pd.DataFrame, ratio: str) -> None:
    """Write the columns of text to the left and right of the first panel."""
    at = ax.get_yaxis_transform()  # x in widths of the panel, y in inches
    start, label = -(DEFINITION + LABEL) / PLOT, -LABEL / PLOT
    columns = [1 + x / PLOT for x in (0.1, TEXT + COUNT - 0.15, TEXT + 2 * COUNT - 0.25)]
    heads = [(ratio, "left"), ("Patients", "right"), ("Dropouts", "right")]
    for x, (text, align) in zip(columns, heads, strict=True):
        ax.text(
            x, -0.12, text, transform=at, ha=align, va="bottom", fontweight="bold", fontsize=8.5
        )
    counts = {c: count_texts(rows, c) for c in ("patients", "events")}
    for i, row in enumerate(rows.to_dict("records")):
        naive = row["analysis"] == "naive"
        look: dict[str, Any] = {
            "transform": at,
            "va": "center",
            "fontsize": 8.5,
            "color": GREY if naive else BLACK,
        }
        ax.text(label, row["y"], row["label"], style="italic" if naive else "normal", **look)
        ax.text(columns[0], row["y"], _ratio_text(row), **look)
        ax.text(columns[1], row["y"], counts["patients"][i], ha="right", **look)
        ax.text(columns[2], row["y"], counts["events"][i], ha="right", **look)
    blocks = rows.drop_duplicates(["definition", "repair_rule"])
    for row in blocks.to_dict("records"):
        _block_name(ax, row, start)


def _block_name(ax: Axes, row: dict, x: float) -> None:
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


def _points(ax: Axes, rows: pd.DataFrame, ratio: str, room: float) -> None:
    known = rows[rows["estimate"].notna()]
    low, high = _limits(known)
    for row in known.to_dict("records"):
        _interval(ax, row, low, high)
    for row in rows[rows["estimate"].isna()].to_dict("records"):
        text = shorten(_why(row), int(room / 0.06), placeholder=" …")
        look: dict[str, Any] = {
            "transform": ax.get_yaxis_transform(),
            "va": "center",
            "fontsize": 7.5,
        }
        white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        ax.text(0, row["y"], text, color=GREY, bbox=white, zorder=3, **look)
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel(f"{ratio} (log scale)", labelpad=16)


def _interval(ax: Axes, row: dict, low: float, high: float) -> None:
    look = LOOKS.get(row["analysis"], LOOKS["cox"])
    ends = np.exp([row["ci_low"], row["ci_high"]])
    face = "white" if row["analysis"] == "naive" else look.color
    ax.plot(np.clip(ends, low, high), [row["y"]] * 2, ls=look.line, color=look.color, lw=1.5)
    for end, arrow, limit in ((ends[0], "<", low), (ends[1], ">", high)):
        if not low <= end <= high:
            ax.plot(limit, row["y"], marker=arrow, color=look.color, ms=4, clip_on=False)
    if low <= row["ratio"] <= high:
        marker: dict[str, Any] = {"marker": look.marker, "ms": 5.5, "mfc": face, "mec": look.color}
        ax.plot(row["ratio"], row["y"], ls="", mew=1.2, **marker)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Powers that hold all intervals, with 1 inside, but not wider than a reader can use."""
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(dtype=float))
    low = min([0.5, *ends[:, 0]]) * 0.9
    high = max([2.0, *ends[:, 1]]) * 1.1
    return max(low, LIMITS[0]), min(high, LIMITS[1])


def _directions(ax: Axes, left: str, right: str) -> None:
    at = ax.transAxes
    y = -0.3 / (ax.bbox.height / ax.figure.dpi)
    ax.text(0, y, left, transform=at, fontsize=7.5, color=GREY, va="center")
    ax.text(1, y, right, transform=at, fontsize=7.5, color=GREY, va="center", ha="right")


def _ratio_text(row: dict) -> str:
    if pd.isna(row["estimate"]):
        return ""
    low, high = np.exp([row["ci_low"], row["ci_high"]])
    return f"{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"


def _why(row: dict) -> str:
    note = re.sub(r".*not estimable: ", "", str(row.get("note") or ""))
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    return f"not estimable: {note}" if note and note != "nan" else "not estimable"


def _subtitle(effects: pd.DataFrame) -> str:
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Chance of dropping out after a session, by the state of ruptures. Dropout: {dropout}."


def _note(rows: pd.DataFrame, level: str, threshold: int, left_out: bool) -> str:
    parts = [f"Points: ratios; lines: {level} intervals; arrows: beyond the axis."]
    parts += [LEFT_OUT] if left_out else []
    parts += [COX] if rows["analysis"].eq("cox").any() else []
    parts += [NAIVE_WARNING] if rows["analysis"].eq("naive").any() else []
    hidden = is_withheld(rows, "patients") | is_withheld(rows, "events")
    parts += [withheld_note(threshold)] if hidden.any() else []
    return " ".join(parts)


def _alt_row(row: dict) -> str:
    what = f"{name('definition', row['definition'])}, {name('repair_rule', row['repair_rule'])}"
    return f"{what}: {_ratio_text(row) or _why(row)}"
