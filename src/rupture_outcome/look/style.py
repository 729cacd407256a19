"""How all figures look and how they are written: one style, identical bytes on every run."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from xml.sax.saxutils import escape

from rupture_outcome.look.look import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The colours of Okabe and Ito, which colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
YELLOW, BLUE, VERMILLION, PURPLE = "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
YELLOW_DARK = "#8a7a00"
GREY, LIGHT, FAINT = "#6b6b6b", "#b5b5b5", "#ececec"

# Text becomes paths: without the reader's fonts it looks the same everywhere and cannot overlap.
RC: Any = {
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "svg.fonttype": "path",
    "text.parse_math": False,
}
DPI, MARGIN = 150, 0.1  # the margin in inches
COORDINATES = re.compile(r'(?:\b(?:d|x|y|width|height|points)="|translate\()[^")]*')
DECIMALS = re.compile(r"-?\d+\.\d{3,}")
CHARACTER = 0.068  # inches that a character of 8.5 points takes on average

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Mark:
    """Colour, line and marker of one series: each alone tells the series apart."""

    color: Any
    line: Any
    marker: str
    hatch: str = ""


STATES: Mapping[str, Mark] = {
    "intact": Mark(GREY, ":", "^"),
    "unrepaired": Mark(VERMILLION, "-", "o", "////"),
    "repaired": Mark(BLUE, "--", "s", "...."),
    "all": Mark(BLACK, "-", "o"),
}


ENDINGS: Mapping[str, Mark] = {
    "dropout": Mark("#333333", "-", "o"),
    "completed": Mark("#7a4f9a", "--", "s"),
    "agreed": Mark(GREEN, "-.", "^"),
    "referred": Mark(PURPLE, ":", "D"),
    "administrative": Mark(YELLOW_DARK, (0, (1, 1)), "v"),
}


def tint(color: str, strength: float) -> str:
    """Mix a colour with white, opaque: browsers lose the hatch over a face that is transparent.

    Examples
    --------
    >>> tint(BLACK, 0.2), tint(BLACK, 1)
    ('#cccccc', '#000000')
    """
    parts = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - strength * (255 - part)):02x}" for part in parts)


def filled(mark: Mark, strength: float = 0.15) -> dict[str, Any]:
    """How an area of a series is filled: face and hatch opaque, the hatch darker than the face."""
    return {"facecolor": tint(mark.color, strength), "edgecolor": mark.color, "hatch": mark.hatch}


def draw_band(ax: "Axes", x: Any, low: Any, high: Any, mark: Mark, **more: Any) -> None:
    """Draw an interval along a curve: what lies behind it shows, and so does its hatch.

    Face and hatch are two areas, because browsers draw a hatch over a transparent face in the
    colour of the face.

    Parameters
    ----------
    ax : Axes
    x, low, high : array, shape (n,)
        Places, and the ends of the interval there.
    mark : Mark
        Of the curve.
    more
        As in ``Axes.fill_between``, such as ``step``.
    """
    ax.fill_between(x, low, high, facecolor=(mark.color, 0.13), lw=0, **more)
    if mark.hatch:
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": tint(mark.color, 0.55), "lw": 0}
        ax.fill_between(x, low, high, hatch=mark.hatch, **look, **more)


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw in the style of the project, whatever the caller's settings are."""

    @wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl  # the registry of products is read without it

        with mpl.rc_context(dict(RC)):
            return draw(*args, **kwargs)

    return inner


