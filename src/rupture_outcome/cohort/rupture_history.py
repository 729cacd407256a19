"""What a session looks back on: how long ago the last rupture began, how many came before it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KINDS = ("withdrawal", "confrontation", "both", "unknown")
NOT_SEEN, UNKNOWN = -1, KINDS.index("unknown")


def rupture_history(rows: pd.DataFrame, ruptures: pd.DataFrame) -> pd.DataFrame:
    """Describe the last rupture at every session, from that session and earlier ones only.

    A rupture begins where the state leaves ``intact``, where it returns from ``repaired`` to
    ``unrepaired``, and where one is detected and repaired in the same session. What is detected
    while a rupture is open belongs to it.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session:
        ``patient_id``, ``session``, ``time``, ``definition``, ``state``.
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``, ``kind``.

    Returns
    -------
    DataFrame
        With the index of `rows`: ``sessions_since_rupture`` (on the clock of ``time``; 0 in the
        session in which it began, NaN before the first), ``earlier_ruptures`` (begun before the
        last one) and ``kind_of_rupture`` (of the last one, as seen in the session in which it
        began: one of `KINDS`; missing before the first).

    Raises
    ------
    ValueError
        A patient's rows do not stand together in the order of sessions.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"patient_id": "a", "session": [1, 2, 3, 4], "time": [1, 2, 3, 4], "definition": "d",
    ...      "state": ["intact", "unrepaired", "repaired", "unrepaired"]}
    ... )
    >>> none = pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"])
    >>> rupture_history(rows, none)[["sessions_since_rupture", "earlier_ruptures"]].values.tolist()
    [[nan, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    begins = _first_rows(rows)
    seen = _kind_seen(rows, ruptures)
    onset = _onsets(rows["state"], begins, seen != NOT_SEEN)
    place = np.arange(len(rows))
    first = np.maximum.accumulate(np.where(begins, place, 0))
    latest = np.maximum.accumulate(np.where(onset, place, -1))
    begun = latest >= first
    count = np.cumsum(onset)
    so_far: NDArray[np.int64] = count - (count - onset)[first]
    time = rows["time"].to_numpy(dtype=float)
    kind = np.where(seen == NOT_SEEN, UNKNOWN, seen)
    history = {
        "sessions_since_rupture": np.where(begun, time - time[latest], np.nan),
        "earlier_ruptures": np.maximum(so_far - 1, 0),
        "kind_of_rupture": _kinds(np.where(begun, kind[latest], NOT_SEEN)),
    }
    return pd.DataFrame(history, index=rows.index)


def _first_rows(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a row is the first of its patient; refuses rows in another order."""
    patient, ids = pd.factorize(rows["patient_id"])
    new = np.append(True, patient[1:] != patient[:-1])[: len(rows)]
    session = rows["session"].to_numpy()
    if (np.diff(session)[~new[1:]] <= 0).any() or new.sum() != len(ids):
        raise ValueError("rows must be sorted by patient and session, each session once")
    return new


def _onsets(
    state: pd.Series, begins: NDArray[np.bool_], detected: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    intact, unrepaired = state.eq("intact").to_numpy(), state.eq("unrepaired").to_numpy()
    was_intact = begins | np.append(True, intact[:-1])[: len(intact)]
    was_open = ~begins & np.append(False, unrepaired[:-1])[: len(intact)]
    return np.asarray(~intact & ~was_open & (was_intact | unrepaired | detected))


def _kind_seen(rows: pd.DataFrame, ruptures: pd.DataFrame) -> NDArray[np.int64]:
    """Place in `KINDS` of what was detected in each row, `NOT_SEEN` where nothing was."""
    own = ruptures["definition"].isin(rows["definition"].unique())
    found = ruptures[own & ruptures["verdict"].eq("detected")]
    if found.empty:
        return np.full(len(rows), NOT_SEEN)
    patient = rows["patient_id"].astype("category").cat
    span = int(max(rows["session"].max(), found["session"].max())) + 1
    code = pd.Index(patient.categories).get_indexer(pd.Index(found["patient_id"]))
    detected = code * span + found["session"].to_numpy(np.int64)
    order = np.argsort(detected)
    wanted = patient.codes.to_numpy(np.int64) * span + rows["session"].to_numpy(np.int64)
    place = np.minimum(np.searchsorted(detected[order], wanted), len(found) - 1)
    kind = pd.Index(KINDS).get_indexer(pd.Index(found["kind"].astype("str")))
    kind = np.where(kind < 0, UNKNOWN, kind)[order]
    return np.where(detected[order][place] == wanted, kind[place], NOT_SEEN)


def _kinds(codes: NDArray[np.int64]) -> Any:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(KINDS)))
