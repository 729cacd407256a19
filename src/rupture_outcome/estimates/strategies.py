"""What was done about a rupture marker, and how well it was resolved."""

import numpy as np
import pandas as pd

from rupture_outcome.coding.observer import session_ratings
from rupture_outcome.coding.verdicts import reached

CODING = ["patient_id", "session", "rater_id"]
SESSION = ["patient_id", "session"]
RUPTURE = ("withdrawal", "confrontation")
NONE = "none"
UNNAMED = "not_named"


def following_strategies(markers: pd.DataFrame, *, within: int = 1) -> pd.DataFrame:
    """Strategies that the same rater saw soon after each rupture marker.

    Parameters
    ----------
    markers : pandas.DataFrame
        patient_id, session, segment, rater_id, kind, code: withdrawal and confrontation are rupture
        markers, resolution holds the strategies.
    within : int
        Segments after the marker's own in which a strategy still follows it; 0 is the same segment
        only.

    Returns
    -------
    pandas.DataFrame
        One row a rupture marker and strategy that followed it, "none" if none did: patient_id,
        session, rater_id, segment, marker_kind, marker, strategy.

    Notes
    -----
    The order of two markers in one segment is not recorded. What shares a segment counts as
    following, so a strategy may have come just before the marker. A strategy follows every marker
    that it is near to. A strategy coded without a name is "not_named".
    """
    ruptures = markers.loc[markers["kind"].isin(RUPTURE)].reset_index(drop=True)
    ruptures = ruptures.rename(columns={"kind": "marker_kind", "code": "marker"})
    used = markers.loc[markers["kind"] == "resolution", [*CODING, "segment", "code"]]
    used = used.rename(columns={"segment": "strategy_segment", "code": "strategy"})
    used = used.fillna({"strategy": UNNAMED}).drop_duplicates()
    pairs = ruptures.assign(at=ruptures.index).merge(used, on=CODING)
    later = pairs["strategy_segment"] - pairs["segment"]
    pairs = pairs.loc[(later >= 0) & (later <= within)]
    alone = ruptures.loc[~ruptures.index.isin(pairs["at"])].assign(strategy=NONE)
    columns = [*CODING, "segment", "marker_kind", "marker", "strategy"]
    found = pd.concat([pairs[columns], alone[columns]]).drop_duplicates()
    return found.sort_values(columns, ignore_index=True)


def strategy_resolution(
    markers: pd.DataFrame, ratings: pd.DataFrame, *, within: int = 1, threshold: float = 3.0
) -> pd.DataFrame:
    """Which strategies followed which rupture markers, and how resolution was rated.

    Parameters
    ----------
    markers : pandas.DataFrame
        As for `following_strategies`; choose rows by `party` beforehand to look at one party.
    ratings : pandas.DataFrame
        One row a rater and session, with `resolution` (1–5) of the session as a whole.
    within : int
        Segments after the marker's own in which a strategy still follows it.
    threshold : float
        Mean resolution over raters from which a session counts as resolved.

    Returns
    -------
    pandas.DataFrame
        One row a kind of marker and strategy, most frequent first: marker_kind, strategy, sessions,
        patients, resolution_mean and resolution_n (over sessions with a rating), resolved (how many
        of these reach the threshold), n (sessions with this kind of marker), share (sessions / n).
        A session counts once a row, however many raters saw it there, and under each strategy that
        any of them saw; under "none" only if nobody saw one follow a marker of this kind.

    Notes
    -----
    Sessions in which more went wrong hold more strategies and are harder to resolve; the table
    describes and says nothing of what a strategy does.
    """
    followed = following_strategies(markers, within=within)
    keys = ["marker_kind", "strategy"]
    once = _by_session(followed)
    means = session_ratings(ratings)[[*SESSION, "observer_resolution"]]
    rated = once.merge(means, on=SESSION, how="left", validate="m:1")
    rated["resolved"] = reached(rated["observer_resolution"].to_numpy(np.float64), threshold)
    groups = rated.groupby(keys, observed=True)
    table = groups.agg(
        sessions=("session", "size"),
        patients=("patient_id", "nunique"),
        resolution_mean=("observer_resolution", "mean"),
        resolution_n=("observer_resolution", "count"),
        resolved=("resolved", "sum"),
    ).reset_index()
    table["sessions"] = table["sessions"].astype(np.int64)
    table["n"] = table["marker_kind"].map(_sessions_with(once)).astype(np.int64)
    table["share"] = table["sessions"] / table["n"]
    order = ["marker_kind", "sessions", "strategy"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _by_session(followed: pd.DataFrame) -> pd.DataFrame:
    once = followed[[*SESSION, "marker_kind", "strategy"]].drop_duplicates()
    alone = (once["strategy"] == NONE).to_numpy()
    strategies = once.assign(some=~alone).groupby([*SESSION, "marker_kind"], observed=True)["some"]
    return once.loc[~alone | ~strategies.transform("any").to_numpy()]


def _sessions_with(once: pd.DataFrame) -> pd.Series:
    return once[[*SESSION, "marker_kind"]].drop_duplicates().groupby("marker_kind").size()
