"""All patients' attended sessions as arrays, so that a rule is written as for one patient."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats, Rows

# Arrays of a block stay in the processor's cache and their memory is used again: at ten million
# sessions twice as fast as all at once.
BLOCK = 2**18

# What rests on patients and sessions alone: panels that differ in a score share it.
LAYOUT = ("patient", "patient_ids", "first", "end", "run")

Made = TypeVar("Made")


@dataclass(frozen=True)
class Panel:
    """Attended sessions of all patients, sorted by patient and session.

    Every array of values has one entry a row, that is, an attended session; a missing value is NaN.

    Parameters
    ----------
    ids : pandas.Index
        Patients, in the order of their rows; length P.
    starts : ndarray of int, shape (P + 1,)
        First row of each patient, and the number of rows N at the end.
    session : ndarray of int, shape (N,)
        Scheduled session number, increasing within a patient.
    columns : mapping of str to ndarray of float, shape (N,)
        Scores and reports. Scores are turned so that higher is better.
    bridge_missed : bool
        Whether a score may be compared with one from before a missed session.
    bridge_unrated : bool
        Whether attended sessions without a score are skipped in looking for the previous one.

    Examples
    --------
    Session 3 was missed, so the score of session 4 has nothing to be compared with.

    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 4], "score": [50, 40, 44]})
    >>> panel = Panel.from_sessions(frame, ["score"])
    >>> panel.previous(panel["score"])
    array([nan, 50., nan])
    """

    ids: pd.Index
    starts: Rows
    session: NDArray[np.int64]
    columns: Mapping[str, Floats] = field(repr=False)
    bridge_missed: bool = False
    bridge_unrated: bool = True
    # What was made of scores, in blocks only: of a whole study it would fill the memory.
    _made: dict[tuple[str, object], Any] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_sessions(
        cls,
        sessions: pd.DataFrame,
        columns: list[str],
        *,
        bridge_missed: bool = False,
        bridge_unrated: bool = True,
    ) -> "Panel":
        """Take the attended sessions out of a sessions table; rows may come in any order.

        Parameters
        ----------
        sessions : pandas.DataFrame
            One row a patient and scheduled session; attended unless `attended` is 0.
        columns : list of str
            The numeric columns to keep. One that the table lacks is missing throughout.
        bridge_missed, bridge_unrated : bool
            See the class.
        """
        sessions = _attended(sessions, columns)
        codes, ids = pd.factorize(sessions["patient_id"], sort=True)
        session = sessions["session"].to_numpy(np.int64)
        order = _order(codes, session)
        counts = np.bincount(codes, minlength=len(ids))
        return cls(
            ids=pd.Index(ids),
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
            session=session[order],
            columns={name: _values(sessions, name)[order] for name in columns},
            bridge_missed=bridge_missed,
            bridge_unrated=bridge_unrated,
        )

    def __len__(self) -> int:
        return len(self.session)

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def with_column(self, name: str, values: Floats) -> "Panel":
        """Give the same panel with one column set anew."""
        made = (
            None
            if self._made is None
            else {key: kept for key, kept in self._made.items() if isinstance(key[1], bytes)}
        )
        panel = replace(self, columns={**self.columns, name: values}, _made=made)
        # Cached properties are kept in this dictionary.
        panel.__dict__.update({key: self.__dict__[key] for key in LAYOUT if key in self.__dict__})
        return panel

    def once(self, what: str, values: Floats, make: Callable[[], Made]) -> Made:
        """Make something of an array once, since many definitions ask the same of one score.

        Parameters
        ----------
        what : str
            Its name.
        values : ndarray of float, shape (N,)
            What it is made of.
        make : callable
            Makes it; called at most once for an array in a block, each time in a whole panel.
        """
        # The array is kept too, so that no other one can take its identity.
        return self._kept((what, id(values)), lambda: (values, make()))[1]

    def once_a_pattern(self, what: str, values: Floats, make: Callable[[], Made]) -> Made:
        """Make something that rests only on where an array has values, once a pattern of these.

        Parameters
        ----------
        what, values, make
            As in `once`.
        """
        if self._made is None:
            return make()
        return self._kept((what, np.packbits(np.isnan(values)).tobytes()), make)

    def _kept(self, key: tuple[str, object], make: Callable[[], Made]) -> Made:
        if self._made is None:
            return make()
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def blocks(self, size: int = BLOCK) -> Iterator[tuple[int, "Panel"]]:
        """Split between patients into panels of about `size` rows, each with its first row."""
        cuts = np.searchsorted(self.starts, np.arange(0, len(self), size))
        cuts = np.unique([0, *cuts, len(self.ids)]) if len(self) else np.array([0, 0])
        for low, high in pairwise(cuts):
            rows = slice(self.starts[low], self.starts[high])
            block = replace(
                self,
                ids=self.ids[low:high],
                starts=self.starts[low : high + 1] - rows.start,
                session=self.session[rows],
                columns={name: values[rows] for name, values in self.columns.items()},
                _made={},
            )
            yield int(rows.start), block

    @cached_property
    def patient(self) -> Rows:
        """Position in `ids` of each row's patient, shape (N,)."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    @cached_property
    def patient_ids(self) -> pd.Series:
        """Each row's patient by id, shape (N,)."""
        return pd.Series(self.ids.take(self.patient).array)

    def repeated(self, n: int) -> tuple[pd.Series, NDArray[np.int64]]:
        """Patient ids and session numbers of all rows, n times below each other."""
        # Concatenating text shares it, where taking it again would copy it.
        ids = pd.concat([self.patient_ids] * n, ignore_index=True)
        return ids, np.tile(self.session, n)

    @cached_property
    def first(self) -> Rows:
        """First row of each row's patient, shape (N,)."""
        return self.starts[self.patient]

    @cached_property
    def end(self) -> Rows:
        """Row after the last of each row's patient, shape (N,)."""
        return self.starts[self.patient + 1]

    @cached_property
    def run(self) -> Rows:
        """First row of the run of sessions that each row may be compared within, shape (N,).

        A run ends at a missed session: one recorded as not attended, or a number left out.
        """
        if self.bridge_missed or not len(self):
            return self.first
        follows = np.concatenate([[False], np.diff(self.session) == 1])
        at = np.arange(len(self))
        return np.maximum.accumulate(np.where(follows & (at > self.first), 0, at))

    def last_rated(self, values: Floats) -> Rows:
        """Row of the patient's last rated session before each row, −1 where there is none."""
        return self.once_a_pattern("last_rated", values, lambda: self._last_rated(values))

    def _last_rated(self, values: Floats) -> Rows:
        at = np.where(np.isnan(values), -1, np.arange(len(self)))
        before = np.concatenate([[-1], np.maximum.accumulate(at)[:-1]])[: len(self)]
        return np.where(before >= self.first, before, -1)

    def previous_row(self, values: Floats) -> Rows:
        """Row that each row's value may be compared with, −1 where there is none.

        The previous rated session, never from before a missed session unless the panel bridges
        these; the session just before or none, if the panel does not bridge unrated ones.
        """
        return self.once_a_pattern("previous_row", values, lambda: self._previous_row(values))

    def _previous_row(self, values: Floats) -> Rows:
        before = self.last_rated(values)
        comparable = before >= self.run
        if not self.bridge_unrated:
            comparable &= before == np.arange(len(self)) - 1
        return np.where(comparable, before, -1)

    def previous(self, values: Floats) -> Floats:
        """Value that each row's value may be compared with (`previous_row`), NaN where none."""
        return self.once("previous", values, lambda: self._previous(values))

    def _previous(self, values: Floats) -> Floats:
        before = self.previous_row(values)
        return np.where(before >= 0, values[before], np.nan) if len(self) else values

    def ranges(self, values: Floats) -> Floats:
        """How far each row's value is from the one it may be compared with: moving ranges."""
        return self.once("ranges", values, lambda: np.abs(values - self.previous(values)))

    def earlier_mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Mean and number of the patient's values before each row; missing ones are left out."""
        return self.once("earlier_mean", values, lambda: self._earlier_mean(values))

    def _earlier_mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        mean, count = np.full(len(self), np.nan), np.zeros(len(self), np.int64)
        total, n = np.zeros(len(self.ids)), np.zeros(len(self.ids), np.int64)
        # Adding up session by session, rather than differencing one long cumulative sum, keeps a
        # patient's mean independent of who stands before him in the table.
        for patients, rows in self.rounds():
            some = n[patients] > 0
            mean[rows[some]] = total[patients[some]] / n[patients[some]]
            count[rows] = n[patients]
            rated = ~np.isnan(values[rows])
            total[patients[rated]] += values[rows[rated]]
            n[patients[rated]] += 1
        return mean, count

    def rounds(self) -> Iterator[tuple[Rows, Rows]]:
        """Go through the sessions in step: all first ones, all second ones … (patients, rows)."""
        length = np.diff(self.starts)
        patients = np.argsort(-length, kind="stable")
        ascending = np.sort(length)
        for position in range(int(length.max(initial=0))):
            still = patients[: len(length) - np.searchsorted(ascending, position, side="right")]
            yield still, self.starts[still] + position


def _attended(sessions: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    kept = sessions[[c for c in sessions if c in {"patient_id", "session", *columns}]]
    if "attended" not in sessions:
        return kept
    return kept[sessions["attended"].fillna(1).to_numpy(float) != 0]


def _order(codes: Rows, session: NDArray[np.int64]) -> Rows | slice:
    step = np.diff(codes)
    in_order = (step > 0) | ((step == 0) & (np.diff(session) > 0))
    return slice(None) if in_order.all() else np.lexsort((session, codes))


def _values(sessions: pd.DataFrame, name: str) -> Floats:
    if name not in sessions:
        return np.full(len(sessions), np.nan)
    return sessions[name].to_numpy(np.float64, na_value=np.nan)
