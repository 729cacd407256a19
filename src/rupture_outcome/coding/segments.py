"""Observer coding, from markers in segments to sessions."""

import numpy as np
import pandas as pd

KINDS = ("withdrawal", "confrontation", "resolution")
PARTIES = ("patient", "therapist")
ANY = "any"
CODING = ["patient_id", "session", "rater_id"]
MINUTES = ["session_minutes", "segment_minutes"]
NUMBERS = ["markers", "segments", "maximum", "salience", "per_hour"]


def coded_sessions(markers: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Find which rater looked for markers in which session.

    A session without a marker has rows in `ratings` only, so both tables say who coded what. A
    rater who has no marker in the whole study rated sessions and coded no segments: his sessions
    are no zeros.

    Parameters
    ----------
    markers, ratings : pandas.DataFrame
        As in the data contract; `ratings` may lack lengths, or be empty.

    Returns
    -------
    pandas.DataFrame
        patient_id, session, rater_id, session_minutes, segment_minutes (NaN where unknown).

    Examples
    --------
    r coded segments in session 1, and in session 2 without finding anything; s never did:

    >>> markers = pd.DataFrame({"patient_id": ["a"], "session": 1, "rater_id": "r"})
    >>> ratings = pd.DataFrame({"patient_id": "a", "session": [1, 2, 1], "rater_id": list("rrs")})
    >>> coded_sessions(markers, ratings)[CODING].values.tolist()
    [['a', 1, 'r'], ['a', 2, 'r']]
    """
    coders = markers["rater_id"].unique()
    rated = ratings.loc[ratings["rater_id"].isin(coders)].reindex(columns=[*CODING, *MINUTES])
    seen = markers[CODING].drop_duplicates()
    coded = seen.merge(rated, on=CODING, how="outer", validate="1:1")
    coded[MINUTES] = coded[MINUTES].astype(np.float64)
    return coded.sort_values(CODING, ignore_index=True)


def coder_markers(markers: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Count and weigh the markers that each rater saw in each session.

    Parameters
    ----------
    markers, ratings : pandas.DataFrame
        As in the data contract.

    Returns
    -------
    pandas.DataFrame
        One row a rater, coded session, kind (withdrawal, confrontation, resolution) and party
        (patient, therapist, any; a marker without a party is counted under any only): patient_id,
        session, rater_id, kind, party, markers, segments (that hold one), maximum and salience
        (highest and mean; NaN without a marker or where none has a salience), per_hour (NaN where
        the session's length is unknown), session_minutes, segment_minutes.

    Notes
    -----
    Longer sessions hold more markers and finer segments more again: compare rates per hour between
    sessions of different length, and nothing between studies with segments of different length.

    Examples
    --------
    Two markers of the patient in one segment, and one without a party in another:

    >>> keys = {"patient_id": "a", "session": 1, "rater_id": "r", "segment": [1, 1, 2]}
    >>> parties = ["patient", "patient", None]
    >>> seen = {"kind": "withdrawal", "party": parties, "salience": [2, 4, 3]}
    >>> markers = pd.DataFrame({**keys, **seen})
    >>> counted = coder_markers(markers, markers[CODING].drop_duplicates())
    >>> withdrawals = counted[counted["kind"] == "withdrawal"]
    >>> withdrawals[["party", "markers", "segments", "maximum", "salience"]].values.tolist()
    [['patient', 2, 1, 4.0, 3.0], ['therapist', 0, 0, nan, nan], ['any', 3, 2, 4.0, 3.0]]
    """
    coded = coded_sessions(markers, ratings)
    grid = coded.merge(pd.DataFrame({"kind": KINDS}), how="cross")
    grid = grid.merge(pd.DataFrame({"party": [*PARTIES, ANY]}), how="cross")
    keys = [*CODING, "kind", "party"]
    full = grid.merge(_counted(markers, keys), on=keys, how="left", validate="1:1")
    full[["markers", "segments"]] = full[["markers", "segments"]].fillna(0).astype(np.int64)
    full["per_hour"] = full["markers"] * 60 / full["session_minutes"]
    return full[[*keys, *NUMBERS, *MINUTES]]


def _counted(markers: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    of_either = markers.assign(party=ANY)
    of_one = markers.loc[markers["party"].notna()]
    groups = pd.concat([of_one, of_either], ignore_index=True).groupby(keys, observed=True)
    return groups.agg(
        markers=("segment", "size"),
        segments=("segment", "nunique"),
        maximum=("salience", "max"),
        salience=("salience", "mean"),
    ).reset_index()


def frequencies(markers: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Frequencies of markers as ratings: one row a rater and session, one column a kind.

    Parameters
    ----------
    markers, ratings : pandas.DataFrame
        As in the data contract.

    Returns
    -------
    pandas.DataFrame
        patient_id, session, rater_id, then `<kind>_per_hour` of both parties together, or
        `<kind>_markers` in a study that gives no length of sessions. Where some lengths are
        known, sessions of unknown length are left out.

    Examples
    --------
    Three withdrawals in a session of 45 minutes are four an hour:

    >>> keys = {"patient_id": "a", "session": 1, "rater_id": "r"}
    >>> seen = {"segment": [1, 2, 3], "kind": "withdrawal", "party": "patient", "salience": 2}
    >>> ratings = pd.DataFrame({**keys, "session_minutes": [45]})
    >>> found = frequencies(pd.DataFrame({**keys, **seen}), ratings)
    >>> found[["withdrawal_per_hour", "resolution_per_hour"]].values.tolist()
    [[4.0, 0.0]]
    """
    coders = coder_markers(markers, ratings)
    number = "markers" if coders["per_hour"].isna().all() else "per_hour"
    both = coders.loc[coders["party"] == ANY]
    wide = both.pivot_table(number, CODING, "kind", observed=True)
    return wide.reindex(columns=list(KINDS)).add_suffix(f"_{number}").reset_index()
