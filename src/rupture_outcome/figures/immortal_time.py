"""Immortal time in single courses, and estimates against the truth, in a simulated world."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, NullLocator

from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    LIGHT,
    SKY,
    STATES,
    Mark,
    footnote,
    headline,
    legend_below,
    panel_title,
    styled,
)
from rupture_outcome.look.words import SIMULATED_WORLD, name

TITLE = "Why time matters: a world in which the truth is known"
LOOKS = {
    "hazard": Mark(BLUE, "-", "o"),
    "landmark": Mark(SKY, "-.", "s"),
    "naive": Mark(GREY, (0, (2, 1.5)), "D"),
}
TICKS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 4]
MARKS = {"dropout": ("x", "Dropped out"), "agreed_ending": ("|", "Ended as planned")}
TOO_SOON = "Counted as “repaired” by the naive comparison,\nthough nothing was repaired yet"
HEIGHT, GAP = 0.62, 1.5  # of a course, and between the groups, in rows


@styled
def immortal_time_figure(effects: pd.DataFrame, courses: pd.DataFrame) -> Figure:
    """Draw example courses, and the ratio found against the true one on logarithmic axes.

    Parameters
    ----------
    effects : DataFrame
        `tables/immortal_time.csv`.
    courses : DataFrame
        `tables/immortal_time_courses.csv`.
    """
    fig = Figure(figsize=(10, 4.9))
    left, right = fig.subplots(1, 2, width_ratios=[1.05, 1])
    _timelines(left, courses)
    _ratios(right, effects)
    legend_below(fig, _handles(), columns=4)
    first = effects.iloc[0]
    subtitle = (
        f"{SIMULATED_WORLD}, not this study. Left: repair does nothing. Right: "
        f"{first['replicates']:,} studies of {first['patients']:,} patients for each true effect."
    )
    headline(fig, TITLE, subtitle)
    footnote(
        fig,
        "Left: the first patients drawn who had a rupture, not a selection. Right: mean over "
        "studies, and range of 95% of them; the three are drawn side by side. Patients with a "
        "repaired rupture leave as often as those without one. The landmark analysis compares "
        "patients by their state at session 6, which goes on to change: another question, with an "
        "answer nearer to 1.",
    )
    return fig


def alt_text(effects: pd.DataFrame, courses: pd.DataFrame) -> str:
    """Say what each analysis finds in each world, and what the courses show."""
    ever = courses[courses["group"].eq("ever_repaired")]
    found = effects.pivot_table(index="true_ratio", columns="analysis", values="ratio")
    parts = [
        f"true {truth:g}: naive {row['naive']:.2f}, landmark {row['landmark']:.2f}, session by "
        f"session {row['hazard']:.2f}"
        for truth, row in found.iterrows()
    ]
    return (
        f"{SIMULATED_WORLD}. Left: timelines of {courses['course'].nunique()} patients with a "
        f"rupture; of {len(ever)} sessions of those whose rupture was ever repaired, "
        f"{int(ever['misplaced'].sum())} lie before the first repair and are counted as repaired "
        "by the naive comparison. Right: odds ratios of dropout, repaired against unrepaired, "
        f"found on average against the true one: {'; '.join(parts)}. Session by session lies on "
        "the line of the truth; naive lies far below it."
    )


def _timelines(ax: Axes, courses: pd.DataFrame) -> None:
    last = int(courses["session"].max())
    y, bottom = 0.0, 0.0
    for group, own in courses.groupby("group", sort=False):
        text = f"{name('history', group)}, {own['course'].nunique()} patients"
        ax.text(0.5, y + 0.1, text, va="bottom", fontsize=8.5)
        for _, course in own.groupby("course", sort=False):
            y += 1
            _timeline(ax, course, y)
        bottom, y = y, y + GAP
    ax.set(xlim=(0.3, last + 1.4), ylim=(bottom + 0.6, -0.8), xlabel="Session")
    ax.xaxis.set_major_locator(FixedLocator([1, *range(4, last + 1, 4)]))
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    panel_title(ax, "Single patients, where repair does nothing")


def _timeline(ax: Axes, course: pd.DataFrame, y: float) -> None:
    for row in course.to_dict("records"):
        corner = (row["session"] - 0.46, y - HEIGHT / 2)
        ax.add_patch(Rectangle(corner, 0.92, HEIGHT, **_fill(row["state"])))
    early = course.loc[course["misplaced"].astype(bool), "session"]
    if len(early):
        ends = [early.min() - 0.46, early.max() + 0.46]
        ax.plot(ends, [y - 0.42] * 2, color=BLACK, lw=2.4, solid_capstyle="butt", zorder=3)
    marker, _ = MARKS[course["ending"].iloc[-1]]
    ax.plot(course["session"].max() + 0.85, y, marker=marker, color=BLACK, ms=6, mew=1.6)


def _fill(state: str) -> dict[str, Any]:
    look = STATES[state]
    if state == "intact":
        return {"facecolor": "white", "edgecolor": LIGHT, "lw": 0.8}
    return {"facecolor": (look.color, 0.3), "edgecolor": look.color, "lw": 0.6, "hatch": look.hatch}


def _ratios(ax: Axes, effects: pd.DataFrame) -> None:
    truths = np.sort(effects["true_ratio"].unique())
    ends = truths[[0, -1]] * [0.9, 1.15]
    ax.axhline(1, color=FAINT, lw=1.2, zorder=0)
    ax.axvline(1, color=FAINT, lw=1.2, zorder=0)
    ax.plot(ends, ends, color=BLACK, lw=0.9, zorder=1)
    for shift, (analysis, look) in zip((1.0, 1.025, 0.975), LOOKS.items(), strict=True):
        own = effects[effects["analysis"].eq(analysis)].sort_values("true_ratio")
        x = own["true_ratio"].to_numpy(float) * shift
        ax.vlines(x, own["ratio_low"], own["ratio_high"], color=look.color, lw=1.1, alpha=0.8)
        style = {"color": look.color, "ls": look.line, "marker": look.marker, "mew": 0}
        ax.plot(x, own["ratio"], lw=1.2, zorder=3, **style)
    low = min(0.05, float(effects["ratio_low"].min()) * 0.9)
    high = float(effects["ratio_high"].max()) * 1.15
    ax.set(xscale="log", yscale="log", xlim=(ends[0], ends[1]), ylim=(low, high))
    ax.xaxis.set_major_locator(FixedLocator(list(truths)))
    ax.yaxis.set_major_locator(FixedLocator([tick for tick in TICKS if low <= tick <= high]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel("True odds ratio, repaired against unrepaired")
    ax.set_ylabel("Odds ratio found")
    panel_title(ax, "What three analyses find, whatever is true")


def _handles() -> list[Any]:
    states = [
        Patch(label=name("state", state), **_fill(state))
        for state in ("intact", "unrepaired", "repaired")
    ]
    endings = [
        Line2D([], [], ls="", marker=marker, color=BLACK, ms=6, mew=1.6, label=label)
        for marker, label in MARKS.values()
    ]
    lines = [
        Line2D(
            [], [], color=look.color, ls=look.line, marker=look.marker, mew=0, lw=1.2,
            label=name("analysis", analysis),
        )
        for analysis, look in LOOKS.items()
    ]  # fmt: skip
    early = Line2D([], [], color=BLACK, lw=2.4, label=TOO_SOON)
    truth = Line2D([], [], color=BLACK, lw=0.9, label="The truth")
    return [*states, early, *endings, *lines, truth]
