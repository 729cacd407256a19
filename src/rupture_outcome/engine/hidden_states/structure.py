"""What is known of hidden states beforehand: which moves there are, and what each report sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Move:
    """Where phases may lead to, from one time to the next.

    Parameters
    ----------
    sources : tuple of int
        Phases whose chances are the same.
    targets : tuple of int
        Where they may lead to; nothing else is possible.
    start : tuple of float
        Chances from which a search begins, one a target.
    """

    sources: tuple[int, ...]
    targets: tuple[int, ...]
    start: tuple[float, ...]


@dataclass(frozen=True)
class Report:
    """A report in one of several levels, which depends on the phase at its time alone.

    Parameters
    ----------
    name : str
    classes : tuple of int
        Class of each phase; the chances of a report are the same throughout a class.
    start : tuple of tuple of float
        Chances of the levels in each class, from which a search begins.
    """

    name: str
    classes: tuple[int, ...]
    start: tuple[tuple[float, ...], ...]

    @property
    def levels(self) -> int:
        """Number of levels."""
        return len(self.start[0])


@dataclass(frozen=True)
class Structure:
    """Phases, the states that they belong to, their moves and reports.

    Everybody is in phase `first` before the first time. Several phases may belong to one state: a
    state can look different when it has just begun.

    Parameters
    ----------
    states : tuple of int
        State of each phase; an outcome depends on the state.
    first : int
    moves : tuple of Move
        Each phase is a source of one.
    reports : tuple of Report

    Examples
    --------
    A light that is off until it is switched on, and is reported on rightly nine times out of ten:

    >>> report = Report("seen", (0, 1), ((0.9, 0.1), (0.1, 0.9)))
    >>> light = Structure((0, 1), 0, (Move((0,), (0, 1), (0.8, 0.2)), Move((1,), (1,), (1.0,))),
    ...                   (report,))
    >>> light.size, light.transitions(light.start).tolist()
    (3, [[0.8, 0.2], [0.0, 1.0]])
    """

    states: tuple[int, ...]
    first: int
    moves: tuple[Move, ...]
    reports: tuple[Report, ...]

    @property
    def phases(self) -> int:
        """Number of phases."""
        return len(self.states)

    @cached_property
    def blocks(self) -> list[slice]:
        """Where the log odds of each distribution stand: of every move, then of every class."""
        free = [len(move.targets) - 1 for move in self.moves]
        free += [report.levels - 1 for report in self.reports for _ in report.start]
        ends = np.cumsum([0, *free])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    @property
    def size(self) -> int:
        """Number of free log odds."""
        return self.blocks[-1].stop

    @cached_property
    def start(self) -> Floats:
        """Log odds from which a search begins, shape (size,)."""
        given: list[Sequence[float]] = [move.start for move in self.moves]
        given += [chances for report in self.reports for chances in report.start]
        return np.concatenate([np.log(np.array(p[1:]) / p[0]) for p in given])

    def chances(self, theta: Floats) -> list[Floats]:
        """Give the chances of each distribution, in the order of `blocks`."""
        odds = (np.concatenate([[0.0], theta[block]]) for block in self.blocks)
        shifted = (np.exp(part - part.max()) for part in odds)
        return [part / part.sum() for part in shifted]

    def transitions(self, theta: Floats) -> Floats:
        """Chances of moving from each phase to each, shape (phases, phases)."""
        out = np.zeros((self.phases, self.phases))
        for move, chances in zip(self.moves, self.chances(theta), strict=False):
            out[np.ix_(move.sources, move.targets)] = chances
        return out

    def tables(self, theta: Floats) -> list[Floats]:
        """Chances of each report's levels, arrays of shape (classes, levels)."""
        left = iter(self.chances(theta)[len(self.moves) :])
        return [np.stack([next(left) for _ in report.start]) for report in self.reports]
