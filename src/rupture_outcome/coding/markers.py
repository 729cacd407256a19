"""Markers that observers saw in a session, as columns of numbers."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.segments import ANY, CODING, coded_sessions

MARKERS = "markers:"
KEYS = ["patient_id", "session"]


class Marker(NamedTuple):
    """Which markers are counted, and in what."""

    kind: str
    party: str
    per: str
    salience: str


def marker_column(kind: str, party: str, per: str, salience: float | None) -> str:
    """Name the column of a number of markers; `with_markers` makes what the name says.

    Parameters
    ----------
    kind : {"withdrawal", "confrontation", "resolution"}
    party : {"patient", "therapist", "any"}
        Who showed it; a marker without a party is counted under any only.
    per : {"session", "hour"}
    salience : float or None
        Least salience of a marker that counts; None: every one counts.

    Examples
    --------
    >>> marker_column("withdrawal", "patient", "hour", 3)
    'markers:withdrawal:patient:hour:3'
    """
    return MARKERS + ":".join([kind, party, per, "" if salience is None else str(salience)])


def with_markers(
    sessions: pd.DataFrame,
    markers: pd.DataFrame,
    ratings: pd.DataFrame | None,
    columns: list[str],
) -> pd.DataFrame:
    """Put numbers of markers, as means over raters, beside each session.

    Parameters
    ----------
    sessions : pandas.DataFrame
    markers : pandas.DataFrame
        One row a rater, session, segment and marker.
    ratings : pandas.DataFrame or None
        One row a rater and session: says who coded sessions in which no marker was found.
    columns : list of str
        Names from `marker_column`.

    Returns
    -------
    pandas.DataFrame
        Missing where nobody coded the session by segment; per hour also where its length is
        unknown, and above a salience where a marker that would count has none.

    Examples
    --------
    One rater coded two sessions by segment and saw two withdrawals in the first:

    >>> keys = {"patient_id": "a", "rater_id": "r"}
    >>> seen = {"segment": [1, 2], "kind": "withdrawal", "party": "patient", "salience": [2, 4]}
    >>> markers = pd.DataFrame({**keys, "session": 1, **seen})
    >>> ratings = pd.DataFrame({**keys, "session": [1, 2], "session_minutes": [40, 50]})
    >>> held = pd.DataFrame({"patient_id": "a", "session": [1, 2]})
    >>> rate = marker_column("withdrawal", "any", "hour", None)
    >>> with_markers(held, markers, ratings, [rate])[rate].tolist()
    [3.0, 0.0]
    """
    known = markers.head(0).reindex(columns=CODING) if ratings is None else ratings
    coded = coded_sessions(markers, known)
    for column in columns:
        coded[column] = _numbers(coded, markers, Marker(*column.split(":")[1:]))
    means = coded.groupby(KEYS, observed=True)[columns].mean().reset_index()
    return sessions.merge(means, on=KEYS, how="left", validate="1:1")


def _numbers(coded: pd.DataFrame, markers: pd.DataFrame, wanted: Marker) -> np.ndarray:
    """Count the markers of one sort that each rater saw in each session he coded."""
    markers = markers.loc[markers["kind"] == wanted.kind]
    if wanted.party != ANY:
        markers = markers.loc[markers["party"] == wanted.party]
    counts = np.ones(len(markers))
    if wanted.salience:
        salience = markers["salience"].to_numpy(np.float64, na_value=np.nan)
        counts = np.where(np.isnan(salience), np.nan, salience >= float(wanted.salience))
    sums = markers[CODING].assign(n=counts).groupby(CODING, observed=True)["n"].sum(skipna=False)
    found = coded[CODING].merge(sums.reset_index(), on=CODING, how="left", indicator=True)
    number = np.where(found["_merge"] == "both", found["n"], 0.0)
    return number if wanted.per == "session" else number * 60 / coded["session_minutes"].to_numpy()
