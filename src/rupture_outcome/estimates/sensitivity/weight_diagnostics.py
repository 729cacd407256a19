"""What inverse-probability weights look like, and whether they can be trusted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.reasons import joined, reason

COLUMNS = (
    "weights",
    "patients",
    "sessions",
    "mean",
    "sd",
    "smallest",
    "largest",
    "effective_size",
    "share_truncated",
    "least_chance",
    "reason",
)
MEAN_TOLERANCE = 0.1
LARGE_WEIGHT = 20.0
SMALL_CHANCE = 0.005


def diagnostics(
    weights: Mapping[str, Array], data: pd.DataFrame, least_chance: float
) -> pd.DataFrame:
    """Mean, spread, effective size and a remark on positivity, one row a kind of weights.

    Stabilised weights have a mean near 1 if their models are right. The effective size
    (Σw)²/Σw² is the number of sessions with equal weights that would estimate a mean as well.

    Parameters
    ----------
    weights : mapping of str to array, shape (sessions,)
        By setting; ``weighted_truncated`` is compared with ``weighted``.
    data : DataFrame
        Person-sessions at risk, in the same order.
    least_chance : float
        Smallest chance, given symptoms, of what happened in a session.
    """
    whole = weights.get("weighted", np.zeros(0))
    rows = [
        {
            "weights": name,
            "patients": int(data["patient_id"].nunique()),
            "sessions": len(w),
            "mean": float(w.mean()),
            "sd": float(w.std()),
            "smallest": float(w.min()),
            "largest": float(w.max()),
            "effective_size": float(w.sum() ** 2 / (w**2).sum()),
            "share_truncated": float((w != whole).mean()),
            "least_chance": least_chance,
            "reason": positivity(w, least_chance),
        }
        for name, w in weights.items()
    ]
    return diagnostics_table(rows)


def diagnostics_table(rows: list[dict]) -> pd.DataFrame:
    """Collect rows in the columns of ``weight_diagnostics.csv``."""
    return pd.DataFrame(rows, columns=list(COLUMNS))


def positivity(weights: Array, least_chance: float) -> str:
    """Say whether some states were next to impossible at some symptoms, as far as weights show.

    Examples
    --------
    >>> positivity(np.array([0.9, 1.1]), 0.04)
    'positivity'
    """
    doubts = []
    if abs(weights.mean() - 1.0) > MEAN_TOLERANCE:
        doubts.append(reason("mean_not_1"))
    if weights.max() > LARGE_WEIGHT:
        doubts.append(reason("large_weights", LARGE_WEIGHT))
    if least_chance < SMALL_CHANCE:
        doubts.append(reason("small_chances", SMALL_CHANCE))
    if doubts:
        return joined(reason("weights_in_doubt"), *doubts)
    return reason("positivity")
