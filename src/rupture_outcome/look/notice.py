"""A figure in words, where a study has nothing to draw."""

from matplotlib.figure import Figure

from rupture_outcome.look.style import headline, styled

NO_INDIVIDUALS = "Courses of single patients are not shown: the study's settings do not allow it."


@styled
def notice(title: str, reason: str, *, simulated: bool = False) -> Figure:
    """Say in one line that there is nothing to show, and why.

    Parameters
    ----------
    title : str
        Of the figure that would be here.
    reason : str
        One sentence; also the alt text.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    fig = Figure(figsize=(7.4, 0.5))
    fig.text(0, 0.5, reason, va="center")
    headline(fig, title, simulated=simulated)
    return fig
