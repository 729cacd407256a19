"""Flow of persons and sessions through the study, drawn from `flow.csv`."""

from dataclasses import dataclass
from textwrap import wrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from rupture_outcome.disclosure import ALSO, count_texts, is_withheld
from rupture_outcome.look.style import FAINT, GREY, footnote, headline, styled
from rupture_outcome.look.words import name, withheld_note

TITLE = "Flow of patients and sessions"
LINE, PAD, GAP = 0.185, 0.12, 0.2  # inches
MAIN_WIDTH, SIDE_WIDTH, BETWEEN = 2.9, 3.7, 0.45
MAIN_CHARACTERS, SIDE_CHARACTERS = 34, 50


@dataclass(frozen=True)
class Box:
    """Lines of text in a box; the first `strong` lines are bold."""

    lines: tuple[str, ...]
    strong: int

    @property
    def height(self) -> float:
        """Height in inches."""
        return LINE * len(self.lines) + 2 * PAD


@styled
def flow_diagram(flow: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> Figure:
    """Draw one box a step and, at its side, what was removed before it and why.

    Parameters
    ----------
    flow : DataFrame
        Published flow (`publishable_flow`): step, reason, patients, sessions, removed_patients,
        removed_sessions, withheld.
    threshold : int
        Largest count that is not shown, for the note.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    steps = _changing(flow)
    mains, sides = _main_boxes(steps), _side_boxes(steps)
    height = mains[0].height + sum(
        max(side.height, LINE) + 2 * GAP + main.height
        for main, side in zip(mains[1:], sides, strict=True)
    )
    width = MAIN_WIDTH + BETWEEN + SIDE_WIDTH
    fig = Figure(figsize=(width, height))
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(-height, 0))
    ax.set_axis_off()
    _draw(ax, mains, sides)
    headline(fig, TITLE, simulated=simulated)
    footnote(fig, _note(flow, steps, threshold))
    return fig


def alt_text(flow: pd.DataFrame) -> str:
    """Say how many patients and sessions each step left, and why some were removed."""
    steps = _changing(flow)
    texts = _count_columns(steps)
    first = f"{texts['patients'][0]} patients and {texts['sessions'][0]} sessions at the start"
    later = [
        f"{texts['removed_patients'][i]} patients and {texts['removed_sessions'][i]} sessions "
        f"removed ({steps['reason'].iloc[i]})"
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
    columns = ("patients", "sessions", "removed_patients", "removed_sessions")
    return {column: count_texts(steps, column) for column in columns}


def _main_boxes(steps: pd.DataFrame) -> list[Box]:
    texts = _count_columns(steps)
    boxes = []
    for i, step in enumerate(steps["step"]):
        title = wrap(name("step", step), MAIN_CHARACTERS)
        counts = f"{texts['patients'][i]} patients, {texts['sessions'][i]} sessions"
        boxes.append(Box((*title, *wrap(counts, MAIN_CHARACTERS)), len(title)))
    return boxes


def _side_boxes(steps: pd.DataFrame) -> list[Box]:
    texts = _count_columns(steps)
    boxes = []
    for i, reason in enumerate(steps["reason"].iloc[1:], start=1):
        gone = {unit: texts[f"removed_{unit}"][i] for unit in ("patients", "sessions")}
        some = ", ".join(f"{n} {unit}" for unit, n in gone.items() if n != "0")
        reasons = str(reason).split(ALSO) if pd.notna(reason) else []
        lines = [line for text in reasons for line in _bullet(text, bullet=len(reasons) > 1)]
        boxes.append(Box((f"Removed: {some}", *lines), 1))
    return boxes


def _bullet(text: str, *, bullet: bool) -> list[str]:
    start, indent = ("• ", "   ") if bullet else ("", "")
    return wrap(_sentence(text), SIDE_CHARACTERS, initial_indent=start, subsequent_indent=indent)


def _sentence(text: object) -> str:
    words = str(text).replace("_", " ")
    return words[:1].upper() + words[1:]


def _draw(ax: Axes, mains: list[Box], sides: list[Box]) -> None:
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


def _box(ax: Axes, box: Box, left: float, top: float, width: float, *, centred: bool) -> None:
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


def _note(flow: pd.DataFrame, steps: pd.DataFrame, threshold: int) -> str:
    idle = [name("step", s) for s in flow["step"] if s not in set(steps["step"])]
    parts = [f"Nothing was removed at: {', '.join(idle)}."] if idle else []
    counts = ("patients", "sessions", "removed_patients", "removed_sessions")
    if any(is_withheld(flow, column).any() for column in counts):
        parts.append(withheld_note(threshold))
    if steps["reason"].map(lambda reason: ALSO in str(reason)).any():
        parts.append(f"Removals of 1 to {threshold} patients or sessions are joined with the next.")
    return " ".join(parts)
