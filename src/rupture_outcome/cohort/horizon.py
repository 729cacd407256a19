"""How far curves are followed: the session at which they are compared."""

import numpy as np
import pandas as pd

STILL_HERE = 0.1


def horizon_of(rows: pd.DataFrame, given: int | None) -> int:
    """Give the horizon of the config, or else the last session that a tenth of patients attended.

    The default does not look at how treatments ended or at the state of the alliance.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule: ``patient_id``, ``time``.
    given : int or None
        `models.horizon` of the config.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": ["a", "a", "b"], "time": [1, 2, 1]})
    >>> horizon_of(rows, None), horizon_of(rows, 1)
    (2, 1)
    """
    if given is not None:
        return given
    last = rows.groupby("patient_id", observed=True)["time"].max().to_numpy()
    still_here = np.sort(last)[::-1]
    return int(still_here[max(int(np.ceil(STILL_HERE * len(last))) - 1, 0)])
