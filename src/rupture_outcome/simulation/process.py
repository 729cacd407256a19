"""The latent course of a simulated treatment: rupture, repair, symptoms and leaving."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.simulation.people import Floats, Ints, People
from rupture_outcome.simulation.truth import Truth

Flags = NDArray[np.bool_]

INTACT, UNREPAIRED, REPAIRED = 0, 1, 2
STATES = np.array(["intact", "unrepaired", "repaired"])
KINDS = np.array(["withdrawal", "confrontation"])
ENDINGS = np.array(["dropout", "completed", "agreed", "referred", "administrative", "ongoing"])
IN_TREATMENT = -1
DROPOUT, COMPLETED, AGREED, REFERRED, ADMINISTRATIVE, ONGOING = range(6)
FIRST_AGREED_ENDING = 4
GRADUAL_SESSIONS = 3
EARLY_SESSIONS = 3


@dataclass(frozen=True)
class Course:
    """Latent courses, arrays of shape (patients, longest treatment) over attended sessions.

    Attributes
    ----------
    state : int array
        INTACT, UNREPAIRED or REPAIRED after the session.
    onset, repair : bool arrays
        A rupture began, or was repaired, in the session.
    deficit : float array
        What the current or last rupture takes from the alliance, WAI-SR points.
    kind : int array
        Index into KINDS of the current or last rupture.
    symptom : int array
        PHQ-9 sum before the session.
    attended : bool array
        The session took place.
    last : int array, shape (patients,)
        Number of sessions attended.
    ending : int array, shape (patients,)
        Index into ENDINGS.
    """

    state: Ints
    onset: Flags
    repair: Flags
    deficit: Floats
    kind: Ints
    symptom: Ints
    attended: Flags
    last: Ints
    ending: Ints


@dataclass(frozen=True)
class _Alliance:
    """Where each patient's alliance stands after a session, and the rupture that put it there."""

    state: Ints
    age: Ints  # sessions since the rupture began
    depth: Floats
    gradual: Flags
    kind: Ints


def draw_course(truth: Truth, people: People, rng: np.random.Generator) -> Course:
    """Run all treatments in parallel, one attended session after the other.

    Within a session the order is: symptoms (before it), rupture or repair (in it), leaving (after
    it). Dropout is drawn first, so that dropout after a session, against anything else, follows
    the logistic model of `Truth` exactly.
    """
    planned = people.patients["planned_sessions"].to_numpy()
    severity = people.patients["severity"].to_numpy()
    prone_to_rupture = _proneness(truth.rupture_patient_sd, truth.rupture_unit_sd, people, rng)
    prone_to_leave = _proneness(0.0, truth.dropout_unit_sd, people, rng)
    symptoms = _symptom_course(truth, people, rng, int(planned.max()))
    goes_on = rng.random(truth.patients) >= truth.ongoing
    drawn_at = np.where(goes_on, planned, rng.integers(1, planned))

    now = _untouched(truth.patients)
    ending = np.full(truth.patients, IN_TREATMENT)
    sessions = []
    for n in range(1, int(planned.max()) + 1):
        here, before = ending == IN_TREATMENT, now
        therapist = people.effects.iloc[people.therapist(n)]
        lag = truth.symptom_unrepaired * (before.state == UNREPAIRED)
        symptom = np.clip(np.rint(symptoms[:, n - 1] + lag), 0, 27).astype(int)
        rupture_odds = truth.rupture_base + therapist["rupture"].to_numpy() + prone_to_rupture
        now = _move(truth, before, rupture_odds, therapist["repair"].to_numpy(), rng)
        leaving = dropout_log_odds(truth, n, now.state, severity)
        leaving = leaving + therapist["dropout"].to_numpy() + prone_to_leave
        outcome = _endings(truth, n, planned, drawn_at, leaving, symptom, rng)
        ending = np.where(here, outcome, ending)
        sessions.append((before, now, symptom, here))
    return _course(truth, sessions, ending)


def _untouched(n: int) -> _Alliance:
    zeros = np.zeros(n, dtype=int)
    return _Alliance(zeros + INTACT, zeros, np.zeros(n), np.zeros(n, dtype=bool), zeros)


def _move(
    truth: Truth, before: _Alliance, rupture_odds: Floats, skill: Floats, rng: np.random.Generator
) -> _Alliance:
    """Let ruptures begin where none is open, and mend where one is."""
    n = len(before.state)
    is_open = before.state == UNREPAIRED
    repair_odds = truth.repair_base + truth.repair_per_session * before.age + skill
    happens = rng.random(n) < chance(np.where(is_open, repair_odds, rupture_odds))
    begins, mends = happens & ~is_open, happens & is_open
    return _Alliance(
        state=np.where(begins, UNREPAIRED, np.where(mends, REPAIRED, before.state)),
        age=np.where(begins, 0, before.age + 1),
        depth=np.where(begins, _depths(truth, n, rng), before.depth),
        gradual=np.where(begins, rng.random(n) < truth.gradual, before.gradual),
        kind=np.where(begins, rng.random(n) < truth.confrontation, before.kind).astype(int),
    )


