"""One measure of several raters as a table of sessions by raters."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Bools, Floats

SESSION = ["patient_id", "session"]
# With fewer sessions no coefficient says anything worth an interval.
FEWEST = 5


@dataclass(frozen=True)
class RatingMatrix:
    """Sessions that at least two raters rated.

    Parameters
    ----------
    ratings : ndarray of float, shape (N, R)
        NaN where a rater did not rate the session.
    patient : ndarray of int, shape (N,)
        Patients numbered from 0.
    raters : tuple of str, length R
        Only those who share a session with another.
    index : pandas.MultiIndex
        patient_id and session of each row.
    """

    ratings: Floats
    patient: NDArray[np.int64]
    raters: tuple[str, ...]
    index: pd.MultiIndex

    @classmethod
    def of(cls, ratings: pd.DataFrame, measure: str) -> "RatingMatrix":
        """Take one measure out of a table with one row a rater and session.

        Raises
        ------
        ValueError
            A rater has two rows for the same session.
        """
        known = ratings.loc[ratings[measure].notna(), [*SESSION, "rater_id", measure]]
        raters_of_session = known.groupby(SESSION, observed=True)["rater_id"].transform("size")
        known = known.loc[raters_of_session >= 2]
        if known.duplicated([*SESSION, "rater_id"]).any():
            raise ValueError("a rater rated the same session twice")
        wide = known.pivot_table(measure, SESSION, "rater_id", observed=True)
        index = pd.MultiIndex.from_frame(wide.index.to_frame(index=False))
        patient, _ = pd.factorize(index.get_level_values("patient_id"))
        names = tuple(str(rater) for rater in wide.columns)
        values = wide.to_numpy(dtype=np.float64, na_value=np.nan)
        return cls(values, patient.astype(np.int64), names, index)

    def __len__(self) -> int:
        return len(self.ratings)

    @property
    def patients(self) -> int:
        """Number of patients."""
        return len(np.unique(self.patient))

    @property
    def varies(self) -> bool:
        """Whether there are two different ratings at all."""
        known = self.ratings[~np.isnan(self.ratings)]
        return len(known) > 0 and bool((known != known[0]).any())

    @property
    def standardised(self) -> Floats:
        """Ratings with mean 0 and variance 1: agreement is the same, rounding errors smaller."""
        if not self.varies:
            return self.ratings * 0
        return (self.ratings - np.nanmean(self.ratings)) / np.nanstd(self.ratings)

    def block(self) -> "RatingMatrix":
        """Sessions that the same raters all rated, as many raters and sessions as can be had.

        Of all pairs of raters, and all groups who rated one session together, it takes the group
        for which (sessions − 1)·(raters − 1) is largest: the degrees of freedom of the error in a
        two-way analysis. With fully crossed raters that is everything.
        """
        if len(self) == 0:
            return self
        rated = ~np.isnan(self.ratings)
        return self._of_raters(max(_groups(rated), key=lambda group: _freedom(rated, group)))

    def pair(self) -> "RatingMatrix":
        """Sessions of the two raters who have most in common (the first pair of several)."""
        if len(self) == 0:
            return self
        rated = ~np.isnan(self.ratings)
        return self._of_raters(max(_pairs(rated), key=lambda pair: _common(rated, pair)))

    def part(self, rows: Bools) -> "RatingMatrix":
        """Take some of the sessions."""
        return RatingMatrix(self.ratings[rows], self.patient[rows], self.raters, self.index[rows])

    def _of_raters(self, group: list[int]) -> "RatingMatrix":
        names = tuple(self.raters[i] for i in group)
        own = RatingMatrix(self.ratings[:, group], self.patient, names, self.index)
        return own.part(np.logical_not(np.isnan(own.ratings).any(axis=1)))


def _pairs(rated: Bools) -> list[list[int]]:
    return [list(pair) for pair in combinations(range(rated.shape[1]), 2)]


def _groups(rated: Bools) -> list[list[int]]:
    together = [np.flatnonzero(row).tolist() for row in np.unique(rated, axis=0)]
    return _pairs(rated) + [group for group in together if len(group) > 2]


def _common(rated: Bools, group: list[int]) -> int:
    return int(rated[:, group].all(axis=1).sum())


def _freedom(rated: Bools, group: list[int]) -> tuple[int, int]:
    sessions = _common(rated, group)
    return (sessions - 1) * (len(group) - 1), sessions
