"""Attended sessions under every rupture definition and repair rule."""

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES


def code_sessions(held: pd.DataFrame, states: pd.DataFrame, ruptures: pd.DataFrame) -> pd.DataFrame:
    """Repeat each attended session for every definition and rule, with state and testability.

    Sessions are matched by number, not by text: ten million rows take seconds.

    Parameters
    ----------
    held : DataFrame
        Attended sessions, sorted by ``patient_id`` (a categorical) and ``session``, with ``event``.
    states : DataFrame
        ``patient_id``, ``session``, ``definition``, ``repair_rule``, ``state``.
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``.

    Returns
    -------
    DataFrame
        The columns of `held` and ``definition``, ``repair_rule``, ``state``, ``testable``,
        ``dropout``, ``agreed_ending``; sorted by definition, repair rule, patient and session.

    Raises
    ------
    ValueError
        A session of `held` has no state, or two, under a definition and rule.

    Examples
    --------
    >>> session = pd.DataFrame({"patient_id": list("aa"), "session": [1, 2]})
    >>> held = session.assign(patient_id=lambda d: d["patient_id"].astype("category"))
    >>> held["event"] = ["none", "dropout"]
    >>> of = {"definition": "drop_sd", "repair_rule": "half_recovery"}
    >>> states = session.assign(**of, state=["intact", "unrepaired"])
    >>> verdicts = session.assign(definition="drop_sd", verdict=["not_testable", "detected"])
    >>> coded = code_sessions(held, states, verdicts)
    >>> coded[["session", "state", "testable", "dropout"]].values.tolist()
    [[1, 'intact', False, 0], [2, 'unrepaired', True, 1]]
    """
    row = _locate(held, states)
    inside = row >= 0
    kept, row = states.loc[inside, ["definition", "repair_rule", "state"]], row[inside]
    definition = pd.Categorical(kept["definition"])
    rule = pd.Categorical(kept["repair_rule"])
    _check_covered(held, row, definition, rule)
    frame = held.take(row).reset_index(drop=True)
    frame["definition"], frame["repair_rule"] = definition, rule
    frame["state"] = pd.Categorical(kept["state"], categories=STATES)
    frame["testable"] = _testable(held, ruptures, definition)[row, definition.codes]
    frame["dropout"] = frame["event"].eq("dropout").astype("int64")
    frame["agreed_ending"] = frame["event"].eq("agreed_ending").astype("int64")
    order = np.lexsort((row, rule.codes, definition.codes))
    return frame.take(order).reset_index(drop=True)


def _locate(held: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Find the row of `held` with the patient and session of each row of `other`; -1 if none."""
    span = int(max(held["session"].max(), other["session"].max())) + 1
    ids = held["patient_id"].cat.categories
    key = held["patient_id"].cat.codes.to_numpy(np.int64) * span + held["session"].to_numpy()
    code = _codes(other["patient_id"], ids)
    wanted = code * span + other["session"].to_numpy(np.int64)
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where((code >= 0) & (key[place] == wanted), place, -1)


def _codes(values: pd.Series, categories: pd.Index) -> np.ndarray:
    own = values.astype("category").cat
    lookup = pd.Index(categories).get_indexer(own.categories)
    return np.append(lookup, -1)[own.codes]


def _check_covered(
    held: pd.DataFrame, row: np.ndarray, definition: pd.Categorical, rule: pd.Categorical
) -> None:
    cells = len(definition.categories), len(rule.categories), len(held)
    seen = np.zeros(cells, dtype=bool)
    seen[definition.codes, rule.codes, row] = True
    counts = seen.sum(axis=-1)
    twice = counts.sum() != len(row)
    if twice or not np.isin(counts, (0, len(held))).all() or not counts.any():
        raise ValueError("states must hold every attended session once per definition and rule")


def _testable(held: pd.DataFrame, ruptures: pd.DataFrame, definition: pd.Categorical) -> np.ndarray:
    column = _codes(ruptures["definition"], definition.categories)
    row = _locate(held, ruptures)
    use = (row >= 0) & (column >= 0)
    testable = np.zeros((len(held), len(definition.categories)), dtype=bool)
    verdict = ruptures["verdict"].ne("not_testable").to_numpy()
    testable[row[use], column[use]] = verdict[use]
    return testable
