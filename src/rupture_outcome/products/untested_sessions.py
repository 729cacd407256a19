"""What the effect of repair would be if untested sessions were not what was carried on."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE, compares
from rupture_outcome.look.forest import limits, true_across, upright_ratio_axis
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    VERMILLION,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name, ratio_name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "If untested sessions were not what was carried on"
NOTHING = "No share of untested sessions gives an effect that could be shown."
SERIES = {
    "share_repaired": ("Open ruptures that were repaired", "of the untested open sessions"),
    "share_open": ("Others that were open ruptures", "of the other untested sessions"),
}
KINDS = {"": Mark(BLUE, "-", "o"), "_before_dropout": Mark(VERMILLION, "--", "s")}
LABELS = {"": "all untested", "_before_dropout": "only before dropout"}
WIDTH, HEIGHT, LEFT, BETWEEN, BELOW = 8.6, 3.6, 0.75, 0.55, 0.5  # inches


def draw_untested(tables: Tables, look: Look) -> Drawing:
    """Draw the ratio as more of the untested sessions were in truth of the other state."""
    rows = tables["sensitivity"]
    rows = rows[rows["analysis"].eq("missing_ratings") & compares(rows, HEADLINE)]
    series = rows["setting"].astype(str).str.startswith("share_")
    alt = alt_text(rows)
    if rows.loc[series, "ratio"].isna().all():
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    return Drawing(untested_figure(rows, look), TITLE, alt)


@styled
def untested_figure(rows: pd.DataFrame, look: Look) -> "Figure":
    """Draw a panel for each direction; `rows` are the published ones of repaired against open."""
    fig = new_figure(WIDTH, HEIGHT)
    wide = (WIDTH - LEFT - BETWEEN) / 2 / WIDTH
    ends = np.exp(rows[["ci_low", "ci_high"]].to_numpy(float))
    low, high = limits(ends.ravel())
    for k, (code, (title, of)) in enumerate(SERIES.items()):
        left = (LEFT + k * BETWEEN) / WIDTH + k * wide
        box = (left, BELOW / HEIGHT, wide, 1 - (BELOW + 0.3) / HEIGHT)
        ax = fig.add_axes(box)
        upright_ratio_axis(ax, low, high)
        for kind, mark in KINDS.items():
            _series(ax, rows[rows["setting"].eq(f"{code}{kind}")], mark, LABELS[kind])
            tipping = rows[rows["setting"].eq(f"tipping_{code}{kind}")]
            _tip(ax, tipping["value"].dropna(), mark)
        true_across(ax, look.true_ratio(HEADLINE))
        ax.set(xlim=(-0.02, 1.02), xlabel=f"Share {of}")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        panel_title(ax, title)
        if k:
            ax.tick_params(labelleft=False)
        else:
            ratio = ratio_name(look.settings["models"]["link"])
            ax.set_ylabel(f"{ratio}, repaired against open")
            ax.legend(loc="upper left", handlelength=2.8, borderaxespad=0.2)
    headline(fig, TITLE, "Repaired against open rupture. At 0%: the main analysis.", look)
    footnote(fig, _note(look), look)
    return fig


def alt_text(rows: pd.DataFrame) -> str:
    """Say from which share on the interval includes 1, or ceases to."""
    tipping = rows[rows["setting"].astype(str).str.startswith("tipping_")]
    said = [
        f"{name('sensitivity', row['setting'].removeprefix('tipping_'))}: "
        f"{reason_text(row['reason'])} ({100 * row['value']:.0f}%)."
        for row in tipping[tipping["value"].notna()].to_dict("records")
    ]
    known = rows["ratio"].dropna()
    if known.empty:
        return NOTHING
    ends = f"Repaired against open rupture, ratios from {known.min():.2f} to {known.max():.2f}"
    return " ".join([f"{ends} as untested sessions are taken otherwise.", *said])


def _series(ax: "Axes", rows: pd.DataFrame, mark: Mark, label: str) -> None:
    known = rows[rows["ratio"].notna()].sort_values("value")
    if known.empty:
        return
    x = known["value"].to_numpy(float)
    low, high = (np.exp(known[end].to_numpy(float)) for end in ("ci_low", "ci_high"))
    ax.fill_between(x, low, high, facecolor=(mark.color, 0.1), lw=0)
    for end in (low, high):
        ax.plot(x, end, color=mark.color, ls=mark.line, lw=0.7)
    style: dict[str, Any] = {"color": mark.color, "ls": mark.line, "marker": mark.marker}
    ax.plot(x, known["ratio"], ms=4, mew=0, label=label, **style)


def _tip(ax: "Axes", shares: "pd.Series[float]", mark: Mark) -> None:
    """Mark where the interval begins or ceases to include 1."""
    for share in shares:
        ax.plot(share, 1.0, marker="D", ms=6, color=mark.color, mec="white", mew=0.7, zorder=5)
        above = mark.line == "-"
        place: dict[str, Any] = {"textcoords": "offset points", "xytext": (4, 7 if above else -13)}
        ax.annotate(f"{share:.0%}", (share, 1.0), fontsize=8, color=BLACK, **place)


def _note(look: Look) -> str:
    return (
        f"Bands: {look.level} intervals. Untested: the definition could not be tested in the "
        "session, and the main analysis carries the state before on. Diamonds: share from which "
        f"the interval begins or ceases to include 1. {look.truth}"
    ).strip()


PRODUCT = Product(
    name="untested_sessions",
    about="The effect of repair as a share of untested sessions was in truth of the other state",
    reads=("sensitivity",),
    settings=("models", "truth"),
    draw=draw_untested,
)
