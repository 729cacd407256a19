"""Multistate course of treatment: intact → unrepaired ⇄ repaired → an ending, session by session.

Time counts sessions as `survival::survfit` does for intervals ``(session - 1, session]``: time s
is after session s and whatever followed it. Who is in treatment then is in the state of the next
session; who has left is in the state of the ending. Time 0 (the start) holds the states of the
first session, so the state *at* session s is that of time s - 1, and dropout at time s counts those
whose last session was s, as cumulative incidence does.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from rupture_outcome.coding.follow import STATES
from rupture_outcome.estimates.landmark.landmark import CAUSES

TRANSIENT, ALL = STATES, (*STATES, *CAUSES)
INTACT, UNREPAIRED, REPAIRED, DROPOUT = range(4)
FROM, TO = len(TRANSIENT), len(ALL)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Courses:
    """What every patient did at every time, as sums that a bootstrap can weigh.

    Attributes
    ----------
    moves : sparse array, shape (patients, times × 3 × 6)
        1 for each time, state held and state after it; those who stay or are censored move to the
        state they hold.
    first : array, shape (patients,)
        Position of the state of the first session in `TRANSIENT`.
    start, end : int
        Time of the initial distribution (0 where sessions count from 1), and the last time.
    patients : index
        In the order of the rows.
    """

    moves: sparse.csr_array
    first: NDArray[np.int64]
    start: int
    end: int
    patients: pd.Index

    @property
    def times(self) -> NDArray[np.int64]:
        """Times of the occupancy, the start included."""
        return np.arange(self.start, self.end + 1)

    def counts(self, weights: Array | None = None) -> Array:
        """Sum the moves, shape (..., times, 3, 6); `weights` (..., patients) counts patients so."""
        given = np.ones(len(self.first)) if weights is None else np.asarray(weights, dtype=float)
        total = (self.moves.T @ given.T).T
        return np.asarray(total).reshape(*given.shape[:-1], self.end - self.start, FROM, TO)

    def initial(self, weights: Array | None = None) -> Array:
        """Distribution over the six states at the start, shape (..., 6)."""
        given = np.ones(len(self.first)) if weights is None else np.asarray(weights, dtype=float)
        total = given @ (self.first[:, None] == np.arange(TO))
        return total / np.maximum(total.sum(axis=-1, keepdims=True), 1.0)


def courses(rows: pd.DataFrame, horizon: int | None = None) -> Courses:
    """Follow every patient from session to session.

    Between two sessions on the clock (a missed session, a week without one) the state known last is
    held; of several sessions at one time the last counts. Who is in treatment when the data end
    is at risk up to the last session, then censored. Patients who begin later are at risk from
    their first session on.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule in order of patient and time:
        ``patient_id``, ``time``, ``state``, ``event``.
    horizon : int, optional
        Last time to follow; by default the last of the data.

    Raises
    ------
    ValueError
        There are no rows, or a state or event is unknown.
    """
    if rows.empty:
        raise ValueError("there are no person-sessions to follow")
    patient, patients = pd.factorize(rows["patient_id"])
    time = rows["time"].to_numpy(dtype=np.int64)
    state = _codes(rows["state"], TRANSIENT)
    event = _codes(rows["event"], ("none", "", "", *CAUSES))
    same = np.append((patient[1:] == patient[:-1]) & (time[1:] == time[:-1]), False)
    patient, time, state, event = (column[~same] for column in (patient, time, state, event))
    begins = np.append(True, patient[1:] != patient[:-1])
    ends = np.append(begins[1:], True)
    after = np.where(ends, np.where(event, event, state), np.append(state[1:], 0))
    steps = np.where(ends, 1, np.append(time[1:], 0) - time)
    start = int(time.min()) - 1
    end = int(time.max()) if horizon is None else min(max(horizon, start + 1), int(time.max()))
    moves = _moves(patient, time - start - 1, state, after, steps, end - start)
    shape = (len(patients), (end - start) * FROM * TO)
    matrix = sparse.csr_array((np.ones(len(moves[0])), moves), shape=shape)
    return Courses(matrix, state[begins], start, end, pd.Index(patients))


def transition_matrices(counts: Array) -> Array:
    r"""Discrete-time transition probabilities, shape (..., times, 6, 6).

    .. math:: \hat P_{hj}(s) = d_{hj}(s) / n_h(s)

    with :math:`n_h(s)` at risk in state h and :math:`d_{hj}(s)` of them found in j after time s. A
    state that nobody is in is kept, as `survival::survfit` does; endings are kept for good.

    Parameters
    ----------
    counts : array, shape (..., times, 3, 6)
        From `Courses.counts`; leading axes are bootstrap replicates.
    """
    at_risk = counts.sum(axis=-1, keepdims=True)
    stay = np.eye(TO)
    living = np.where(at_risk > 0, counts / np.maximum(at_risk, 1e-300), stay[:FROM])
    gone = np.broadcast_to(stay[FROM:], (*counts.shape[:-2], TO - FROM, TO))
    return np.concatenate([living, gone], axis=-2)


def occupancy(initial: Array, matrices: Array) -> Array:
    r"""Aalen–Johansen state occupancy :math:`p(t) = p(0)\prod_{s \le t} P(s)`.

    Parameters
    ----------
    initial : array, shape (..., 6)
        Distribution at the start.
    matrices : array, shape (..., times, 6, 6)
        From `transition_matrices`.

    Returns
    -------
    array, shape (..., times + 1, 6)
        The start first; every row adds up to 1.

    Notes
    -----
    Consistent for occupancy also where the process is not Markov, if censoring is independent
    (Datta & Satten 2001, recalled). In R: ``survfit(Surv(session - 1, session, to) ~ 1,
    id = patient, istate = state)$pstate``.

    Examples
    --------
    >>> halve = np.eye(6)
    >>> halve[0, [0, 3]] = 0.5
    >>> occupancy(np.eye(6)[0], np.array([halve, halve]))[:, 3].tolist()
    [0.0, 0.5, 0.75]
    """
    points = [initial]
    for step in np.moveaxis(matrices, -3, 0):
        points.append(np.einsum("...h,...hj->...j", points[-1], step))
    return np.stack(points, axis=-2)


def transition_probabilities(matrices: Array, after: int) -> Array:
    r"""Probabilities :math:`P(s, t) = \prod_{s < u \le t} P(u)` of each state at t given that at s.

    Parameters
    ----------
    matrices : array, shape (..., times, 6, 6)
        From `transition_matrices`.
    after : int
        How many times have passed at s (s itself, where sessions count from 1).

    Returns
    -------
    array, shape (..., 3, times - after + 1, 6)
        From the three states in treatment; the identity first.

    Notes
    -----
    Unlike occupancy this needs the Markov property: what comes next depends on the state and the
    session, not on how long the state has lasted.
    """
    later = matrices[..., after:, :, :]
    begin = np.eye(TO)[:FROM].reshape(*(1,) * (matrices.ndim - 3), FROM, TO)
    start = np.broadcast_to(begin, (*matrices.shape[:-3], FROM, TO))
    return occupancy(start, later[..., None, :, :, :])


def expected_sessions(occupied: Array) -> Array:
    r"""Sessions spent in every state, :math:`\sum_{s=0}^{H-1} p_h(s)`, shape (..., 6).

    The state of session s is that of time s - 1, so this counts sessions 1 to H: for states in
    treatment, how many of them a patient who starts can expect to attend in the state; for endings,
    how many are lost to it.
    """
    return occupied[..., :-1, :].sum(axis=-2)


def ever(initial: Array, matrices: Array, states: tuple[int, ...]) -> Array:
    """Probability of having been in one of the states by the last time, shape (...,).

    These states are made absorbing; what follows them no longer matters.

    Parameters
    ----------
    initial : array, shape (..., states)
        Shares at the start.
    matrices : array, shape (..., times, states, states)
        Transition probabilities.
    states : tuple of int
        Positions of the states.
    """
    stopped = matrices.copy()
    stopped[..., list(states), :] = np.eye(TO)[list(states)]
    return occupancy(initial, stopped)[..., -1, list(states)].sum(axis=-1)


def _codes(column: pd.Series, names: tuple[str, ...]) -> NDArray[np.int64]:
    codes, found = pd.factorize(column)
    known = {name: i for i, name in enumerate(names) if name}
    if (codes < 0).any() or not {str(value) for value in found} <= set(known):
        raise ValueError(f"unknown {column.name}: use {', '.join(known)}")
    return np.array([known[str(value)] for value in found], dtype=np.int64)[codes]


def _moves(
    patient: NDArray[np.int64],
    time: NDArray[np.int64],
    state: NDArray[np.int64],
    after: NDArray[np.int64],
    steps: NDArray[np.int64],
    times: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give patient and cell of every time at risk; the state changes at the last of its steps."""
    row = np.repeat(np.arange(len(time)), steps)
    past = np.arange(len(row)) - np.repeat(np.cumsum(steps) - steps, steps)
    at = time[row] + past
    to = np.where(past == steps[row] - 1, after[row], state[row])
    seen = at < times
    cell = (at * FROM + state[row]) * TO + to
    return np.asarray(patient[row][seen]), np.asarray(cell[seen], dtype=np.int64)
