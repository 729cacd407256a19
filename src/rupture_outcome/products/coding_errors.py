"""What the effect of repair would be if open ruptures and repairs were coded wrongly."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE, compares
from rupture_outcome.estimates.sensitivity.misclassification import OWN, VALIDATED
from rupture_outcome.look.forest import limits, true_across, upright_ratio_axis
from rupture_outcome.look.formats import percent, ratio_interval
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    SKY,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import ratio_name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Repair and dropout, corrected for errors of coding"
NOTHING = "No accuracy of coding gives an effect that could be shown."
SPECIFICITIES = (1.0, 0.8, 0.6)
KNOWN = {OWN: "as simulated", VALIDATED: "as in the validation study"}
LOOKS = ((BLACK, "-", "o"), (BLUE, "--", "s"), (SKY, "-.", "^"))
APART = 1.17  # between names of lines, as a factor
WIDTH, HEIGHT, BOX = 7.6, 3.8, (0.1, 0.13, 0.56, 0.85)  # inches, then shares of the figure


def draw_errors(tables: Tables, look: Look) -> Drawing:
    """Draw the corrected ratio by sensitivity, a line a specificity."""
    rows = tables["sensitivity"]
    rows = rows[rows["analysis"].eq("misclassification") & compares(rows, HEADLINE)]
    alt = alt_text(rows)
    if rows["ratio"].isna().all():
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    return Drawing(errors_figure(rows, look), TITLE, alt)


@styled
def errors_figure(rows: pd.DataFrame, look: Look) -> "Figure":
    """Draw published corrections, with intervals of those as coded and of the own accuracy."""
    fig = new_figure(WIDTH, HEIGHT)
    ax = fig.add_axes(BOX)
    shown = _marked(rows)
    grid = rows[rows["setting"].eq("grid") & rows["ratio"].notna()]
    ends = np.exp(shown[["ci_low", "ci_high"]].to_numpy(float))
    upright_ratio_axis(ax, *limits([*ends.ravel(), *grid["ratio"]], (0.08, 12.0)))
    least, label = 1.0, np.inf
    for specificity, look_of in zip(SPECIFICITIES, LOOKS, strict=True):
        line = grid[np.isclose(grid["specificity"], specificity)].sort_values("sensitivity")
        label = _line(ax, line, specificity, look_of, label / APART)
        least = min([least, *line["sensitivity"]])
    for row in shown.to_dict("records"):
        _mark(ax, row)
    true_across(ax, look.true_ratio(HEADLINE))
    ax.set(xlim=(min(least, 0.9) - 0.02, 1.02), xlabel="Sensitivity: open ruptures coded open")
    ax.set_ylabel(f"{ratio_name(look.settings['models']['link'])}, repaired against open")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    headline(fig, TITLE, "Hazards by the true state, of which the coded one has errors.", look)
    footnote(fig, _note(look), look)
    return fig


def alt_text(rows: pd.DataFrame) -> str:
    """Say what the ratio is as coded, and with the own accuracy."""
    shown = _marked(rows).to_dict("records")
    if not shown:
        return NOTHING
    said = "; ".join(f"{_what(row)}: {ratio_interval(row)}" for row in shown)
    return (
        f"Repaired against open rupture, corrected for errors of coding. {said}. Lines: by "
        "sensitivity, for three specificities; the more errors, the further from 1."
    )


def _marked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as coded and with what the definition achieves, where these are known."""
    exact = rows["setting"].eq("grid") & rows["sensitivity"].eq(1) & rows["specificity"].eq(1)
    own = rows["setting"].isin(list(KNOWN))
    return rows[(exact | own) & rows["ratio"].notna()]


def _what(row: dict) -> str:
    if row["setting"] == "grid":
        return "As coded"
    shares = (percent(row[key], 0) for key in ("sensitivity", "specificity"))
    return "Sensitivity {}, specificity {}, {}".format(*shares, KNOWN[row["setting"]])


def _line(
    ax: "Axes", line: pd.DataFrame, specificity: float, look: tuple[Any, Any, str], most: float
) -> float:
    """Draw a line and name it at its end, below `most`; give the height of the name."""
    if line.empty:
        return most * APART
    color, dash, marker = look
    x, y = line["sensitivity"].to_numpy(float), line["ratio"].to_numpy(float)
    ax.plot(x, y, color=color, ls=dash, marker=marker, ms=4, mew=0, lw=1.3, clip_on=True)
    at = min(float(max(y[-1], ax.get_ylim()[0] * APART)), most)
    ax.annotate(
        f"specificity {specificity:.0%}", (1.04, at), xycoords=("axes fraction", "data"),
        va="center", fontsize=8.5, color=color,
    )  # fmt: skip
    return at


def _mark(ax: "Axes", row: dict) -> None:
    own = row["setting"] in KNOWN
    x, ends = row["sensitivity"], np.exp([row["ci_low"], row["ci_high"]])
    shift = 0.0 if own else 0.006
    ax.plot([x + shift] * 2, ends, color=BLACK, lw=1.5, zorder=4)
    marker = "*" if own else "D"
    ax.plot(x + shift, row["ratio"], marker=marker, ms=11 if own else 6, color=BLACK, zorder=5)


def _note(look: Look) -> str:
    return (
        "Specificity: others coded repaired. Lines end where such errors alone would give more of "
        f"one state than was coded. With {look.level} intervals: diamond, as coded; star, with the "
        "accuracy that the definition has in a simulated or a validation study, whose uncertainty "
        "the interval holds. Errors are taken to be the same whether dropout follows or not. "
        f"Adjusted as the main model, without therapists. {look.truth}"
    ).strip()


PRODUCT = Product(
    name="coding_errors",
    about="The effect of repair corrected for open ruptures and repairs that were coded wrongly",
    reads=("sensitivity",),
    settings=("models", "truth"),
    draw=draw_errors,
)
