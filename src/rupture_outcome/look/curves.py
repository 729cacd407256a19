"""Published curves with their intervals, and the numbers at risk beneath them."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import SMALL
from rupture_outcome.look.formats import UNKNOWN, count_text
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.style import GREY, Mark, draw_band, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def known_points(curve: pd.DataFrame) -> pd.DataFrame:
    """Return the published points of one curve; the interval of an estimate of 0 is 0."""
    known = curve[curve["estimate"].notna()].sort_values("session")
    zero = known["estimate"].eq(0)
    return known.assign(
        ci_low=known["ci_low"].mask(zero, 0.0), ci_high=known["ci_high"].mask(zero, 0.0)
    )


def draw_curve(ax: "Axes", curve: pd.DataFrame, look: Mark) -> None:
    """Draw steps with a mark at their end, and nothing where a session is withheld."""
    known = known_points(curve)
    rows = known.set_index("session").reindex(sorted(curve["session"].unique()))
    rows = rows.loc[: known["session"].max()] if len(known) else rows.iloc[:0]
    x, y = rows.index.to_numpy(float), rows["estimate"].to_numpy(float)
    band = rows[["ci_low", "ci_high"]].to_numpy(float)
    style = {"color": look.color, "ls": look.line, "marker": look.marker, "mew": 0}
    ax.plot(x, y, drawstyle="steps-post", markevery=[len(x) - 1] if len(x) else [], **style)
    draw_band(ax, x, band[:, 0], band[:, 1], look, step="post")


def told_of(curves: pd.DataFrame) -> str:
    """Give what must be known of the intervals of curves, in brackets after a space, or nothing.

    Examples
    --------
    >>> told_of(pd.DataFrame({"reason": ["only_patients_drawn", None]}))
    ' (fewer than two therapists: only patients were drawn)'
    """
    told = list(curves["reason"].dropna().unique()) if "reason" in curves else []
    texts = [text for each in told if (text := reason_text(each))]
    return f" ({'; '.join(texts)})" if texts else ""


def percent_axis(ax: "Axes") -> None:
    """Label the y axis in whole per cent."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: share(value)))


def is_withheld_curve(curve: pd.DataFrame) -> bool:
    """Whether nothing but zeros of a curve is published."""
    return not bool(curve["estimate"].gt(0).any())


def numbers_at_risk(ax: "Axes", rows: list[tuple[str, pd.DataFrame]], ticks: list[int]) -> None:
    """Write numbers at risk under the ticks of the axis, one row a curve, as far as published.

    Parameters
    ----------
    ax : Axes
        Axes below the curves that share their x axis; its y runs over the rows.
    rows : list of (label, frame)
        Frames with ``session`` and the published ``at_risk``, one row a session.
    ticks : list of int
        Sessions at which the axis has ticks.
    """
    ax.set_ylim(len(rows) - 0.5, -0.9)
    ax.set_axis_off()
    ax.text(0, -0.75, "Number at risk", transform=ax.get_yaxis_transform(), fontsize=8, va="center")
    for i, (label, curve) in enumerate(rows):
        look: dict[str, Any] = {"va": "center", "fontsize": 8}
        at = ax.get_yaxis_transform()
        ax.text(-0.075, i, label, transform=at, ha="right", **look)
        for session, text in at_risk_texts(curve, ticks):
            ax.text(
                session, i, text, ha="center", color=GREY if text[0] == SMALL else "black", **look
            )


def at_risk_texts(curve: pd.DataFrame, ticks: list[int]) -> list[tuple[int, str]]:
    """Take the published numbers at risk at the ticks; of small ones in a row only the first."""
    at_ticks = curve[curve["session"].isin(ticks)].drop_duplicates("session")
    chosen: list[tuple[int, str]] = []
    small = False
    for row in at_ticks.sort_values("session").to_dict("records"):
        text = count_text(row["at_risk"])
        if text != UNKNOWN and not (small and text[0] == SMALL):
            chosen.append((int(row["session"]), text))
            small = text[0] == SMALL
    return chosen


def session_ticks(first: int, last: int, most: int = 8) -> list[int]:
    """Give whole sessions for an axis, the first one included.

    Examples
    --------
    >>> session_ticks(4, 16)
    [4, 6, 8, 10, 12, 14, 16]
    """
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 1000) if (last - first) / s < most)
    return list(np.arange(first, last + 1, step, dtype=int).tolist())
