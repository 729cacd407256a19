"""Frames of the multistate model: occupancy, transitions, hazards and time in every state."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.estimates.multistate.aalen_johansen import (
    ALL,
    REPAIRED,
    TRANSIENT,
    UNREPAIRED,
    Array,
    Courses,
    ever,
    expected_sessions,
    occupancy,
    transition_probabilities,
)
from rupture_outcome.estimates.multistate.bands import Chain, pointwise, simultaneous

BOUNDS = ["estimate", "ci_low", "ci_high", "band_low", "band_high"]
PROBABILITY_COLUMNS = ["start", "from", "session", "state", *BOUNDS, "at_risk"]


def occupancy_frame(course: Courses, found: Chain, drawn: Chain, confidence: float) -> pd.DataFrame:
    """Share of patients in every state after every session, the start first.

    Parameters
    ----------
    course : Courses
        From `rupture_outcome.estimates.multistate.aalen_johansen.courses`.
    found, drawn : Chain
        The chain of the data, and its replicates.
    confidence : float
        Level of intervals and bands.

    Returns
    -------
    DataFrame
        ``session``, ``state``, ``estimate``, ``ci_low``, ``ci_high`` (percentile, pointwise),
        ``band_low``, ``band_high`` (all sessions at once), ``at_risk``: in treatment just before,
        which is who attended the session (at the start: all patients).
    """
    curves = _curves(found.initial, found.matrices)
    bounds = _bounds(curves, _curves(drawn.initial, drawn.matrices), confidence)
    present = found.counts.sum(axis=(-2, -1))
    at_risk = np.concatenate([[len(course.first)], present]).astype(np.int64)
    index = pd.MultiIndex.from_product([course.times, ALL], names=["session", "state"])
    columns = {name: values.T.ravel() for name, values in bounds.items()}
    columns["at_risk"] = np.repeat(at_risk, len(ALL))
    return pd.DataFrame(columns, index=index).reset_index()


def probability_frame(
    course: Courses, found: Chain, drawn: Chain, starts: Sequence[int], confidence: float
) -> pd.DataFrame:
    """Transition probabilities from each state in treatment after the sessions `starts`.

    Parameters
    ----------
    course, found, drawn, confidence
        As in `occupancy_frame`.
    starts : sequence of int
        Sessions.

    Returns
    -------
    DataFrame
        ``start``, ``from``, ``session``, ``state`` (the one after the session) and bounds as in
        `occupancy_frame`; ``at_risk``: who goes on after `start` in the state ``from``. A start
        outside the data has no rows, and neither has a state that nobody is in.
    """
    parts = [
        _from_start(course, found, drawn, start, confidence)
        for start in starts
        if course.start <= start < course.end
    ]
    empty = pd.DataFrame(columns=PROBABILITY_COLUMNS)
    return pd.concat(parts, ignore_index=True) if parts else empty


def hazard_frame(course: Courses, found: Chain, drawn: Chain, confidence: float) -> pd.DataFrame:
    """Hazard of every transition, by session and over all sessions (``session`` missing).

    Parameters
    ----------
    course, found, drawn, confidence
        As in `occupancy_frame`.

    Returns
    -------
    DataFrame
        ``session``, ``from``, ``to``, ``at_risk`` (person-sessions in the state), ``events``,
        ``estimate`` = events / at risk, ``ci_low``, ``ci_high`` (percentile, bootstrap). To
        stay is no transition and has no row.
    """
    pooled = [_hazards(found.counts.sum(axis=-3)[None], drawn.counts.sum(axis=-3)[:, None])]
    by_session = _hazards(found.counts, drawn.counts)
    sessions = pd.array([pd.NA, *course.times[1:]], dtype="Int64")
    names = ["session", "from", "to"]
    out = []
    for part, (events, at_risk, estimate, replicates) in zip(
        (sessions[:1], sessions[1:]), (*pooled, by_session), strict=True
    ):
        low, high = pointwise(replicates, confidence)
        rows = [(s, a, b) for s in part for a in TRANSIENT for b in ALL]
        frame = pd.DataFrame(rows, columns=names).astype({"session": "Int64"})
        columns = {"at_risk": at_risk, "events": events, "estimate": estimate}
        columns |= {"ci_low": low, "ci_high": high}
        for name, values in columns.items():
            frame[name] = np.broadcast_to(values, events.shape).ravel()
        out.append(frame)
    every = pd.concat(out, ignore_index=True).astype({"at_risk": "int64", "events": "int64"})
    return every[every["from"].ne(every["to"])].reset_index(drop=True)


def time_frame(course: Courses, found: Chain, drawn: Chain, confidence: float) -> pd.DataFrame:
    """Sessions up to the last one spent in every state, and the chances of rupture and repair.

    Parameters
    ----------
    course, found, drawn, confidence
        As in `occupancy_frame`.

    Returns
    -------
    DataFrame
        ``measure``: ``expected_sessions`` (per patient who starts, with each state; for an ending,
        sessions lost to it), ``ever_ruptured``, ``ever_repaired``, ``repaired_if_ruptured``
        (a share of those who ever ruptured, endings competing); ``estimate``, ``ci_low``,
        ``ci_high``, ``horizon``, ``patients`` (whose mean or share it is).
    """
    both = [_measures(chain) for chain in (found, drawn)]
    low, high = pointwise(both[1], confidence)
    measures = ["ever_ruptured", "ever_repaired", "repaired_if_ruptured"]
    started = len(course.first)
    ruptured = np.round(started * both[0][len(ALL)])
    rows: dict[str, Any] = {
        "measure": ["expected_sessions"] * len(ALL) + measures,
        "state": [*ALL, "unrepaired", "repaired", "repaired"],
        "estimate": both[0],
        "ci_low": low,
        "ci_high": high,
    }
    patients = [*[started] * (len(ALL) + 2), ruptured]
    return pd.DataFrame(rows).assign(horizon=course.end, patients=patients)


def _measures(chain: Chain) -> Array:
    spent = expected_sessions(occupancy(chain.initial, chain.matrices))
    ruptured = ever(chain.initial, chain.matrices, (UNREPAIRED, REPAIRED))
    repaired = ever(chain.initial, chain.matrices, (REPAIRED,))
    share = np.where(ruptured > 0, repaired / np.where(ruptured > 0, ruptured, 1.0), np.nan)
    return np.concatenate([spent, np.stack([ruptured, repaired, share], axis=-1)], axis=-1)


def _curves(initial: Array, matrices: Array) -> Array:
    return np.swapaxes(occupancy(initial, matrices), -1, -2)


def _bounds(estimate: Array, drawn: Array, confidence: float) -> dict[str, Array]:
    pairs = [*pointwise(drawn, confidence), *simultaneous(estimate, drawn, confidence)]
    return dict(zip(BOUNDS, [estimate, *pairs], strict=True))


def _from_start(
    course: Courses, found: Chain, drawn: Chain, start: int, confidence: float
) -> pd.DataFrame:
    after = start - course.start
    curves, replicates = (
        np.swapaxes(transition_probabilities(chain.matrices, after), -1, -2)
        for chain in (found, drawn)
    )
    bounds = _bounds(curves, replicates, confidence)
    groups = found.counts[after].sum(axis=-1).astype(np.int64)
    sessions = np.arange(start, course.end + 1)
    names = ["from", "session", "state"]
    index = pd.MultiIndex.from_product([TRANSIENT, sessions, ALL], names=names)
    columns = {name: np.swapaxes(values, -1, -2).ravel() for name, values in bounds.items()}
    columns["at_risk"] = np.repeat(groups, len(sessions) * len(ALL))
    frame = pd.DataFrame(columns, index=index).reset_index().assign(start=start)
    return frame.loc[frame["at_risk"] > 0, PROBABILITY_COLUMNS]


def _hazards(counts: Array, replicates: Array) -> tuple[Array, Array, Array, Array]:
    at_risk = counts.sum(axis=-1, keepdims=True)
    return counts, at_risk, _ratio(counts, at_risk), _ratio(replicates)


def _ratio(events: Array, at_risk: Array | None = None) -> Array:
    n = events.sum(axis=-1, keepdims=True) if at_risk is None else at_risk
    return np.where(n > 0, events / np.where(n > 0, n, 1.0), np.nan)
