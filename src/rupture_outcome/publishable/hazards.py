"""Hazard models and predicted hazards published so that no small count can be derived."""

from collections.abc import Iterable, Mapping

import pandas as pd

from rupture_outcome.publishable.shares import any_small, noted
from rupture_outcome.publishable.suppress import (
    ESTIMATES,
    HIDDEN,
    published_counts,
    redacted,
    suppress,
)

COUNTS = ["patients", "sessions", "events"]
FEWEST = ["fewest_patients", "fewest_events"]


def publishable_hazards(
    frame: pd.DataFrame, threshold: int, published: Mapping[str, Iterable[int]] | None = None
) -> pd.DataFrame:
    """Withhold small counts, and estimates that rest on few patients or events.

    The standard error of a contrast says roughly how many events its smaller level has: an
    estimate is withheld if any level compared holds 1 to `threshold` patients or events.

    Parameters
    ----------
    frame : DataFrame
        Hazard models or margins, see `hazard_rows.MODEL_COLUMNS` and
        `rupture_outcome.estimates.hazard.hazard_margins.MARGIN_COLUMNS`.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column; events are dropouts.

    Returns
    -------
    DataFrame
        Without the columns of the fewest, with ``withheld``.
    """
    rest = frame["patients"] - frame["events"]
    few = any_small(frame[[*COUNTS, *FEWEST]].assign(rest=rest), threshold)
    few &= frame["estimate"].notna()
    out = _suppressed(frame.drop(columns=FEWEST), threshold, published or {})
    estimates = [column for column in [*ESTIMATES, "joint_p"] if column in out]
    out[estimates] = out[estimates].astype(float)
    out.loc[few, estimates] = float("nan")
    out = noted(out, "estimate", few, pd.Series(HIDDEN, index=out.index))
    return out.assign(note=out["note"].map(lambda note: redacted(note, threshold)))


def _suppressed(
    frame: pd.DataFrame, threshold: int, published: Mapping[str, Iterable[int]]
) -> pd.DataFrame:
    """Suppress counts; events of one kind are not compared with those of another."""
    if frame.empty:
        return suppress(frame, COUNTS, threshold)
    known = {column: list(counts) for column, counts in published.items()}
    parts = []
    for event, part in frame.groupby("event", sort=False):
        own = known if event == "dropout" else known | {"events": []}
        parts.append(suppress(part, COUNTS, threshold, {"events": "patients"}, own))
        for column in ("patients", "sessions"):
            shown = published_counts(parts[-1], column)
            known[column] = [*known.get(column, []), *shown]
    return pd.concat(parts).loc[frame.index]
