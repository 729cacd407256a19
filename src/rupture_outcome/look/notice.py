"""A figure in words, where a study has nothing to draw."""

from typing import TYPE_CHECKING

from rupture_outcome.look.look import Look
from rupture_outcome.look.style import headline, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NO_INDIVIDUALS = "Courses of single patients are not shown: the study's settings do not allow it."


@styled
def notice(title: str, reason: str, look: Look | None = None) -> "Figure":
    """Say in one line that there is nothing to show, and why.

    Parameters
    ----------
    title : str
        Of the figure that would be here.
    reason : str
        One sentence; also the alt text.
    look : Look, optional
        For the mark of the data.
    """
    fig = new_figure(7.4, 0.5)
    fig.text(0, 0.5, reason, va="center")
    headline(fig, title, "", look)
    return fig
