"""Which patients belong together when uncertainty is judged."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def patient_codes(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Give each row the number of its patient, in order of appearance."""
    return pd.factorize(rows["patient_id"])[0]


def patient_clusters(rows: pd.DataFrame) -> NDArray[np.intp]:
    """Give each patient the number of a cluster: the therapist of the first session.

    A patient whose therapist is not known is a cluster alone; so is everyone in a study of a
    single therapist, where differences between therapists cannot be seen.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions, sorted by patient and session: ``patient_id``, ``therapist_id``.

    Returns
    -------
    array of int, shape (patients,)
        In the order of `patient_codes`.
    """
    first = rows.drop_duplicates("patient_id")["therapist_id"]
    codes = pd.factorize(first)[0]
    alone = np.arange(len(codes)) + codes.max(initial=0) + 1
    if len(np.unique(codes[codes >= 0])) < 2:
        return np.arange(len(codes))
    return pd.factorize(np.where(codes >= 0, codes, alone))[0]
