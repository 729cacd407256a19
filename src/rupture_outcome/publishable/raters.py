"""Small-cell suppression of what observers coded: their agreement, and strategies."""

import re

import pandas as pd

from rupture_outcome.publishable.shares import (
    INTERVAL,
    Published,
    any_small,
    rounded,
    row_by_row,
    too_few,
    without,
    without_counts,
)
from rupture_outcome.publishable.suppress import WITHHELD, is_withheld, redacted, suppress


def publishable_rater_agreement(
    frame: pd.DataFrame, threshold: int, published: Published | None = None
) -> pd.DataFrame:
    """Agreement of raters, without who they are.

    A coefficient from few patients or sessions is withheld, and one of presence also where the
    smallest count that it gives away (``fewest``, not published) is small.

    Parameters
    ----------
    frame : DataFrame
        ``rater_agreement`` of the results contract with `presence_counts` beside it.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    parts = [
        suppress(rows, ["n", "patients"], threshold, published=published)
        for _, rows in frame.groupby("measure", sort=False, observed=True)
    ]
    out = pd.concat(parts).loc[frame.index] if parts else frame.assign(**{WITHHELD: ""})
    pairs = zip(frame["note"].fillna("").astype(str), frame["raters"].astype(int), strict=True)
    notes = [str(redacted(_nameless(note, raters), threshold)) for note, raters in pairs]
    out = out.assign(note=notes)
    few = any_small(frame[["n", "patients", "fewest"]], threshold)
    estimates = ["estimate", *INTERVAL, "present_low", "present_high"]
    return too_few(out, estimates, few).drop(columns="fewest")


def publishable_strategies(
    frame: pd.DataFrame, threshold: int, published: Published | None = None
) -> pd.DataFrame:
    """Strategies and resolution; a row from few sessions or patients keeps no number.

    Strategies are not nested in each other, so only the counts of one row are compared.

    Parameters
    ----------
    frame : DataFrame
        ``strategy_resolution``.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    counts = ["n", "sessions", "patients", "resolution_n", "resolved"]
    wholes = {"sessions": "n", "resolution_n": "sessions", "resolved": "resolution_n"}
    out = row_by_row(frame, counts, threshold, wholes, published)
    hidden = is_withheld(out, "sessions") | is_withheld(out, "n")
    out = rounded(out, ["share"], hidden, frame["n"], threshold, decimals=[2])
    few = any_small(frame[["sessions", "patients"]], threshold)
    out = without_counts(out, frame, ["resolution_n", "resolved"], few, threshold)
    unrated = any_small(frame[["resolution_n"]], threshold)
    return without(out, ["resolution_mean"], few | unrated)


def _nameless(note: str, raters: int) -> str:
    """Note of `rater_agreement` without raters' names and shares that have their own columns."""
    text = re.sub(
        r"sessions of raters .* of (\d+)(?=;|$)",
        rf"sessions that the same {raters} of \1 raters rated",
        note,
        flags=re.DOTALL,
    )
    return re.sub(r"(; )?raters say present in \d+% to \d+% of their sessions", "", text)
