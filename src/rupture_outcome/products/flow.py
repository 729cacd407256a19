"""Flow of persons and sessions through the study."""

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.style import FAINT, GREY, footnote, headline, new_figure, styled
from rupture_outcome.look.words import coded_text, step_name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Flow of patients and sessions"
LINE, PAD, GAP = 0.185, 0.12, 0.2  # inches
MAIN_WIDTH, SIDE_WIDTH, BETWEEN = 2.9, 3.7, 0.45
MAIN_CHARACTERS, SIDE_CHARACTERS = 34, 50
# What happens to sessions that are not removed from the data.
KEPT = {
    "missed": "Kept as gaps",
    "plan_delivered": "No longer at risk",
    "cannot_be_dropout": "No longer at risk",
}
COUNTS = ("sessions", "patients", "removed_sessions", "removed_patients")


@dataclass(frozen=True)
class Box:
    """Lines of text in a box; the first `strong` lines are bold."""

    lines: tuple[str, ...]
    strong: int

    @property
    def height(self) -> float:
        """Height in inches."""
        return LINE * len(self.lines) + 2 * PAD


def flow_table(tables: Tables, look: Look) -> str:
    """Lay out the flow as HTML."""
    flow = tables["flow"]
    cells = flow[["step", "reason"]].copy()
    for column in COUNTS:
        cells[column] = count_texts(flow[column])
    cells["step"] = [step_name(step) for step in cells["step"]]
    cells["reason"] = [_reason(reason) for reason in cells["reason"]]
    label = {column.name: column.label for column in PRODUCT.columns}
    labels = {key: label[key] for key in ("step", "reason", *reversed(COUNTS))}
    about = "Counts of patients and of sessions."
    return html_table(cells, "flow", TITLE, about, labels=labels, look=look)


def draw_flow(tables: Tables, look: Look) -> Drawing:
    """Draw one box a step and, at its side, what was removed before it and why."""
    flow = tables["flow"]
    return Drawing(flow_diagram(flow, look), "Flow of persons and sessions", alt_text(flow))


@styled
def flow_diagram(flow: pd.DataFrame, look: Look) -> "Figure":
    """Draw the diagram; `flow` is the published table."""
    steps = _changing(flow)
    mains, sides = _main_boxes(steps), _side_boxes(steps)
    height = mains[0].height + sum(
        max(side.height, LINE) + 2 * GAP + main.height
        for main, side in zip(mains[1:], sides, strict=True)
    )
    width = MAIN_WIDTH + BETWEEN + SIDE_WIDTH
    fig = new_figure(width, height)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(-height, 0))
    ax.set_axis_off()
    _draw(ax, mains, sides)
    headline(fig, TITLE, "", look)
    footnote(fig, _note(flow, steps), look)
    return fig


def alt_text(flow: pd.DataFrame) -> str:
    """Say how many patients and sessions each step left, and why some were removed."""
    steps = _changing(flow)
    texts = _count_columns(steps)
    first = f"{texts['patients'][0]} patients and {texts['sessions'][0]} sessions at the start"
    later = [
        f"{texts['removed_patients'][i]} patients and {texts['removed_sessions'][i]} sessions "
        f"{_gone(steps['reason'].iloc[i])} ({_reason(steps['reason'].iloc[i])})"
        for i in range(1, len(steps))
    ]
    last = f"{texts['patients'][-1]} patients and {texts['sessions'][-1]} sessions remain"
    return f"Flow diagram. {'; '.join([first, *later, last])}."


def _changing(flow: pd.DataFrame) -> pd.DataFrame:
    """Keep the start and the steps that removed something."""
    removed = flow[["removed_patients", "removed_sessions"]].fillna(1).sum(axis=1) > 0
    removed.iloc[0] = True
    return flow[removed].reset_index(drop=True)


def _count_columns(steps: pd.DataFrame) -> dict[str, list[str]]:
    return {column: count_texts(steps[column]) for column in COUNTS}


