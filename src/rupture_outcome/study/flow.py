"""The flow of persons and sessions: what each step of a study left and what it removed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

FLOW_COLUMNS = [
    "step",
    "reason",
    "patients",
    "sessions",
    "removed_patients",
    "removed_sessions",
]


def flow_row(
    step: str,
    reason: str,
    before_sessions: int,
    after_sessions: int,
    before_patients: int,
    after_patients: int,
) -> dict[str, Any]:
    """Account for one step.

    Parameters
    ----------
    step : str
        Code of the step.
    reason : str
        Code of why rows were removed.
    before_sessions, after_sessions, before_patients, after_patients : int
        Counts before and after.

    Returns
    -------
    dict
        One row of `flow.csv`; `patients` and `sessions` are what remains.

    Examples
    --------
    >>> flow_row("entered_twice", "exact_copies", 105, 100, 20, 20)["removed_sessions"]
    5
    """
    return {
        "step": step,
        "reason": reason,
        "patients": int(after_patients),
        "sessions": int(after_sessions),
        "removed_patients": int(before_patients - after_patients),
        "removed_sessions": int(before_sessions - after_sessions),
    }


def flow_frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Put rows of the flow into a frame with the columns of `flow.csv`, also when there is none."""
    return pd.DataFrame(list(rows), columns=FLOW_COLUMNS)
