"""Sessions and persons as other programs want them: one row each, with all that was coded of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.study.contract import key

RUPTURE, STATE = "rupture_", "state_"
RUPTURES, TESTED = "ruptures_", "tested_"
OUTCOME = ["time", "event", "dropout", "at_risk"]


def session_table(
    sessions: pd.DataFrame,
    ruptures: pd.DataFrame,
    states: pd.DataFrame,
    person_sessions: pd.DataFrame,
    primary: Mapping[str, str],
) -> pd.DataFrame:
    """One row a scheduled session: scores, ruptures and states by definition, what came after it.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions, missed ones included.
    ruptures, states, person_sessions : DataFrame
        As `coding/ruptures.parquet`, `coding/states.parquet`, `models/person_sessions.parquet`.
    primary : mapping
        `coding.primary` of the config.

    Returns
    -------
    DataFrame
        The columns of `sessions` that have a value; ``rupture_<definition>`` (1, 0, missing where
        it could not be tested) for each definition, and ``state_<definition>`` (under the primary
        repair rule) for each that `states` holds; of the primary definition ``time``, ``event``,
        ``dropout`` and ``at_risk``, missing where a session is in no model.

    Examples
    --------
    >>> seen = pd.DataFrame({"patient_id": "a", "session": [1, 2], "attended": 1})
    >>> by = {"definition": "drop_sd", "repair_rule": "half_recovery"}
    >>> ruptures = seen.assign(**by, verdict=["not_testable", "detected"])
    >>> states = seen.assign(**by, state=["intact", "unrepaired"])
    >>> rows = states.assign(time=[1, 2], event=["none", "dropout"], dropout=[0, 1], at_risk=True)
    >>> made = session_table(seen, ruptures, states, rows, by)
    >>> made[["rupture_drop_sd", "state_drop_sd", "dropout"]].values.tolist()
    [[nan, 'intact', 0.0], [1.0, 'unrepaired', 1.0]]
    """
    keys = key("sessions")
    out = _filled(sessions).set_index(keys)
    found = ruptures["verdict"].astype("str").map({"detected": 1.0, "not_detected": 0.0})
    verdicts = ruptures[[*keys, "definition"]].assign(found=found)
    of_rule = states[states["repair_rule"].eq(primary["repair_rule"])]
    for name in ruptures["definition"].drop_duplicates():
        own = verdicts[verdicts["definition"].eq(name)].set_index(keys)["found"]
        out[f"{RUPTURE}{name}"] = own.reindex(out.index)
        state = of_rule[of_rule["definition"].eq(name)].set_index(keys)["state"]
        if len(state):
            out[f"{STATE}{name}"] = state.reindex(out.index)
    rows = primary_rows(person_sessions, primary).set_index(keys)[OUTCOME]
    rows = rows.astype({"dropout": float, "at_risk": float, "time": float})
    return out.join(rows.reindex(out.index)).reset_index()


def person_table(
    patients: pd.DataFrame,
    treatments: pd.DataFrame,
    sessions: pd.DataFrame,
    ruptures: pd.DataFrame,
    event: pd.Series,
) -> pd.DataFrame:
    """One row a patient: who, how it ended, how many sessions and ruptures there were.

    Parameters
    ----------
    patients : DataFrame
        Clean patients.
    treatments : DataFrame
        From `rupture_outcome.cohort.treatment_endings.treatment_endings`.
    sessions, ruptures : DataFrame
        As for `session_table`.
    event : Series
        From `rupture_outcome.cohort.dropout.ending_event`, by patient.

    Returns
    -------
    DataFrame
        The columns of `patients` and `treatments` that have a value, ``missed`` (sessions),
        ``event``, ``dropout`` (1, 0, missing where not classified), and for each definition
        ``tested_<definition>`` (sessions) and ``ruptures_<definition>`` (detections among them).

    Examples
    --------
    >>> people = pd.DataFrame({"patient_id": ["a"]})
    >>> treated = people.assign(ending="dropout", attended=2)
    >>> seen = pd.DataFrame({"patient_id": "a", "session": [1, 2], "attended": [1, 0]})
    >>> coded = seen.assign(definition="drop_sd", verdict=["not_testable", "detected"])
    >>> event = pd.Series({"a": "dropout"})
    >>> made = person_table(people, treated, seen, coded, event)
    >>> made[["missed", "dropout", "tested_drop_sd"]].values.tolist()
    [[1.0, 1.0, 1.0]]
    """
    of_patient = patients.set_index("patient_id")
    added = treatments.set_index("patient_id")
    added = added[[name for name in added if name not in of_patient and name != "planned"]]
    out = of_patient.join(added)
    missed = sessions["attended"].ne(1).groupby(sessions["patient_id"].astype("str")).sum()
    event = event.astype("str").where(event.notna())
    event.index = event.index.astype("str")
    event = event.reindex(out.index)
    out = out.assign(
        missed=missed.reindex(out.index).fillna(0).astype("int64"),
        event=event,
        dropout=np.where(event.isna(), np.nan, event.eq("dropout").astype(float)),
    )
    for name in ruptures["definition"].drop_duplicates():
        own = ruptures[ruptures["definition"].eq(name)]
        by_patient = own["patient_id"].astype("str")
        for column, counted in (
            (f"{TESTED}{name}", own["verdict"].ne("not_testable")),
            (f"{RUPTURES}{name}", own["verdict"].eq("detected")),
        ):
            count = counted.groupby(by_patient).sum()
            out[column] = count.reindex(out.index).fillna(0).astype("int64")
    return _filled(out.reset_index())


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns without any value, which the study does not have."""
    kept: list[Any] = [name for name in frame if frame[name].notna().any()]
    return frame[kept]
