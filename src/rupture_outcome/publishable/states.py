"""Multistate curves published so that no small number of patients can be counted."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, is_small, note_of

DIFFERENCES = ("difference", "difference_low", "difference_high")
CURVES = ("estimate", "ci_low", "ci_high", "band_low", "band_high")
SPELL = ("definition", "repair_rule", "start", "from")
KEPT = ("unrepaired", "dropout")  # what the question is about: hidden last

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


def publishable_occupancy(
    frame: pd.DataFrame,
    threshold: int,
    *,
    full: bool = False,
    published: Mapping[tuple[int, str], int] | None = None,
) -> pd.DataFrame:
    """Occupancy or transition probabilities at the sessions where no small number can be counted.

    A reader can count share × patients at the start. Sessions are kept (the last one first) at
    which every shown state holds 0 or more than `threshold` of them, and has changed by 0 or more
    than `threshold` since every other kept session. States may be left out of the whole curve, two
    at least, and then their sum obeys the same rule; what shows most points is chosen. Numbers at
    risk are shown at the start only.

    Parameters
    ----------
    frame : DataFrame
        ``state_occupancy`` or ``transition_probabilities``, in order of session and state.
    threshold : int
        Largest count that must not be shown.
    full : bool
        Show every session as long as more than `threshold` are at risk; then the moves of each
        session can be derived. For simulated data, or where the owner of the data allows it.
    published : mapping of (session, state) to int, optional
        Counts already public of nearly the same patients, as at landmarks.
    """
    if full:
        few = frame["at_risk"].le(threshold).to_numpy(bool)
        return _withhold(frame, few, few & frame["at_risk"].gt(0).to_numpy(bool), threshold)
    keys = [key for key in SPELL if key in frame]
    groups = [group for _, group in frame.groupby(keys, sort=False, observed=True)]
    parts = [_thinned(group, threshold, dict(published or {})) for group in groups]
    return pd.concat(parts).loc[frame.index] if parts else frame.assign(**{WITHHELD: ""})


def landmark_counts(incidence: pd.DataFrame, primary: Mapping[str, str]) -> dict:
    """Patients in every state at the landmarks, as far as the incidence table shows them.

    The state at session L is that of time L - 1 of the multistate curves; the difference of the two
    counts is who left after session L.
    """
    mine = incidence["definition"].astype(str).eq(primary["definition"])
    mine &= incidence["repair_rule"].astype(str).eq(primary["repair_rule"])
    starts = incidence[mine & incidence["session"].eq(incidence["landmark"])]
    known = starts[starts["at_risk"].notna()].drop_duplicates(["landmark", "state"])
    rows = known[["landmark", "state", "at_risk"]].itertuples(index=False)
    return {(int(landmark) - 1, str(state)): int(n) for landmark, state, n in rows}


def _thinned(
    group: pd.DataFrame, threshold: int, published: Mapping[tuple[int, str], int]
) -> pd.DataFrame:
    sessions, states = (list(dict.fromkeys(group[name])) for name in ("session", "state"))
    shape = (len(sessions), len(states))
    patients = int(group["at_risk"].iloc[0])
    shares = np.nan_to_num(group["estimate"].to_numpy(float).reshape(shape))
    counts = np.round(shares * patients).astype(np.int64)
    known = np.zeros(shape, dtype=bool)
    if not is_small(patients, threshold):
        clash = _near_published(counts, sessions, states, published, threshold)
        known = _best_choice(counts, states, clash, threshold)
    first = group["session"].eq(sessions[0]).to_numpy(bool)
    at_risk = first & (not is_small(patients, threshold)) & ("from" not in group)
    return _withhold(group, ~known.ravel(), ~at_risk, threshold)


def _best_choice(counts: Counts, states: Sequence[str], clash: Flags, threshold: int) -> Flags:
    """Sessions by states that are shown: of the states that may be left out, what costs least."""
    may_go = [i for i, state in enumerate(states) if state not in KEPT]
    choices = [c for size in (0, 2, 3, 4) for c in combinations(may_go, size)]
    best, most = np.zeros(counts.shape, dtype=bool), 0
    for gone in choices:
        shown = np.array([i not in gone for i in range(len(states))])
        told = np.column_stack([counts[:, shown], counts[:, ~shown].sum(axis=1)])
        kept = _kept(told, np.logical_or.reduce(clash[:, shown], axis=1), threshold)
        points = int(kept.sum() * shown.sum())
        if points > most:
            best, most = kept[:, None] & shown, points
    return best


def _kept(counts: Counts, clash: Flags, threshold: int) -> Flags:
    kept: list[int] = []
    for s in reversed(range(len(counts))):
        levels = [counts[s], *(np.abs(counts[s] - counts[other]) for other in kept)]
        few = any(((level >= 1) & (level <= threshold)).any() for level in levels)
        if not few and not clash[s]:
            kept.append(s)
    return np.isin(np.arange(len(counts)), kept)


def _near_published(
    counts: Counts,
    sessions: Sequence[int],
    states: Sequence[str],
    published: Mapping[tuple[int, str], int],
    threshold: int,
) -> Flags:
    clash = np.zeros(counts.shape, dtype=bool)
    for (session, state), n in published.items():
        if session in sessions and state in states:
            at = sessions.index(session), states.index(state)
            clash[at] = is_small(abs(int(counts[at]) - n), threshold)
    return clash


def _withhold(
    frame: pd.DataFrame, no_curve: Flags, no_count: Flags, threshold: int
) -> pd.DataFrame:
    out = blanked(frame, no_curve)
    out["at_risk"] = frame["at_risk"].astype("Int64").mask(no_count)
    few = [f"≤{threshold}" if is_small(n, threshold) else HIDDEN for n in frame["at_risk"]]
    at_risk = np.where(no_count, few, "")
    marks = zip(dashes(no_curve), at_risk, strict=True)
    return out.assign(**{WITHHELD: [note_of({"estimate": a, "at_risk": b}) for a, b in marks]})


def blanked(frame: pd.DataFrame, rows: Flags) -> pd.DataFrame:
    """Withhold estimates, intervals, bands and differences in some rows."""
    out = frame.copy()
    columns = [name for name in (*CURVES, *DIFFERENCES) if name in frame]
    out[columns] = frame[columns].astype(float)
    out.loc[rows, columns] = np.nan
    return out


def dashes(rows: Sequence[bool] | Flags | pd.Series) -> list[str]:
    """Mark every row that is withheld."""
    return [HIDDEN if row else "" for row in rows]
