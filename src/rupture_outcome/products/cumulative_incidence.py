"""Cumulative incidence of dropout and agreed endings from landmark sessions, by state."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.disclosure import Column
from rupture_outcome.look.curves import (
    draw_curve,
    is_withheld_curve,
    known_points,
    numbers_at_risk,
    percent_axis,
    session_ticks,
    told_of,
)
from rupture_outcome.look.formats import count_texts, interval, percent, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    GREY,
    STATES,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_SESSIONS = 6
TITLE = "Dropout after a rupture, from landmark sessions"
NOTHING = "No patient was in treatment, after a rupture, at any landmark session of the config."
WITHHELD = "–"
ESTIMATE = ["estimate", "ci_low", "ci_high"]
CURVE = ["definition", "repair_rule", "landmark", "state", "cause"]
CAUSES = ["dropout", "agreed_ending"]
HEIGHTS = {"dropout": 2.5, "agreed_ending": 1.6}
PANEL, BETWEEN, LEFT, ROW, GAP = 3.3, 0.5, 1.8, 0.2, 0.62  # inches


def with_starts(look: Look, incidence: pd.DataFrame) -> pd.DataFrame:
    """Add the number at risk at the start of each curve."""
    started = incidence.groupby(CURVE, observed=True)["at_risk"].transform("max")
    return incidence.assign(started=started)


def incidence_table(tables: Tables, look: Look) -> str:
    """Lay out the incidence of the main definition and rule at a few sessions as HTML."""
    curves = _primary(tables["cumulative_incidence"], look)
    sessions = shown_sessions(curves)
    rows = [
        _row(key, curve, sessions, look.unit)
        for key, curve in curves.groupby(["landmark", "cause", "state"], sort=False, observed=True)
    ]
    labels = {"state": f"State at that {look.unit}", "at_risk": "Patients"}
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels, *map(str, sessions)]),
        "cumulative_incidence",
        "Dropout and agreed endings from landmark sessions",
        f"Cumulative incidence in % [{look.level} interval] by {look.unit}. {_of(look)}".strip(),
        labels=labels | {str(s): f"By {look.unit} {s}" for s in sessions},
        group="group",
        notes=[_on_withheld(look), _on_therapists(curves)],
        look=look,
    )


def shown_sessions(curves: pd.DataFrame) -> list[int]:
    """Choose sessions after the first landmark, evenly spread, the last one included."""
    if curves.empty:
        return []
    first, last = int(curves["landmark"].min()), int(curves["session"].max())
    step = max(1, -(-(last - first) // SHOWN_SESSIONS))
    return list(range(last, first, -step))[::-1]


def _row(key: tuple, curve: pd.DataFrame, sessions: list[int], unit: str) -> dict[str, str]:
    landmark, cause, state = key
    start = curve.sort_values("session").head(1)
    by_session = curve.set_index("session")
    texts = {str(s): _cell(by_session, s, landmark) for s in sessions}
    return {
        "group": f"{name('cause', cause)}, in treatment at {unit} {landmark}",
        "state": name("state", state),
        "at_risk": count_texts(start["at_risk"])[0],
        **texts,
    }


def _cell(by_session: pd.DataFrame, session: int, landmark: int) -> str:
    if session <= landmark or session not in by_session.index:
        return ""
    value, low, high = by_session.loc[[session], ESTIMATE].to_numpy(float)[0]
    return with_interval(value, low, high, 1, scale=100) or WITHHELD


def _of(look: Look) -> str:
    return f"{coding_name(look.primary)}." if look.primary else ""


def _on_withheld(look: Look) -> str:
    if not look.threshold:
        return ""
    return f"{WITHHELD}: withheld, because 1 to {look.threshold} patients had ended so."


def _on_therapists(curves: pd.DataFrame) -> str:
    told = told_of(curves)
    return f"Intervals: bootstrap of therapists{told}." if told else ""


def _primary(incidence: pd.DataFrame, look: Look) -> pd.DataFrame:
    return primary_rows(incidence, look.primary) if look.primary else incidence


def draw_incidence(tables: Tables, look: Look) -> Drawing:
    """Draw the curves of the main definition and rule."""
    curves = _primary(tables["cumulative_incidence"], look)
    title = "Cumulative incidence of dropout from landmarks"
    return Drawing(incidence_curves(curves, look), title, alt_text(curves, look))


@styled
def incidence_curves(curves: pd.DataFrame, look: Look) -> "Figure":
    """Draw one column a landmark and one row a cause, with the numbers at risk beneath.

    Parameters
    ----------
    curves : DataFrame
        Published cumulative incidence of one definition and repair rule.
    look : Look
    """
    if curves.empty:
        return notice(TITLE, NOTHING, look)
    landmarks = sorted(curves["landmark"].unique())
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
        panel_title(axes[causes[0]][column], f"In treatment at {look.unit} {landmark}")
        axes[causes[-1]][column].set_xlabel(name("clock", look.clock))
        _risk_table(tables[column], here, states, ticks, first=column == 0)
    for cause in causes:
        axes[cause][0].set_ylabel(f"{name('cause', cause)},\ncumulative")
    box: dict[str, Any] = {"frameon": True, "framealpha": 0.85, "edgecolor": "none"}
    first = axes[causes[0]][0]
    first.legend(handles=_legend(states), loc="upper left", handlelength=2.6, **box)
    headline(fig, TITLE, _of(look), look)
    footnote(fig, _note(curves, look), look)
    return fig


def alt_text(curves: pd.DataFrame, look: Look) -> str:
    """Say how many had dropped out by the last published session, by landmark and state."""
    if curves.empty:
        return NOTHING
    dropout = curves[curves["cause"].eq("dropout")]
    parts = [
        f"from {look.unit} {landmark}, {name('state', state).lower()}: {_last(curve, look.unit)}"
        for (landmark, state), curve in dropout.groupby(["landmark", "state"], sort=False)
    ]
    return f"Curves of the cumulative incidence of dropout; {'; '.join(parts)}."


def _canvas(
    columns: int, causes: list[str], states: int
) -> tuple["Figure", dict[str, list["Axes"]], list["Axes"]]:
    table = ROW * (states + 1)
    width = LEFT + columns * PANEL + (columns - 1) * BETWEEN
    height = sum(HEIGHTS[cause] + 0.3 for cause in causes) + GAP + table
    fig = new_figure(width, height)
    lefts = [LEFT + i * (PANEL + BETWEEN) for i in range(columns)]

    def row(top: float, tall: float) -> list["Axes"]:
        return [
            fig.add_axes((x / width, 1 - (top + tall) / height, PANEL / width, tall / height))
            for x in lefts
        ]

    axes, top = {}, 0.3
    for cause in causes:
        axes[cause] = row(top, HEIGHTS[cause])
        top += HEIGHTS[cause] + 0.3
    return fig, axes, row(height - table, table)


def _panel(ax: "Axes", curves: pd.DataFrame, states: list[str], ticks: list[int]) -> None:
    from matplotlib.ticker import FixedLocator

    withheld = []
    for state in states:
        curve = curves[curves["state"].eq(state)]
        if is_withheld_curve(curve):
            withheld.append(f"{name('state', state)}: {_without(curve)}")
        else:
            draw_curve(ax, curve, STATES[state])
    small: dict[str, Any] = {"fontsize": 7.5, "color": GREY, "va": "bottom", "ha": "right"}
    ax.text(0.99, 0.02, "\n".join(withheld), transform=ax.transAxes, **small)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    percent_axis(ax)


def _without(curve: pd.DataFrame) -> str:
    return "none" if curve["estimate"].eq(0).all() else "withheld"


def _legend(states: list[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    marks = {state: STATES[state] for state in states}
    return [
        Line2D([], [], color=k.color, ls=k.line, marker=k.marker, mew=0, label=name("state", s))
        for s, k in marks.items()
    ]


def _top(curves: pd.DataFrame) -> float:
    highest = curves[["estimate", "ci_high"]].max().max()
    return 0.1 if pd.isna(highest) else min(1.0, 1.25 * float(highest) + 0.02)


def _risk_table(
    ax: "Axes", curves: pd.DataFrame, states: list[str], ticks: list[int], *, first: bool
) -> None:
    ax.set_xlim(ticks[0], curves["session"].max() + 0.3)
    rows = [(name("state", s) if first else "", curves[curves["state"].eq(s)]) for s in states]
    numbers_at_risk(ax, rows, ticks)


def _last(curve: pd.DataFrame, unit: str) -> str:
    if is_withheld_curve(curve):
        return _without(curve)
    row = known_points(curve).iloc[-1]
    ends = interval(100 * row["ci_low"], 100 * row["ci_high"], 0)
    return f"{percent(row['estimate'], 0)} by {unit} {row['session']} (interval {ends}%)"


def _note(curves: pd.DataFrame, look: Look) -> str:
    parts = [
        f"Patients in treatment at the landmark {look.unit}, by the state of ruptures at that "
        f"{look.unit}. Bands: {look.level} intervals from a bootstrap of therapists, pointwise"
        f"{told_of(curves)}. "
        "Other endings compete."
    ]
    if look.threshold:
        parts.append(f"Curves are broken where they stand for 1 to {look.threshold} patients.")
    return " ".join(parts)


PRODUCT = Product(
    name="cumulative_incidence",
    about="How many have dropped out or ended by agreement, from landmarks on, by state",
    raw={"incidence": "models/cumulative_incidence.parquet"},
    make=with_starts,
    columns=(
        Column("landmark", "number", label="Landmark"),
        Column("state", label="State"),
        Column("cause", label="Ending"),
        Column("session", "number", label="Session"),
        Column("estimate", "mean", of=["started"], ends=("ci_low", "ci_high")),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("at_risk", "count", label="At risk", of=["started"]),
        Column("definition"),
        Column("repair_rule"),
        Column("reason", "text"),
        Column("started", "basis"),
    ),
    lay_out=incidence_table,
    draw=draw_incidence,
)
