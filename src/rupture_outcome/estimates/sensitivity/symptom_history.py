"""Symptoms before each session, as they could guide what happens in it."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import patient_codes


def symptom_history(rows: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame | None:
    """Symptom before each session, its change since the session before, and whether it is known.

    A missing score is carried forward and marked; before the first score of a patient the mean
    over sessions stands in, marked as well. Levels and changes are in SD of the scores.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one specification, sorted by patient and session.
    sessions : DataFrame
        ``patient_id``, ``session``, ``symptom``: scored sessions.

    Returns
    -------
    DataFrame or None
        ``symptom``, ``symptom_change``, ``symptom_missing``, in the order of `rows`; None where the
        study has no symptom scores in these sessions, or they do not vary.
    """
    if rows.empty:
        return None
    score = _matched(rows, sessions)
    known = ~np.isnan(score)
    if not known.any() or score[known].std() == 0:
        return None
    patient = patient_codes(rows)
    level = pd.Series((score - score[known].mean()) / score[known].std()).groupby(patient).ffill()
    change = level - level.groupby(patient).shift()
    return pd.DataFrame(
        {
            "symptom": np.nan_to_num(level),
            "symptom_change": np.nan_to_num(change),
            "symptom_missing": (~known).astype(float),
        },
        index=rows.index,
    )


def _matched(rows: pd.DataFrame, sessions: pd.DataFrame) -> np.ndarray:
    """Score of each row, by number of patient and session rather than by text."""
    ids = pd.Index(pd.unique(rows["patient_id"].astype("str")))
    own = ids.get_indexer(pd.Index(rows["patient_id"].astype("str")))
    other = ids.get_indexer(pd.Index(sessions["patient_id"].astype("str")))
    inside = (other >= 0) & sessions["symptom"].notna().to_numpy()
    number = sessions["session"].to_numpy(dtype=np.int64)
    span = max(int(number.max(initial=0)), int(rows["session"].max())) + 1
    scores = pd.Series(
        sessions.loc[inside, "symptom"].to_numpy(dtype=float),
        index=other[inside].astype(np.int64) * span + number[inside],
    )
    wanted = own.astype(np.int64) * span + rows["session"].to_numpy(np.int64)
    return scores[~scores.index.duplicated()].reindex(wanted).to_numpy()
