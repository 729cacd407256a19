"""How far rupture definitions agree on the sessions that they can all test."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.verdicts import DETECTED, NOT_TESTABLE, VERDICTS, Codes
from rupture_outcome.engine.arrays import Bools, Floats
from rupture_outcome.engine.chance_corrected import ac1, cohen_kappa, marginals
from rupture_outcome.engine.cluster_bootstrap import cluster_bootstrap, cluster_sums
from rupture_outcome.engine.reasons import joined, reason

CELLS = ("both", "only_a", "only_b", "neither")
PLUS = " + "
COLUMNS = [
    *("definition_a", "definition_b", "n", "kappa", "ci_low", "ci_high"),
    *("prevalence_a", "prevalence_b", "ac1", *CELLS, "patients", "reason"),
]


@dataclass(frozen=True)
class VerdictTable:
    """Verdicts of several definitions side by side.

    Parameters
    ----------
    definitions : tuple of str, length D
        In the order of the frame.
    patient : ndarray of int, shape (N,)
        Patients numbered from 0.
    verdict : ndarray of int8, shape (N, D)
        Position in `VERDICTS`; a session that a definition says nothing about is not testable.
    """

    definitions: tuple[str, ...]
    patient: NDArray[np.intp]
    verdict: Codes

    @classmethod
    def of(cls, ruptures: pd.DataFrame) -> "VerdictTable":
        """Put the verdicts on each session side by side; one row a session and definition."""
        definition, names = pd.factorize(ruptures["definition"])
        patient, _ = pd.factorize(ruptures["patient_id"])
        session = ruptures["session"].to_numpy(np.int64)
        span = int(session.max(initial=0)) + 1
        keys, row = np.unique(patient * span + session, return_inverse=True)
        verdict = np.full((len(keys), len(names)), NOT_TESTABLE, np.int8)
        verdicts = pd.Categorical(ruptures["verdict"], categories=list(VERDICTS))
        verdict[row, definition] = verdicts.codes
        return cls(tuple(str(name) for name in names), (keys // span).astype(np.intp), verdict)

    @property
    def testable(self) -> Bools:
        """Where a definition could be applied, shape (N, D)."""
        return self.verdict != NOT_TESTABLE

    @property
    def detected(self) -> Bools:
        """Where a definition found a rupture, shape (N, D)."""
        return self.verdict == DETECTED


def definition_agreement(
    ruptures: pd.DataFrame,
    *,
    rng: np.random.Generator,
    replicates: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Kappa of every pair of definitions over the sessions that both can test.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        patient_id, session, definition, verdict; one row a session and definition.
    rng : numpy.random.Generator
        For the intervals.
    replicates : int
        Resamples of patients.
    confidence : float

    Returns
    -------
    pandas.DataFrame
        One row a pair, in the order of the frame: definition_a, definition_b, n (sessions testable
        under both), kappa, ci_low, ci_high, prevalence_a, prevalence_b (share of these n sessions),
        ac1, both, only_a, only_b, neither (sessions), patients, note.

    Notes
    -----
    Prevalences differ from those of a definition alone: n is what both can test. Where one of them
    fires rarely kappa is low whatever happens; AC1 is beside it.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "patient_id": ["a", "b", "c", "d"] * 2,
    ...         "session": 2,
    ...         "definition": ["x"] * 4 + ["y"] * 4,
    ...         "verdict": ["detected"] * 2 + ["not_detected"] * 2
    ...         + ["detected"] + ["not_detected"] * 3,
    ...     }
    ... )
    >>> found = definition_agreement(frame, rng=np.random.default_rng(1))
    >>> found[["n", "kappa", "both", "only_a"]].to_numpy().tolist()
    [[4.0, 0.5, 1.0, 1.0]]
    """
    table = VerdictTable.of(ruptures)
    rows = []
    for a, b in combinations(range(len(table.definitions)), 2):
        sums = _cells_by_patient(table, a, b)
        found = cluster_bootstrap(
            sums, _kappa, rng=rng, replicates=replicates, confidence=confidence
        )
        cells = sums.sum(axis=0)
        prevalence_a, prevalence_b = marginals(cells)
        rows.append(
            {
                "definition_a": table.definitions[a],
                "definition_b": table.definitions[b],
                "n": int(cells.sum()),
                "kappa": found.estimate[0],
                "ci_low": found.low[0],
                "ci_high": found.high[0],
                "prevalence_a": float(prevalence_a),
                "prevalence_b": float(prevalence_b),
                "ac1": float(ac1(cells)),
                **{name: int(count) for name, count in zip(CELLS, cells, strict=True)},
                "patients": found.clusters,
                "reason": _undefined(cells) or joined(*found.notes()),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _cells_by_patient(table: VerdictTable, a: int, b: int) -> Floats:
    common = table.testable[:, a] & table.testable[:, b]
    in_a, in_b = table.detected[common][:, a], table.detected[common][:, b]
    cells = np.column_stack([in_a & in_b, in_a & ~in_b, ~in_a & in_b, ~in_a & ~in_b])
    return cluster_sums(cells.astype(np.float64), table.patient[common])


def _kappa(total: Floats) -> Floats:
    return cohen_kappa(total)[..., None]


def _undefined(cells: Floats) -> str:
    if cells.sum() == 0:
        return reason("no_common_session")
    if cells[:3].sum() == 0:
        return reason("detected_never")
    return reason("detected_always") if cells[1:].sum() == 0 else ""


def widely_testable(ruptures: pd.DataFrame, *, least: float = 0.25) -> pd.DataFrame:
    """Verdicts of the definitions that can be applied to a fair share of the sessions.

    Sets of definitions are counted among sessions that all can test. One that sees few sessions,
    as observers do who coded a part of the study, would reduce the comparison of all others to
    these.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        As for `definition_agreement`.
    least : float
        Share of the coded sessions.
    """
    testable = (ruptures["verdict"] != "not_testable").groupby(
        ruptures["definition"], observed=True
    )
    wide = testable.mean().loc[lambda share: share >= least].index
    return ruptures.loc[ruptures["definition"].isin(wide)]


def detected_by(ruptures: pd.DataFrame) -> pd.DataFrame:
    """Which sets of definitions detect the same sessions: what an UpSet figure shows.

    Parameters
    ----------
    ruptures : pandas.DataFrame
        As for `definition_agreement`.

    Returns
    -------
    pandas.DataFrame
        One row a set that occurs, most frequent first: detected_by (ids joined by " + ", "none" for
        the empty set), definitions (how many), sessions, patients, share, n (sessions testable
        under all definitions; every set counts among these), then one column a definition (1 if it
        is in the set, else 0).
    """
    table = VerdictTable.of(ruptures)
    common = table.testable.all(axis=1)
    patient = table.patient[common]
    bit = 1 << np.arange(len(table.definitions))
    sets, which, sessions = np.unique(
        table.detected[common] @ bit, return_inverse=True, return_counts=True
    )
    members = (sets[:, None] & bit) > 0
    span = int(patient.max(initial=0)) + 1
    pairs = np.unique(which * span + patient)
    leading = {
        "detected_by": [_joined(table.definitions, own) for own in members],
        "definitions": members.sum(axis=1),
        "sessions": sessions,
        "patients": np.bincount(pairs // span, minlength=len(sets)),
        "share": sessions / max(len(patient), 1),
        "n": len(patient),
    }
    one_each = pd.DataFrame(members.astype(np.int64), columns=list(table.definitions))
    found = pd.concat([pd.DataFrame(leading), one_each], axis=1)
    return found.sort_values(
        ["sessions", "detected_by"], ascending=[False, True], ignore_index=True
    )


def _joined(names: tuple[str, ...], own: Bools) -> str:
    return PLUS.join(name for name, is_in in zip(names, own, strict=True) if is_in) or "none"
