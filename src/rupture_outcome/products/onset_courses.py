"""Alliance aligned on the onset of the first rupture, under every definition."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.mean_courses import WINDOW, onset_courses
from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.look import Look
from rupture_outcome.look.mean_courses import LOOKS, draw_means
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import footnote, headline, new_figure, panel_title, styled
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Alliance around the first rupture"
NOTHING = (
    "No mean to show: no group of patients with a rupture is large enough, or none rated the "
    "alliance."
)
ACROSS = 4
# inches
WIDTH, LEFT, BETWEEN = 9.6, 0.55, 0.22
ABOVE, LARGE, LEGEND, SMALL, HEAD, FOOT = 0.3, 2.6, 0.8, 1.15, 0.6, 0.32
POINTS = {-1: "one session before", 0: "at the rupture", 5: "five sessions later"}


def make_courses(look: Look, sessions: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Average the alliance under every definition and the main repair rule."""
    return onset_courses(sessions, episodes, look.primary["repair_rule"], look.confidence)


def shown_means(means: pd.DataFrame) -> pd.DataFrame:
    """Choose the means that are published."""
    return means[means["mean"].notna()]


@styled
def draw_onsets(tables: Tables, look: Look) -> Drawing:
    """Draw the primary definition large and the others small, all on the same axes."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    means, primary = shown_means(tables["onset_courses"]), look.primary
    alt = alt_text(means, primary)
    if means.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    others = [d for d in means["definition"].unique() if d != primary["definition"]]
    rows = -(-len(others) // ACROSS)
    height = ABOVE + LARGE + LEGEND + rows * (SMALL + HEAD + FOOT) + (0.15 if rows else 0)
    fig = new_figure(WIDTH, height)
    large = _axes(fig, LEFT, ABOVE, WIDTH - LEFT, LARGE)
    draw_means(large, means[means["definition"].eq(primary["definition"])])
    panel_title(large, f"{name('definition', primary['definition'])} (main definition)")
    large.set(
        xlabel="Attended sessions since the session of the rupture",
        ylabel="Mean alliance, by patient (points)",
    )
    _legend(large, means, primary["definition"])
    axes = [large, *_small_panels(fig, means, others)]
    low, high = _limits(means)
    for ax in axes:
        ax.set(xlim=(WINDOW[0] - 0.3, WINDOW[1] + 0.3), ylim=(low, high))
        ax.xaxis.set_major_locator(FixedLocator(range(WINDOW[0], WINDOW[1] + 1, 2)))
        ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    headline(fig, TITLE, _subtitle(primary), look)
    footnote(fig, _note(look, several=bool(others)), look)
    return Drawing(fig, TITLE, alt)


def alt_text(means: pd.DataFrame, primary: Mapping[str, str]) -> str:
    """Say how far the mean alliance fell and how far it came back, by definition."""
    if means.empty:
        return NOTHING
    main = means["definition"].eq(primary["definition"])
    return (
        "Mean alliance by attended sessions around the first rupture, one panel a definition, "
        "by what became of the rupture. "
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
    if not {-1, 0} <= set(mean.columns):
        return ""
    falls = (mean[-1] - mean[0]).dropna()
    return (
        f"{others['definition'].nunique()} other definitions: the groups' means lie "
        f"{falls.min():.1f} to {falls.max():.1f} points lower in the session of the rupture than "
        "in the one before."
    )


def _axes(fig: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    across, total = fig.get_size_inches()
    box = (left / across, 1 - (top + height) / total, width / across, height / total)
    return fig.add_axes(box)


def _small_panels(fig: "Figure", means: pd.DataFrame, others: list[str]) -> list["Axes"]:
    width = (WIDTH - LEFT - (ACROSS - 1) * BETWEEN) / ACROSS
    axes = []
    for i, definition in enumerate(others):
        row, column = divmod(i, ACROSS)
        top = ABOVE + LARGE + LEGEND + row * (SMALL + HEAD + FOOT) + HEAD
        ax = _axes(fig, LEFT + column * (width + BETWEEN), top, width, SMALL)
        own = means[means["definition"].eq(definition)]
        draw_means(ax, own, small=True)
        _small_title(ax, definition, own)
        ax.tick_params(labelleft=column == 0, labelsize=7.5)
        if column == 0:
            ax.set_ylabel("Mean", fontsize=8)
        if i + ACROSS >= len(others):
            ax.set_xlabel("Sessions", fontsize=8)
        axes.append(ax)
    return axes


def _small_title(ax: "Axes", definition: str, own: pd.DataFrame) -> None:
    lines = "\n".join(wrap(name("definition", definition), 33))
    inches = ax.get_position().height * ax.figure.get_size_inches()[1]  # type: ignore[union-attr]
    look: dict[str, Any] = {"transform": ax.transAxes, "va": "bottom"}
    ax.text(0, 1 + 0.24 / inches, lines, fontsize=8.5, fontweight="bold", **look)
    ax.text(0, 1 + 0.07 / inches, f"n = {', '.join(_sizes(own))}", fontsize=8, **look)


def _sizes(own: pd.DataFrame) -> list[str]:
    """Patients in each group, in the order of the legend; – for a group that is not drawn."""
    groups = {str(r): count_texts(rows["patients"])[0] for r, rows in own.groupby("repair")}
    return [groups.get(repair, "–") for repair in LOOKS]


def _legend(ax: "Axes", means: pd.DataFrame, definition: str) -> None:
    from matplotlib.lines import Line2D

    sizes = _sizes(means[means["definition"].eq(definition)])
    handles = [
        Line2D(
            [], [], color=look.color, ls=look.line, marker=look.marker, mew=0,
            label=f"{name('repair', repair).capitalize()} (n = {n})",
        )
        for (repair, look), n in zip(LOOKS.items(), sizes, strict=True)
    ]  # fmt: skip
    below = -0.46 / (ax.get_position().height * ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, below), ncols=3,
        borderaxespad=0, borderpad=0, handlelength=2.8,
    )  # fmt: skip


def _limits(means: pd.DataFrame) -> tuple[float, float]:
    """Room for all means, and for the intervals that do not widen it by half."""
    low, high = means["mean"].min(), means["mean"].max()
    reach = 0.25 * max(high - low, 1.0)
    ends = np.nanmin(means["ci_low"]), np.nanmax(means["ci_high"])
    return float(max(ends[0], low - reach) - 0.3), float(min(ends[1], high + reach) + 0.3)


def _subtitle(primary: Mapping[str, str]) -> str:
    rule = name("repair_rule", primary["repair_rule"])
    return f"Each patient's first rupture. Repair: {rule}."


def _note(look: Look, *, several: bool) -> str:
    order = "n: patients, in the order of the legend. " if several else ""
    return (
        f"Bands: {look.level} intervals of the mean, cut where they leave the panel. {order}"
        "Who leaves drops out of later means. A definition that asks for a return finds only those "
        "who recovered."
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
