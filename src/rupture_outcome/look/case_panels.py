"""Panels of a case page: scores with limits, reports, and codes."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
)
from rupture_outcome.look.words import name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

REPORTS = {
    "psq_patient_tension": ("Tension, by patient", BLUE, "o", "-"),
    "psq_therapist_tension": ("Tension, by therapist", ORANGE, "s", "--"),
    "observer_salience": ("Salience, by observers", BLACK, "^", ":"),
}
LINES = [
    (VERMILLION, (0, ())),
    (GREEN, (0, (2, 1))),
    (PURPLE, (0, (1, 1))),
    (SKY, (0, (4, 1, 1, 1))),
    (GREY, (0, (5, 1.5))),
    (ORANGE, (0, (3, 1, 1, 1, 1, 1))),
]
# inches
WIDTH, NAMES, RIGHT = 9.6, 2.95, 0.75
SCORES, RATED, ROW = 2.5, 0.95, 0.24


def axes_at(fig: "Figure", top: float, height: float) -> "Axes":
    """Add axes at a distance from the top, in inches, between names and counts."""
    total = fig.get_size_inches()[1]
    wide = (WIDTH - NAMES - RIGHT) / WIDTH
    return fig.add_axes((NAMES / WIDTH, 1 - (top + height) / total, wide, height / total))


def scores_panel(
    ax: "Axes",
    course: pd.DataFrame,
    limits: list[tuple[list[str], pd.Series]],
    scale: tuple[float, float] | None,
) -> None:
    """Draw scores, with the limits of the definitions at every session."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    score = course["score"].dropna()
    handles = [Line2D([], [], color=BLACK, marker="o", ms=5, label="Alliance, by patient")]
    for (names, limit), (color, dash) in zip(limits, LINES, strict=False):
        x = limit.index.to_numpy(float)
        ax.hlines(limit, x - 0.4, x + 0.4, color=color, ls=dash, lw=1.5)
        label = "\n".join(wrap(" · ".join(name("definition", n) for n in names), 70))
        handles.append(Line2D([], [], color=color, ls=dash, lw=1.5, label=label))
    ax.plot(course.index, course["score"], color=BLACK, marker="o", ms=5, lw=1.3, zorder=3)
    low, high = _span(score, [limit for _, limit in limits], scale)
    ax.set(ylim=(low, high), ylabel="Alliance (points)")
    if scale is not None and low <= scale[1] <= high:
        ax.axhline(scale[1], color=LIGHT, lw=0.8, ls=(0, (1, 2)), zorder=0)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=25))
    ax.tick_params(labelbottom=False)
    _legend(ax, handles, SCORES, columns=2)


def _span(
    score: pd.Series, limits: list[pd.Series], scale: tuple[float, float] | None
) -> tuple[float, float]:
    """Range of the axis: all scores, and limits that lie within ten points of them."""
    near = [limit[limit >= score.min() - 10] for limit in limits]
    low = min([score.min(), *(limit.min() for limit in near if len(limit))]) - 1.5
    return float(low), float(score.max() + 1.5 if scale is None else scale[1] + 1.5)


def _legend(ax: "Axes", handles: list["Line2D"], inches: float, columns: int) -> None:
    look: dict[str, Any] = {"borderaxespad": 0, "borderpad": 0, "handlelength": 2.6}
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-NAMES / (WIDTH - NAMES - RIGHT),
        -0.12 / inches), ncols=columns, fontsize=8, columnspacing=1.5, **look,
    )  # fmt: skip


