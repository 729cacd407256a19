"""Tables of sudden changes: steps, events and persons."""

from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.slots import Slots
from rupture_outcome.coding.sudden_criteria import (
    CHANGES,
    CRITERIA,
    CRITERION_VERDICTS,
    NOT_TESTABLE,
    Criteria,
    Judged,
)
from rupture_outcome.coding.verdicts import TIE, VERDICTS, named
from rupture_outcome.engine.arrays import Bools, Floats, Rows

AROUND = {
    "n_minus_2": -2,
    "n_minus_1": -1,
    "n": 0,
    "n_plus_1": 1,
    "n_plus_2": 2,
    "n_plus_3": 3,
}


def steps(slots: Slots, criteria: Criteria) -> tuple[Rows, Bools]:
    """First cell of each step that data could make testable; whether the next is its neighbour.

    Examples
    --------
    With a stability test two scores are needed on each side, which leaves two steps of five
    sessions:

    >>> slots = Slots.of_wide([[30, 31, 30, 15, 14]])
    >>> before, adjacent = steps(slots, Criteria(cut=7))
    >>> slots.session[before].tolist(), adjacent.tolist()
    ([2, 3], [True, True])
    """
    cell = np.arange(len(slots.slot_of))
    person = slots.person
    first, last = slots.starts[person], slots.starts[person + 1] - 1
    inside = (cell >= first + criteria.reach) & (cell + 1 + criteria.reach <= last)
    before = np.flatnonzero(inside)
    return before, slots.slot_of[before + 1] - slots.slot_of[before] == 1


def intervals_table(slots: Slots, judged: Judged, criteria: Criteria) -> pd.DataFrame:
    """One row a step; see `SuddenChanges.intervals`.

    Parameters
    ----------
    slots : Slots
    judged : Judged
        Of the steps between these slots.
    criteria : Criteria
    """
    before, adjacent = steps(slots, criteria)
    slot = slots.slot_of[before]
    verdicts = {
        name: named(np.where(adjacent, codes[slot], NOT_TESTABLE), CRITERION_VERDICTS)
        for name in (*CRITERIA, "all")
        for codes in [getattr(judged, name)]
    }
    return pd.DataFrame(
        {
            "patient_id": slots.ids.take(slots.person[before]),
            "before": slots.session[before],
            "after": slots.session[before + 1],
            "magnitude": np.where(adjacent, judged.magnitude[slot], np.nan),
            **verdicts,
        }
    )


def total_change(slots: Slots, criteria: Criteria) -> Floats:
    """Each person's first rated score minus the last (a rise: the last minus the first).

    Examples
    --------
    >>> total_change(Slots.of_wide([[30, 20, 15], [9, np.nan, 12]]), Criteria(cut=7)).tolist()
    [15.0, -3.0]
    """
    score = slots.scores[slots.slot_of]
    rated = np.flatnonzero(~np.isnan(score))
    low, high = np.searchsorted(rated, slots.starts[:-1]), np.searchsorted(rated, slots.starts[1:])
    some = high > low
    total = np.full(len(slots.ids), np.nan)
    total[some] = score[rated[low[some]]] - score[rated[high[some] - 1]]
    return total * CHANGES[criteria.change]


def events_table(
    slots: Slots, judged: Judged, before: Rows, total: Floats, criteria: Criteria
) -> pd.DataFrame:
    """One row a sudden change that begins at these cells; see `SuddenChanges`.

    Parameters
    ----------
    slots : Slots
    judged : Judged
        Of the steps between these slots.
    before : ndarray of int, shape (E,)
        Cell of the session before each change.
    total : ndarray of float, shape (P,)
        From `total_change`, in points.
    criteria : Criteria
    """
    slot, person = slots.slot_of[before], slots.person[before]
    magnitude, change = judged.magnitude[slot], total[person]
    some = np.abs(change) > TIE
    share = np.divide(magnitude, change, out=np.full(len(slot), np.nan), where=some)
    reversal = _reversals(slots, slot, person, magnitude, criteria)
    lost = reversal >= 0
    return pd.DataFrame(
        {
            "patient_id": slots.ids.take(person),
            "event": np.arange(len(person)) - np.searchsorted(person, person) + 1,
            "before": slots.session[before],
            "after": slots.session[before + 1],
            **{name: slots.around(slot, offset) for name, offset in AROUND.items()},
            "magnitude": magnitude,
            "total_change": change,
            "share_of_change": share,
            "reversed": lost,
            "reversed_at": _sessions(slots, slots.cell(np.where(lost, reversal, 0)), lost),
        }
    )


def _reversals(
    slots: Slots, slot: Rows, person: Rows, magnitude: Floats, criteria: Criteria
) -> Rows:
    """Slot of the first session from n + 2 on with more than half of the change lost, or −1."""
    sign = CHANGES[criteria.change]
    limit = sign * slots.scores[slot + 1] + magnitude / 2
    last = slots.slot_of[slots.starts[person + 1] - 1]
    found, open_, now = np.full(len(slot), -1), np.arange(len(slot)), slot + 2
    while len(open_ := open_[now[open_] <= last[open_]]):
        lost = sign * slots.scores[now[open_]] > limit[open_] + TIE
        found[open_[lost]] = now[open_[lost]]
        open_ = open_[~lost]
        now = now + 1
    return found


def persons_table(
    slots: Slots,
    judged: Judged,
    before: Rows,
    total: Floats,
    events: pd.DataFrame,
    criteria: Criteria,
) -> pd.DataFrame:
    """One row a person; see `SuddenChanges`.

    Parameters
    ----------
    slots, judged, before, total, criteria
        As in `events_table`.
    events : pandas.DataFrame
        From it.
    """
    persons, person = len(slots.ids), slots.person[before]
    testable = _testable(slots, judged, criteria)
    changes = np.bincount(person, minlength=persons)
    any_, at = changes > 0, np.cumsum(changes) - changes
    magnitude = events["magnitude"].to_numpy()
    # Within a person from the largest on, the earlier first: his largest is where his first was.
    by_size = np.lexsort((-magnitude, person))
    first = np.where(any_, at, 0)
    largest = by_size[first] if len(by_size) else first
    verdict = np.where(any_, 2, testable > 0).astype(np.int8)
    reversals = np.bincount(person, events["reversed"], minlength=persons) > 0
    return pd.DataFrame(
        {
            "patient_id": slots.ids,
            "testable": testable,
            "changes": changes,
            "verdict": named(verdict, VERDICTS),
            "first": _sessions(slots, _picked(before, first), any_),
            "largest": _sessions(slots, _picked(before, largest), any_),
            "largest_magnitude": np.where(any_, _picked(magnitude, largest), np.nan),
            "any_reversed": pd.arrays.BooleanArray(reversals, ~any_),
            "total_change": total,
        }
    )


def _testable(slots: Slots, judged: Judged, criteria: Criteria) -> Rows:
    before, adjacent = steps(slots, criteria)
    known = adjacent & (judged.all[slots.slot_of[before]] != NOT_TESTABLE)
    return np.bincount(slots.person[before[known]], minlength=len(slots.ids))


def _picked(values: Any, at: Rows) -> Any:
    return values[at] if len(values) else np.zeros(len(at), values.dtype)


def _sessions(slots: Slots, cell: Rows, known: Bools) -> pd.api.extensions.ExtensionArray:
    session = _picked(slots.session, np.where(known, cell, 0))
    return pd.arrays.IntegerArray(session.astype(np.int64), ~known)
