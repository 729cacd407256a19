"""Rows of growth models: a measure at a session, and the state after the session before."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES

# In the order shown. The symptom is taken before the session, the alliance is rated after it.
MEASURES = ("symptom", "alliance_patient", "alliance_therapist")
COURSES = ("log", "linear")
SPLIT = ("within", "between_patients", "between_therapists")


def growth_rows(person_sessions: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Put beside each measure the state that the session before ended in.

    Parameters
    ----------
    person_sessions : DataFrame
        Of one definition and repair rule: ``patient_id``, ``session``, ``time``, ``state`` …
    sessions : DataFrame
        Scored sessions, with those of `MEASURES` that the study has.

    Returns
    -------
    DataFrame
        One row a patient and session but the first; ``state`` is the one before.

    Examples
    --------
    >>> after = pd.DataFrame({"patient_id": "a", "session": [1, 2, 4], "time": [1, 2, 3],
    ...                       "state": ["intact", "unrepaired", "repaired"]})
    >>> scored = pd.DataFrame({"patient_id": "a", "session": [1, 2, 4], "symptom": [9.0, 8.0, 7.0]})
    >>> growth_rows(after, scored)[["session", "symptom", "state"]].values.tolist()
    [[2, 8.0, 'intact'], [4, 7.0, 'unrepaired']]
    """
    key = ["patient_id", "session"]
    there = [measure for measure in MEASURES if measure in sessions]
    rows = person_sessions.merge(sessions[[*key, *there]], on=key, how="left", validate="1:1")
    rows = rows.sort_values(key, ignore_index=True)
    rows["state"] = rows.groupby("patient_id", observed=True, sort=False)["state"].shift()
    return rows[rows["state"].notna()].reset_index(drop=True)


def course_of(time: "pd.Series[float]", shape: str) -> "pd.Series[float]":
    """Give the clock as the variable that a measure changes along.

    Parameters
    ----------
    time : Series
    shape : {"log", "linear"}
        Much change early and little later, as psychotherapy mostly has it, or the same throughout.

    Examples
    --------
    >>> course_of(pd.Series([1, 2, 4]), "log").round(2).tolist()
    [0.0, 0.69, 1.39]
    """
    start = time.astype(float) - float(time.min())
    return start.map(np.log1p) if shape == "log" else start


def split_states(rows: pd.DataFrame, levels: Sequence[str], grouped: bool) -> pd.DataFrame:
    """Split each state into what varies within patients, between them, and between therapists.

    Parameters
    ----------
    rows : DataFrame
        ``patient_id``, ``therapist_id`` and ``state``.
    levels : sequence of str
        States, the reference first.
    grouped : bool
        Whether therapists are told from each other.

    Returns
    -------
    DataFrame
        Columns ``<scope>:<state>``: the session's state less the patient's mean, this less the
        therapist's, and the therapist's. Means are of all sessions: nothing here feeds a hazard.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("aabb"), "therapist_id": list("ttuu"),
    ...                      "state": ["intact", "unrepaired", "intact", "intact"]})
    >>> split_states(rows, ["intact", "unrepaired"], True).iloc[1].tolist()
    [0.5, 0.0, 0.5]
    """
    out: dict[str, Any] = {}
    for level in levels[1:]:
        here = rows["state"].eq(level).astype(float)
        own = here.groupby(rows["patient_id"], observed=True).transform("mean")
        theirs = 0.0 * own
        if grouped:
            theirs = here.groupby(rows["therapist_id"], observed=True).transform("mean").fillna(own)
        parts = (here - own, own - theirs, theirs)
        out |= {f"{scope}:{level}": part for scope, part in zip(SPLIT, parts, strict=True)}
    return pd.DataFrame(out, index=rows.index)


def states_there(rows: pd.DataFrame) -> list[str]:
    """States that occur, in order."""
    return [state for state in STATES if rows["state"].eq(state).any()]
