"""Whether observers have seen something done about the rupture that a session stands in."""

import numpy as np
import pandas as pd

from rupture_outcome.coding.segments import coded_sessions

STRATEGY = ["strategy seen", "no strategy seen"]


def strategy_seen(
    rows: pd.DataFrame, history: pd.DataFrame, markers: pd.DataFrame, ratings: pd.DataFrame
) -> pd.Series:
    """Whether observers have seen a resolution strategy in the current or last rupture so far.

    The sessions of the rupture up to this one count, and no further than the one in which it was
    repaired. It is known only where observers coded every one of them: what nobody coded is not a
    session without a strategy.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and session:
        ``patient_id`` (a categorical), ``session``, ``state``.
    history : DataFrame
        Of these rows, from `rupture_outcome.cohort.rupture_history.rupture_history`.
    markers, ratings : DataFrame
        As in the data contract.

    Returns
    -------
    Series of category
        "strategy seen", "no strategy seen"; missing where it is not known, or before any rupture.
    """
    begun = history["sessions_since_rupture"].notna().to_numpy()
    onset = _onsets(rows, history, begun)
    rupture = np.cumsum(onset | ~begun)
    is_open = rows["state"].eq("unrepaired").to_numpy() & begun
    # the session of the repair still belongs to what led to it
    counts = onset | is_open | (begun & np.append(False, is_open[:-1])[: len(rows)])
    coded = _among(rows, coded_sessions(markers, ratings))
    seen = _among(rows, markers[markers["kind"].eq("resolution")])
    uncoded = pd.Series(~coded & counts).groupby(rupture).cumsum().to_numpy()
    strategies = pd.Series(seen & counts).groupby(rupture).cumsum().to_numpy()
    codes = np.where(begun & (uncoded == 0), np.where(strategies > 0, 0, 1), -1)
    level = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(STRATEGY))
    return pd.Series(level, index=rows.index)


def _onsets(rows: pd.DataFrame, history: pd.DataFrame, begun: np.ndarray) -> np.ndarray:
    """Rows in which a rupture began."""
    patient = rows["patient_id"].cat.codes.to_numpy()
    earlier = history["earlier_ruptures"].to_numpy()
    same = (patient[1:] == patient[:-1]) & begun[:-1] & (earlier[1:] == earlier[:-1])
    return begun & np.append(True, ~same)[: len(rows)]


def _among(rows: pd.DataFrame, sessions: pd.DataFrame) -> np.ndarray:
    """Whether patient and session of a row are among some sessions."""
    ids = rows["patient_id"].cat.categories
    here = sessions[sessions["patient_id"].isin(ids)]
    span = int(rows["session"].max()) + 1
    here = here[here["session"].between(0, span - 1)]
    code = pd.Categorical(here["patient_id"], categories=ids).codes.astype(np.int64)
    there = code * span + here["session"].to_numpy(np.int64)
    key = rows["patient_id"].cat.codes.to_numpy(np.int64) * span + rows["session"].to_numpy()
    return np.isin(key, there)
