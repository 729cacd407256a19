"""Alliance over sessions with coded ruptures and repairs: of a few patients, or averaged."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from rupture_outcome.figures.mean_courses import alt_text as mean_alt_text
from rupture_outcome.figures.mean_courses import mean_course_figure, mean_courses
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    GREY,
    LIGHT,
    STATES,
    footnote,
    headline,
    legend_below,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name

TITLE = "Alliance courses with ruptures and repairs"
NOTHING = "No alliance rated by patients is in this study."
NO_KIND = "No patient of this study has a course of the kinds that are shown here."
ROLES = {
    "repaired": "A rupture that was repaired",
    "not_repaired": "A rupture that was not repaired",
    "left_in_rupture": "Dropout in an open rupture",
    "several": "Several ruptures",
    "none": "No rupture",
    "left_without": "Dropout without a rupture",
}


def alliance_courses(
    tables: Mapping[str, pd.DataFrame],
    primary: Mapping[str, str],
    *,
    scale: tuple[float, float] | None = None,
    individual: bool = False,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> tuple[Figure, str]:
    """Draw individual courses where that is allowed, averaged ones otherwise; with their alt text.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``sessions`` (scored), ``endings``, ``ruptures``, ``episodes``, ``states``.
    primary : mapping
        ``definition`` and ``repair_rule`` to show.
    scale : (float, float), optional
        Lowest and highest possible alliance score.
    individual : bool
        Whether the study allows individual courses to be shown; simulated ones always may.
    threshold : int
        Averages of so few patients are not shown.
    confidence : float
        Level of the intervals of averages.
    simulated : bool
        Whether the data are simulated, and marked as such.
    """
    if not tables["sessions"]["alliance_patient"].notna().any():
        return notice(TITLE, NOTHING, simulated=simulated), NOTHING
    coded = {key: _coded(frame, primary) for key, frame in tables.items()}
    if not (simulated or individual):
        means = mean_courses(coded["sessions"], coded["episodes"], threshold, confidence)
        fig = mean_course_figure(
            means, primary, threshold=threshold, confidence=confidence, simulated=simulated
        )
        return fig, mean_alt_text(means)
    patients = choose_patients(coded["sessions"], coded["episodes"], coded["endings"])
    if not patients:
        return notice(TITLE, NO_KIND, simulated=simulated), NO_KIND
    fig = course_figure(coded, patients, primary, scale=scale, simulated=simulated)
    return fig, alt_text(patients)


def choose_patients(
    sessions: pd.DataFrame, episodes: pd.DataFrame, endings: pd.DataFrame
) -> dict[str, Any]:
    """Choose one patient for each kind of course: role to patient_id, the same on every run.

    Among those who fit a role, the patient with the most rated sessions (at most 16, so that the
    panel is readable), then with a missed session, then the first identifier. A role that nobody
    fits is left out, and no patient is shown twice.
    """
    facts = _facts(sessions, episodes, endings)
    dropout, ruptures = facts["ending"].eq("dropout"), facts["ruptures"]
    fits = {
        "repaired": ruptures.eq(1) & facts["repaired"].eq(1) & ~dropout,
        "not_repaired": ruptures.eq(1) & facts["not_repaired"].eq(1) & ~dropout,
        "left_in_rupture": facts["open_at_end"] & dropout & facts["rated"].ge(5),
        "several": ruptures.between(2, 3) & facts["repaired"].ge(1) & ~dropout,
        "none": ruptures.eq(0) & ~dropout,
        "left_without": ruptures.eq(0) & dropout & facts["rated"].ge(5),
    }
    chosen: dict[str, Any] = {}
    for role, fit in fits.items():
        candidates = facts.index[fit & ~facts.index.isin(list(chosen.values()))]
        if len(candidates):
            chosen[role] = candidates[0]
    return chosen


@styled
def course_figure(
    coded: Mapping[str, pd.DataFrame],
    patients: Mapping[str, Any],
    primary: Mapping[str, str],
    *,
    scale: tuple[float, float] | None = None,
    simulated: bool = False,
) -> Figure:
    """Draw one panel a patient: scores, missed sessions, state, rupture, repair and ending.

    Parameters
    ----------
    coded : mapping of str to DataFrame
        Tables of one definition and repair rule; see `alliance_courses`.
    patients : mapping
        Role and patient, from `choose_patients`.
    primary : mapping
        ``definition`` and ``repair_rule``, for the subtitle.
    scale : (float, float), optional
        Lowest and highest possible score, to mark the ends of the scale.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    rows = max(1, -(-len(patients) // 3))
    fig = Figure(figsize=(9.6, 2.35 * rows + 0.5), layout="constrained")
    axes = fig.subplots(rows, 3, sharey=True, squeeze=False).ravel()
    scores = coded["sessions"]["alliance_patient"]
    limits = (scores.min(), scores.max()) if scale is None else scale
    for ax, (role, patient) in zip(axes, patients.items(), strict=False):
        own = {key: frame[frame["patient_id"].eq(patient)] for key, frame in coded.items()}
        _panel(ax, own, limits)
        panel_title(ax, ROLES[role])
    for i, ax in enumerate(axes):
        ax.set_visible(i < len(patients))
        if i + 3 >= len(patients):
            ax.set_xlabel("Session")
        if i % 3 == 0:
            ax.set_ylabel("Alliance, by patient")
    legend_below(fig, _legend(), columns=4)
    headline(fig, TITLE, _subtitle(primary), simulated=simulated)
    footnote(fig, _note(limits))
    return fig


def alt_text(patients: Mapping[str, Any]) -> str:
    """Say which kinds of courses are shown."""
    kinds = "; ".join(ROLES[role].lower() for role in patients)
    return (
        f"Alliance scores over sessions of {len(patients)} patients, one panel each: {kinds}. "
        "Marks show where ruptures and repairs were coded; shading shows the state at each session."
    )


def _coded(frame: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    keep = pd.Series(True, index=frame.index)
    for column, value in primary.items():
        if column in frame:
            keep &= frame[column].eq(value)
    return frame[keep]


def _facts(sessions: pd.DataFrame, episodes: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """One row a patient, the clearest course first."""
    by_patient = sessions.groupby("patient_id")
    rated = by_patient["alliance_patient"].count()
    repairs = episodes.assign(repair=episodes["repair"].astype(str)).groupby("patient_id")["repair"]
    counts = {
        "ruptures": repairs.size(),
        "repaired": repairs.apply(lambda r: int(r.eq("repaired").sum())),
        "not_repaired": repairs.apply(lambda r: int(r.eq("not_repaired").sum())),
    }
    facts = pd.DataFrame({k: v.reindex(rated.index).fillna(0) for k, v in counts.items()})
    facts["open_at_end"] = repairs.last().reindex(rated.index).eq("censored")
    facts["ending"] = endings.set_index("patient_id")["ending"].reindex(rated.index).astype(str)
    facts["rated"] = rated
    facts["_short"] = rated.clip(upper=16)
    facts["_missed"] = by_patient["attended"].apply(lambda a: bool(a.eq(0).any()))
    order = facts.reset_index().sort_values(
        ["_short", "_missed", "rated", "patient_id"], ascending=[False, False, True, True]
    )
    return order.set_index("patient_id")


def _panel(ax: Axes, own: Mapping[str, pd.DataFrame], limits: tuple[float, float]) -> None:
    sessions = own["sessions"].sort_values("session")
    height = (limits[1] - limits[0]) or 1.0
    ax.set_ylim(limits[0] - 0.14 * height, limits[1] + 0.2 * height)
    ax.axhline(limits[1], color=LIGHT, lw=0.8, ls=(0, (1, 2)))
    _states(ax, own["states"])
    rated = sessions[sessions["alliance_patient"].notna()]
    scores = rated.set_index("session")["alliance_patient"].astype(float)
    ax.plot(scores.index, scores, color=BLACK, lw=1.2, marker="o", ms=4, mfc=BLACK, zorder=3)
    missed = sessions.loc[sessions["attended"].eq(0), "session"]
    floor = limits[0] - 0.08 * height
    if len(missed):  # without points, an unclipped line has its box in the corner of the figure
        ax.plot(missed, [floor] * len(missed), ls="", marker="x", color=GREY, ms=5, clip_on=False)
    _events(ax, own, scores, height)
    last = sessions.loc[sessions["attended"].eq(1), "session"].max()
    ax.axvline(last + 0.5, color=BLACK, lw=1)
    ending = name("ending", own["endings"]["ending"].iloc[0])
    look: dict[str, Any] = {"fontsize": 8, "rotation": 90, "va": "bottom", "ha": "left"}
    ax.text(last + 0.62, limits[0], ending, **look)
    ax.set_xlim(0.4, max(float(sessions["session"].max()), last + 1.2) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))


def _states(ax: Axes, states: pd.DataFrame) -> None:
    """Shade every attended session by its state; the texture tells states apart without colour."""
    for session, state in zip(states["session"], states["state"].astype(str), strict=True):
        if state in ("unrepaired", "repaired"):
            look = STATES[state]
            ax.axvspan(
                session - 0.5, session + 0.5, facecolor=(look.color, 0.12),
                edgecolor=(look.color, 0.4), hatch=look.hatch, lw=0, zorder=0,
            )  # fmt: skip


def _events(ax: Axes, own: Mapping[str, pd.DataFrame], scores: pd.Series, height: float) -> None:
    detected = own["ruptures"].loc[own["ruptures"]["verdict"].astype(str).eq("detected"), "session"]
    for session in detected:
        y = scores.get(session, scores.min())
        ax.plot(session, y, ls="", marker="v", ms=9, color=STATES["unrepaired"].color, zorder=4)
    states = own["states"].sort_values("session")
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
    marks = [
        ("Score", {"color": BLACK, "marker": "o", "ms": 4, "lw": 1.2}),
        ("Rupture", {"color": STATES["unrepaired"].color, "marker": "v", "ms": 8, "ls": ""}),
        ("Repair", {"color": STATES["repaired"].color, "marker": "^", "ms": 8, "ls": ""}),
        ("Session missed", {"color": GREY, "marker": "x", "ms": 5, "ls": ""}),
    ]
    lines: list[Any] = [Line2D([], [], label=label, **look) for label, look in marks]
    for state in ("unrepaired", "repaired"):
        look = STATES[state]
        face, edge = (look.color, 0.12), (look.color, 0.4)
        lines.append(
            Patch(
                facecolor=face, edgecolor=edge, hatch=look.hatch, lw=0, label=name("state", state)
            )
        )
    return [*lines, Line2D([], [], color=BLACK, lw=1, label="Last session attended")]


def _subtitle(primary: Mapping[str, str]) -> str:
    definition = name("definition", primary["definition"])
    return f"{definition}; repair: {name('repair_rule', primary['repair_rule'])}."


def _note(limits: tuple[float, float]) -> str:
    return (
        f"Chosen to show kinds of courses, not their frequency. Dotted line: highest score "
        f"({limits[1]:g}). A session without a point was attended and not rated, or missed."
    )
