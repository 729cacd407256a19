"""Alliance over sessions with coded ruptures and repairs: of a few patients, or averaged."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.cases.course_choice import COLUMNS, chosen_courses
from rupture_outcome.look.look import Look
from rupture_outcome.look.mean_courses import draw_means
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    FAINT,
    GREY,
    LIGHT,
    STATES,
    filled,
    footnote,
    headline,
    legend_below,
    new_figure,
    panel_title,
    styled,
    tint,
)
from rupture_outcome.look.words import name
from rupture_outcome.products import onset_courses
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Alliance courses with ruptures and repairs"
NOTHING = (
    "No patient of this study rated the alliance in a course of the kinds that are shown here."
)
SCORE = "alliance_patient"
ROLES = {
    "repaired": "A rupture that was repaired",
    "not_repaired": "A rupture that was not repaired",
    "left_in_rupture": "Dropout in an open rupture",
    "several": "Several ruptures",
    "none": "No rupture",
    "left_without": "Dropout without a rupture",
}


def make_courses(look: Look, **tables: pd.DataFrame) -> pd.DataFrame:
    """Choose the courses of single patients; none where they may not be shown."""
    if not _individual(look):
        return pd.DataFrame(columns=COLUMNS)
    kinds = ("sessions", "endings", "ruptures", "episodes", "states")
    return chosen_courses({kind: tables[kind] for kind in kinds}, look.primary)


def draw_courses(tables: Tables, look: Look) -> Drawing:
    """Draw individual courses where that is allowed, averaged ones otherwise."""
    if _individual(look):
        courses = tables["alliance_courses"]
        alt = alt_text(courses)
        fig = notice(TITLE, alt, look) if courses.empty else course_figure(courses, look)
        return Drawing(fig, TITLE, alt)
    means = onset_courses.shown_means(tables["onset_courses"])
    own = means[means["definition"].eq(look.primary["definition"])]
    if own.empty:
        nothing = onset_courses.NOTHING
        return Drawing(notice(TITLE, nothing, look), TITLE, nothing)
    return Drawing(mean_course_figure(own, look), TITLE, _mean_alt_text(own))


def _individual(look: Look) -> bool:
    return look.simulated or bool(look.settings["disclosure"]["individual_courses"])


@styled
def mean_course_figure(means: pd.DataFrame, look: Look) -> "Figure":
    """Draw mean alliance with its interval, from before the first rupture to after it."""
    fig = new_figure(7.4, 3.9, layout="constrained")
    ax = fig.subplots()
    draw_means(ax, means)
    ax.set(xlabel="Attended sessions since the rupture", ylabel="Mean alliance, by patient")
    legend_below(fig, ax.get_legend_handles_labels()[0], columns=3)
    headline(fig, onset_courses.TITLE, _subtitle(look), look)
    footnote(
        fig,
        f"Bands: {look.level} intervals of the mean. Who leaves drops out of later means. "
        "Individual courses are not shown.",
        look,
    )
    return fig


@styled
def course_figure(courses: pd.DataFrame, look: Look) -> "Figure":
    """Draw one panel a patient: scores, missed sessions, state, rupture, repair and ending."""
    roles = list(courses["role"].unique())
    rows = max(1, -(-len(roles) // 3))
    fig = new_figure(9.6, 2.35 * rows + 0.5, layout="constrained")
    axes = fig.subplots(rows, 3, sharey=True, squeeze=False).ravel()
    instrument = instrument_of(SCORE, look.settings["instruments"])
    scale = instrument.range
    limits = (courses["score"].min(), courses["score"].max()) if scale is None else scale
    for ax, role in zip(axes, roles, strict=False):
        _panel(ax, courses[courses["role"].eq(role)], limits)
        panel_title(ax, ROLES[role])
    for i, ax in enumerate(axes):
        ax.set_visible(i < len(roles))
        if i + 3 >= len(roles):
            ax.set_xlabel("Session")
        if i % 3 == 0:
            ax.set_ylabel(f"Alliance, by patient\n({limits[0]:g} to {limits[1]:g})")
    legend_below(fig, _legend(), columns=4)
    headline(fig, TITLE, _subtitle(look), look)
    footnote(fig, _note(limits, instrument.name))
    return fig


def alt_text(courses: pd.DataFrame) -> str:
    """Say which kinds of courses are shown."""
    if courses.empty:
        return NOTHING
    roles = list(courses["role"].unique())
    kinds = "; ".join(ROLES[role].lower() for role in roles)
    return (
        f"Alliance scores over sessions of {len(roles)} patients, one panel each: {kinds}. "
        "Marks show where ruptures and repairs were coded; shading shows the state at each session."
    )


def _mean_alt_text(means: pd.DataFrame) -> str:
    """Say how the mean alliance moved from before the rupture to after it."""
    parts = []
    for repair, rows in means.groupby("repair", sort=False):
        mean = rows.set_index("since_onset")["mean"]
        first, last = mean.index.min(), mean.index.max()
        parts.append(
            f"{name('repair', repair)}: {mean[first]:.1f} at {first:+d} sessions, "
            f"lowest {mean.min():.1f}, {mean[last]:.1f} at {last:+d}"
        )
    return f"Mean alliance around the first rupture, by what became of it. {'; '.join(parts)}."


def _panel(ax: "Axes", own: pd.DataFrame, limits: tuple[float, float]) -> None:
    from matplotlib.ticker import MaxNLocator

    height = (limits[1] - limits[0]) or 1.0
    ax.set_ylim(limits[0] - 0.14 * height, limits[1] + 0.2 * height)
    ax.axhline(limits[1], color=LIGHT, lw=0.8, ls=(0, (1, 2)))
    _states(ax, own)
    rated = own[own["score"].notna()]
    scores = rated.set_index("session")["score"].astype(float)
    ax.plot(scores.index, scores, color=BLACK, lw=1.2, marker="o", ms=4, mfc=BLACK, zorder=3)
    missed = own.loc[own["attended"].eq(0), "session"]
    floor = limits[0] - 0.08 * height
    for session in missed:
        ax.axvspan(session - 0.5, session + 0.5, color=FAINT, lw=0, zorder=0)
    if len(missed):  # without points, an unclipped line has its box in the corner of the figure
        ax.plot(missed, [floor] * len(missed), ls="", marker="x", color=GREY, ms=5, clip_on=False)
    _events(ax, own, scores, height)
    last = own.loc[own["attended"].eq(1), "session"].max()
    ax.axvline(last + 0.5, color=BLACK, lw=1)
    ending = name("ending", own["ending"].iloc[0])
    look: dict[str, Any] = {"fontsize": 8, "rotation": 90, "va": "bottom", "ha": "left"}
    ax.text(last + 0.62, limits[0], ending, **look)
    ax.set_xlim(0.4, max(float(own["session"].max()), last + 1.2) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))


def _states(ax: "Axes", states: pd.DataFrame) -> None:
    """Shade every attended session by its state; the texture tells states apart without colour."""
    for session, state in zip(states["session"], states["state"].astype(str), strict=True):
        if state in ("unrepaired", "repaired"):
            ax.axvspan(session - 0.5, session + 0.5, **_face(state), zorder=0)


def _face(state: str) -> dict[str, Any]:
    """Fill the sessions of a state so that the score over them can be read."""
    mark = STATES[state]
    return {**filled(mark, 0.12), "edgecolor": tint(mark.color, 0.5), "lw": 0}


def _events(ax: "Axes", own: pd.DataFrame, scores: pd.Series, height: float) -> None:
    detected = own.loc[own["detected"], "session"]
    for session in detected:
        y = scores.get(session, scores.min())
        ax.plot(session, y, ls="", marker="v", ms=9, color=STATES["unrepaired"].color, zorder=4)
    states = own[own["state"].notna()]
    now = states["state"].astype(str)
    begins = now.shift().ne("repaired") | states["session"].isin(detected)
    repairs = states.loc[now.eq("repaired") & begins, "session"]
    for session in repairs:
        y = scores.get(session, scores.min())
        ax.plot(
            session,
            y + 0.11 * height,
            ls="",
            marker="^",
            ms=9,
            color=STATES["repaired"].color,
            zorder=4,
        )


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks = [
        ("Score", {"color": BLACK, "marker": "o", "ms": 4, "lw": 1.2}),
        ("Rupture", {"color": STATES["unrepaired"].color, "marker": "v", "ms": 8, "ls": ""}),
        ("Repair", {"color": STATES["repaired"].color, "marker": "^", "ms": 8, "ls": ""}),
        ("Session missed", {"color": GREY, "marker": "x", "ms": 5, "ls": ""}),
    ]
    lines: list[Any] = [Line2D([], [], label=label, **look) for label, look in marks]
    states = [Patch(label=name("state", s), **_face(s)) for s in ("unrepaired", "repaired")]
    return [*lines, *states, Line2D([], [], color=BLACK, lw=1, label="Last session attended")]


def _subtitle(look: Look) -> str:
    definition = name("definition", look.primary["definition"])
    return f"{definition}; repair: {name('repair_rule', look.primary['repair_rule'])}."


def _note(limits: tuple[float, float], instrument: str | None) -> str:
    of = f" of {instrument.replace('_', '-').upper()}" if instrument else ""
    return (
        f"Chosen to show kinds of courses, not their frequency. Dotted line: highest score{of} "
        f"({limits[1]:g}). White: no rupture so far; grey with a cross: missed. A session without "
        "a point or cross was attended and not rated."
    )


PRODUCT = Product(
    name="alliance_courses",
    about="Alliance over sessions with ruptures and repairs: of a few patients, or averaged",
    raw={
        "sessions": "study/scored/sessions.parquet",
        "endings": "study/clean/endings.parquet",
        "ruptures": "coding/ruptures.parquet",
        "episodes": "coding/episodes.parquet",
        "states": "coding/states.parquet",
    },
    make=make_courses,
    reads=["onset_courses"],
    settings=("disclosure", "instruments"),
    columns=(
        Column("role"),
        Column("session", "number"),
        Column("attended", "number"),
        Column("score", "number", unit="point"),
        Column("detected", "flag"),
        Column("state"),
        Column("ending"),
    ),
    draw=draw_courses,
)
