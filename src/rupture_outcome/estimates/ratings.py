"""What was rated at which session, and how much of it at the best possible score."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

SOURCES = (
    *("alliance_patient", "alliance_therapist", "symptom"),
    *("psq_patient_rupture", "psq_therapist_rupture"),
)
COLUMNS = ["measure", "source", "first", "last", "whole", "part", "share"]


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


def rated_shares(sessions: pd.DataFrame, best: Mapping[str, float], least: int = 0) -> pd.DataFrame:
    """Share of attended sessions with a rating, and of ratings at the best score, by session.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``session``, ``attended`` and the sources.
    best : mapping of str to float
        Best possible score by source, from `best_scores`.
    least : int
        Neighbouring sessions are pooled until there are so many to take a share of.

    Returns
    -------
    DataFrame
        measure ("rated", "at_best"), source, first, last (sessions pooled), whole (attended
        sessions, or rated ones), part (rated, or at the best score), share.
    """
    attended = sessions[sessions["attended"].eq(1)]
    sources = [s for s in SOURCES if s in attended and attended[s].notna().any()]
    parts = [
        _bands(attended["session"], attended[s].notna(), least).assign(measure="rated", source=s)
        for s in sources
    ]
    for source in (s for s in sources if s in best):
        rated = attended[attended[source].notna()]
        top = pd.Series(np.isclose(rated[source].astype(float), best[source]), index=rated.index)
        bands = _bands(rated["session"], top, least)
        parts.append(bands.assign(measure="at_best", source=source))
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _bands(session: pd.Series, part: pd.Series, least: int) -> pd.DataFrame:
    """Pool sessions from the first on; what is left over at the end joins the band before."""
    counts = part.groupby(session).agg(["size", "sum"]).sort_index()
    band, bands, size = 0, [], 0
    for whole in counts["size"]:
        bands.append(band)
        size += int(whole)
        if size >= least:
            band, size = band + 1, 0
    if size and band:
        bands = [min(number, band - 1) for number in bands]
    pooled = counts.rename_axis("session").reset_index().groupby(np.array(bands))
    table = pooled.agg(
        first=("session", "min"),
        last=("session", "max"),
        whole=("size", "sum"),
        part=("sum", "sum"),
    )
    return table.assign(share=table["part"] / table["whole"])
