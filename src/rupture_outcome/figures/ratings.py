"""What was rated: completeness of every source by session, and ratings at their best score."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from rupture_outcome.look.curves import percent_axis, session_ticks
from rupture_outcome.look.style import (
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILLION,
    Mark,
    footnote,
    headline,
    legend_below,
    panel_title,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.publishable.suppress import is_small

TITLE = "What was rated"
LOOKS = {
    "alliance_patient": Mark(BLUE, "-", "o"),
    "alliance_therapist": Mark(GREEN, "--", "s"),
    "symptom": Mark(GREY, ":", "^"),
    "psq_patient_rupture": Mark(VERMILLION, "-.", "D"),
    "psq_therapist_rupture": Mark(PURPLE, (0, (4, 1, 1, 1, 1, 1)), "v"),
}
SUMMARY = ["source", "first", "last", "whole", "part"]


def best_scores(instruments: Mapping[str, Any]) -> dict[str, float]:
    """Best possible score by source: the highest, or the lowest where lower is better.

    Examples
    --------
    >>> best_scores({"phq9": {"measures": "symptom", "range": [0, 27], "direction": -1}})
    {'symptom': 0.0}
    """
    best = {}
    for instrument in instruments.values():
        items = len(instrument.get("items") or []) or 1
        end = instrument["range"][1 if instrument["direction"] > 0 else 0]
        best[instrument["measures"]] = float(end * items)
    return best


def completeness(sessions: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Attended sessions with a rating, by source and band of sessions.

    Neighbouring sessions form a band until 0 or more than `threshold` are rated in it, and 0 or
    more than `threshold` are not.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``session``, ``attended`` and the sources.
    threshold : int
        Largest count that must not be derivable.

    Returns
    -------
    DataFrame
        source, first, last (sessions of the band), whole (attended), part (rated).
    """
    attended = sessions[sessions["attended"].eq(1)]
    sources = [s for s in LOOKS if s in attended and attended[s].notna().any()]
    bands = [
        _bands(attended["session"], attended[s].notna(), threshold).assign(source=s)
        for s in sources
    ]
    return pd.concat(bands, ignore_index=True)[SUMMARY] if bands else pd.DataFrame(columns=SUMMARY)


def at_best(sessions: pd.DataFrame, best: Mapping[str, float], threshold: int) -> pd.DataFrame:
    """Ratings at the best possible score, by source and band of sessions; as `completeness`."""
    bands = []
    for source in (s for s in LOOKS if s in best and s in sessions):
        rated = sessions[sessions["attended"].eq(1) & sessions[source].notna()]
        if len(rated):
            top = np.isclose(rated[source].astype(float), best[source])
            bands.append(
                _bands(rated["session"], pd.Series(top, index=rated.index), threshold).assign(
                    source=source
                )
            )
    return pd.concat(bands, ignore_index=True)[SUMMARY] if bands else pd.DataFrame(columns=SUMMARY)


@styled
def rating_figure(
    complete: pd.DataFrame,
    best: pd.DataFrame,
    *,
    threshold: int = 10,
    simulated: bool = False,
) -> Figure:
    """Draw the shares of attended sessions that were rated, and of ratings at their best score.

    Parameters
    ----------
    complete, best : DataFrame
        From `completeness` and `at_best`.
    threshold : int
        Largest count that is not shown, for the note.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    fig = Figure(figsize=(9.4, 3.7), layout="constrained")
    left, right = fig.subplots(1, 2)
    _shares(left, complete)
    _shares(right, best)
    if len(complete):
        lowest = (complete["part"] / complete["whole"]).min()
        left.set_ylim(max(0.0, math.floor(10 * lowest) / 10 - 0.1), 1.02)
    if len(best):
        right.set_ylim(0, min(1.02, 1.25 * (best["part"] / best["whole"]).max() + 0.02))
    panel_title(left, "Attended sessions with a rating")
    panel_title(right, "Ratings at the best possible score")
    left.set_ylabel("Share of attended sessions")
    right.set_ylabel("Share of ratings")
    legend_below(fig, left.get_legend_handles_labels()[0], columns=3)
    headline(fig, TITLE, simulated=simulated)
    footnote(fig, _note(threshold))
    return fig


def alt_text(complete: pd.DataFrame, best: pd.DataFrame) -> str:
    """Say which share of sessions each source rated, and which share of ratings was best."""
    rated = [f"{name('source', s)} {share(v)}" for s, v in _overall(complete).items()]
    ceiling = [f"{name('source', s)} {share(v)}" for s, v in _overall(best).items()]
    return (
        f"Shares by session. Attended sessions with a rating: {', '.join(rated)}. "
        f"Ratings at the best possible score: {', '.join(ceiling)}."
    )


def _bands(session: pd.Series, part: pd.Series, threshold: int) -> pd.DataFrame:
    """Pool sessions from the first on; what is left over at the end joins the band before."""
    counts = part.groupby(session).agg(["size", "sum"]).sort_index()
    bands: list[list[int]] = []
    pending: list[int] = []
    for number in counts.index:
        pending.append(int(number))
        if _open(counts, pending, threshold):
            bands.append(pending)
            pending = []
    while pending and bands and not _open(counts, pending, threshold):
        pending = bands.pop() + pending
    if pending and _open(counts, pending, threshold):
        bands.append(pending)
    sums = [counts.loc[band].sum() for band in bands]
    return pd.DataFrame(
        {
            "first": [band[0] for band in bands],
            "last": [band[-1] for band in bands],
            "whole": [int(s["size"]) for s in sums],
            "part": [int(s["sum"]) for s in sums],
        }
    )


def _open(counts: pd.DataFrame, band: list[int], threshold: int) -> bool:
    whole, part = counts.loc[band, "size"].sum(), counts.loc[band, "sum"].sum()
    return not any(is_small(n, threshold) for n in (whole, part, whole - part))


def _overall(bands: pd.DataFrame) -> dict[str, float]:
    sums = bands.groupby("source", sort=False)[["whole", "part"]].sum()
    shares = sums["part"] / sums["whole"]
    return {str(source): float(value) for source, value in shares.items()}


def _shares(ax: Axes, bands: pd.DataFrame) -> None:
    last = int(bands["last"].max()) if len(bands) else 1
    for source, rows in bands.groupby("source", sort=False):
        look = LOOKS[str(source)]
        middle = (rows["first"] + rows["last"]) / 2
        y = rows["part"] / rows["whole"]
        style = {"color": look.color, "ls": look.line, "marker": look.marker, "ms": 4, "mew": 0}
        ax.plot(middle, y, label=name("source", source), **style)
        ax.hlines(y, rows["first"] - 0.4, rows["last"] + 0.4, color=look.color, lw=0.8)
    ax.set(xlim=(0.5, last + 0.5), xlabel="Session in the schedule")
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(1, last)))
    percent_axis(ax)


def _note(threshold: int) -> str:
    return (
        "Missed sessions are not counted. Best possible score: the highest of an alliance scale, "
        "the lowest of a symptom scale. Horizontal bars: sessions pooled until "
        f"0 or more than {threshold} ratings are in either part."
    )
