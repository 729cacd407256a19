"""What a definition says of each session: detected, not detected or not testable, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import TIE, Bools, Floats

Codes = NDArray[np.int8]

VERDICTS = ("not_testable", "not_detected", "detected")
NOT_TESTABLE, NOT_DETECTED, DETECTED = range(3)

REASONS = ("first_session", "missing_score", "gap", "too_few", "no_scale")
FIRST_SESSION, MISSING_SCORE, GAP, TOO_FEW, NO_SCALE = range(5)

# Withdrawal and confrontation are bits, so that what several sessions showed is their bitwise or.
KINDS = ("unknown", "withdrawal", "confrontation", "both")
UNKNOWN, WITHDRAWAL, CONFRONTATION, BOTH = range(4)

NONE = -1


@dataclass(frozen=True)
class Verdicts:
    """One definition's verdict on every row of a panel.

    Parameters
    ----------
    verdict : ndarray of int8, shape (N,)
        Position in `VERDICTS`.
    reason : ndarray of int8, shape (N,)
        Position in `REASONS` where not testable, else −1.
    kind : ndarray of int8, shape (N,)
        Position in `KINDS` where detected, else −1.
    """

    verdict: Codes
    reason: Codes
    kind: Codes

    @classmethod
    def of(cls, detected: Bools, reason: Codes, kind: Codes | int = UNKNOWN) -> "Verdicts":
        """Put verdicts together.

        Parameters
        ----------
        detected : ndarray of bool, shape (N,)
            Whether the rule fires; not looked at where a reason is given.
        reason : ndarray of int8, shape (N,)
            Why a session cannot be tested, −1 where it can.
        kind : ndarray of int8, shape (N,), or int
            Kind of rupture; not looked at where none was detected.
        """
        # Not testable is 0, and what is detected is one more than what is not.
        testable = (reason == NONE).view(np.int8)
        verdict = (detected.view(np.int8) + np.int8(NOT_DETECTED)) * testable
        # Adding and multiplying small integers is several times faster than choosing.
        kinds = (verdict == DETECTED).view(np.int8) * (np.asarray(kind, np.int8) - np.int8(NONE))
        return cls(verdict, reason, kinds + np.int8(NONE))

    @classmethod
    def joined(cls, parts: Sequence["Verdicts"]) -> "Verdicts":
        """Verdicts on consecutive blocks of rows."""
        names = [f.name for f in fields(cls)]
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))

    def part(self, rows: slice) -> "Verdicts":
        """Verdicts on some of the rows."""
        return Verdicts(self.verdict[rows], self.reason[rows], self.kind[rows])

    def __len__(self) -> int:
        return len(self.verdict)

    @property
    def detected(self) -> Bools:
        """Where a rupture was detected."""
        return self.verdict == DETECTED

    @property
    def testable(self) -> Bools:
        """Where the definition could be applied."""
        return self.verdict != NOT_TESTABLE


def named(codes: Codes, names: Sequence[str]) -> "pd.Categorical[str]":
    """Codes by name; −1 is missing.

    Examples
    --------
    >>> list(named(np.array([2, 0, -1], np.int8), VERDICTS))
    ['detected', 'not_testable', nan]
    """
    return pd.Categorical.from_codes(codes, pd.Index(list(names)))


def reached(value: Floats, threshold: Floats | float) -> Bools:
    """Say where a value is at or above a threshold; a tie counts, a missing value does not.

    Sums of items are integers, but prorated ones are not: 12/11·25 − 12/11·14 is 12 in exact
    arithmetic and 2e-15 short of it in floats. Values within 1e-9 of the threshold are ties.

    Examples
    --------
    >>> fall = 12 / 11 * 25 - 12 / 11 * 14
    >>> fall >= 12, bool(reached(fall, 12))
    (False, True)
    """
    return value >= threshold - TIE


def comparison_reasons(panel: Panel, score: Floats) -> Codes:
    """Why a score cannot be compared with the previous one; −1 where it can.

    In this order: the score is missing, nothing was rated before, a missed session lies between,
    the session before is unrated (only if the panel does not skip unrated ones).

    Examples
    --------
    Session 4 was missed:

    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3, 5], "x": [50, 48, None, 40]})
    >>> panel = Panel.from_sessions(frame, ["x"])
    >>> [REASONS[r] if r >= 0 else "testable" for r in comparison_reasons(panel, panel["x"])]
    ['first_session', 'testable', 'missing_score', 'gap']
    """
    return panel.once_a_pattern("reasons", score, lambda: _reasons(panel, score)).copy()


def _reasons(panel: Panel, score: Floats) -> Codes:
    earlier = panel.last_rated(score)
    comparable = panel.previous_row(score) >= 0
    reason = np.full(len(panel), MISSING_SCORE, np.int8)
    reason[comparable] = NONE
    reason[~comparable & (earlier < panel.run)] = GAP
    reason[earlier < 0] = FIRST_SESSION
    reason[np.isnan(score)] = MISSING_SCORE
    return reason


def from_fall(panel: Panel, score: Floats, threshold: float) -> Verdicts:
    """Detect a fall from the previous rated session's score that reaches a threshold.

    A fall is more than nothing: with a threshold of 0 (flat series have SD 0) an unchanged score
    is not one. Without a threshold (too few scores to estimate it) nothing can be tested.

    Parameters
    ----------
    panel : Panel
    score : ndarray of float, shape (N,)
    threshold : float
        In points of the score; NaN where it could not be estimated.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "x": [50, 44, 40]})
    >>> panel = Panel.from_sessions(frame, ["x"])
    >>> from_fall(panel, panel["x"], 5.0).detected.tolist()
    [False, True, False]
    """
    reason = comparison_reasons(panel, score)
    if np.isnan(threshold):
        reason[reason == NONE] = NO_SCALE
    return Verdicts.of(reached(falls(panel, score), threshold), reason)


def falls(panel: Panel, score: Floats) -> Floats:
    """By how much each score is below the one that it can be compared with; NaN where it is not.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "x": [50, 44, 44]})
    >>> panel = Panel.from_sessions(frame, ["x"])
    >>> falls(panel, panel["x"])
    array([nan,  6., nan])
    """
    return panel.once("falls", score, lambda: _falls(panel.previous(score) - score))


def _falls(change: Floats) -> Floats:
    change[~(change > TIE)] = np.nan
    return change