def reports_panel(ax: "Axes", reported: pd.DataFrame, sessions: pd.Index) -> None:
    """Draw ratings of tension and salience; lines stop where a session has none."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FixedLocator, MaxNLocator

    handles = []
    for i, (source, (label, color, marker, line)) in enumerate(REPORTS.items()):
        rows = reported[reported["source"].eq(source)].drop_duplicates("session")
        if len(rows):
            look: dict[str, Any] = {
                "color": color,
                "marker": marker,
                "ls": line,
                "ms": 4,
                "lw": 1.1,
            }
            shift = 0.06 * (i - 1)  # equal ratings stay apart
            values = rows.set_index("session")["observed"].astype(float).reindex(sessions)
            ax.plot(sessions, values + shift, **look)
            handles.append(Line2D([], [], label=label, **look))
    ax.set(ylim=(0.7, 5.3), ylabel="Rated 1–5")
    ax.yaxis.set_major_locator(FixedLocator(range(1, 6)))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=25))
    ax.tick_params(labelbottom=False)
    _legend(ax, handles, RATED, columns=3)


def codes_panel(ax: "Axes", own: pd.DataFrame, rows: list[str], course: pd.DataFrame) -> None:
    """Draw what each definition says of each session, one row a definition."""
    from matplotlib.ticker import MaxNLocator, NullLocator

    at = ax.get_yaxis_transform()
    left, right = -NAMES / (WIDTH - NAMES - RIGHT), 1.01
    ax.set_ylim(len(rows) - 0.5, -1.5)
    _truth(ax, course, left)
    ahead = own[own["class"].eq("retrospective")]["definition"].unique()
    for y, definition in enumerate(rows):
        codes = own[own["definition"].eq(definition)]
        star = " *" if definition in ahead else ""
        ax.text(
            left, y, f"{name('definition', definition)}{star}", transform=at, va="center",
            fontsize=8.5,
        )  # fmt: skip
        _marks(ax, y, codes)
        found, tested = codes["verdict"].eq("detected"), codes["verdict"].ne("not_testable")
        tested &= codes["verdict"].notna()
        text = f"{found.sum()} of {tested.sum()}"
        ax.text(right, y, text, transform=at, va="center", fontsize=8)
        if y % 2 == 0:
            ax.axhspan(y - 0.5, y + 0.5, color="#f6f6f6", lw=0, zorder=0)
    ax.text(right, -1, "Found", transform=at, va="center", fontsize=8, fontweight="bold")
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=25))
    ax.set_xlabel(
        "Session in the schedule   ■ rupture   · none found   – cannot be tested   * looks ahead"
    )


def _marks(ax: "Axes", y: int, codes: pd.DataFrame) -> None:
    looks: dict[str, dict[str, Any]] = {
        "detected": {"marker": "s", "ms": 8, "color": BLACK},
        "not_detected": {"marker": ".", "ms": 4, "color": GREY},
        "not_testable": {"marker": "_", "ms": 6, "color": GREY, "mew": 1},
    }
    for verdict, look in looks.items():
        sessions = codes.loc[codes["verdict"].eq(verdict), "session"]
        ax.plot(sessions, [y] * len(sessions), ls="", **look)


def _truth(ax: "Axes", course: pd.DataFrame, left: float) -> None:
    """Shade where a rupture was truly open, known in simulated data only."""
    from matplotlib.patches import Rectangle

    if course["true_state"].isna().all():
        return
    at = ax.get_yaxis_transform()
    ax.text(
        left, -1, "True state, as simulated", transform=at, va="center", fontsize=8.5,
        style="italic",
    )  # fmt: skip
    for session, row in course.iterrows():
        x = float(session)  # type: ignore[arg-type]
        if row["true_state"] == "unrepaired":
            box = Rectangle((x - 0.5, -1.32), 1, 0.64, fc=VERMILLION, alpha=0.35, lw=0)
            ax.add_patch(box)
        if row["true_onset"] == 1:
            ax.plot(x, -1, marker="v", color=BLACK, ms=6, ls="")


def shade_missed(ax: "Axes", course: pd.DataFrame) -> None:
    """Shade the sessions that were missed."""
    for session in course.index[course["attended"].eq(0)]:
        ax.axvspan(session - 0.5, session + 0.5, color=FAINT, lw=0, zorder=0)
