"""Which ruptures two definitions both see, if not always in the same session."""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Bools

Ints = NDArray[np.int64]
COLUMNS = [
    *("definition_a", "definition_b", "tolerance", "onsets_a", "onsets_b", "matched"),
    *("sensitivity", "precision", "positive_agreement", "lag_mean", "patients"),
]


def match_onsets(
    patient_a: Ints, onset_a: Ints, patient_b: Ints, onset_b: Ints, tolerance: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Match events of the same patient one to one, nearest first.

    Of all pairs not farther apart than the tolerance, the nearest is matched and both its events
    are taken; then the nearest of the rest, and so on. Of pairs equally far apart the earlier goes
    first. Exchanging a and b exchanges the answers.

    Parameters
    ----------
    patient_a, onset_a : ndarray of int, shape (A,)
        Patient (any integer) and session of each event; no event twice.
    patient_b, onset_b : ndarray of int, shape (B,)
    tolerance : int
        Sessions.

    Returns
    -------
    tuple of ndarray of int, shape (M,)
        Positions in a and in b of the matched events.

    Notes
    -----
    The nearest first need not give the most matches: of events at 3 and 6, and at 4 and 1, with
    tolerance 2, only 3 and 4 are matched, where 3 with 1 and 6 with 4 would be two. It is preferred
    because a match should be the likeliest counterpart.

    Examples
    --------
    >>> a, b = np.array([3, 8]), np.array([4, 5])
    >>> one = np.array([0, 0])
    >>> match_onsets(one, a, one, b, 1)
    (array([0]), array([0]))
    """
    a, b = _candidates(patient_a, onset_a, patient_b, onset_b, tolerance)
    first = np.minimum(onset_a[a], onset_b[b])
    distance = np.abs(onset_a[a] - onset_b[b])
    order = np.lexsort((first, patient_a[a], distance))
    a, b = a[order], b[order]
    taken = np.zeros(len(a), bool)
    left = np.arange(len(a))
    while len(left):
        # A pair that comes first for both its events is one that going through the list would take.
        best = left[_is_first(a[left]) & _is_first(b[left])]
        taken[best] = True
        free = ~np.isin(a[left], a[best]) & ~np.isin(b[left], b[best])
        left = left[free]
    return a[taken], b[taken]


def _candidates(
    patient_a: Ints, onset_a: Ints, patient_b: Ints, onset_b: Ints, tolerance: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    one = pd.DataFrame({"patient": patient_a, "onset": onset_a, "a": np.arange(len(onset_a))})
    other = pd.DataFrame({"patient": patient_b, "onset": onset_b, "b": np.arange(len(onset_b))})
    shifts = range(-tolerance, tolerance + 1)
    parts = [other.assign(onset=other["onset"] + shift) for shift in shifts]
    pairs = one.merge(pd.concat(parts), on=["patient", "onset"])
    return pairs["a"].to_numpy(np.intp), pairs["b"].to_numpy(np.intp)


def _is_first(values: NDArray[np.intp]) -> Bools:
    first = np.zeros(len(values), bool)
    first[np.unique(values, return_index=True)[1]] = True
    return first


def onset_agreement(
    onsets: pd.DataFrame, ruptures: pd.DataFrame, *, tolerance: int = 1
) -> pd.DataFrame:
    """How many ruptures each pair of definitions has in common, within some sessions.

    An onset counts only if the other definition could test a session within the tolerance of it:
    what it could not see it has not missed.

    Parameters
    ----------
    onsets : pandas.DataFrame
        patient_id, definition, onset (session): episodes under one repair rule.
    ruptures : pandas.DataFrame
        patient_id, session, definition, verdict: where each definition was testable.
    tolerance : int
        Scheduled sessions that matched onsets may be apart. The wider, the more match by chance.

    Returns
    -------
    pandas.DataFrame
        One row a pair of definitions: definition_a, definition_b, tolerance, onsets_a, onsets_b,
        matched, sensitivity (share of b's onsets that a has), precision (share of a's onsets that
        b has), positive_agreement (2·matched over all onsets), lag_mean (b − a, sessions, of the
        matched), patients (with an onset of either). Exchanging a and b exchanges sensitivity and
        precision and nothing else but the sign of the lag.

    Raises
    ------
    ValueError
        A definition has the same onset twice, as with episodes of several repair rules.
    """
    keys = ["patient_id", "definition", "onset"]
    if onsets.duplicated(keys).any():
        raise ValueError("the same onset more than once: give episodes of one repair rule only")
    names = list(pd.unique(ruptures["definition"]))
    patients = pd.Index(pd.unique(pd.concat([ruptures["patient_id"], onsets["patient_id"]])))
    seen = {name: _testable(ruptures, name, patients) for name in names}
    found = {name: _of(onsets, name, patients) for name in names}
    return pd.DataFrame(
        [
            {
                "definition_a": a,
                "definition_b": b,
                "tolerance": tolerance,
                **_compare(
                    found[a][_near(found[a], seen[b], tolerance)],
                    found[b][_near(found[b], seen[a], tolerance)],
                    tolerance,
                ),
            }
            for a, b in combinations(names, 2)
        ],
        columns=COLUMNS,
    )


def _testable(ruptures: pd.DataFrame, name: str, patients: pd.Index) -> Ints:
    own = ruptures["definition"] == name
    rows = ruptures.loc[own & (ruptures["verdict"] != "not_testable")]
    return _pairs(rows["patient_id"], rows["session"], patients)


def _of(onsets: pd.DataFrame, name: str, patients: pd.Index) -> Ints:
    rows = onsets.loc[onsets["definition"] == name]
    return _pairs(rows["patient_id"], rows["onset"], patients)


def _pairs(patient_id: pd.Series, session: pd.Series, patients: pd.Index) -> Ints:
    """Patient's number and session, shape (N, 2)."""
    return np.column_stack([patients.get_indexer(pd.Index(patient_id)), session.to_numpy(np.int64)])


def _near(events: Ints, testable: Ints, tolerance: int) -> Bools:
    span = int(max(events[:, 1].max(initial=0), testable[:, 1].max(initial=0))) + 2 * tolerance + 1
    known = testable @ [span, 1]
    near = np.zeros(len(events), bool)
    for shift in range(-tolerance, tolerance + 1):
        # A session below 0 would be taken for one of the patient before.
        shifted = events[:, 1] + shift
        near |= (shifted >= 0) & np.isin(events[:, 0] * span + shifted, known)
    return near


def _compare(a: Ints, b: Ints, tolerance: int) -> dict[str, object]:
    in_a, in_b = match_onsets(a[:, 0], a[:, 1], b[:, 0], b[:, 1], tolerance)
    matched, either = len(in_a), len(a) + len(b)
    return {
        "onsets_a": len(a),
        "onsets_b": len(b),
        "matched": matched,
        "sensitivity": matched / len(b) if len(b) else np.nan,
        "precision": matched / len(a) if len(a) else np.nan,
        "positive_agreement": 2 * matched / either if either else np.nan,
        "lag_mean": (b[in_b, 1] - a[in_a, 1]).mean() if matched else np.nan,
        "patients": len(np.union1d(a[:, 0], b[:, 0])),
    }