def _course(
    truth: Truth, sessions: list[tuple[_Alliance, _Alliance, Ints, Flags]], ending: Ints
) -> Course:
    before, after, symptom, attended = zip(*sessions, strict=True)
    was = np.column_stack([a.state for a in before])
    state = np.column_stack([a.state for a in after])
    present = np.column_stack(attended)
    return Course(
        state=state,
        onset=(state == UNREPAIRED) & (was != UNREPAIRED),
        repair=(state == REPAIRED) & (was == UNREPAIRED),
        deficit=np.column_stack([a.depth * _shown(a, truth.recovery) for a in after]),
        kind=np.column_stack([a.kind for a in after]),
        symptom=np.column_stack(symptom),
        attended=present,
        last=present.sum(axis=1),
        ending=ending,
    )


def dropout_log_odds(truth: Truth, n: int | Ints, state: Ints, severity: Ints) -> Floats:
    """Log odds of dropout after attended session `n`, for a therapist and unit at their means."""
    effect = np.array([0.0, truth.dropout_unrepaired, truth.dropout_repaired])
    early = truth.dropout_early * np.exp(-(np.asarray(n) - 1) / EARLY_SESSIONS)
    standardised = (severity - truth.severity_mean) / truth.severity_sd
    return truth.dropout_base + early + effect[state] + truth.dropout_severity * standardised


def chance(log_odds: Floats) -> Floats:
    """Probability of log odds, 1/(1 + exp(−x))."""
    return 1.0 / (1.0 + np.exp(-log_odds))


def _endings(
    truth: Truth,
    n: int,
    planned: Ints,
    drawn_at: Ints,
    dropout_odds: Floats,
    symptom: Ints,
    rng: np.random.Generator,
) -> Ints:
    """How treatments end after attended session `n`; IN_TREATMENT where they go on."""
    agreed_odds = truth.agreed_base + truth.agreed_symptom * (symptom.astype(float) - 10.0)
    agreed = (n >= FIRST_AGREED_ENDING) & (rng.random(len(planned)) < chance(agreed_odds))
    conditions = [
        planned == n,
        rng.random(len(planned)) < chance(dropout_odds),
        agreed,
        rng.random(len(planned)) < truth.referred,
        rng.random(len(planned)) < truth.administrative,
        drawn_at == n,
    ]
    outcomes = [COMPLETED, DROPOUT, AGREED, REFERRED, ADMINISTRATIVE, ONGOING]
    return np.select(conditions, outcomes, IN_TREATMENT)


def _proneness(own_sd: float, unit_sd: float, people: People, rng: np.random.Generator) -> Floats:
    """Draw an effect of each patient, plus one shared by a couple, family or group."""
    shared = unit_sd * rng.standard_normal(int(people.unit.max()) + 1)[people.unit]
    together = (people.patients["format"] != "individual").to_numpy()
    return own_sd * rng.standard_normal(len(people.unit)) + np.where(together, shared, 0.0)


def _symptom_course(
    truth: Truth, people: People, rng: np.random.Generator, sessions: int
) -> Floats:
    """Symptoms before each session without the effect of a rupture: slope on log session."""
    n = len(people.patients)
    start = people.patients["severity"].to_numpy() + rng.standard_normal(n)
    slope = truth.symptom_slope + truth.symptom_slope_sd * rng.standard_normal(n)
    noise = truth.symptom_occasion_sd * rng.standard_normal((n, sessions))
    return start[:, None] + slope[:, None] * np.log(np.arange(1, sessions + 1)) + noise


def _depths(truth: Truth, n: int, rng: np.random.Generator) -> Floats:
    mean = np.where(rng.random(n) < truth.shallow, truth.shallow_mean, truth.depth_mean)
    return np.maximum(mean + truth.depth_sd * rng.standard_normal(n), 1.0)


def _shown(a: _Alliance, recovery: float) -> Floats:
    """Share of a rupture's depth that shows: all at once or over sessions, little after repair."""
    growing = np.where(a.gradual, np.minimum((a.age + 1) / GRADUAL_SESSIONS, 1.0), 1.0)
    mended = a.state == REPAIRED
    return np.select([a.state == UNREPAIRED, mended], [growing, 1.0 - recovery], 0.0)
