"""Cumulative incidence of dropout and agreed endings from landmark sessions, by state."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

from rupture_outcome.look.curves import (
    draw_curve,
    is_joined,
    is_withheld_curve,
    known_points,
    numbers_at_risk,
    percent_axis,
    session_ticks,
)
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    GREY,
    STATES,
    footnote,
    headline,
    panel_title,
    share,
    styled,
)
from rupture_outcome.look.words import name

TITLE = "Dropout after a rupture, from landmark sessions"
NOTHING = "No patient was in treatment, after a rupture, at any landmark session of the config."
CAUSES = ["dropout", "agreed_ending"]
HEIGHTS = {"dropout": 2.5, "agreed_ending": 1.6}
PANEL, BETWEEN, LEFT, ROW, GAP = 3.3, 0.5, 1.8, 0.2, 0.62  # inches


@styled
def incidence_curves(
    incidence: pd.DataFrame,
    primary: Mapping[str, str] | None = None,
    *,
    clock: str = "attended",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw one column a landmark and one row a cause, with the numbers at risk beneath.

    Parameters
    ----------
    incidence : DataFrame
        Published cumulative incidence (`publishable_incidence`).
    primary : mapping, optional
        ``definition`` and ``repair_rule`` to show, where the frame holds several.
    clock : str
        As in the config.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    curves = chosen(incidence, primary)
    if curves.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    landmarks, unit = sorted(curves["landmark"].unique()), name("clock_unit", clock)
    causes = [cause for cause in CAUSES if cause in set(curves["cause"])]
    states = [state for state in STATES if state in set(curves["state"])]
    fig, axes, tables = _canvas(len(landmarks), causes, len(states))
    for column, landmark in enumerate(landmarks):
        here = curves[curves["landmark"].eq(landmark)]
        ticks = session_ticks(int(here["session"].min()), int(here["session"].max()))
        for cause in causes:
            ax = axes[cause][column]
            _panel(ax, here[here["cause"].eq(cause)], states, ticks)
            ax.set_ylim(0, _top(curves[curves["cause"].eq(cause)]))
            ax.set_xlim(ticks[0], here["session"].max() + 0.3)
        panel_title(axes[causes[0]][column], f"In treatment at {unit} {landmark}")
        axes[causes[-1]][column].set_xlabel(name("clock", clock))
        _risk_table(tables[column], here, states, ticks, first=column == 0)
    for cause in causes:
        axes[cause][0].set_ylabel(f"{name('cause', cause)},\ncumulative")
    look: dict[str, Any] = {"frameon": True, "framealpha": 0.85, "edgecolor": "none"}
    first = axes[causes[0]][0]
    first.legend(handles=_legend(states), loc="upper left", handlelength=2.6, **look)
    headline(fig, TITLE, _subtitle(primary), simulated=simulated)
    footnote(fig, _note(curves, confidence, threshold, unit))
    return fig


def alt_text(
    incidence: pd.DataFrame, primary: Mapping[str, str] | None = None, clock: str = "attended"
) -> str:
    """Say how many had dropped out by the last published session, by landmark and state."""
    curves, unit = chosen(incidence, primary), name("clock_unit", clock)
    if curves.empty:
        return NOTHING
    dropout = curves[curves["cause"].eq("dropout")]
    parts = []
    for (landmark, state), curve in dropout.groupby(["landmark", "state"], sort=False):
        text = f"from {unit} {landmark}, {name('state', state).lower()}: {_last(curve, unit)}"
        parts.append(text)
    return f"Curves of the cumulative incidence of dropout; {'; '.join(parts)}."


def chosen(incidence: pd.DataFrame, primary: Mapping[str, str] | None) -> pd.DataFrame:
    """Rows of one definition and repair rule."""
    keep = pd.Series(True, index=incidence.index)
    for column, value in (primary or {}).items():
        if column in incidence:
            keep &= incidence[column].eq(value)
    return incidence[keep]


def _canvas(
    columns: int, causes: list[str], states: int
) -> tuple[Figure, dict[str, list[Axes]], list[Axes]]:
    table = ROW * (states + 1)
    width = LEFT + columns * PANEL + (columns - 1) * BETWEEN
    height = sum(HEIGHTS[cause] + 0.3 for cause in causes) + GAP + table
    fig = Figure(figsize=(width, height))
    lefts = [LEFT + i * (PANEL + BETWEEN) for i in range(columns)]

    def row(top: float, tall: float) -> list[Axes]:
        return [
            fig.add_axes((x / width, 1 - (top + tall) / height, PANEL / width, tall / height))
            for x in lefts
        ]

    axes, top = {}, 0.3
    for cause in causes:
        axes[cause] = row(top, HEIGHTS[cause])
        top += HEIGHTS[cause] + 0.3
    return fig, axes, row(height - table, table)


def _panel(ax: Axes, curves: pd.DataFrame, states: list[str], ticks: list[int]) -> None:
    withheld = []
    for state in states:
        curve = curves[curves["state"].eq(state)]
        if is_withheld_curve(curve):
            withheld.append(f"{name('state', state)}: withheld")
        else:
            draw_curve(ax, curve, STATES[state])
    look: dict[str, Any] = {"fontsize": 7.5, "color": GREY, "va": "bottom", "ha": "right"}
    ax.text(0.99, 0.02, "\n".join(withheld), transform=ax.transAxes, **look)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    percent_axis(ax)


def _legend(states: list[str]) -> list[Line2D]:
    looks = {state: STATES[state] for state in states}
    return [
        Line2D([], [], color=k.color, ls=k.line, marker=k.marker, mew=0, label=name("state", s))
        for s, k in looks.items()
    ]


def _top(curves: pd.DataFrame) -> float:
    highest = curves[["estimate", "ci_high"]].max().max()
    return 0.1 if pd.isna(highest) else min(1.0, 1.25 * float(highest) + 0.02)


def _risk_table(
    ax: Axes, curves: pd.DataFrame, states: list[str], ticks: list[int], *, first: bool
) -> None:
    ax.set_xlim(ticks[0], curves["session"].max() + 0.3)
    rows = [(name("state", s) if first else "", curves[curves["state"].eq(s)]) for s in states]
    numbers_at_risk(ax, rows, spacing=0.11 * (ticks[-1] - ticks[0]))


def _last(curve: pd.DataFrame, unit: str) -> str:
    known = known_points(curve)
    if known.empty or not known["estimate"].iloc[-1]:
        return "withheld"
    row = known.iloc[-1]
    interval = f"{share(row['ci_low'])} to {share(row['ci_high'])}"
    return f"{share(row['estimate'])} by {unit} {row['session']} (interval {interval})"


def _subtitle(primary: Mapping[str, str] | None) -> str:
    if not primary:
        return ""
    definition = name("definition", primary["definition"])
    return f"{definition}; repair: {name('repair_rule', primary['repair_rule'])}."


def _note(curves: pd.DataFrame, confidence: float, threshold: int, unit: str) -> str:
    parts = [
        f"Patients in treatment at the landmark {unit}, by the state of ruptures at that {unit}. "
        f"Bands: {confidence * 100:g}% intervals, pointwise. Other endings compete."
    ]
    if any(is_joined(curve) for _, curve in curves.groupby(["landmark", "state", "cause"])):
        parts.append(
            f"Curves are given where 0 or more than {threshold} events lie between two points, "
            "which are joined by lines; numbers at risk are given where no smaller count "
            "could be derived."
        )
    elif curves["estimate"].isna().any():
        parts.append(f"Curves end where {threshold} patients or fewer are at risk.")
    return " ".join(parts)
