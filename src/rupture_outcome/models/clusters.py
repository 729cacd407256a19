"""Clusters of robust errors: the therapist, or the patient where no therapist is known."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEW_CLUSTERS = 20
FEW = "few therapists: errors may be too small"
NO_CLUSTERS = "fewer than two therapists: errors robust for patients instead"


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
    ([0, 1, 0, 5], 'few therapists: errors may be too small')
    """
    therapist, known = pd.factorize(rows["therapist_id"])
    patient = pd.factorize(rows["patient_id"])[0]
    if len(known) < 2:
        return np.asarray(patient, dtype=np.int64), NO_CLUSTERS
    codes = np.where(therapist < 0, len(known) + patient, therapist)
    return codes.astype(np.int64), FEW if len(known) < FEW_CLUSTERS else ""
