"""A toy study on which every definition of the package can be watched at work."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.detect import apply, estimate
from rupture_outcome.coding.discrepancy import with_discrepancy
from rupture_outcome.coding.follow import follow
from rupture_outcome.coding.inputs import ChosenDefinition
from rupture_outcome.coding.rules import RepairRule
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import DETECTED, NONE, NOT_DETECTED, Verdicts
from rupture_outcome.engine.arrays import Bools, Floats

INSTRUMENTS: Mapping[str, Mapping[str, Any]] = {
    "patient": {
        "measures": "alliance_patient",
        "range": [12, 60],
        "direction": 1,
        "reliability": 0.92,
    },
    "therapist": {"measures": "alliance_therapist", "range": [12, 60], "direction": 1},
}
MISSED = 9
NAN = np.nan

# A dip that is made good and one that stays open; and a level that is lost. One entry a session,
# the ninth of which was missed.
DIP: list[float] = [49, 51, 48, 50, 49, 38, 41, 50, NAN, 50, NAN, 51, 49, 39, 40, 44, 45]
LEVEL: list[float] = [50, 52, 49, 51, 50, 52, 51, 50, NAN, 51, 50, 41, 40, 42, 39, 41, 40]
THERAPIST: list[float] = [45, 46, 45, 47, 46, 45, 46, 46, NAN, 47, 46, 46, 47, 46, 45, 46, 46]
REPORTED = [0, 0, 0, 0, 0, 1, 1, 0, NAN, 0, NAN, 0, 0, 1, 1, 0, 1]
TENSION = [1, 2, 1, 1, NAN, 4, 3, 1, NAN, 2, NAN, 1, 1, 5, 4, 2, 4]
RESOLUTION = [NAN, NAN, NAN, NAN, NAN, 2, 4, NAN, NAN, NAN, NAN, NAN, NAN, 1, 2, NAN, 3]
WITHDRAWAL = [1, 1.5, 1, 2, 1, 4, 3, 1, NAN, 2, NAN, 1, 1.5, 3.5, 2, 2, 1]
CONFRONTATION = [1, 1, 2, 1, 1, 1, 2, 1, NAN, 1, NAN, 1, 1, 4, 3, 2, 2]
RESOLVED = [1, 1, 1, 1, 1, 2, 3, 4.5, NAN, 1, NAN, 1, 1, 1, 2, 2, 2.5]

OBSERVED: Mapping[str, Sequence[float]] = {
    "psq_patient_rupture": REPORTED,
    "psq_patient_tension": TENSION,
    "psq_patient_resolution": RESOLUTION,
    "psq_therapist_rupture": REPORTED,
    "psq_therapist_tension": TENSION,
    "psq_therapist_resolution": RESOLUTION,
    "observer_withdrawal": WITHDRAWAL,
    "observer_confrontation": CONFRONTATION,
    "observer_resolution": RESOLVED,
    "markers:withdrawal": [0, 0.5, 0, 0, 0, 2, 1, 0, NAN, 0, NAN, 0, 0.5, 1, 0.5, 0, 0],
    "markers:confrontation": [0, 0, 0, 0.5, 0, 0, 0, 0, NAN, 0, NAN, 0, 0, 1.5, 1, 0.5, 0],
}

# Patients without a rupture, who only make the scale constants those of a study.
OTHERS: list[list[float]] = [
    [level + step for step in (0, 1, -1, 2, 0, -2, 1, 0)] for level in range(36, 59, 3)
]


def toy_panel(columns: Sequence[str]) -> Panel | None:
    """Panel of the toy study: the dip, the lost level, then the others.

    None where a column is asked for that the toy study does not have.
    """
    scores = ("alliance_patient", "alliance_therapist")
    derived = "alliance_discrepancy"
    values = {name: _values(name) for name in columns if name not in (*scores, derived)}
    if any(found is None for found in values.values()):
        return None
    series = [(DIP, THERAPIST), (LEVEL, THERAPIST), *((x, x) for x in OTHERS)]
    frames = [_patient(i, own, other, values) for i, (own, other) in enumerate(series)]
    sessions = pd.concat(frames, ignore_index=True)
    panel = Panel.from_sessions(sessions, [*scores, *values])
    return with_discrepancy(panel, INSTRUMENTS) if derived in columns else panel


def _values(column: str) -> Sequence[float] | None:
    kind_of_marker = ":".join(column.split(":")[:2])
    return OBSERVED.get(column, OBSERVED.get(kind_of_marker))


def _patient(
    number: int, patient: Sequence[float], therapist: Sequence[float], values: Mapping[str, Any]
) -> pd.DataFrame:
    n = len(patient)
    session = np.arange(1, n + 1)
    return pd.DataFrame(
        {
            "patient_id": f"{number:02}",
            "session": session,
            "attended": (session != MISSED) * 1,
            "alliance_patient": np.array(patient, float),
            "alliance_therapist": np.array(therapist, float),
            **{name: np.array(observed[:n], float) for name, observed in values.items()},
        }
    )


def toy_constants(panel: Panel, chosen: ChosenDefinition) -> dict[str, float]:
    """Scale constants of a definition in the toy study."""
    return {k: c.value for k, c in estimate(panel, chosen, INSTRUMENTS).items()}


def one_patient(panel: Panel, number: int) -> Panel:
    """Panel of one patient of the toy study."""
    rows = slice(int(panel.starts[number]), int(panel.starts[number + 1]))
    columns = {name: values[rows] for name, values in panel.columns.items()}
    return copies(panel.ids[[number]], panel.session[rows], columns)


def copies(ids: pd.Index, session: np.ndarray, columns: Mapping[str, Floats]) -> Panel:
    """Panel of patients who all have the same sessions; columns hold one after the other."""
    starts = np.arange(len(ids) + 1) * len(session)
    return Panel(ids, starts.astype(np.intp), np.tile(session, len(ids)), columns)


def limits(
    panel: Panel,
    chosen: ChosenDefinition,
    constants: Mapping[str, float],
    column: str,
    grid: Floats,
    *,
    falls: bool,
) -> Floats:
    """At each session, the value nearest to harmless with which it would be coded as a rupture.

    The session's value is set to each of the grid in turn, with everything else as it was. So a
    limit needs no code of its own, and shows what the rule does and not what it is said to do.

    Parameters
    ----------
    panel : Panel
        Of one patient with S sessions.
    chosen, constants
        The definition, and its scale constants.
    column : str
        What is varied.
    grid : ndarray of float, shape (G,)
    falls : bool
        Whether low values are ruptures: the limit is then the highest such value, else the lowest.

    Returns
    -------
    ndarray of float, shape (S,)
        NaN where no value of the grid decides.
    """
    many = _varied(panel, column, grid)
    found = _own_session(apply(many, chosen, constants).detected, len(panel))
    return np.where(np.isnan(panel[column]), np.nan, _edge(found, grid, highest=falls))


def targets(
    panel: Panel,
    verdicts: Verdicts,
    rule: RepairRule,
    parameters: Mapping[str, Any],
    column: str,
    grid: Floats,
) -> Floats:
    """At each session of an open rupture, the lowest value with which it would be the repair.

    Found by trying, as `limits`. A session in which a rupture was coded is looked at as if none
    had been, since with that value there would not.

    Parameters
    ----------
    panel : Panel
        Of one patient with S sessions.
    verdicts : Verdicts
        What opened the ruptures.
    rule, parameters
        The repair rule.
    column : str
        What is varied.
    grid : ndarray of float, shape (G,)

    Returns
    -------
    ndarray of float, shape (S,)
        NaN where no rupture is open that began before, and where no value of the grid decides.
    """
    n, many = len(panel), _varied(panel, column, grid)
    verdict = np.tile(verdicts.verdict, (n, len(grid), 1))
    verdict[np.arange(n), :, np.arange(n)] = NOT_DETECTED
    kind = np.where(verdict == DETECTED, verdicts.kind, NONE).astype(np.int8)
    reason = np.tile(verdicts.reason, n * len(grid))
    tried = Verdicts(verdict.ravel(), reason, kind.ravel())
    repairs = follow(many, tried, many[parameters["source"]], rule, parameters).repair
    repaired = np.isin(np.arange(len(many)), repairs)
    edge = _edge(_own_session(repaired, n), grid, highest=False)
    courses = follow(panel, verdicts, panel[parameters["source"]], rule, parameters)
    open_ = np.zeros(n, bool)
    for onset, last, repair in zip(courses.onset, courses.last, courses.repair, strict=True):
        open_[onset + 1 : max(last, repair) + 1] = True
    return np.where(open_, edge, np.nan)


def _varied(panel: Panel, column: str, grid: Floats) -> Panel:
    """Copy one patient so that each session in turn has each value of the grid."""
    n, g = len(panel), len(grid)
    varied = np.tile(panel[column], (n, g, 1))
    varied[np.arange(n), :, np.arange(n)] = grid
    columns = {name: np.tile(values, n * g) for name, values in panel.columns.items()}
    return copies(pd.RangeIndex(n * g), panel.session, {**columns, column: varied.ravel()})


def _own_session(found: Bools, n: int) -> Bools:
    """Of the copies, what was found in the session that was varied, shape (S, G)."""
    return found.reshape(n, -1, n)[np.arange(n), :, np.arange(n)]


def _edge(found: Bools, grid: Floats, *, highest: bool) -> Floats:
    values = np.where(found, grid, -np.inf if highest else np.inf)
    edge = values.max(axis=1) if highest else values.min(axis=1)
    return np.where(found.any(axis=1) & ~found.all(axis=1), edge, np.nan)
