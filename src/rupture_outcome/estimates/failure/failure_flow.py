"""How many left or stayed, better or not, by repair and by where they started."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.reliable_change import NOT_JUDGED, STATUSES
from rupture_outcome.estimates.failure.end_points import END_POINTS
from rupture_outcome.estimates.failure.end_status import BETTER, NOT_KNOWN, STARTS, WHY_NOT
from rupture_outcome.estimates.failure.failure_effects import At, exposed

CELLS = ("left_better", "left_not_better", "stayed_better", "stayed_not_better")
LEFT = "dropout"
# What is counted, each with all that a patient can be.
VIEWS = {"cells": (*CELLS, NOT_JUDGED), "status": STATUSES, "not_judged": WHY_NOT}
GROUPS = {"all": ("all",), "repair": (*STATES, NOT_KNOWN), "start": STARTS}
FLOW_COLUMNS = ("end_point", "by", "level", "view", "end", "patients", "all", "share")


def failure_flow(person_sessions: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Count how patients ended, each in one cell of each view, so that counts add up.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule, in order of patient and session.
    status : DataFrame
        From `rupture_outcome.estimates.failure.end_status.end_status`, of one method.

    Returns
    -------
    DataFrame
        One row an end point, group (`by`: of all, by the state of ruptures before the end, by where
        patients started) and its `level`, view and `end`: `cells` (left or stayed, better or not,
        or not judged), `status`, and, of all, `not_judged` (why). ``patients``, ``all`` of the
        level (of the last view: who is not judged), and their ``share``.
    """
    parts = [_counted(person_sessions, status[status["end_point"].eq(end)]) for end in END_POINTS]
    named = [part.assign(end_point=end) for part, end in zip(parts, END_POINTS, strict=True)]
    return pd.concat(named, ignore_index=True)[list(FLOW_COLUMNS)]


def cell_of(status: "pd.Series[str]", event: "pd.Series[Any]") -> "pd.Series[str]":
    """Give the cell of the four-cell picture, or that there is none.

    Parameters
    ----------
    status : Series
        Of `rupture_outcome.engine.reliable_change.classify`.
    event : Series
        How the treatment ended: dropout is leaving, all else staying.

    Examples
    --------
    >>> status = pd.Series(["improved", "unchanged", "recovered", "not_judged"])
    >>> cell_of(status, pd.Series(["dropout", "dropout", "agreed_ending", "none"])).tolist()
    ['left_better', 'left_not_better', 'stayed_better', 'not_judged']
    """
    left, better = event.eq(LEFT), status.isin(BETTER)
    cells = np.select([left & better, left, better], CELLS[:3], CELLS[3])
    return pd.Series(cells, status.index).where(status.ne(NOT_JUDGED), NOT_JUDGED)


def _counted(person_sessions: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    seen = exposed(person_sessions, judged, At()).set_index("patient_id")["state"].astype(object)
    people = pd.DataFrame(
        {
            "cells": cell_of(judged["status"], judged["event"]),
            "status": judged["status"],
            "not_judged": judged["why"],
            "all": "all",
            "repair": seen.reindex(judged["patient_id"]).fillna(NOT_KNOWN).to_numpy(),
            "start": judged["start"],
        },
        judged.index,
    )
    rows = [row for by, levels in GROUPS.items() for row in _rows(people, by, levels)]
    return pd.DataFrame(rows)


def _rows(people: pd.DataFrame, by: str, levels: Sequence[str]) -> Iterator[dict[str, Any]]:
    for level in levels:
        here = people[people[by].eq(level)]
        if level == NOT_KNOWN and here.empty:
            continue
        for view, ends in VIEWS.items():
            if view == "not_judged" and by != "all":
                continue
            counts = here[view].value_counts().reindex(list(ends), fill_value=0)
            total = int(counts.sum())
            for end, n in counts.items():
                share = n / total if total else np.nan
                row = {"by": by, "level": level, "view": view, "end": end}
                yield {**row, "patients": int(n), "all": total, "share": share}