def new_figure(width: float, height: float, **layout: Any) -> "Figure":
    """Give an empty figure of a size in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), **layout)


def headline(fig: "Figure", title: str, subtitle: str = "", look: Look | None = None) -> None:
    """Write title, subtitle and the mark of the data above the figure."""
    width, height = fig.get_size_inches()
    lines = wrap(subtitle, int(width / CHARACTER))
    top = 1 + (0.12 + 0.16 * len(lines)) / height
    fig.text(0, top, title, fontsize=11, fontweight="bold", ha="left", va="bottom")
    if lines:
        fig.text(0, 1 + 0.1 / height, "\n".join(lines), fontsize=8.5, color="#333333", va="bottom")
    if look and look.mark:
        box = {"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": GREY, "lw": 0.8}
        fig.text(1, top + 0.08 / height, look.mark, fontsize=8.5, ha="right", va="bottom", bbox=box)


def footnote(fig: "Figure", text: str, look: Look | None = None) -> None:
    """Write a note below the figure, broken to its width, and how counts are shown."""
    text = " ".join(filter(None, [text, look.rounding if look else ""]))
    width, height = fig.get_size_inches()
    lines = "\n".join(wrap(text, int(width / (CHARACTER * 0.93))))
    fig.text(0, -0.1 / height, lines, fontsize=8, color="#444444", ha="left", va="top")


def legend_below(fig: "Figure", handles: Sequence[Any], columns: int) -> None:
    """Place a legend between the panels and the note of a constrained figure, and fix the layout.

    A layout that is solved anew for every file format would not give the same picture twice.
    """
    rows = -(-len(handles) // columns)
    bottom = (0.2 * rows + 0.12) / fig.get_size_inches()[1]
    fig.set_layout_engine("constrained", rect=(0, bottom, 1, 1 - bottom))
    fig.draw_without_rendering()
    fig.set_layout_engine("none")
    look: dict[str, Any] = {"borderaxespad": 0, "borderpad": 0, "handlelength": 2.8}
    fig.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 0), ncols=columns, **look)


def panel_title(ax: "Axes", text: str) -> None:
    """Title a panel at its left."""
    ax.set_title(text, loc="left", fontweight="bold", pad=6)


def save_figure(fig: "Figure", stem: Path, title: str, alt: str) -> None:
    """Write ``stem.svg``, ``stem.png`` and ``stem.alt.txt`` with identical bytes on every run.

    The SVG carries title and description for screen readers. Identifiers in it are derived from
    the name of the figure, so that several can stand in one page.

    Parameters
    ----------
    fig : Figure
        What to write.
    stem : Path
        Path without ending, such as ``results/example/figures/flow``.
    title, alt : str
        Short title, and what the figure shows for those who cannot see it.
    """
    import matplotlib as mpl

    stem = Path(stem)
    with mpl.rc_context(dict(RC) | {"svg.hashsalt": stem.name}):
        # Laid out and measured once, so that both files show the same picture.
        fig.draw_without_rendering()
        fig.set_layout_engine("none")
        box = fig.get_tightbbox().padded(MARGIN)
        svg, png = (stem.with_name(f"{stem.name}.{ending}") for ending in ("svg", "png"))
        fig.savefig(svg, bbox_inches=box, metadata={"Date": None, "Creator": None})
        fig.savefig(png, bbox_inches=box, dpi=DPI, metadata={"Software": None})
    svg.write_text(described(trimmed(svg.read_text("utf-8")), stem.name, title, alt), "utf-8")
    stem.with_name(f"{stem.name}.alt.txt").write_text(f"{alt}\n", "utf-8")


def trimmed(svg: str) -> str:
    """SVG whose coordinates carry no more digits than a screen shows, and so no exact numbers.

    Examples
    --------
    >>> trimmed('<path d="M 12.345678 0.5 L 7 1.999"/>')
    '<path d="M 12.35 0.5 L 7 2"/>'
    """
    return COORDINATES.sub(lambda found: DECIMALS.sub(_two_decimals, found[0]), svg)


def _two_decimals(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def described(svg: str, name: str, title: str, description: str) -> str:
    """SVG with a title and a description that assistive technology reads."""
    label = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    texts = (
        f'\n <title id="{name}-title">{escape(title)}</title>'
        f'\n <desc id="{name}-desc">{escape(description)}</desc>'
    )
    return re.sub(
        r"<svg ([^>]*)>", lambda m: f"<svg {label} {m[1]}>{texts}", svg, count=1, flags=re.DOTALL
    )


def share(value: float) -> str:
    """Percentage without decimals.

    Examples
    --------
    >>> share(0.2249)
    '22%'
    """
    return f"{100 * value:.0f}%"