def _main_boxes(steps: pd.DataFrame) -> list[Box]:
    texts = _count_columns(steps)
    boxes = []
    for i, step in enumerate(steps["step"]):
        title = wrap(step_name(step), MAIN_CHARACTERS)
        counts = f"{texts['patients'][i]} patients, {texts['sessions'][i]} sessions"
        boxes.append(Box((*title, *wrap(counts, MAIN_CHARACTERS)), len(title)))
    return boxes


def _side_boxes(steps: pd.DataFrame) -> list[Box]:
    texts = _count_columns(steps)
    boxes = []
    for i, reason in enumerate(steps["reason"].iloc[1:], start=1):
        gone = {unit: texts[f"removed_{unit}"][i] for unit in ("patients", "sessions")}
        some = ", ".join(f"{n} {unit}" for unit, n in gone.items() if n != "0")
        lines = wrap(_sentence(_reason(reason)), SIDE_CHARACTERS)
        boxes.append(Box((f"{KEPT.get(str(reason), 'Removed')}: {some}", *lines), 1))
    return boxes


def _gone(code: object) -> str:
    return KEPT.get(str(code), "Removed").lower()


def _reason(code: object) -> str:
    return coded_text("flow_reason", code) if isinstance(code, str) else ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _draw(ax: "Axes", mains: list[Box], sides: list[Box]) -> None:
    middle, side_left = MAIN_WIDTH / 2, MAIN_WIDTH + BETWEEN
    y = 0.0
    for i, main in enumerate(mains):
        _box(ax, main, 0, y, MAIN_WIDTH, centred=True)
        y -= main.height
        if i == len(sides):
            return
        room = max(sides[i].height, LINE) + 2 * GAP
        arrow = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0, "lw": 1.2}
        ax.annotate("", (middle, y - room), (middle, y), arrowprops=arrow)
        level = y - room / 2
        ax.annotate("", (side_left, level), (middle, level), arrowprops=arrow)
        _box(ax, sides[i], side_left, level + sides[i].height / 2, SIDE_WIDTH, centred=False)
        y -= room


def _box(ax: "Axes", box: Box, left: float, top: float, width: float, *, centred: bool) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(
            (left, top - box.height), width, box.height,
            facecolor=FAINT if centred else "white", edgecolor=GREY, linewidth=1, clip_on=False,
        )
    )  # fmt: skip
    x, align = (left + width / 2, "center") if centred else (left + PAD, "left")
    for i, line in enumerate(box.lines):
        weight = "bold" if i < box.strong else "normal"
        y = top - PAD - LINE * (i + 0.5)
        ax.text(x, y, line, ha=align, va="center", fontsize=8.5, fontweight=weight)


def _note(flow: pd.DataFrame, steps: pd.DataFrame) -> str:
    idle = [step_name(s) for s in flow["step"] if s not in set(steps["step"])]
    return f"Nothing was removed at: {', '.join(idle)}." if idle else ""


def join_parts(look: Look, **parts: pd.DataFrame) -> pd.DataFrame:
    """Put the steps of reading, cleaning and building the risk set one after the other."""
    return pd.concat(parts.values(), ignore_index=True)


PRODUCT = Product(
    name="flow",
    about="Patients and sessions at each step of the study, and why some were removed",
    raw={
        "read": "study/read/flow.csv",
        "clean": "study/clean/flow.csv",
        "at_risk": "models/person_sessions_flow.csv",
    },
    make=join_parts,
    columns=(
        Column("step", label="Step"),
        Column("reason", label="Reason for removal"),
        Column("patients", "count", label="Patients left"),
        Column("sessions", "count", label="Sessions left"),
        Column("removed_patients", "difference", label="Patients removed", of=["patients"]),
        Column("removed_sessions", "difference", label="Sessions removed", of=["sessions"]),
    ),
    lay_out=flow_table,
    draw=draw_flow,
    file="flow",
)
