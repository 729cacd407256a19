"""What was rated: completeness of every source by session, and ratings at their best score."""

from typing import TYPE_CHECKING

import pandas as pd

from rupture_outcome.disclosure import Column, known
from rupture_outcome.estimates.ratings import best_scores, rated_shares
from rupture_outcome.look.curves import percent_axis, session_ticks
from rupture_outcome.look.look import Look
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
    legend_below,
    new_figure,
    panel_title,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "What was rated"
LEAST = 30  # attended sessions or ratings, of which a share is drawn
LOOKS = {
    "alliance_patient": Mark(BLUE, "-", "o"),
    "alliance_therapist": Mark(GREEN, "--", "s"),
    "symptom": Mark(GREY, ":", "^"),
    "psq_patient_rupture": Mark(VERMILLION, "-.", "D"),
    "psq_therapist_rupture": Mark(PURPLE, (0, (4, 1, 1, 1, 1, 1)), "v"),
}
NOTHING = "No share of ratings to show: nothing was rated, or by few in every session."


def make_shares(look: Look, sessions: pd.DataFrame) -> pd.DataFrame:
    """Count what was rated, in bands so wide that rounding moves a share by a twentieth at most."""
    return rated_shares(sessions, best_scores(look.settings["instruments"]), 10 * look.threshold)


@styled
def draw_ratings(tables: Tables, look: Look) -> Drawing:
    """Draw the shares of attended sessions that were rated, and of ratings at their best score."""
    ratings = tables["ratings"]
    alt = alt_text(ratings)
    if ratings["share"].isna().all():
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    shown = ratings[known(ratings["whole"]).ge(LEAST)]
    complete, best = (shown[shown["measure"].eq(kind)] for kind in ("rated", "at_best"))
    fig = new_figure(9.4, 3.7, layout="constrained")
    left, right = fig.subplots(1, 2)
    _shares(left, complete)
    _shares(right, best)
    left.set_ylim(0, 1.02)
    if len(best):
        right.set_ylim(0, min(1.02, 1.25 * best["share"].max() + 0.02))
    panel_title(left, "Attended sessions with a rating")
    panel_title(right, "Ratings at the best possible score")
    left.set_ylabel("Share of attended sessions")
    right.set_ylabel("Share of ratings")
    legend_below(fig, left.get_legend_handles_labels()[0], columns=3)
    headline(fig, TITLE, "", look)
    footnote(
        fig,
        "Missed sessions are not counted. Best possible score: the highest of an alliance scale, "
        "the lowest of a symptom scale. "
        f"{_left_out(ratings)}{_together(ratings)}".strip(),
        look,
    )
    return Drawing(fig, TITLE, alt)


def alt_text(ratings: pd.DataFrame) -> str:
    """Say which share of sessions each source rated, and which share of ratings was best."""
    if ratings["share"].isna().all():
        return NOTHING
    words = {"rated": "Attended sessions with a rating", "at_best": "Ratings at the best score"}
    parts = []
    for measure, text in words.items():
        overall = _overall(ratings[ratings["measure"].eq(measure)])
        said = [f"{name('source', s)} {share(v)}" for s, v in overall.items()]
        parts.append(f"{text}: {', '.join(said) or 'none'}.")
    return f"Shares by session. {' '.join(parts)}"


def _left_out(ratings: pd.DataFrame) -> str:
    few = known(ratings["whole"]).lt(LEAST)
    return f"Sessions with fewer than {LEAST} ratings are not drawn. " if few.any() else ""


def _together(ratings: pd.DataFrame) -> str:
    pooled = ratings["last"].gt(ratings["first"]).any()
    return "Sessions that are counted together have one mark, in their middle." if pooled else ""


def _overall(rows: pd.DataFrame) -> dict[str, float]:
    counts = rows.assign(whole=known(rows["whole"]), part=known(rows["part"]))
    counts = counts[counts["share"].notna()]
    sums = counts.groupby("source", sort=False)[["whole", "part"]].sum()
    return {str(source): value for source, value in (sums["part"] / sums["whole"]).items()}


def _shares(ax: "Axes", rows: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator

    last = int(rows["last"].max()) if len(rows) else 1
    for source, own in rows.groupby("source", sort=False):
        mark = LOOKS[str(source)]
        style = {"color": mark.color, "ls": mark.line, "marker": mark.marker, "ms": 4, "mew": 0}
        middle = (own["first"] + own["last"]) / 2
        ax.plot(middle, own["share"], label=name("source", source), **style)
    ax.set(xlim=(0.5, last + 0.5), xlabel="Session in the schedule")
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(1, last)))
    percent_axis(ax)


PRODUCT = Product(
    name="ratings",
    about="Share of attended sessions with a rating, and of ratings at the best possible score",
    raw={"sessions": "study/scored/sessions.parquet"},
    make=make_shares,
    settings=("instruments",),
    columns=(
        Column("measure"),
        Column("source"),
        Column("first", "number", unit="session"),
        Column("last", "number", unit="session"),
        Column("whole", "count"),
        Column("part", "count", of=["whole"]),
        Column("share", "share", of=["part", "whole"]),
    ),
    draw=draw_ratings,
)
