"""One row of a forest: a point, its line, and arrows where the line leaves the axis."""

from collections.abc import Iterable
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from rupture_outcome.look.style import BLACK, GREEN, GREY, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
LIMITS = (0.04, 25.0)
TRUTH: dict[str, Any] = {"color": GREEN, "lw": 1.4, "ls": (0, (6, 1.5)), "zorder": 0.5}
CHARACTER = 0.055  # inches that a character of 7.5 points takes on average


def limits(ends: Iterable[float], most: tuple[float, float] = LIMITS) -> tuple[float, float]:
    """Give the ends of an axis of ratios that holds all intervals, but is still readable.

    Parameters
    ----------
    ends : iterable of float
        Ends of intervals on the scale of ratios; missing and infinite ones do not count.
    most : (float, float)
        The widest that the axis may be; intervals beyond get an arrow.

    Examples
    --------
    >>> limits([0.25, 900.0])
    (0.225, 25.0)
    """
    known = np.asarray(list(ends), dtype=float)
    known = known[np.isfinite(known)]
    low, high = 0.9 * min([0.5, *known]), 1.1 * max([2.0, *known])
    return max(float(low), most[0]), min(float(high), most[1])


def ratio_axis(ax: "Axes", low: float, high: float, label: str = "", **text: Any) -> None:
    """Make the x axis one of ratios: logarithmic, with a line at 1 and no y axis.

    Parameters
    ----------
    ax : Axes
        Rows lie over its y axis.
    low, high : float
        From `limits`.
    label : str
        Of the axis; ``text`` as in ``Axes.set_xlabel``.
    """
    from matplotlib.ticker import FixedLocator, NullLocator

    ax.set(xscale="log", xlim=(low, high))
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    if label:
        ax.set_xlabel(label, **text)


def difference_axis(ax: "Axes", reach: float, ticks: int) -> None:
    """Make the x axis one of differences: as long on both sides of a line at 0, with no y axis.

    Parameters
    ----------
    ax : Axes
        Rows lie over its y axis.
    reach : float
        Largest difference that the axis holds.
    ticks : int
        Most steps between ticks.
    """
    from matplotlib.ticker import MaxNLocator, NullLocator

    ax.set_xlim(-reach, reach)
    ax.axvline(0, color=BLACK, lw=0.8, zorder=0)
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    ax.xaxis.set_major_locator(MaxNLocator(ticks))


def true_beside(ax: "Axes", y: float, value: float, height: float) -> None:
    """Draw what a simulation was made with across one row, of a height in units of its axis."""
    ax.plot([value] * 2, [y - 0.5 * height, y + 0.5 * height], **TRUTH)


def true_line(ax: "Axes", value: float, bottom: float | None = None) -> None:
    """Draw the ratio that a simulation was made with; nothing where it is not known.

    Parameters
    ----------
    ax : Axes
        With its rows from the top.
    value : float
        On the scale of the axis.
    bottom : float, optional
        Height where rows of another event begin, of which it is not the truth.
    """
    low, high = ax.get_xlim()
    if low < value < high:
        end, top = ax.get_ylim()
        ax.plot([value, value], [top, end if bottom is None else bottom], **TRUTH)


def upright_ratio_axis(ax: "Axes", low: float, high: float) -> None:
    """Make the y axis one of ratios: logarithmic, with a line at 1.

    Parameters
    ----------
    ax : Axes
    low, high : float
        From `limits`.
    """
    from matplotlib.ticker import FixedLocator, NullLocator

    ax.set(yscale="log", ylim=(low, high))
    ax.axhline(1, color=BLACK, lw=0.8, zorder=0)
    ax.yaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def true_across(ax: "Axes", value: float) -> None:
    """Draw the ratio that a simulation was made with across; nothing where it is not known."""
    low, high = ax.get_ylim()
    if low < value < high:
        ax.axhline(value, **TRUTH)


def draw_row(
    ax: "Axes",
    y: float,
    value: float,
    ends: tuple[float, float],
    mark: Mark,
    *,
    hollow: bool = False,
    size: float = 5.5,
    width: float = 1.5,
) -> None:
    """Draw an estimate and its interval; nothing where the estimate is missing.

    Parameters
    ----------
    ax : Axes
        Its x limits are set already.
    y : float
        Height of the row.
    value, ends : float, (float, float)
        Estimate and interval on the scale of the axis; missing ends are not drawn.
    mark : Mark
        Colour, line and marker.
    hollow : bool
        Whether the point is white inside.
    size, width : float
        Of the point and of the line, in points.
    """
    if np.isnan(value):
        return
    draw_line(ax, y, ends, mark, width=width)
    low, high = ax.get_xlim()
    if low <= value <= high:
        face = "white" if hollow else mark.color
        look: dict[str, Any] = {"ms": size, "mfc": face, "mec": mark.color, "mew": 1.2}
        ax.plot(value, y, ls="", marker=mark.marker, **look)


def draw_penalised(
    ax: "Axes", y: float, found: tuple[float, float, float] | None, mark: Mark, below: float = 0.07
) -> None:
    """Draw an estimate by penalised likelihood below a row: hollow, on a thin line.

    Parameters
    ----------
    ax : Axes
        Of the forest.
    y : float
        Height of the row.
    found : (float, float, float) or None
        Ratio and ends of its interval; nothing is drawn without.
    mark : Mark
        Of the row.
    below : float
        How far below the row.
    """
    if found is None:
        return
    value, low, high = found
    draw_row(ax, y + below, value, (low, high), mark, hollow=True, size=4.5, width=0.9)


def draw_line(
    ax: "Axes", y: float, ends: tuple[float, float], mark: Mark, *, width: float = 1.5
) -> None:
    """Draw an interval within the axis, with an arrow at each end that lies beyond it."""
    if np.isnan(ends).any():
        return
    low, high = ax.get_xlim()
    ax.plot(np.clip(ends, low, high), [y, y], ls=mark.line, color=mark.color, lw=width)
    for end, arrow, limit in ((ends[0], "<", low), (ends[1], ">", high)):
        if not low <= end <= high:
            ax.plot(limit, y, marker=arrow, color=mark.color, ms=4, clip_on=False)


def say(ax: "Axes", y: float, text: str, room: float, x: float = 0.0) -> None:
    """Write in place of a row why there is none, shortened to `room` inches.

    Parameters
    ----------
    ax : Axes
        Of the forest.
    y : float
        Height of the row.
    text : str
        Such as `rupture_outcome.look.reasons.why` gives.
    room : float
        Inches that the text may take.
    x : float
        Where it begins, in widths of the axes.
    """
    short = shorten(text, int(room / CHARACTER), placeholder=" …")
    white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    look: dict[str, Any] = {"va": "center", "fontsize": 7.5, "color": GREY, "zorder": 3}
    ax.text(x, y, short, transform=ax.get_yaxis_transform(), bbox=white, **look)
