"""Sensitivity analyses published so that nobody can count a small number of persons or events."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    is_small,
    publishable_effects,
    suppress,
)

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "ratio", "e_value", "e_value_limit"]
Published = Mapping[str, Iterable[int]]


def publishable_sensitivity(
    frame: pd.DataFrame, threshold: int, published: Published | None = None
) -> pd.DataFrame:
    """Effects with small counts withheld, and those that rest on few with all that follows.

    The corrected ratios of misclassification come from a table of four numbers, which several of
    them together would give back: where one of its cells is small they are all withheld. The
    accuracy that a definition achieves in a simulated study concerns nobody and is kept.

    Parameters
    ----------
    frame : DataFrame
        ``sensitivity`` of `rupture_outcome.estimates.sensitivity`, with the column ``least_cell``.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.

    Returns
    -------
    DataFrame
        Without ``least_cell``, with the column ``withheld``.
    """
    whole = publishable_effects(frame, threshold, published=published)
    few = [is_small(n, threshold) for n in frame["least_cell"]]
    hidden = np.array(few, dtype=bool) | ~_shows_estimate(whole)
    numbers = [column for column in NUMBERS if column in whole]
    whole[numbers] = whole[numbers].astype(float)
    whole.loc[hidden, numbers] = np.nan
    notes = [
        _with_estimate(note) if hide else note
        for note, hide in zip(whole[WITHHELD], hidden, strict=True)
    ]
    tipping = frame["setting"].astype(str).str.startswith("tipping").to_numpy(bool)
    whole["value"] = whole["value"].astype(float).mask(hidden & tipping)
    return whole.drop(columns="least_cell").assign(**{WITHHELD: notes})


def publishable_diagnostics(
    frame: pd.DataFrame, threshold: int, published: Published | None = None
) -> pd.DataFrame:
    """Diagnostics of weights with small counts withheld.

    The share of truncated weights is withheld where it stands for a small count, and all numbers
    where they rest on a small number of patients.

    Parameters
    ----------
    frame : DataFrame
        From `rupture_outcome.estimates.sensitivity.weight_diagnostics`.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    out = suppress(frame, ["patients", "sessions"], threshold, published=published)
    truncated = (frame["share_truncated"].astype(float) * frame["sessions"].astype(float)).round()
    few = truncated.map(lambda n: is_small(n, threshold)).to_numpy(bool)
    out["share_truncated"] = frame["share_truncated"].astype(float).mask(few)
    tiny = frame["patients"].map(lambda n: is_small(n, threshold)).to_numpy(bool)
    numbers = ["mean", "sd", "smallest", "largest", "effective_size", "least_chance"]
    out[numbers] = frame[numbers].astype(float)
    out.loc[tiny, numbers] = np.nan
    return out


def _shows_estimate(frame: pd.DataFrame) -> np.ndarray:
    return ~frame[WITHHELD].astype(str).str.contains("estimate ").to_numpy(bool)


def _with_estimate(note: str) -> str:
    return note if "estimate " in note else f"{note}; estimate {HIDDEN}".removeprefix("; ")
