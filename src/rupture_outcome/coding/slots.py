"""Series of several persons in one line, so that windows over sessions are shifts of an array."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats, Rows

# Criteria look two slots beyond the two that are compared. A gap of three empty slots parts
# series; a longer one would say the same and only take room.
PARTING = 3


@dataclass(frozen=True)
class Slots:
    """Scores of several persons, one slot a session, empty slots (NaN) between persons.

    Parameters
    ----------
    ids : pandas.Index
        Persons; length P.
    scores : ndarray of float, shape (S,)
        Score in each slot.
    starts : ndarray of int, shape (P + 1,)
        First cell of each person, and the number of cells C at the end.
    slot_of : ndarray of int, shape (C,)
        Slot of each cell. A cell is a session of the data, rated or not.
    session : ndarray of int, shape (C,)
        Number of each cell's session.
    """

    ids: pd.Index
    scores: Floats
    starts: Rows
    slot_of: Rows
    session: NDArray[np.int64]

    @classmethod
    def of_wide(cls, scores: pd.DataFrame | ArrayLike) -> "Slots":
        """Take one row a person and one column a session, in order; sessions count from 1.

        Every column is a slot: nothing is compared across a missing score.
        """
        x = canonical(scores)
        if x.ndim != 2:
            raise ValueError("scores must have one row a person and one column a session")
        persons, sessions = x.shape
        apart = np.full((persons, sessions + PARTING), np.nan)
        apart[:, :sessions] = x
        at = np.arange(persons)[:, None] * (sessions + PARTING) + np.arange(sessions)
        return cls(
            ids=scores.index if isinstance(scores, pd.DataFrame) else pd.RangeIndex(persons),
            scores=apart.ravel(),
            starts=np.arange(persons + 1) * sessions,
            slot_of=at.ravel(),
            session=np.tile(np.arange(1, sessions + 1), persons),
        )

    @classmethod
    def of_panel(cls, panel: Panel, score: Floats) -> "Slots":
        """Take the rated sessions of a panel.

        Two stand in neighbouring slots when the panel lets them be compared. A missed session,
        and an unrated one if the panel does not skip these, keeps an empty slot.
        """
        places = panel.once_a_pattern("slots", score, lambda: _places(panel, score))
        values = np.full(places.slot_of[-1] + 1 if len(places.slot_of) else 0, np.nan)
        values[places.slot_of] = score[places.rated]
        return cls(
            ids=panel.ids,
            scores=values,
            starts=places.starts,
            slot_of=places.slot_of,
            session=panel.session[places.rated],
        )

    @property
    def person(self) -> Rows:
        """Position in `ids` of each cell's person, shape (C,)."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    def cell(self, slot: Rows) -> Rows:
        """Cell in each of these slots, all of which hold one."""
        return np.searchsorted(self.slot_of, slot)

    def around(self, slot: Rows, offset: int) -> Floats:
        """Score at a distance from these slots; NaN beyond the person's series."""
        at = slot + offset
        inside = (at >= 0) & (at < len(self.scores))
        return np.where(inside, self.scores[np.where(inside, at, 0)], np.nan)


class _Places(NamedTuple):
    """Rated rows of a panel, the slot of each, and the first one of each person."""

    rated: Rows
    slot_of: Rows
    starts: Rows


def _places(panel: Panel, score: Floats) -> _Places:
    rated = rated_rows(score)
    person = panel.patient[rated]
    place = np.arange(len(panel)) if panel.bridge_missed else panel.session
    if panel.bridge_unrated:
        place = place - np.cumsum(np.isnan(score))
    step = np.minimum(np.diff(place[rated], prepend=0), PARTING + 1)
    step[np.diff(person, prepend=-1) != 0] = PARTING + 1
    starts = np.searchsorted(person, np.arange(len(panel.ids) + 1))
    return _Places(rated, np.cumsum(step) - (PARTING + 1), starts)


def rated_rows(score: Floats) -> Rows:
    """Rows of a panel with a score.

    Examples
    --------
    >>> rated_rows(np.array([50.0, np.nan, 40.0])).tolist()
    [0, 2]
    """
    return np.flatnonzero(~np.isnan(score))


def canonical(scores: pd.DataFrame | ArrayLike) -> Floats:
    """Copy scores as floats in which every missing value is the same quiet NaN.

    R's NA comes as a signalling NaN, with which maxima and comparisons can go wrong silently.

    Examples
    --------
    >>> canonical(pd.DataFrame({"s1": [30, 28], "s2": [25, None]}))
    array([[30., 25.],
           [28., nan]])
    """
    if isinstance(scores, pd.DataFrame):
        x = scores.to_numpy(np.float64, na_value=np.nan, copy=True)
    else:
        x = np.array(scores, np.float64)
    x[np.isnan(x)] = np.nan
    return x
