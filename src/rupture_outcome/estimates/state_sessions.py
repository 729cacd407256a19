"""Sessions at risk in each state, and how many of them were followed by dropout: no model."""

import pandas as pd

from rupture_outcome.coding.follow import STATES

TESTED = {"all": (True, False), "tested": (True,), "untested": (False,)}


def state_sessions(person_sessions: pd.DataFrame) -> pd.DataFrame:
    """Count sessions and dropouts by state, and by whether the session could be tested.

    In a session that could not be tested the state of the session before was carried on.

    Parameters
    ----------
    person_sessions : DataFrame
        Rows of one definition and repair rule: ``patient_id``, ``state``, ``testable``,
        ``dropout``, ``at_risk``.

    Returns
    -------
    DataFrame
        ``state``, ``tested`` (all, tested, untested), ``patients``, ``sessions``, ``dropouts``,
        ``rate`` (dropouts in a session).

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("aab"), "state": ["intact", "unrepaired", "intact"],
    ...                      "testable": [True, False, True], "dropout": [0, 1, 0],
    ...                      "at_risk": True})
    >>> found = state_sessions(rows)
    >>> found.query("state == 'unrepaired'")[["tested", "sessions", "dropouts"]].values.tolist()
    [['all', 1, 1], ['tested', 0, 0], ['untested', 1, 1]]
    """
    rows = person_sessions[person_sessions["at_risk"]]
    found = []
    for state in STATES:
        for tested, which in TESTED.items():
            own = rows[rows["state"].eq(state) & rows["testable"].isin(which)]
            counts = {
                "patients": own["patient_id"].nunique(),
                "sessions": len(own),
                "dropouts": int(own["dropout"].sum()),
            }
            found.append({"state": state, "tested": tested, **counts})
    frame = pd.DataFrame(found)
    return frame.assign(rate=frame["dropouts"] / frame["sessions"].where(frame["sessions"] > 0))
