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
    definition, rule, state = (
        pd.Categorical(kept["definition"]),
        pd.Categorical(kept["repair_rule"]),
        pd.Categorical(kept["state"], categories=STATES),
    )
    place, cells = _places(len(held), row, definition, rule)
    testable = _testable(held, ruptures, definition)
    event = held["event"]
    held = held.assign(
        dropout=event.eq("dropout").astype("int64"),
        agreed_ending=event.eq("agreed_ending").astype("int64"),
    )
    codes = np.empty(len(place), np.int8)
    codes[place] = state.codes
    # Every column is made once, at its full length.
    frame = pd.concat([held] * len(cells), ignore_index=True)
    frame["definition"] = _repeated(cells[:, 0], definition.categories, len(held))
    frame["repair_rule"] = _repeated(cells[:, 1], rule.categories, len(held))
    frame["state"] = pd.Categorical.from_codes(codes, state.categories)
    frame["testable"] = testable[:, cells[:, 0]].ravel(order="F")
    return frame


def _repeated(codes: np.ndarray, categories: pd.Index, times: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.repeat(codes.astype(np.int8), times), categories)


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


def _places(
    held: int, row: np.ndarray, definition: pd.Categorical, rule: pd.Categorical
) -> tuple[np.ndarray, np.ndarray]:
    """Where each state stands, in order of definition, rule and session; and these cells, (C, 2).

    Raises
    ------
    ValueError
        A session has no state, or two, in a cell.
    """
    seen = np.zeros((len(definition.categories), len(rule.categories), held), dtype=bool)
    seen[definition.codes, rule.codes, row] = True
    counts = seen.sum(axis=-1)
    twice = counts.sum() != len(row)
    if twice or not np.isin(counts, (0, held)).all() or not counts.any():
        raise ValueError("states must hold every attended session once per definition and rule")
    number = np.cumsum(counts > 0).reshape(counts.shape) - 1
    return number[definition.codes, rule.codes] * held + row, np.argwhere(counts)


def _testable(held: pd.DataFrame, ruptures: pd.DataFrame, definition: pd.Categorical) -> np.ndarray:
    column = _codes(ruptures["definition"], definition.categories)
    row = _locate(held, ruptures)
    use = (row >= 0) & (column >= 0)
    testable = np.zeros((len(held), len(definition.categories)), dtype=bool)
    verdict = ruptures["verdict"].ne("not_testable").to_numpy()
    testable[row[use], column[use]] = verdict[use]
    return testable
