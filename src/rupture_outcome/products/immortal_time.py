"""What three analyses find in a simulated world in which the truth is known."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.formats import interval, number, percent
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    LIGHT,
    SKY,
    STATES,
    Mark,
    filled,
    footnote,
    headline,
    legend_below,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import NAIVE_WARNING, SIMULATED_WORLD, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Why time matters: a world in which the truth is known"
ANALYSES = {
    "hazard": Mark(BLUE, "-", "o"),
    "landmark": Mark(SKY, "-.", "s"),
    "naive": Mark(GREY, (0, (2, 1.5)), "D"),
}
TICKS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 4]
MARKS = {"dropout": ("x", "Dropped out"), "agreed_ending": ("|", "Ended as planned")}
TOO_SOON = "Counted as “repaired” by the naive comparison,\nthough nothing was repaired yet"
HEIGHT, GAP = 0.62, 1.5  # of a course, and between the groups, in rows


def ratios_table(tables: Tables, look: Look) -> str:
    """Lay out what analyses find, by true odds ratio."""
    effects = tables["immortal_time"]
    cells = pd.DataFrame(index=effects.index)
    cells["truth"] = [f"True odds ratio {ratio:g}" for ratio in effects["true_ratio"]]
    cells["analysis"] = [name("analysis", each) for each in effects["analysis"]]
    cells["ratio"] = [number(ratio, 2) for ratio in effects["ratio"]]
    cells["range"] = [
        interval(*pair) for pair in zip(effects["ratio_low"], effects["ratio_high"], strict=True)
    ]
    for key in ("coverage", "excludes_one"):
        cells[key] = [
            _share(*pair) for pair in zip(effects[key], effects[f"{key}_error"], strict=True)
        ]
    return html_table(
        cells,
        "immortal_time",
        "What three analyses find where the truth is known",
        f"{SIMULATED_WORLD}. Odds ratio of dropout, repaired against open. {_studies(effects)}",
        labels={
            "analysis": "Analysis",
            "ratio": "Found on average",
            "range": "95% of studies",
            "coverage": f"{look.level} intervals that hold the truth",
            "excludes_one": f"{look.level} intervals that exclude 1",
        },
        group="truth",
        notes=[
            "In brackets: Monte Carlo error.",
            NAIVE_WARNING,
            "From a landmark session, patients are compared by their state at session 6, which "
            "goes on to change. That is another question, with an answer nearer to 1.",
        ],
    )


def draw_immortal_time(tables: Tables, look: Look) -> Drawing:
    """Draw example courses, and the ratio found against the true one on logarithmic axes."""
    effects, courses = tables["immortal_time"], tables["immortal_time_courses"]
    return Drawing(immortal_time_figure(effects, courses), TITLE, alt_text(effects, courses))


@styled
def immortal_time_figure(effects: pd.DataFrame, courses: pd.DataFrame) -> "Figure":
    """Draw the tables ``immortal_time`` and ``immortal_time_courses``."""
    fig = new_figure(10, 4.9)
    left, right = fig.subplots(1, 2, width_ratios=[1.05, 1])
    _timelines(left, courses)
    _ratios(right, effects)
    legend_below(fig, _handles(), columns=3)
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
        "by the naive comparison. Right: odds ratios of dropout, repaired against open, "
        f"found on average against the true one: {'; '.join(parts)}. Session by session lies on "
        "the line of the truth; naive lies far below it."
    )


def _timelines(ax: "Axes", courses: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

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


def _timeline(ax: "Axes", course: pd.DataFrame, y: float) -> None:
    from matplotlib.patches import Rectangle

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
    mark = STATES[state]
    if state == "intact":
        return {"facecolor": "white", "edgecolor": LIGHT, "lw": 0.8}
    return {**filled(mark, 0.3), "lw": 0.6}


def _ratios(ax: "Axes", effects: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    truths = np.sort(effects["true_ratio"].unique())
    ends = truths[[0, -1]] * [0.9, 1.15]
    ax.axhline(1, color=FAINT, lw=1.2, zorder=0)
    ax.axvline(1, color=FAINT, lw=1.2, zorder=0)
    ax.plot(ends, ends, color=BLACK, lw=0.9, zorder=1)
    for shift, (analysis, mark) in zip((1.0, 1.025, 0.975), ANALYSES.items(), strict=True):
        own = effects[effects["analysis"].eq(analysis)].sort_values("true_ratio")
        x = own["true_ratio"].to_numpy(float) * shift
        ax.vlines(x, own["ratio_low"], own["ratio_high"], color=mark.color, lw=1.1, alpha=0.8)
        style = {"color": mark.color, "ls": mark.line, "marker": mark.marker, "mew": 0}
        ax.plot(x, own["ratio"], lw=1.2, zorder=3, **style)
        end: dict[str, Any] = {"color": mark.color, "va": "center", "fontsize": 8.5}
        at = (1.02, float(own["ratio"].iloc[-1]))
        label = "\n".join(wrap(name("analysis", analysis), 17))
        ax.annotate(label, at, xycoords=("axes fraction", "data"), **end)
    look: dict[str, Any] = {"fontsize": 8.5, "ha": "right", "va": "bottom"}
    ax.annotate("the truth", (truths[1], truths[1]), (-4, 4), textcoords="offset points", **look)
    low = min(0.05, float(effects["ratio_low"].min()) * 0.9)
    high = float(effects["ratio_high"].max()) * 1.15
    ax.set(xscale="log", yscale="log", xlim=(ends[0], ends[1]), ylim=(low, high))
    ax.xaxis.set_major_locator(FixedLocator(list(truths)))
    ax.yaxis.set_major_locator(FixedLocator([tick for tick in TICKS if low <= tick <= high]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel("True odds ratio, repaired against open")
    ax.set_ylabel("Odds ratio found")
    panel_title(ax, "What three analyses find, whatever is true")


def _handles() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    states = [
        Patch(label=name("state", state), **_fill(state))
        for state in ("intact", "unrepaired", "repaired")
    ]
    endings = [
        Line2D([], [], ls="", marker=marker, color=BLACK, ms=6, mew=1.6, label=label)
        for marker, label in MARKS.values()
    ]
    early = Line2D([], [], color=BLACK, lw=2.4, label=TOO_SOON)
    return [*states, early, *endings]


def _studies(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    one = effects.iloc[0]
    return f"{one['replicates']:,} studies of {one['patients']:,} patients for each true ratio."


def _share(value: float, error: float) -> str:
    return "" if pd.isna(value) else f"{percent(value)} ({percent(error)})"


PRODUCT = Product(
    name="immortal_time",
    about="What naive, landmark and session-by-session analyses find where the truth is known",
    raw={"frame": "models/immortal_time.parquet"},
    columns=(
        Column("true_ratio", "number", label="True odds ratio"),
        Column("analysis", label="Analysis"),
        *(
            Column(key, "number", label=label)
            for key, label in {
                "patients": "Simulated patients a study",
                "replicates": "Simulated studies",
                "estimable": "Share with an estimate",
                "estimate": "Log odds ratio found on average",
                "estimate_error": "Its Monte Carlo error",
                "low": "95% of studies, from",
                "high": "95% of studies, to",
                "ratio": "Odds ratio found on average",
                "ratio_low": "95% of studies, from",
                "ratio_high": "95% of studies, to",
                "coverage": "Intervals that hold the truth",
                "excludes_one": "Intervals that exclude 1",
                "coverage_error": "Monte Carlo error of the coverage",
                "excludes_one_error": "Monte Carlo error of the exclusion",
            }.items()
        ),
    ),
    reads=("immortal_time_courses",),
    lay_out=ratios_table,
    draw=draw_immortal_time,
)
