"""Groups and clusters of rows: the therapist, or the patient where no therapist is known."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.reasons import reason

FEW_CLUSTERS = 20
FEW = reason("few_clusters")
NO_CLUSTERS = reason("no_clusters")


def clusters_of(rows: pd.DataFrame) -> tuple[NDArray[np.int64], str]:
    """Code the therapist of each row; without two of them, or without any, the patient.

    Parameters
    ----------
    rows : DataFrame
        With ``patient_id`` and ``therapist_id``, which may be missing.

    Returns
    -------
    codes : array of int, shape (rows,)
        Rows of a cluster share a code.
    caution : str
        Empty with `FEW_CLUSTERS` therapists or more.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("abcd"), "therapist_id": ["x", "y", "x", None]})
    >>> codes, caution = clusters_of(rows)
    >>> codes.tolist(), caution
    ([0, 1, 0, 5], 'few_clusters')
    """
    codes, known = codes_of(rows, "therapist_id")
    caution = few_therapists(rows, NO_CLUSTERS)
    return codes if known > 1 else codes_of(rows, "patient_id")[0], caution


def few_therapists(rows: pd.DataFrame, fewer_than_two: str) -> str:
    """Caution where intervals rest on few therapists; empty with `FEW_CLUSTERS` or more.

    Examples
    --------
    >>> few_therapists(pd.DataFrame({"therapist_id": ["x", "y", None]}), NO_CLUSTERS)
    'few_clusters'
    """
    known = rows["therapist_id"].nunique()
    if known < 2:
        return fewer_than_two
    return FEW if known < FEW_CLUSTERS else ""


def codes_of(rows: pd.DataFrame, groups: str) -> tuple[NDArray[np.int64], int]:
    """Code the group of each row; where it is not known the patient stands alone.

    Parameters
    ----------
    rows : DataFrame
        With ``patient_id`` and the column `groups`.
    groups : str
        Such as "therapist_id".

    Returns
    -------
    codes : array of int, shape (rows,)
        Below the number of known groups where the group is known.
    known : int
        Number of known groups.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("abc"), "therapist_id": ["x", "x", None]})
    >>> codes, known = codes_of(rows, "therapist_id")
    >>> codes.tolist(), known
    ([0, 0, 3], 1)
    """
    codes, known = pd.factorize(rows[groups])
    patient = pd.factorize(rows["patient_id"])[0]
    return np.where(codes < 0, len(known) + patient, codes).astype(np.int64), len(known)


def unit_codes(rows: pd.DataFrame) -> NDArray[np.int64] | None:
    """Code the couple, family or group of each row, a patient alone being one; None without any.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions: ``patient_id`` and, where the study has it, ``unit_id``.

    Returns
    -------
    array of int, shape (rows,), or None
        0, 1, …, without gaps. None where no two patients of these rows share a unit.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("abc"), "unit_id": ["u", "u", None]})
    >>> unit_codes(rows).tolist(), unit_codes(rows.iloc[1:])
    ([0, 0, 1], None)
    """
    if "unit_id" not in rows:
        return None
    shared = rows.drop_duplicates("patient_id")["unit_id"].dropna()
    if not shared.duplicated().any():
        return None
    return np.unique(codes_of(rows, "unit_id")[0], return_inverse=True)[1].astype(np.int64)


def first_therapists(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Code the therapist of every patient's first session, in the order of the patients.

    A patient whose therapist is not known is a cluster alone.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions in order of patient and time: ``patient_id``, ``therapist_id``.

    Examples
    --------
    Patient a changed therapists:

    >>> rows = pd.DataFrame({"patient_id": list("aabb"), "therapist_id": list("xyyy")})
    >>> first_therapists(rows).tolist()
    [0, 1]
    """
    return codes_of(rows.drop_duplicates("patient_id"), "therapist_id")[0]


def patient_codes(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Give each row the number of its patient, in order of appearance."""
    return pd.factorize(rows["patient_id"])[0]


def patient_clusters(rows: pd.DataFrame) -> tuple[NDArray[np.intp], str]:
    """Give each patient the number of a cluster: the therapist of the first session.

    A patient whose therapist is not known is a cluster alone; so is everyone in a study of a
    single therapist, where differences between therapists cannot be seen.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions, sorted by patient and session: ``patient_id``, ``therapist_id``.

    Returns
    -------
    codes : array of int, shape (patients,)
        In the order of `patient_codes`.
    caution : str
        As of `clusters_of`.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": list("aabbcd"), "therapist_id": [*"xyyyx", None]})
    >>> codes, caution = patient_clusters(rows)
    >>> codes.tolist(), caution
    ([0, 1, 0, 2], 'few_clusters')
    >>> patient_clusters(rows.assign(therapist_id="x"))[0].tolist()
    [0, 1, 2, 3]
    """
    cluster, caution = clusters_of(rows.drop_duplicates("patient_id"))
    return pd.factorize(cluster)[0], caution


def clusters_of_patients(sessions: pd.DataFrame, patients: pd.Index) -> NDArray[np.intp]:
    """Give each of `patients` the number of a cluster, as `patient_clusters` does.

    Parameters
    ----------
    sessions : DataFrame
        ``patient_id``, ``session``, ``therapist_id``; in any order.
    patients : Index
        Of ids.

    Examples
    --------
    >>> sessions = pd.DataFrame(
    ...     {"patient_id": list("aab"), "session": [2, 1, 1], "therapist_id": list("xyx")}
    ... )
    >>> clusters_of_patients(sessions, pd.Index(list("ba"))).tolist()
    [0, 1]
    """
    first = sessions.sort_values("session").drop_duplicates("patient_id").set_index("patient_id")
    therapist = first["therapist_id"].reindex(patients).to_numpy()
    return patient_clusters(pd.DataFrame({"patient_id": patients, "therapist_id": therapist}))[0]
