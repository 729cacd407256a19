"""Following each rupture from its onset until it is repaired, its window closes or the data end."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.rules import OWN_SESSION, RepairRule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import NONE, Codes, Verdicts
from rupture_outcome.engine.arrays import Bools, Floats, Rows

STATES = ("intact", "unrepaired", "repaired")
INTACT, UNREPAIRED, REPAIRED = range(3)


@dataclass(frozen=True)
class Open:
    """Open ruptures, one an entry, each looked at in one session.

    Parameters
    ----------
    onset, now : ndarray of int
        Row of the onset and of the session looked at.
    baseline : ndarray of float
        Score of the session that the onset was compared with; NaN where there is none.
    nadir : ndarray of float
        Lowest score since the onset and before this session (at the onset: its own score).
    score : ndarray of float
        Score of this session.
    """

    onset: Rows
    now: Rows
    baseline: Floats
    nadir: Floats
    score: Floats


class Look(NamedTuple):
    """What a repair rule sees in one session: whether repaired, and whether that can be known."""

    repaired: Bools
    known: Bools


@dataclass(frozen=True)
class Courses:
    """What became of each rupture, in the order of onset; arrays of one length.

    Parameters
    ----------
    onset, last : ndarray of int
        First and last row in which the rupture was open.
    repair : ndarray of int
        Row of the repair, −1 without one.
    nadir : ndarray of int
        Row of the lowest score while open (the first of several), −1 if none was rated.
    baseline, lowest : ndarray of float
        Pre-rupture score and score at the nadir.
    known : ndarray of int
        Sessions after the onset, within the window, in which a repair could have been seen.
    kind : ndarray of int8
        Kinds seen while open, as bits.
    """

    onset: Rows
    last: Rows
    repair: Rows
    nadir: Rows
    baseline: Floats
    lowest: Floats
    known: NDArray[np.int64]
    kind: Codes


def follow_all(
    panel: Panel,
    verdicts: Verdicts,
    score: Floats,
    rule: RepairRule,
    parameters: Mapping[str, Any],
) -> tuple[Courses, Codes, Bools]:
    """Follow every rupture, and give each row's state, block by block of patients.

    Parameters
    ----------
    panel, verdicts, score, rule, parameters
        As in `follow`.

    Returns
    -------
    courses : Courses
    state : ndarray of int8, shape (N,)
        Position in `STATES`.
    beyond : ndarray of bool, shape (N,)
        See `beyond_window`.
    """
    found, state, beyond = [], [], []
    for start, block in panel.blocks():
        rows = slice(start, start + len(block))
        courses = follow(block, verdicts.part(rows), score[rows], rule, parameters)
        state.append(states(block, courses))
        beyond.append(beyond_window(block, courses, state[-1]))
        found.append(_shifted(courses, start))
    return _joined(found), np.concatenate(state), np.concatenate(beyond)


def follow(
    panel: Panel,
    verdicts: Verdicts,
    score: Floats,
    rule: RepairRule,
    parameters: Mapping[str, Any],
) -> Courses:
    """Follow every rupture of every patient.

    A rupture opens with a detection while none is open. Detections while it is open belong to it.
    It closes with its repair, or when `within` attended sessions after the onset have passed; the
    next detection after that opens another one.

    Parameters
    ----------
    panel : Panel
    verdicts : Verdicts
        One definition's, on the same rows.
    score : ndarray of float, shape (N,)
        The score that ruptures are measured on.
    rule : RepairRule
    parameters : mapping
        The rule's, complete.

    Examples
    --------
    The score is back after two sessions, which were not coded as ruptures themselves:

    >>> import pandas as pd
    >>> from rupture_outcome.coding.registry import get_repair_rule
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3, 4], "x": [50, 38, 41, 50]})
    >>> panel = Panel.from_sessions(frame, ["x"])
    >>> seen = Verdicts.of(np.array([False, True, False, False]), np.full(4, NONE, np.int8))
    >>> rule = get_repair_rule("return_to_baseline")
    >>> courses = follow(panel, seen, panel["x"], rule, rule.resolve({"source": "x"}))
    >>> courses.onset.tolist(), courses.repair.tolist(), courses.lowest.tolist()  # rows
    ([1], [3], [38.0])
    >>> [STATES[state] for state in states(panel, courses)]
    ['intact', 'unrepaired', 'unrepaired', 'repaired']
    """
    tracker = _Tracker(panel, verdicts, score, rule, parameters)
    upcoming = _next(verdicts.detected)
    end = panel.starts[1:]
    at = panel.starts[:-1].copy()
    patients = np.flatnonzero(at < end)
    found = []
    # One round takes the next rupture of every patient who has one: as many rounds as the most
    # ruptures of any patient, whatever the number of patients.
    while True:
        patients = patients[at[patients] < end[patients]]
        onset = upcoming[at[patients]]
        more = onset < end[patients]
        patients = patients[more]
        if not len(patients):
            break
        found.append(tracker.follow(onset[more]))
        at[patients] = _reopens(found[-1])
    return _joined([*found, tracker.follow(np.zeros(0, np.intp))])


class _Tracker:
    def __init__(
        self,
        panel: Panel,
        verdicts: Verdicts,
        score: Floats,
        rule: RepairRule,
        parameters: Mapping[str, Any],
    ) -> None:
        self.panel, self.score, self.rule, self.parameters = panel, score, rule, parameters
        self.detected = verdicts.detected
        self.kind = np.where(verdicts.kind == NONE, 0, verdicts.kind).astype(np.int8)
        self.previous = panel.previous(score)

    def follow(self, onset: Rows) -> Courses:
        within = self.parameters["within"]
        course = Courses(
            onset=onset,
            last=np.minimum(onset + within, self.panel.end[onset] - 1),
            repair=np.full(len(onset), -1),
            nadir=np.where(np.isnan(self.score[onset]), -1, onset),
            baseline=self.previous[onset],
            lowest=self.score[onset],
            known=np.zeros(len(onset), np.int64),
            kind=self.kind[onset],
        )
        still = np.arange(len(onset))
        for step in range(within + 1):
            still = still[onset[still] + step <= course.last[still]]
            if not len(still):
                break
            still = self._step(course, still, step)
        return course

    def _step(self, course: Courses, still: Rows, step: int) -> Rows:
        """Look at session `onset + step`; give the ruptures that are open after it."""
        now = course.onset[still] + step
        look = self._look(course, still, now)
        repaired = look.repaired & (self.rule.same_session | ~self.detected[now])
        if not step:
            repaired &= bool(self.parameters.get(OWN_SESSION, True))
        course.kind[still] |= self.kind[now]
        if step:
            course.known[still] += look.known
        course.repair[still[repaired]] = now[repaired]
        course.last[still[repaired]] = np.maximum(now[repaired] - 1, course.onset[still[repaired]])
        self._deepen(course, still[~repaired], now[~repaired])
        return still[~repaired]

    def _look(self, course: Courses, still: Rows, now: Rows) -> Look:
        rupture = Open(
            onset=course.onset[still],
            now=now,
            baseline=course.baseline[still],
            nadir=course.lowest[still],
            score=self.score[now],
        )
        return self.rule.function(rupture, self.panel, **self._own())

    def _own(self) -> dict[str, Any]:
        common = ("within", "source", OWN_SESSION)
        return {name: v for name, v in self.parameters.items() if name not in common}

    def _deepen(self, course: Courses, still: Rows, now: Rows) -> None:
        lowest, score = course.lowest[still], self.score[now]
        lower = (score < lowest) | (np.isnan(lowest) & ~np.isnan(score))
        course.lowest[still[lower]] = score[lower]
        course.nadir[still[lower]] = now[lower]


def _next(detected: Bools) -> Rows:
    """Row of the next detection at or after each row; N where there is none."""
    at = np.where(detected, np.arange(len(detected)), len(detected))
    return np.minimum.accumulate(at[::-1])[::-1]


def _reopens(course: Courses) -> Rows:
    """First row in which another rupture can begin."""
    return np.maximum(course.last, course.repair) + 1


def _joined(parts: list[Courses]) -> Courses:
    columns = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Courses)}
    order = np.argsort(columns["onset"], kind="stable")
    return Courses(**{name: values[order] for name, values in columns.items()})


def _shifted(courses: Courses, start: int) -> Courses:
    """Take the rows of a block for rows of the whole panel; −1 stays."""
    rows = {name: getattr(courses, name) for name in ("onset", "last", "repair", "nadir")}
    return replace(courses, **{k: np.where(v >= 0, v + start, v) for k, v in rows.items()})


def states(panel: Panel, courses: Courses) -> Codes:
    """State of each row from what happened up to it: intact, unrepaired or repaired.

    The session of the repair is `repaired` already; a rupture whose window has closed without
    repair stays `unrepaired`.
    """
    marked = np.full(len(panel), NONE, np.int8)
    marked[panel.starts[:-1]] = INTACT
    marked[courses.onset] = UNREPAIRED
    marked[courses.repair[courses.repair >= 0]] = REPAIRED
    last = np.maximum.accumulate(np.where(marked == NONE, 0, np.arange(len(panel))))
    return marked[last]


def beyond_window(panel: Panel, courses: Courses, state: Codes) -> Bools:
    """Rows in a rupture whose window has closed without repair.

    Nobody looks for its repair any more: the row is `unrepaired` until another rupture begins.

    Parameters
    ----------
    panel : Panel
    courses : Courses
        From `follow`.
    state : ndarray of int8, shape (N,)
        From `states`.

    Examples
    --------
    A window of one session closes after row 2:

    >>> import pandas as pd
    >>> from rupture_outcome.coding.registry import get_repair_rule
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3, 4], "x": [50, 38, 38, 38]})
    >>> panel = Panel.from_sessions(frame, ["x"])
    >>> seen = Verdicts.of(np.array([False, True, False, False]), np.full(4, NONE, np.int8))
    >>> rule = get_repair_rule("return_to_baseline")
    >>> courses = follow(panel, seen, panel["x"], rule, rule.resolve({"source": "x", "within": 1}))
    >>> beyond_window(panel, courses, states(panel, courses)).tolist()
    [False, False, False, True]
    """
    ends = np.zeros(len(panel), np.intp)
    ends[courses.onset] = courses.last
    # Rows of a patient come after all of the patient before, and so do the ends of windows.
    closed = np.arange(len(panel)) > np.maximum.accumulate(ends)
    return np.asarray((state == UNREPAIRED) & closed)
