"""A small world in which patients stay or leave by chance, to show what time does to comparisons.

Nothing is measured with error here and nobody differs from anybody, so that whatever an analysis
finds beside the effect that was put in is the work of the analysis.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

Ints = NDArray[np.integer]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

INTACT, UNREPAIRED, REPAIRED = 0, 1, 2
STATES = ("intact", "unrepaired", "repaired")


@dataclass(frozen=True)
class World:
    r"""Chances after and in a session, the same for everybody.

    .. math:: \operatorname{logit} P(\text{dropout after } s) = \operatorname{logit} h
              + \log a \, [\text{rupture now or before}] + \log b \, [\text{repaired}] + u_j,
              \qquad u_j \sim N(0, \sigma^2)

    Parameters
    ----------
    hazard : float
        Chance h of dropping out after a session without a rupture so far.
    rupture, repair : float
        Chance that a rupture begins in a session when none is open, and that an open one is
        repaired in a session after the one in which it began.
    rupture_ratio : float
        True odds ratio a of dropout, unrepaired against intact.
    repair_ratio : float
        True odds ratio b of dropout, repaired against unrepaired. 1: repair does nothing.
    patients, sessions, therapists : int
        Numbers of them; sessions are those planned, after the last of which nobody drops out.
    therapist_sd : float
        SD σ of the therapists' log odds.

    Examples
    --------
    >>> World(repair_ratio=0.5, rupture_ratio=2.0).chances.round(3).tolist()
    [0.03, 0.058, 0.03]
    """

    hazard: float = 0.03
    rupture: float = 0.15
    repair: float = 0.3
    rupture_ratio: float = 1.0
    repair_ratio: float = 1.0
    patients: int = 600
    sessions: int = 16
    therapists: int = 15
    therapist_sd: float = 0.0

    @property
    def chances(self) -> Floats:
        """Chance of dropping out after a session in each of `STATES`, with an average therapist."""
        steps = np.log([1.0, self.rupture_ratio, self.rupture_ratio * self.repair_ratio])
        return np.asarray(expit(logit(self.hazard) + steps))


@dataclass(frozen=True)
class Courses:
    """What happened to each patient.

    Attributes
    ----------
    state : int array, shape (patients, sessions)
        Index into `STATES` in each planned session, those after leaving included.
    last : int array, shape (patients,)
        Number of sessions attended.
    dropout : bool array, shape (patients,)
        Left after the last session attended; else treatment ended as planned.
    """

    state: Ints
    last: Ints
    dropout: Flags


@dataclass(frozen=True)
class Histories:
    """What can be said of each patient and attended session when all is over.

    Attributes
    ----------
    attended, since_rupture, since_repair : bool arrays, shape (patients, sessions)
        Sessions attended; those from the first rupture on; those from the first repair on.
    """

    attended: Flags
    since_rupture: Flags
    since_repair: Flags

    @property
    def ruptured(self) -> Flags:
        """Patients with a rupture while in treatment."""
        return np.asarray(self.since_rupture.any(axis=1))

    @property
    def ever_repaired(self) -> Flags:
        """Patients with a repaired rupture while in treatment."""
        return np.asarray(self.since_repair.any(axis=1))


def histories(courses: Courses) -> Histories:
    """Look back on courses as the naive comparison does."""
    attended = np.arange(courses.state.shape[1]) < courses.last[:, None]
    rupture, repair = (
        attended & np.logical_or.accumulate(courses.state >= least, axis=1)
        for least in (UNREPAIRED, REPAIRED)
    )
    return Histories(attended, rupture, repair)


def draw_courses(world: World, rng: np.random.Generator) -> Courses:
    """Let ruptures come and go, and patients leave, independently but for the world's ratios."""
    shape = (world.patients, world.sessions)
    state = _states(world, rng.random(shape))
    effects = world.therapist_sd * rng.standard_normal(world.therapists)
    chances = expit(logit(world.chances) + effects[:, None])
    leaves = rng.random(shape) < chances[_therapists(world)[:, None], state]
    leaves[:, -1] = False
    dropout = leaves.any(axis=1)
    return Courses(state, np.where(dropout, leaves.argmax(axis=1) + 1, world.sessions), dropout)


def person_sessions(world: World, courses: Courses) -> pd.DataFrame:
    """Lay out courses as the risk set that the models of the pipeline take."""
    patient, t = np.nonzero(np.arange(world.sessions) < courses.last[:, None])
    ends = t + 1 == courses.last[patient]
    drops = ends & courses.dropout[patient]
    return pd.DataFrame(
        {
            "patient_id": patient,
            "therapist_id": _therapists(world)[patient],
            "session": t + 1,
            "time": t + 1,
            "definition": "simulated",
            "repair_rule": "simulated",
            "state": pd.Categorical.from_codes(courses.state[patient, t], pd.Index(STATES)),
            "testable": True,
            "event": np.select([drops, ends], ["dropout", "agreed_ending"], "none"),
            "dropout": drops.astype(int),
            "at_risk": t + 1 < world.sessions,
        }
    )


def _states(world: World, chance: Floats) -> Ints:
    state = np.zeros(chance.shape, dtype=np.int8)
    now = state[:, 0]
    for t in range(world.sessions):
        is_open = now == UNREPAIRED
        mends, begins = is_open & (chance[:, t] < world.repair), chance[:, t] < world.rupture
        now = np.where(mends, REPAIRED, np.where(begins & ~is_open, UNREPAIRED, now))
        state[:, t] = now
    return state


def _therapists(world: World) -> Ints:
    """Give the therapist of every patient."""
    return np.arange(world.patients) % world.therapists
