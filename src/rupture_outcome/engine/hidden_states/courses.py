"""Courses of many persons, laid out so that all of them are taken a step further together."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Bools, Floats, Rows

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Courses:
    """Rows of all persons, all first ones, then all second ones; the longest courses first.

    Attributes
    ----------
    order : array of int, shape (rows,)
        Row, as given, of each row here.
    steps : list of slice
        Rows of each time. Row `i` of a step continues row `i` of the step before.
    patterns : array of int, shape (patterns, reports)
        Reports that occur together; -1 is missing.
    pattern : array of int, shape (rows,)
        Which of them each row has.
    design, outcome : arrays, shapes (rows, columns) and (rows,)
    at_risk : array of bool, shape (rows,)
        Whether the outcome of the row could be 1.
    """

    order: Rows
    steps: list[slice]
    patterns: Ints
    pattern: Rows
    design: Floats
    outcome: Floats
    at_risk: Bools

    @classmethod
    def of(
        cls,
        person: NDArray[np.integer],
        reports: NDArray[np.integer],
        design: Floats,
        outcome: Floats,
        at_risk: Bools,
    ) -> "Courses":
        """Lay out rows that are sorted by person and time.

        Parameters
        ----------
        person : array of int, shape (rows,)
            Rows of a person stand together.
        reports : array of int, shape (rows, reports)
            Levels from 0 on; -1 where a report is missing.
        design : array, shape (rows, columns)
            Of the outcome: what it depends on besides the state, the intercept included.
        outcome : array of 0 and 1, shape (rows,)
        at_risk : array of bool, shape (rows,)

        Examples
        --------
        >>> person = np.array([0, 1, 1])
        >>> courses = Courses.of(person, np.zeros((3, 1), int), np.ones((3, 1)), np.zeros(3),
        ...                      np.ones(3, bool))
        >>> courses.order.tolist(), courses.steps
        ([1, 0, 2], [slice(0, 2, None), slice(2, 3, None)])
        """
        rows = len(person)
        begins = np.flatnonzero(np.append(True, person[1:] != person[:-1])[:rows])
        lengths = np.diff(np.append(begins, rows))
        course = np.repeat(np.arange(len(begins)), lengths)
        time = np.arange(rows) - begins[course]
        order = np.lexsort((course, -lengths[course], time))
        edges = np.append(0, np.cumsum(np.bincount(time, minlength=1)))
        patterns, pattern = np.unique(reports[order], axis=0, return_inverse=True)
        return cls(
            order,
            [slice(int(low), int(high)) for low, high in pairwise(edges)],
            patterns.astype(np.int64),
            pattern.ravel(),
            np.asarray(design, dtype=float)[order],
            np.asarray(outcome, dtype=float)[order],
            np.asarray(at_risk, dtype=bool)[order],
        )

    @cached_property
    def person(self) -> Rows:
        """Whose row each is, from 0 on: row `i` of every step is that of person `i`."""
        own = [np.arange(step.stop - step.start) for step in self.steps]
        return np.concatenate([np.zeros(0, np.intp), *own])

    @cached_property
    def often(self) -> Rows:
        """Rows with each pattern, shape (patterns,)."""
        return np.bincount(self.pattern, minlength=len(self.patterns))

    @cached_property
    def risky(self) -> Rows:
        """Which rows are at risk."""
        return np.flatnonzero(self.at_risk)

    @cached_property
    def risky_design(self) -> Floats:
        """Design of the rows at risk."""
        return self.design[self.risky]
