"""All patients' attended sessions as arrays, so that a rule is written as for one patient."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Bools, Floats, Rows

# Arrays of a block stay in the processor's cache and their memory is used again: at ten million
# sessions twice as fast as all at once.
BLOCK = 2**18

Made = TypeVar("Made")
Values = TypeVar("Values", Floats, NDArray[np.int64])


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
    # What rests on patients and sessions alone, and in blocks on which sessions were rated: panels
    # that differ in a score share it.
    _laid: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    # What was made of scores, in blocks only: of a whole study it would fill the memory.
    _made: dict[object, Any] | None = field(default=None, repr=False, compare=False)

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
        made: dict[object, Any] | None = None if self._made is None else {}
        return replace(self, columns={**self.columns, name: values}, _made=made)

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
        if self._made is None:
            return make()
        # The array is kept too, so that no other one can take its identity.
        return _kept(self._made, (what, id(values)), lambda: (values, make()))[1]

    def once_a_pattern(self, what: str, values: Floats, make: Callable[[], Made]) -> Made:
        """Make something that rests only on where an array has values, once a pattern of these.

        Parameters
        ----------
        what, values, make
            As in `once`; what is made must not be changed.
        """
        if self._made is None:
            return make()
        pattern = self.once("pattern", values, lambda: np.packbits(np.isnan(values)).tobytes())
        return _kept(self._laid, (what, pattern), make)

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
                _laid={},
                _made={},
            )
            yield int(rows.start), block

    @property
    def patient(self) -> Rows:
        """Position in `ids` of each row's patient, shape (N,)."""
        return _kept(
            self._laid, "patient", lambda: np.repeat(np.arange(len(self.ids)), np.diff(self.starts))
        )

    @property
    def patient_ids(self) -> pd.Series:
        """Each row's patient by id, shape (N,)."""
        return _kept(
            self._laid, "patient_ids", lambda: pd.Series(self.ids.take(self.patient).array)
        )

    def repeated(self, n: int) -> tuple[pd.Series, NDArray[np.int64]]:
        """Patient ids and session numbers of all rows, n times below each other."""
        # Concatenating text shares it, where taking it again would copy it.
        ids = pd.concat([self.patient_ids] * n, ignore_index=True)
        return ids, np.tile(self.session, n)

    @property
    def first(self) -> Rows:
        """First row of each row's patient, shape (N,)."""
        return _kept(self._laid, "first", lambda: self.starts[self.patient])

    @property
    def end(self) -> Rows:
        """Row after the last of each row's patient, shape (N,)."""
        return _kept(self._laid, "end", lambda: self.starts[self.patient + 1])

    def later(self, sessions: int) -> Rows:
        """Row of the patient's session so many attended ones later; N where there is none."""
        return _kept(self._laid, ("later", sessions), lambda: self._later(sessions))

    def _later(self, sessions: int) -> Rows:
        row = np.arange(len(self)) + sessions
        return np.where(row < self.end, row, len(self))

    @property
    def run(self) -> Rows:
        """First row of the run of sessions that each row may be compared within, shape (N,).

        A run ends at a missed session: one recorded as not attended, or a number left out.
        """
        return _kept(self._laid, "run", self._run)

    def _run(self) -> Rows:
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
        return np.append(values, np.nan)[self.previous_row(values)]  # −1 takes the last, NaN

    def ranges(self, values: Floats) -> Floats:
        """How far each row's value is from the one it may be compared with: moving ranges."""
        return self.once("ranges", values, lambda: np.abs(values - self.previous(values)))

    def mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Mean and number of each patient's values, shape (P,); NaN where there are none."""
        return self.once("mean", values, lambda: self._mean(values))

    def _mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        known = self.known(values)
        n = self.once_a_pattern(
            "number", values, lambda: np.bincount(self.patient[known], minlength=len(self.ids))
        )
        return _over(self.total(values), n), n

    def known(self, values: Floats) -> Bools:
        """Where an array has values, shape (N,)."""
        return self.once_a_pattern("known", values, lambda: ~np.isnan(values))

    def total(self, values: Floats) -> Floats:
        """Sum of each patient's values, shape (P,); missing ones count nothing."""
        known = np.where(self.known(values), values, 0.0)
        total = np.bincount(self.patient, known, minlength=len(self.ids))
        return total.astype(np.float64, copy=False)

    def earlier_mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Mean and number of the patient's values before each row; missing ones are left out."""
        return self.once("earlier_mean", values, lambda: self._earlier_mean(values))

    def _earlier_mean(self, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
        known = self.known(values)
        n = self.once_a_pattern("earlier", values, lambda: self._earlier(known.astype(np.int64)))
        return _over(self._earlier(np.where(known, values, 0.0)), n), n

    def _earlier(self, values: Values) -> Values:
        """Sum of the patient's values before each row.

        Adding up session by session, rather than differencing one long cumulative sum, keeps a
        patient's sum independent of who stands before him in the table.
        """
        rows, begins = self.steps
        in_step, before = values[rows], np.empty_like(values)
        total = np.zeros(len(self.ids), values.dtype)
        for low, high in pairwise(begins):
            before[low:high] = total[: high - low]
            total[: high - low] += in_step[low:high]
        summed = np.empty_like(values)
        summed[rows] = before
        return summed

    @property
    def steps(self) -> tuple[Rows, Rows]:
        """Rows in step, all first sessions, all second ones …, and where each step begins.

        Patients stand in the same order in every step, those with the most sessions first.
        """
        return _kept(self._laid, "steps", self._steps)

    def _steps(self) -> tuple[Rows, Rows]:
        length = np.diff(self.starts)
        firsts = self.starts[:-1][np.argsort(-length, kind="stable")]
        ascending = np.sort(length)
        position = np.arange(int(length.max(initial=0)))
        still = len(length) - np.searchsorted(ascending, position, side="right")
        rows = [firsts[:n] + at for at, n in enumerate(still)]
        return np.concatenate([np.zeros(0, np.intp), *rows]), np.append(0, np.cumsum(still))


def _kept(made: dict[object, Any], key: object, make: Callable[[], Made]) -> Made:
    if key not in made:
        made[key] = make()
    kept: Made = made[key]
    return kept


def _over(total: Floats, n: NDArray[np.int64]) -> Floats:
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)


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
