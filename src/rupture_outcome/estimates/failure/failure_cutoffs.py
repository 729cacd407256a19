"""How many recover as the clinical cut-off moves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.arrays import TIE
from rupture_outcome.engine.reliable_change import NOT_JUDGED
from rupture_outcome.estimates.failure.end_points import END_POINTS
from rupture_outcome.estimates.failure.end_status import BETTER
from rupture_outcome.estimates.failure.failure_effects import At, exposed

EITHER_WAY, STEPS, FINE = 5, 40, 20
CUTOFF_COLUMNS = ("end_point", "cutoff", "level", "clinical", "recovered", "share")


def cutoffs_tried(
    before: "pd.Series[float]", cutoff: float | None, limits: tuple[float, float] | None
) -> list[float]:
    """Give cut-offs around the study's own, or around the mean first score without one.

    Parameters
    ----------
    before : Series
        First scores.
    cutoff : float, optional
        In points.
    limits : (float, float), optional
        Lowest and highest possible score; cut-offs lie between them.

    Returns
    -------
    list of float
        Five on either side, a fortieth of the scale apart (whole points, where it is long enough);
        none without scores.

    Examples
    --------
    >>> cutoffs_tried(pd.Series([12.0]), 10, (0, 27))[:3]
    [5.0, 6.0, 7.0]
    """
    known = before.dropna()
    if known.empty:
        return []
    low, high = limits or (-np.inf, np.inf)
    span = high - low
    step = 1.0 if not np.isfinite(span) else span / FINE if span < FINE else max(1.0, span // STEPS)
    middle = round(float(known.mean()) / step) * step if cutoff is None else float(cutoff)
    found = middle + step * np.arange(-EITHER_WAY, EITHER_WAY + 1)
    return [float(each) for each in found.round(6) if low < each < high]


def failure_cutoffs(
    person_sessions: pd.DataFrame,
    status: pd.DataFrame,
    tried: Sequence[float],
    direction: int,
) -> pd.DataFrame:
    """Count who recovers under each cut-off, one for all, by the state of ruptures before the end.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule, in order of patient and session.
    status : DataFrame
        From `rupture_outcome.estimates.failure.end_status.end_status`, of one method.
    tried : sequence of float
        Cut-offs, in points.
    direction : {1, -1}
        −1 where lower is better.

    Returns
    -------
    DataFrame
        One row an end point, cut-off and level (all, or a state): patients who can be judged and
        began in the ``clinical`` range, how many of them ``recovered``, and their ``share``.
    """
    rows: list[dict[str, Any]] = []
    for end_point in END_POINTS:
        judged = status[status["end_point"].eq(end_point)]
        people = exposed(person_sessions, judged, At())
        people = people[people["status"].ne(NOT_JUDGED)]
        better = people["status"].isin(BETTER)
        for cut in tried:
            clinical = direction * (cut - people["before"]) > TIE
            recovered = clinical & better & (direction * (people["after"] - cut) > TIE)
            for level in ("all", *STATES):
                here = people["state"].eq(level) | (level == "all")
                n, of = int((recovered & here).sum()), int((clinical & here).sum())
                given = {"end_point": end_point, "cutoff": cut, "level": level}
                share = n / of if of else np.nan
                rows.append({**given, "clinical": of, "recovered": n, "share": share})
    return pd.DataFrame(rows, columns=list(CUTOFF_COLUMNS))
