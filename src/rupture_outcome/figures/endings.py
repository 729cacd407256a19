"""How and when treatments ended: share of patients by ending and session."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence
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
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILLION,
    Mark,
    footnote,
    headline,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.publishable.curves import publishable_incidence

TITLE = "How and when treatments ended"
NOTHING = "No treatment in this study is known to have ended."
LOOKS = {
    "dropout": Mark(VERMILLION, "-", "o"),
    "completed": Mark(BLUE, "--", "s"),
    "agreed": Mark(GREEN, "-.", "^"),
    "referred": Mark(PURPLE, ":", "D"),
    "administrative": Mark(GREY, (0, (1, 1)), "v"),
}
WIDTH, HEIGHT, LEFT, RIGHT, BELOW = 8.6, 4.3, 0.9, 2.4, 0.95  # inches


def ending_curves(
    sessions: pd.DataFrame,
    endings: pd.DataFrame,
    threshold: int,
    confidence: float = 0.95,
    *,
    full: bool = False,
) -> pd.DataFrame:
    """Cumulative incidence of every ending by number of attended sessions, ready to publish.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions: ``patient_id``, ``attended``.
    endings : DataFrame
        Clean endings: ``patient_id``, ``ending``; treatments that go on are censored.
    threshold : int
        Largest count that must not be derivable.
    confidence : float
        Level of the intervals.
    full : bool
        Every step, as in `publishable_incidence`.

    Returns
    -------
    DataFrame
        landmark (0), state ("all"), cause (the ending), session (attended sessions), estimate,
        ci_low, ci_high, at_risk, withheld.
    """
    attended = sessions[sessions["attended"].eq(1)].groupby("patient_id").size()
    ended = endings.dropna(subset=["ending"]).set_index("patient_id")["ending"].astype(str)
    time = attended.reindex(ended.index).dropna().astype(int)
    everyone = pd.Series("all", index=time.index)
    causes = [cause for cause in LOOKS if ended.eq(cause).any()]
    curves = cumulative_incidence(
        time, ended[time.index], everyone, causes=causes, confidence=confidence
    )
    curves = curves.drop(columns="variance").rename(columns={"group": "state"})
    return publishable_incidence(curves.assign(landmark=0), threshold, full=full)


@styled
def ending_figure(
    curves: pd.DataFrame,
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw the cumulative share of patients by ending, and the number still in treatment.

    Parameters
    ----------
    curves : DataFrame
        From `ending_curves`.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    if curves.empty:
        return notice(TITLE, NOTHING, simulated=simulated)
    fig = Figure(figsize=(WIDTH, HEIGHT))
    wide = (WIDTH - LEFT - RIGHT) / WIDTH
    ax = fig.add_axes((LEFT / WIDTH, BELOW / HEIGHT, wide, 1 - (BELOW + 0.1) / HEIGHT))
    table = fig.add_axes((LEFT / WIDTH, 0, wide, 0.42 / HEIGHT))
    for cause, curve in curves.groupby("cause", sort=False):
        if not is_withheld_curve(curve):
            draw_curve(ax, curve, LOOKS[str(cause)])
    _end_labels(ax, curves)
    ticks = session_ticks(0, int(curves["session"].max()), most=12)
    for axes in (ax, table):
        axes.set_xlim(0, curves["session"].max() + 0.3)
    ax.set_ylim(0, None)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    percent_axis(ax)
    ax.set(xlabel="Sessions attended", ylabel="Patients whose treatment\nhas ended, cumulative")
    numbers_at_risk(table, [("", curves)], spacing=0.07 * ticks[-1])
    headline(fig, TITLE, simulated=simulated)
    footnote(fig, _note(curves, threshold, confidence))
    return fig


def alt_text(curves: pd.DataFrame) -> str:
    """Say which share of patients ended treatment in which way."""
    if curves.empty:
        return NOTHING
    ends = {str(c): _end(g) for c, g in curves.groupby("cause", sort=False)}
    shown = [f"{name('ending', c)} {share(e[1])}" for c, e in ends.items() if e[1] > 0]
    return f"Curves of how treatments ended by sessions attended. At the end: {', '.join(shown)}."


def _end(curve: pd.DataFrame) -> tuple[float, float]:
    known = known_points(curve)
    return (0.0, 0.0) if known.empty else tuple(known[["session", "estimate"]].iloc[-1])


def _end_labels(ax: Axes, curves: pd.DataFrame) -> None:
    """Label each curve at its end, the labels pushed apart where they would overlap."""
    ends = {str(c): _end(g)[1] for c, g in curves.groupby("cause", sort=False)}
    shown = sorted((y, c) for c, y in ends.items() if y > 0)
    apart, y_last = 0.065 * max([y for y, _ in shown] or [1]), -1.0
    for y, cause in shown:
        y_last = max(y, y_last + apart)
        text = f"{name('ending', cause)} {share(y)}"
        look = {"color": LOOKS[cause].color, "va": "center", "fontsize": 8.5}
        ax.annotate(text, (1.02, y_last), xycoords=("axes fraction", "data"), **look)


def _note(curves: pd.DataFrame, threshold: int, confidence: float) -> str:
    rare = [c for c, g in curves.groupby("cause", sort=False) if not _end(g)[1]]
    parts = [f"Bands: {confidence * 100:g}% intervals. At risk: still in treatment."]
    if rare:
        names = ", ".join(name("ending", cause).lower() for cause in rare)
        parts.append(f"Withheld, {threshold} patients or fewer, or derivable: {names}.")
    if any(is_joined(curve) for _, curve in curves.groupby("cause")):
        parts.append(
            f"Points lie where 0 or more than {threshold} endings fall between them, and are "
            "joined by lines."
        )
    return " ".join(parts)
