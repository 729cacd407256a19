"""Mean courses around the first rupture, by what became of it, drawn in one panel."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.look.formats import count_texts
from rupture_outcome.look.style import BLUE, GREY, VERMILLION, Mark, draw_band
from rupture_outcome.look.words import name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = {
    "repaired": Mark(BLUE, "--", "s", "...."),
    "not_repaired": Mark(VERMILLION, "-", "o", "////"),
    "censored": Mark(GREY, ":", "^"),
}


def draw_means(ax: "Axes", means: pd.DataFrame) -> None:
    """Draw the mean of each group with its interval."""
    for repair, look in LOOKS.items():
        rows = means[means["repair"].eq(repair)].sort_values("since_onset")
        if len(rows):
            x, y = rows["since_onset"].to_numpy(float), rows["mean"].to_numpy(float)
            style: dict[str, Any] = {"color": look.color, "ls": look.line, "marker": look.marker}
            ax.plot(x, y, label=group_label(rows), **style)
            band = rows[["ci_low", "ci_high"]].to_numpy(float)
            draw_band(ax, x, band[:, 0], band[:, 1], look)
    ax.axvline(0, color=GREY, lw=0.8, zorder=0)


def group_label(rows: pd.DataFrame) -> str:
    """Name of a group with its number of patients."""
    repair = name("repair", rows["repair"].iloc[0]).capitalize()
    return f"{repair} (n = {count_texts(rows['patients'])[0]})"
