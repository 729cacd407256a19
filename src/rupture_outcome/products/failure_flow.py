"""Who left and who stayed, better or not: one picture by repair, and the flow from the start."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.disclosure import Column, known
from rupture_outcome.look.formats import UNKNOWN, count_text, count_texts, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    VERMILLION,
    Mark,
    filled,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import coding_name, lower_first, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Left or stayed, better or not"
NOTHING = "Nobody's change in symptoms can be judged."
BETTER_NOTE = (
    "Better: reliably improved from the first to the last score. Left: dropped out by the study's "
    "definition; stayed: ended otherwise. State of ruptures: after the session before the last "
    "score. It describes: who stays longer has more time both to be repaired and to get better."
)
SMALL_CELLS = " What holds few patients is not drawn."
REPAIR = ("intact", "unrepaired", "repaired")
STARTS = ("clinical", "functional", "not_known")
CELLS = ("left_better", "left_not_better", "stayed_better", "stayed_not_better")
MARKS: Mapping[str, Mark] = {
    "left_better": Mark(GREEN, "-", "o", "////"),
    "left_not_better": Mark(GREY, "-", "o", "////"),
    "stayed_better": Mark(GREEN, "-", "o"),
    "stayed_not_better": Mark(GREY, "-", "o"),
    "recovered": Mark(GREEN, "-", "o"),
    "improved": Mark(BLUE, "-", "o", "...."),
    "unchanged": Mark(GREY, "-", "o"),
    "deteriorated": Mark(VERMILLION, "-", "o", "xxxx"),
    "harmed": Mark(BLACK, "-", "o", "xxxx"),
    "not_judged": Mark(LIGHT, "-", "o", "\\\\\\\\"),
}
# inches
SQUARE, BETWEEN, LEFT, RIGHT, BAR, SPACE, FOOT = 1.85, 0.35, 1.05, 0.1, 0.3, 0.16, 0.65


def flow_table(tables: Tables, look: Look) -> str:
    """Lay out a row a group and end, the last rating first."""
    flow = tables["failure_flow"]
    rows = flow.to_dict("records")
    cells = pd.DataFrame(index=flow.index)
    cells["group"] = [
        f"{name('end_point', row['end_point'])}: {lower_first(name('flow_group', row['by']))}"
        for row in rows
    ]
    cells["level"] = [level_name(row) for row in rows]
    cells["end"] = [end_name(row) for row in rows]
    cells["patients"] = count_texts(flow["patients"])
    cells["share"] = [percent(share) or UNKNOWN for share in flow["share"]]
    return html_table(
        cells,
        "failure_flow",
        TITLE,
        f"{coding_name(look.primary)}. Patients who attended a session; of each, shares of all.",
        labels={"level": "Patients", "end": "How it ended", "patients": "n", "share": "Share"},
        group="group",
        notes=[BETTER_NOTE, START_NOTE],
        look=look,
    )


START_NOTE = (
    "Start: on which side of the cut-off the first score lies; who starts in the functional range "
    "cannot recover. Why somebody is not judged: shares of those who are not."
)


def level_name(row: Mapping) -> str:
    """Name a level of a group."""
    return name({"repair": "state", "all": "state"}.get(row["by"], "start"), row["level"])


def end_name(row: Mapping) -> str:
    """Name an end; the reasons for not judging somebody say so."""
    if row["view"] == "not_judged":
        return f"Not judged: {lower_first(name('why_not_judged', row['end']))}"
    return name("end", row["end"])


def draw_flow(tables: Tables, look: Look) -> Drawing:
    """Draw the four cells by repair, and below them how who started where ended."""
    flow = tables["failure_flow"]
    flow = flow[flow["end_point"].eq("last_rating")]
    return Drawing(flow_figure(flow, look), TITLE, alt_text(flow))


@styled
def flow_figure(flow: pd.DataFrame, look: Look) -> "Figure":
    """Draw the published flow of one end point."""
    if not _judged(flow):
        return notice(TITLE, NOTHING, look)
    starts = [s for s in STARTS if _total(flow, "start", s) != 0]
    bars = len(starts) * BAR + (len(starts) - 1) * SPACE
    width = LEFT + 3 * SQUARE + 2 * BETWEEN + RIGHT
    tall = 0.3 + SQUARE + 1.05 + bars + FOOT
    fig = new_figure(width, tall)
    for i, state in enumerate(REPAIR):
        left = LEFT + i * (SQUARE + BETWEEN)
        box = (left / width, 1 - (0.3 + SQUARE) / tall, SQUARE / width, SQUARE / tall)
        _four_cells(fig.add_axes(box), flow, state, first=i == 0)
    wide = 3 * SQUARE + 2 * BETWEEN
    box = (LEFT / width, FOOT / tall, wide / width, bars / tall)
    _bars(fig.add_axes(box), flow, starts)
    _legend(fig)
    headline(fig, TITLE, coding_name(look.primary), look)
    footnote(
        fig,
        f"{BETTER_NOTE} Areas are shares of those who were judged, and numbers patients. Below: "
        "how patients ended, by the side of the cut-off on which they started."
        f"{SMALL_CELLS if look.threshold else ''}",
        look,
    )
    return fig


def _four_cells(ax: "Axes", flow: pd.DataFrame, state: str, *, first: bool) -> None:
    """Draw left (narrow or wide) beside stayed, better above not better."""
    from matplotlib.patches import Rectangle

    counts = _counts(flow, "repair", state, "cells")
    size = known(counts).fillna(0.0)
    judged = float(size[list(CELLS)].sum())
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    not_judged = count_text(counts.get("not_judged"))
    panel_title(ax, name("state", state))
    ax.text(0.5, -0.2, f"not judged: {not_judged}", ha="center", va="top", fontsize=8, color=GREY)
    if not judged:
        ax.text(0.5, 0.5, "withheld, or nobody", ha="center", va="center", fontsize=8, color=GREY)
        return
    at = 0.0
    for who in ("left", "stayed"):
        own = float(size[f"{who}_better"] + size[f"{who}_not_better"])
        wide = own / judged
        low = float(size[f"{who}_not_better"]) / own if own else 0.0
        for end, bottom, high in ((f"{who}_not_better", 0.0, low), (f"{who}_better", low, 1 - low)):
            if wide * high == 0:
                continue
            ax.add_patch(Rectangle((at, bottom), wide, high, lw=0.8, **filled(MARKS[end], 0.3)))
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
            text: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5, "bbox": box}
            ax.text(at + wide / 2, bottom + high / 2, count_text(counts[end]), **text)
        if own:
            said = f"{who}\n{percent(own / judged, 0)}"
            ax.text(at + wide / 2, -0.02, said, ha="center", va="top", fontsize=8)
        at += wide
    if first:
        for y, said in ((0.75, "better"), (0.25, "not better")):
            ax.text(-0.05, y, said, ha="right", va="center", fontsize=8.5)


def _bars(ax: "Axes", flow: pd.DataFrame, starts: list[str]) -> None:
    """Draw a bar a start, with a piece an end."""
    ax.set(xlim=(0, 1), ylim=(len(starts) * (BAR + SPACE) - SPACE, 0), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    panel_title(ax, "From the start to the end")
    for i, start in enumerate(starts):
        counts = _counts(flow, "start", start, "status")
        size = known(counts).fillna(0.0)
        y, at, all_of = i * (BAR + SPACE) + BAR / 2, 0.0, float(size.sum())
        label = f"{name('start', start)}\n(n = {count_text(_total(flow, 'start', start))})"
        ax.text(-0.01, y, label, ha="right", va="center", fontsize=8)
        for end, n in size.items():
            wide = n / all_of if all_of else 0.0
            if not wide:
                continue
            ax.barh(y, wide, BAR, at, lw=0.8, **filled(MARKS[str(end)], 0.3))
            if wide > 0.035:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
                text = count_text(counts[str(end)])
                ax.text(at + wide / 2, y, text, ha="center", va="center", fontsize=8, bbox=box)
            at += wide


def _legend(fig: "Figure") -> None:
    from matplotlib.patches import Patch

    ends = ("recovered", "improved", "unchanged", "deteriorated", "harmed", "not_judged")
    handles = [Patch(label=name("end", end), **filled(MARKS[end], 0.3)) for end in ends]
    fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=3)


def _rows(flow: pd.DataFrame, by: str, level: str, view: str) -> pd.DataFrame:
    return flow[flow["by"].eq(by) & flow["level"].eq(level) & flow["view"].eq(view)]


def _counts(flow: pd.DataFrame, by: str, level: str, view: str) -> "pd.Series[Any]":
    return _rows(flow, by, level, view).set_index("end")["patients"]


def _total(flow: pd.DataFrame, by: str, level: str) -> int:
    found = _rows(flow, by, level, "status")["all"]
    return int(found.iloc[0]) if len(found) else 0


def _judged(flow: pd.DataFrame) -> bool:
    counts = _counts(flow, "all", "all", "cells")
    return bool(counts.reindex(list(CELLS)).fillna(0).ne(0).any())


def alt_text(flow: pd.DataFrame) -> str:
    """Say how many are in each cell, by repair."""
    if not _judged(flow):
        return NOTHING
    said = []
    for state in REPAIR:
        counts = _counts(flow, "repair", state, "cells")
        ends = ", ".join(
            f"{lower_first(name('end', e))} {count_text(counts[e])}" for e in counts.index
        )
        said.append(f"{lower_first(name('state', state))}: {ends}")
    return (
        "Three squares, by the state of ruptures before the end, each parted into who left and who "
        f"stayed, better or not, and bars from the start to the end. Patients: {'; '.join(said)}."
    )


PRODUCT = Product(
    name="failure_flow",
    about="How many left or stayed, better or not, by repair and by where they started",
    raw={"frame": "models/failure_flow.parquet"},
    columns=(
        Column("end_point", label="End point"),
        Column("by", label="Group"),
        Column("level", label="Patients"),
        Column("view"),
        Column("end", label="How it ended"),
        Column("patients", "count", label="n", of=["all"]),
        Column("all", "count", label="All of them"),
        Column("share", "share", label="Share", of=["patients", "all"]),
    ),
    lay_out=flow_table,
    draw=draw_flow,
)
