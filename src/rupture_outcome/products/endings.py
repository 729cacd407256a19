"""How and when treatments ended: share of patients by ending and session."""

from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.endings import ending_curves
from rupture_outcome.estimates.landmark.landmark_bootstrap import Draws
from rupture_outcome.look.curves import (
    draw_curve,
    is_withheld_curve,
    known_points,
    numbers_at_risk,
    percent_axis,
    session_ticks,
    told_of,
)
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    ENDINGS,
    footnote,
    headline,
    new_figure,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "How and when treatments ended"
NOTHING = "No treatment in this study is known to have ended."
WIDTH, HEIGHT, LEFT, RIGHT, BELOW = 8.6, 4.3, 0.9, 2.4, 0.95  # inches


def make_curves(look: Look, sessions: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """Estimate the curves."""
    models = look.settings["models"]
    draws = Draws(models["replicates"], look.confidence, look.settings["seed"], models["resampled"])
    return ending_curves(sessions, endings, draws)


@styled
def draw_endings(tables: Tables, look: Look) -> Drawing:
    """Draw the cumulative share of patients by ending, and the number still in treatment."""
    from matplotlib.ticker import FixedLocator

    curves = tables["endings"]
    alt = alt_text(curves)
    if curves.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    fig = new_figure(WIDTH, HEIGHT)
    wide = (WIDTH - LEFT - RIGHT) / WIDTH
    ax = fig.add_axes((LEFT / WIDTH, BELOW / HEIGHT, wide, 1 - (BELOW + 0.1) / HEIGHT))
    table = fig.add_axes((LEFT / WIDTH, 0, wide, 0.42 / HEIGHT))
    for cause, curve in curves.groupby("cause", sort=False):
        if not is_withheld_curve(curve):
            draw_curve(ax, curve, ENDINGS[str(cause)])
    _end_labels(ax, curves)
    ticks = session_ticks(0, int(curves["session"].max()), most=12)
    for axes in (ax, table):
        axes.set_xlim(0, curves["session"].max() + 0.3)
    ax.set_ylim(0, None)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    percent_axis(ax)
    ax.set(xlabel="Sessions attended", ylabel="Patients whose treatment\nhas ended, cumulative")
    numbers_at_risk(table, [("", curves)], ticks)
    headline(fig, TITLE, "", look)
    footnote(fig, _note(curves, look), look)
    return Drawing(fig, TITLE, alt)


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


def _end_labels(ax: "Axes", curves: pd.DataFrame) -> None:
    """Label each curve at its end, the labels pushed apart where they would overlap."""
    ends = {str(c): _end(g)[1] for c, g in curves.groupby("cause", sort=False)}
    shown = sorted((y, c) for c, y in ends.items() if y > 0)
    apart, y_last = 0.065 * max([y for y, _ in shown] or [1]), -1.0
    for y, cause in shown:
        y_last = max(y, y_last + apart)
        text = f"{name('ending', cause)} {share(y)}"
        look = {"color": ENDINGS[cause].color, "va": "center", "fontsize": 8.5}
        ax.annotate(text, (1.02, y_last), xycoords=("axes fraction", "data"), **look)


def _note(curves: pd.DataFrame, look: Look) -> str:
    rare = [c for c, g in curves.groupby("cause", sort=False) if not _end(g)[1]]
    text = (
        f"Bands: {look.level} intervals, from a bootstrap of therapists{told_of(curves)}. "
        "At risk: still in treatment."
    )
    if not rare:
        return text
    names = ", ".join(name("ending", cause).lower() for cause in rare)
    return f"{text} Not drawn, {look.threshold} patients or fewer: {names}."


PRODUCT = Product(
    name="endings",
    about="Cumulative share of patients by how treatment ended and sessions attended",
    raw={"sessions": "study/scored/sessions.parquet", "endings": "study/clean/endings.parquet"},
    make=make_curves,
    columns=(
        Column("cause"),
        Column("session", "number", unit="session"),
        Column("estimate", "mean", of=["patients"], ends=["ci_low", "ci_high"]),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("at_risk", "count", of=["patients"]),
        Column("patients", "count"),
        Column("reason", "text"),
    ),
    settings=("models", "seed"),
    draw=draw_endings,
)
