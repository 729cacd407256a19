"""Whether the time in which a rupture could be repaired has passed."""

import pandas as pd


def beyond_window(rows: pd.DataFrame, states: pd.DataFrame) -> "pd.Series[bool]":
    """Mark sessions with an open rupture whose window has closed without repair.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule: ``patient_id``, ``session``.
    states : DataFrame
        ``patient_id``, ``session``, ``beyond_window`` of the same definition and rule, from
        `rupture_outcome.coding.episodes.code_episodes`.

    Returns
    -------
    Series of bool, with the index of `rows`

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": ["a", "a"], "session": [7, 8]})
    >>> states = rows.assign(beyond_window=[False, True])
    >>> beyond_window(rows, states).tolist()
    [False, True]
    """
    keys = ["patient_id", "session"]
    known = states.astype({"patient_id": "str"}).set_index(keys)["beyond_window"]
    wanted = pd.MultiIndex.from_frame(rows[keys].astype({"patient_id": "str"}))
    found = known.reindex(wanted, fill_value=False)
    return pd.Series(found.to_numpy(), rows.index, name="beyond_window")
