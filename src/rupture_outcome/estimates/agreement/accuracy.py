"""How well definitions find ruptures that are known to have happened, in simulated data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import Verdicts
from rupture_outcome.engine.arrays import Bools, Rows
from rupture_outcome.estimates.prevalence.prevalence import clustered_interval

KEYS = ["patient_id", "session"]
COLUMNS = [
    *("definition", "n", "onsets", "sensitivity", "sensitivity_low", "sensitivity_high"),
    *("negatives", "specificity", "specificity_low", "specificity_high"),
    *("detections", "ppv", "found", "delay_mean"),
]


@dataclass(frozen=True)
class Truth:
    """True ruptures on attended sessions, sorted by patient and session.

    Parameters
    ----------
    index : pandas.MultiIndex
        patient_id and session of each row.
    patient : ndarray of int, shape (N,)
        Patients numbered from 0.
    onset : ndarray of int, shape (M,)
        Rows in which a rupture began.
    last : ndarray of int, shape (M,)
        Last row in which a detection is one of that onset: as many attended sessions later as are
        tolerated, but in treatment and before the next onset.
    ruptured : ndarray of bool, shape (N,)
        Whether a rupture is open, or began so few sessions ago that a detection is still of it.
    """

    index: pd.MultiIndex
    patient: NDArray[np.intp]
    onset: NDArray[np.intp]
    last: NDArray[np.intp]
    ruptured: Bools

    @classmethod
    def of(cls, truth: pd.DataFrame, tolerance: int) -> "Truth":
        """Read the latent states; one row a patient and attended session."""
        rows = truth.sort_values(KEYS, ignore_index=True)
        patient, _ = pd.factorize(rows["patient_id"])
        onset = np.flatnonzero(rows["latent_onset"] == 1)
        end = np.searchsorted(patient, patient[onset], side="right") - 1
        following = np.append(onset[1:], len(rows)) - 1
        last = np.minimum(np.minimum(onset + tolerance, end), following)
        ruptured = (rows["latent_state"] == "unrepaired").to_numpy(bool) | _within(
            onset, last, len(rows)
        )
        index = pd.MultiIndex.from_frame(rows[KEYS])
        return cls(index, patient.astype(np.intp), onset, last, ruptured)

    def rows(self, sessions: pd.DataFrame) -> Rows:
        """Find sessions, by patient_id and session; a ValueError where one has no truth."""
        at = self.index.get_indexer(pd.MultiIndex.from_frame(sessions))
        if (at < 0).any():
            raise ValueError("a session was coded whose truth is not known")
        return at.astype(np.intp)


def _within(first: NDArray[np.intp], last: NDArray[np.intp], n: int) -> Bools:
    edges = np.zeros(n + 1, np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
    return np.cumsum(edges[:-1]) > 0


def accuracy(
    ruptures: pd.DataFrame, truth: pd.DataFrame, *, tolerance: int = 2, confidence: float = 0.95
) -> pd.DataFrame:
    """Sensitivity, specificity and delay of every definition against the simulated truth.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        patient_id, session, definition, verdict; one row an attended session and definition.
    truth : pandas.DataFrame
        patient_id, session, latent_state, latent_onset; one row an attended session.
    tolerance : int
        Attended sessions after an onset in which a detection still finds it. A window ends before
        the next onset, so that no detection counts twice.
    confidence : float
        Level of the intervals, which are as in `prevalence.clustered_interval`.

    Returns
    -------
    pandas.DataFrame
        One row a definition, in the order of the frame:

        n
            Sessions that are testable and whose truth is known.
        onsets, sensitivity, sensitivity_low, sensitivity_high
            True onsets with a testable session in their window, and the share of them found there.
        negatives, specificity, specificity_low, specificity_high
            Testable sessions with no open rupture and in no window, and the share of them without
            a detection.
        detections, ppv
            Detections, and the share of them with an open rupture or in a window.
        found, delay_mean
            Onsets found, and the attended sessions until each was first detected.

    Notes
    -----
    A detection while a rupture is open but later than the tolerance is no false alarm, and finds no
    onset either: reports of an open rupture would be misjudged otherwise.

    Raises
    ------
    ValueError
        A session was coded whose truth is not known.
    """
    known = Truth.of(truth, tolerance)
    coded = {
        name: (own[KEYS], (own["verdict"] != "not_testable"), (own["verdict"] == "detected"))
        for name, own in ruptures.groupby("definition", sort=False, observed=True)
    }
    rows = [
        _row(known, *_spread(known, known.rows(keys), testable, detected), confidence)
        for keys, testable, detected in coded.values()
    ]
    return pd.DataFrame(rows, columns=COLUMNS[1:]).assign(definition=list(coded))[COLUMNS]


def panel_accuracy(
    panel: Panel,
    verdicts: Sequence[Verdicts],
    truth: pd.DataFrame,
    *,
    tolerance: int = 2,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """As `accuracy`, of verdicts on the same panel, without a name; one row each.

    Parameters
    ----------
    panel : Panel
    verdicts : sequence of Verdicts
    truth, tolerance, confidence
        As for `accuracy`.
    """
    known = Truth.of(truth, tolerance)
    at = known.rows(pd.DataFrame({"patient_id": panel.patient_ids, "session": panel.session}))
    rows = [
        _row(known, *_spread(known, at, one.testable, one.detected), confidence) for one in verdicts
    ]
    return pd.DataFrame(rows, columns=COLUMNS[1:])


def _spread(known: Truth, at: Rows, testable: Any, detected: Any) -> tuple[Bools, Bools]:
    """Lay flags of coded sessions out over all whose truth is known; others are not testable."""
    both = np.zeros((2, len(known.index)), bool)
    both[:, at] = np.asarray(testable, bool), np.asarray(detected, bool)
    return both[0], both[1]


def _row(known: Truth, testable: Bools, detected: Bools, confidence: float) -> dict[str, object]:
    possible = _next(testable, known.onset) <= known.last
    onset, last = known.onset[possible], known.last[possible]
    first = _next(detected, onset)
    found = first <= last
    negative = testable & ~known.ruptured
    detections = int(detected.sum())
    return {
        "n": int(testable.sum()),
        "onsets": len(onset),
        **_rate("sensitivity", known.patient[onset], found, confidence),
        "negatives": int(negative.sum()),
        **_rate("specificity", known.patient[negative], ~detected[negative], confidence),
        "detections": detections,
        "ppv": detected[known.ruptured].sum() / detections if detections else np.nan,
        "found": int(found.sum()),
        "delay_mean": (first - onset)[found].mean() if found.any() else np.nan,
    }


def _next(which: Bools, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """First row at or after each that is marked; the number of rows where there is none."""
    marked = np.append(np.flatnonzero(which), len(which))
    return marked[np.searchsorted(marked, rows)]


def _rate(name: str, patient: NDArray[np.intp], yes: Bools, confidence: float) -> dict[str, object]:
    n = int(patient.max(initial=-1)) + 1
    counted = np.bincount(patient, yes, minlength=n).astype(np.float64)
    total = np.bincount(patient, minlength=n).astype(np.float64)
    low, high = clustered_interval(counted, total, confidence)
    rate = float(yes.mean()) if len(yes) else np.nan
    return {name: rate, f"{name}_low": low, f"{name}_high": high}
