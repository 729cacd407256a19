"""Alliance aligned on the onset of the first rupture, under every definition."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.mean_courses import WINDOW, onset_courses
from rupture_outcome.look.look import Look
from rupture_outcome.look.mean_courses import draw_means
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import footnote, headline, new_figure, styled
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "Alliance around the first rupture"
NOTHING = (
    "No mean to show: no group of patients with a rupture is large enough, or none rated the "
    "alliance."
)
WIDTH, HEIGHT, LEFT, BELOW = 7.6, 4.3, 0.6, 0.95  # inches
POINTS = {-1: "one session before", 0: "at the rupture", 5: "five sessions later"}


def make_courses(look: Look, sessions: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Average the alliance under every definition and the main repair rule."""
    return onset_courses(sessions, episodes, look.primary["repair_rule"], look.confidence)


def shown_means(means: pd.DataFrame) -> pd.DataFrame:
    """Choose the means that are published."""
    return means[means["mean"].notna()]


@styled
def draw_onsets(tables: Tables, look: Look) -> Drawing:
    """Draw the means under the main definition, by what became of the rupture."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    means, primary = shown_means(tables["onset_courses"]), look.primary
    alt = alt_text(means, primary)
    own = means[means["definition"].eq(primary["definition"])]
    if own.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    fig = new_figure(WIDTH, HEIGHT)
    box = (LEFT / WIDTH, BELOW / HEIGHT, 1 - LEFT / WIDTH, 1 - BELOW / HEIGHT)
    ax = fig.add_axes(box)
    draw_means(ax, own)
    ax.set(
        xlabel="Attended sessions since the session of the rupture",
        ylabel="Mean alliance, by patient (points)",
        xlim=(WINDOW[0] - 0.3, WINDOW[1] + 0.3),
        ylim=_limits(own),
    )
    ax.xaxis.set_major_locator(FixedLocator(range(WINDOW[0], WINDOW[1] + 1, 2)))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _legend(ax, own)
    headline(fig, TITLE, f"{_subtitle(primary)} {gap_sentence(own)}".strip(), look)
    footnote(fig, _note(means, look), look)
    return Drawing(fig, TITLE, alt)


def alt_text(means: pd.DataFrame, primary: Mapping[str, str]) -> str:
    """Say how far the mean alliance fell and how far it came back, by definition."""
    if means.empty:
        return NOTHING
    main = means["definition"].eq(primary["definition"])
    return (
        "Mean alliance by attended sessions around the first rupture, by what became of it. "
        + " ".join(part for part in (_alt_main(means[main]), _alt_others(means[~main])) if part)
    )


def _alt_main(own: pd.DataFrame) -> str:
    if own.empty:
        return "No group of the main definition is large enough to be shown."
    groups = []
    for repair, rows in own.groupby("repair", sort=False):
        mean = rows.set_index("since_onset")["mean"]
        at = [f"{mean[s]:.1f} {words}" for s, words in POINTS.items() if s in mean.index]
        groups.append(f"{name('repair', repair)} {', '.join(at)}")
    return f"{name('definition', own['definition'].iloc[0])}: {'; '.join(groups)}."


def _alt_others(others: pd.DataFrame) -> str:
    keys = ["definition", "repair"]
    mean = others.pivot_table("mean", keys, "since_onset")
    if others.empty or not {-1, 0} <= set(mean.columns):
        return ""
    falls = (mean[-1] - mean[0]).dropna()
    return (
        f"{others['definition'].nunique()} other definitions: the groups' means lie "
        f"{falls.min():.1f} to {falls.max():.1f} points lower in the session of the rupture than "
        "in the one before."
    )


def _legend(ax: "Axes", own: pd.DataFrame) -> None:
    below = -0.5 / (ax.get_position().height * ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, below), "ncols": 3}
    ax.legend(**place, borderaxespad=0, borderpad=0, handlelength=2.8)


def _limits(means: pd.DataFrame) -> tuple[float, float]:
    """Room for all means, and for the intervals that do not widen it by half."""
    low, high = means["mean"].min(), means["mean"].max()
    reach = 0.25 * max(high - low, 1.0)
    ends = np.nanmin(means["ci_low"]), np.nanmax(means["ci_high"])
    return float(max(ends[0], low - reach) - 0.3), float(min(ends[1], high + reach) + 0.3)


def _subtitle(primary: Mapping[str, str]) -> str:
    return f"Each patient's first rupture. {coding_name(primary)}."


def gap_sentence(own: pd.DataFrame) -> str:
    """Say how far the means of repaired and not repaired ruptures lie apart from the onset on.

    Examples
    --------
    >>> means = {"since_onset": [0, 0, 1, 1], "mean": [40.0, 41.0, 44.0, 46.5]}
    >>> fates = ["repaired", "not_repaired"] * 2
    >>> gap_sentence(pd.DataFrame(means | {"repair": fates, "definition": "psq_patient"}))
    'From the rupture on, repaired and not repaired differ by 2.5 points at most.'
    """
    later = own[own["since_onset"].ge(0)]
    mean = later.pivot_table("mean", "since_onset", "repair", observed=True)
    if not {"repaired", "not_repaired"} <= set(mean.columns):
        return ""
    most = (mean["repaired"] - mean["not_repaired"]).abs().max()
    return f"From the rupture on, repaired and not repaired differ by {most:.1f} points at most."


def _note(means: pd.DataFrame, look: Look) -> str:
    others = means["definition"].ne(look.primary["definition"]).any()
    more = " Other definitions: in the file onset_courses.csv." if others else ""
    return (
        f"Bands: {look.level} intervals of the mean, cut where they leave the panel. Who leaves "
        f"drops out of later means.{more}"
    )


PRODUCT = Product(
    name="onset_courses",
    about="Mean alliance around the first rupture, by definition and by what became of it",
    raw={"sessions": "study/scored/sessions.parquet", "episodes": "coding/episodes.parquet"},
    make=make_courses,
    columns=(
        Column("definition"),
        Column("repair"),
        Column("since_onset", "number", unit="session"),
        Column("mean", "estimate", unit="point", of=["n"], ends=["ci_low", "ci_high"]),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("n", "count", of=["patients"]),
        Column("patients", "count"),
    ),
    draw=draw_onsets,
)
