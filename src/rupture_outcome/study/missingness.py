"""How often each measure is missing, and when in treatment."""

import numpy as np
import pandas as pd

from rupture_outcome.study.contract import names
from rupture_outcome.study.score import Instruments

# First attended session of each band: forms are lost differently early and late.
BANDS = (1, 2, 4, 9, 17, 33)
ABOUT = ("patient_id", "session", "day", "attended", "therapist_id")
COLUMNS = ["measure", "first", "last", "sessions", "missing"]


def measures(sessions: pd.DataFrame, instruments: Instruments) -> list[str]:
    """Columns of answers that the study has: scores of instruments, and reports.

    Examples
    --------
    >>> frame = pd.DataFrame({"session": [1], "symptom": [9.0], "psq_patient_rupture": [None]})
    >>> measures(frame, {})
    ['symptom']
    """
    scores = [one["measures"] for one in instruments.values()]
    answers = [name for name in names("sessions") if name not in ABOUT]
    wanted = dict.fromkeys([*scores, *answers])
    # a resolution is asked after a rupture only: it is missing by design
    return [
        name
        for name in wanted
        if name in sessions and sessions[name].notna().any() and not name.endswith("_resolution")
    ]


def missingness(sessions: pd.DataFrame, instruments: Instruments) -> pd.DataFrame:
    """Count attended sessions without a value, by measure and by how far treatment was.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions.
    instruments : mapping
        Section `instruments` of the config.

    Returns
    -------
    DataFrame
        ``measure``, ``first`` and ``last`` (attended sessions of a band; last missing where it is
        open), ``sessions``, ``missing``; one row a measure and band in which there are sessions.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "attended": 1,
    ...                       "symptom": [9.0, None, 8.0]})
    >>> missingness(frame, {})[["measure", "first", "sessions", "missing"]].values.tolist()
    [['symptom', 1, 1, 0], ['symptom', 2, 2, 1]]
    """
    held = sessions[sessions["attended"].eq(1).fillna(False)].sort_values(["patient_id", "session"])
    so_far = held.groupby("patient_id", observed=True).cumcount().to_numpy() + 1
    band = np.searchsorted(BANDS, so_far, side="right") - 1
    rows = []
    for measure in measures(held, instruments):
        lacking = held[measure].isna().to_numpy()
        for b, first in enumerate(BANDS):
            inside = band == b
            if inside.any():
                last = BANDS[b + 1] - 1 if b + 1 < len(BANDS) else None
                rows.append((measure, first, last, int(inside.sum()), int(lacking[inside].sum())))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"last": "Int64"})
