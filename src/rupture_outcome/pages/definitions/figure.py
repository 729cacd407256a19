"""Figures of rules at work on the toy study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.episodes import REPAIRS, outcomes
from rupture_outcome.coding.follow import Courses, follow
from rupture_outcome.coding.inputs import ChosenDefinition, ChosenRepairRule
from rupture_outcome.coding.registry import get_definition
from rupture_outcome.coding.rules import Definition, RepairRule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import NONE, Verdicts
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.look import style
from rupture_outcome.look.words import name
from rupture_outcome.pages.definitions import toy

SCORES = np.arange(12, 60.01, 0.25)
ANSWERS = np.arange(2.0)
GRIDS: Mapping[str, Floats] = {
    "alliance_discrepancy": np.arange(-100, 101) / 100,
    "observer": np.arange(20, 101) / 20,
    "markers": np.arange(1, 101) / 20,
    "psq": ANSWERS,
}
LABELS = {
    "alliance_discrepancy": "Patient minus therapist\n(shares of the range)",
    "observer": "Observers' mean rating (1–5)",
    "markers": "Markers, mean over raters",
    "psq": "Reported rupture",
}
LOOKS = ((style.BLACK, "o"), (style.BLUE, "s"))

# By what a repair rule reads: the definition whose ruptures it is shown on.
SHOWN_WITH = {"psq": "psq_patient", "observer": "observer"}


@dataclass(frozen=True)
class Drawn:
    """A figure as SVG, and what it shows in words."""

    svg: str
    alt: str


def definition_figure(rule: Definition) -> Drawn | None:
    """Draw a definition on the first toy series in which it detects something.

    None where the toy study has not what the definition reads, or nothing is detected in it.
    """
    chosen = ChosenDefinition(rule, rule.resolve({}))
    columns = rule.columns(chosen.parameters)
    panel = toy.toy_panel(columns)
    if panel is None:
        return None
    constants = toy.toy_constants(panel, chosen)
    for number in (0, 1):
        one = toy.one_patient(panel, number)
        verdicts = apply(one, chosen, constants)
        if verdicts.detected.any():
            break
    else:
        return None
    grid = GRIDS.get(_family(columns[0]), SCORES)
    limit = toy.limits(one, chosen, constants, columns[0], grid, falls=_falls(columns[0]))
    if len(grid) == len(ANSWERS):
        limit = np.full(len(one), np.nan)
    alt = _definition_alt(rule.id, one, verdicts, limit)
    return Drawn(_svg(_draw(one, columns, verdicts, limit=limit), rule.id, alt), alt)


def repair_figure(rule: RepairRule) -> Drawn | None:
    """Draw what a repair rule makes of the ruptures of a toy series."""
    needed = rule.columns({**rule.resolve({}), "source": "alliance_patient"})
    definition = get_definition(SHOWN_WITH.get(_family(needed[0]), "drop_rci"))
    chosen = ChosenDefinition(definition, definition.resolve({}))
    panel = toy.toy_panel([*needed, *definition.columns(chosen.parameters)])
    if panel is None:
        return None
    one = toy.one_patient(panel, 0)
    verdicts = apply(one, chosen, toy.toy_constants(panel, chosen))
    parameters = ChosenRepairRule(rule, rule.resolve({})).for_definition(chosen)
    courses = follow(one, verdicts, one["alliance_patient"], rule, parameters)
    shown = [column for column in needed if not column.endswith("_rupture")]
    grid = GRIDS["observer"] if shown[0].endswith("_resolution") else SCORES
    target = toy.targets(one, verdicts, rule, parameters, shown[0], grid)
    alt = _repair_alt(definition.id, one, courses, ChosenRepairRule(rule, parameters))
    fig = _draw(one, shown, verdicts, courses=courses, limit=target)
    return Drawn(_svg(fig, rule.id, alt), alt)


def _family(column: str) -> str:
    return column if column in GRIDS else column.replace(":", "_").split("_")[0]


def _falls(column: str) -> bool:
    return _family(column) not in ("observer", "markers", "psq")


@style.styled
def _draw(
    panel: Panel,
    columns: Sequence[str],
    verdicts: Verdicts,
    *,
    limit: Floats,
    courses: Courses | None = None,
) -> Figure:
    fig = Figure(figsize=(6.6, 2.7))
    ax = fig.subplots()
    if courses is not None:
        _episodes(ax, panel, courses)
    for column, (color, marker) in zip(columns, LOOKS, strict=False):
        label = _label(column) if len(columns) > 1 else None
        _series(ax, panel, panel[column], color, marker, label)
    _verdicts(ax, panel, columns, verdicts)
    repaired = courses is not None
    what = "repaired" if repaired else "rupture"
    of = f" ({_label(columns[0])})" if len(columns) > 1 else ""
    side = "at or below" if _falls(columns[0]) and not repaired else "at or above"
    _limit(ax, panel, limit, f"{what} {side}{of}", style.BLUE if repaired else style.VERMILLION)
    _axes(ax, panel, columns)
    return fig


def _series(
    ax: Axes, panel: Panel, values: Floats, color: Any, marker: str, label: str | None
) -> None:
    sessions = np.arange(1, panel.session.max() + 1)
    full = np.full(len(sessions), np.nan)
    full[panel.session - 1] = values
    ax.plot(sessions, full, color=color, lw=1.2, marker=marker, ms=4, label=label, zorder=3)


def _verdicts(ax: Axes, panel: Panel, columns: Sequence[str], verdicts: Verdicts) -> None:
    height = np.fmax.reduce([panel[column] for column in columns])
    at = verdicts.detected & np.isfinite(height)
    ring: dict[str, Any] = {
        "mfc": "none",
        "mec": style.VERMILLION,
        "mew": 1.8,
        "ms": 10,
        "ls": "none",
    }
    ax.plot(panel.session[at], height[at], "o", label="rupture", zorder=4, **ring)
    untestable = panel.session[verdicts.reason != NONE]
    cross: dict[str, Any] = {"color": style.GREY, "ms": 5, "ls": "none", "clip_on": False}
    below = ax.get_xaxis_transform()
    ax.plot(
        untestable, [0.03] * len(untestable), "x", label="not testable", transform=below, **cross
    )


def _limit(ax: Axes, panel: Panel, limit: Floats, label: str, color: Any) -> None:
    at = ~np.isnan(limit)
    x = panel.session[at]
    if len(x):
        ax.hlines(limit[at], x - 0.4, x + 0.4, color=color, lw=1.4, label=label, zorder=2)


def _episodes(ax: Axes, panel: Panel, courses: Courses) -> None:
    open_, repaired = "rupture open", "repaired"
    for onset, last, repair in zip(courses.onset, courses.last, courses.repair, strict=True):
        start, end = panel.session[onset] - 0.5, panel.session[last] + 0.5
        ax.axvspan(start, end, color=style.VERMILLION, alpha=0.14, lw=0, label=open_)
        if repair >= 0:
            look: dict[str, Any] = {"color": style.BLUE, "ls": "--", "lw": 1.4}
            ax.axvline(panel.session[repair], label=repaired, **look)
            repaired = "_"
        open_ = "_"


def _axes(ax: Axes, panel: Panel, columns: Sequence[str]) -> None:
    ax.axvspan(toy.MISSED - 0.5, toy.MISSED + 0.5, color=style.FAINT, lw=0, zorder=0)
    ax.annotate(
        "missed", (toy.MISSED, 0.97), xycoords=ax.get_xaxis_transform(), ha="center", va="top",
        fontsize=8, color=style.GREY,
    )  # fmt: skip
    ax.set_xlim(0.3, panel.session.max() + 0.7)
    ax.set_xticks(np.arange(1, panel.session.max() + 1))
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.12 * (high - low), high + 0.12 * (high - low))
    ax.set_xlabel("Session")
    family = _family(columns[0])
    resolution = columns[0].endswith("_resolution")
    label = LABELS.get(family, "Alliance, by patient (12–60)")
    ax.set_ylabel("Resolution (1–5)" if resolution else label)
    if set(np.unique(panel[columns[0]][~np.isnan(panel[columns[0]])])) <= {0, 1}:
        ax.set_yticks([0, 1], ["no", "yes"])
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))


def _label(column: str) -> str:
    return column.replace(":", "_").split("_")[1]


def _svg(fig: Figure, id: str, alt: str) -> str:
    with mpl.rc_context({**style.RC, "svg.hashsalt": id, "savefig.bbox": "tight"}):
        buffer = BytesIO()
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return style.described(buffer.getvalue().decode(), id, id, alt)


def _definition_alt(id: str, panel: Panel, verdicts: Verdicts, limit: Floats) -> str:
    drawn = "" if np.isnan(limit).all() else ", with the limit at each session"
    untested = _listed(panel.session[verdicts.reason != NONE])
    return (
        f"A toy course of {panel.session.max()} sessions{drawn}. {id} finds a rupture at "
        f"{_listed(panel.session[verdicts.detected])}; it cannot test {untested}."
    )


def _repair_alt(definition: str, panel: Panel, courses: Courses, rule: ChosenRepairRule) -> str:
    said = []
    repair, _ = outcomes(panel, courses, rule)
    for onset, end, state in zip(courses.onset, courses.repair, repair, strict=True):
        became = name("repair", REPAIRS[state])
        when = f" at session {panel.session[end]}" if end >= 0 else ""
        said.append(f"that of session {panel.session[onset]}: {became}{when}")
    return f"A toy course. Ruptures by {definition}, under {rule.rule.id}: {'; '.join(said)}."


def _listed(sessions: np.ndarray) -> str:
    if not len(sessions):
        return "no session"
    return f"session{'s' * (len(sessions) > 1)} {', '.join(map(str, sessions))}"
