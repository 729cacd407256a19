"""Observer ratings, from raters to sessions."""

import pandas as pd

SCALES = ("withdrawal", "confrontation", "resolution")


def session_ratings(ratings: pd.DataFrame) -> pd.DataFrame:
    """Mean over raters of each session's ratings.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row a rater and session: patient_id, session, rater_id, withdrawal, confrontation,
        resolution (1–5). A rating that a rater left out does not enter the mean.

    Returns
    -------
    pandas.DataFrame
        patient_id, session, observer_withdrawal, observer_confrontation, observer_resolution.

    Examples
    --------
    >>> salience = {"withdrawal": [3, 4], "confrontation": [1, 1], "resolution": [None, 2]}
    >>> raters = {"patient_id": "a", "session": 1, "rater_id": ["r", "s"]}
    >>> session_ratings(pd.DataFrame({**raters, **salience})).values.tolist()
    [['a', 1, 3.5, 1.0, 2.0]]
    """
    means = ratings.groupby(["patient_id", "session"], observed=True)[list(SCALES)].mean()
    return means.astype(float).add_prefix("observer_").reset_index()


def with_observer(sessions: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Put the observers' mean ratings beside each session.

    Examples
    --------
    Nobody rated session 2:

    >>> salience = {"withdrawal": [3, 4], "confrontation": [1, 1], "resolution": [None, 2]}
    >>> raters = {"patient_id": "a", "session": 1, "rater_id": ["r", "s"]}
    >>> held = pd.DataFrame({"patient_id": "a", "session": [1, 2]})
    >>> with_observer(held, pd.DataFrame({**raters, **salience}))["observer_withdrawal"].tolist()
    [3.5, nan]
    """
    keys = ["patient_id", "session"]
    return sessions.merge(session_ratings(ratings), on=keys, how="left", validate="1:1")
