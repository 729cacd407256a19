"""Cumulative incidence published so that nobody can count a small number of events."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, is_small, note_of


def publishable_incidence(
    frame: pd.DataFrame, threshold: int, *, full: bool = False
) -> pd.DataFrame:
    """Cumulative incidence at the sessions where nobody can count a small number of events.

    Without censoring, estimate × number at risk at the landmark is the number of events, and the
    difference of two estimates the events between them. The function counts events as a reader
    could, d(s) = n(s)·ΔF(s)/S(s−1), keeps the sessions between which 0 or more than `threshold`
    of them fall (the last session first), and withholds estimate, interval and number at risk
    elsewhere. Numbers at risk are also withheld where they, minus shown events, leave a small
    number of other endings.

    Parameters
    ----------
    frame : DataFrame
        ``cumulative_incidence`` of the results contract; the first cause named in a group is the
        one kept if two causes together would give a third away.
    threshold : int
        Largest count that must not be shown.
    full : bool
        Show every step as long as more than `threshold` are at risk. The events of each step can
        then be derived: for simulated data, or where the owner of the data allows it.
    """
    if full:
        few = frame["at_risk"].map(lambda n: is_small(n, threshold)).to_numpy(bool)
        return _withhold(frame, frame["at_risk"].le(threshold).to_numpy(bool), few, threshold)
    keys = [k for k in ("definition", "repair_rule", "landmark", "state") if k in frame]
    done = [
        _publishable_curves(g, threshold) for _, g in frame.groupby(keys, sort=False, observed=True)
    ]
    if not done:
        return frame.assign(**{WITHHELD: ""})
    return pd.concat(done).loc[frame.index]


def shown_steps(cumulative: Sequence[int], threshold: int) -> list[bool]:
    """Which points of a cumulative count can be shown: neighbours differ by 0 or > threshold.

    Examples
    --------
    >>> shown_steps([0, 4, 9, 15, 20, 22], 10)
    [True, False, False, False, False, True]
    """
    kept: list[int] = []
    for i, value in enumerate(cumulative):
        if not is_small(value - (cumulative[kept[-1]] if kept else 0), threshold):
            kept.append(i)
    end = len(cumulative) - 1
    if end not in kept and not is_small(cumulative[end], threshold):
        kept = [i for i in kept if not is_small(cumulative[end] - cumulative[i], threshold)] + [end]
    return [i in kept for i in range(len(cumulative))]


def landmarks_with_few(incidence: pd.DataFrame, threshold: int) -> set[tuple[str, str, int]]:
    """Definition, repair rule and landmark at which a state of ruptures has few dropouts.

    The number of dropouts of both states together must not be public there: with the curve of one
    state it would give that of the other.
    """
    ruptured = incidence[incidence["state"].ne("intact")]
    keys = ["definition", "repair_rule", "landmark"]
    few = set()
    for key, group in ruptured.groupby([*keys, "state"], sort=False, observed=True):
        dropout = list(dict.fromkeys(group["cause"])).index("dropout")
        events, _ = _counts(group)
        if is_small(int(events[-1, dropout]), threshold):
            few.add((str(key[0]), str(key[1]), int(str(key[2]))))
    return few


def _publishable_curves(group: pd.DataFrame, threshold: int) -> pd.DataFrame:
    events, at_risk = _counts(group)
    shown = _shown_curves(events, int(at_risk[0]), threshold)
    counted = _shown_at_risk(at_risk, events, shown, threshold)
    session = pd.factorize(group["session"], sort=True)[0]
    cause = pd.factorize(group["cause"])[0]
    return _withhold(group, ~shown[session, cause], ~counted[session], threshold)


def _counts(group: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative events (sessions, causes) as a reader would compute them, and those at risk."""
    curves = group.set_index(["session", "cause"])["estimate"].astype(float).unstack()  # noqa: PD010
    curves = curves[list(dict.fromkeys(group["cause"]))].sort_index().ffill().fillna(0.0)
    at_risk = group.groupby("session")["at_risk"].first().to_numpy(dtype=np.int64)
    before = np.vstack([np.zeros(curves.shape[1]), curves.to_numpy()[:-1]])
    staying = np.clip(1 - before.sum(axis=1), 1e-12, None)
    events = (curves.to_numpy() - before) * (at_risk / staying)[:, None]
    return np.round(events).astype(np.int64).cumsum(axis=0), at_risk


def _shown_curves(events: np.ndarray, patients: int, threshold: int) -> np.ndarray:
    """Sessions by causes: whether an estimate can be shown."""
    shown = np.zeros(events.shape, dtype=bool)
    if is_small(patients, threshold):
        return shown
    for cause in range(events.shape[1]):
        shown[:, cause] = shown_steps(events[:, cause].tolist(), threshold)
    known = np.zeros(events.shape[1], dtype=np.int64)
    subsets = _subsets(events.shape[1])
    for now, show in zip(events, shown, strict=True):
        # patients minus events must not be few: the last cause gives way first
        for cause in reversed(range(len(show))):
            if not _any_small(patients - subsets @ np.where(show, now, known), threshold):
                break
            show[cause] = False
        known = np.where(show, now, known)
    return shown


def _shown_at_risk(
    at_risk: np.ndarray, events: np.ndarray, shown: np.ndarray, threshold: int
) -> np.ndarray:
    """Sessions whose number at risk can be shown beside the events that are shown.

    Those who left between two sessions, minus events shown between them, must not be few. The
    widest span of shown events is enough: a narrower one leaves 0 or more than the threshold of
    them in addition.
    """
    nothing = np.zeros_like(events[:1])
    before, seen = np.vstack([nothing, events[:-1]]), np.vstack([nothing == 0, shown[:-1]])
    high, low = np.where(seen, before, -1), np.where(seen, before, np.iinfo(np.int64).max)
    subsets = np.vstack([np.zeros(events.shape[1], dtype=np.int64), _subsets(events.shape[1])])
    kept: list[int] = []
    for s, n in enumerate(at_risk):
        spans = [(high[a : s + 1].max(0) - low[a : s + 1].min(0)).clip(0) for a in kept]
        rests = [at_risk[a] - n - subsets @ span for a, span in zip(kept, spans, strict=True)]
        if not is_small(n, threshold) and not any(_any_small(rest, threshold) for rest in rests):
            kept.append(s)
    return np.isin(np.arange(len(at_risk)), kept)


def _any_small(counts: np.ndarray, threshold: int) -> bool:
    return bool(((counts >= 1) & (counts <= threshold)).any())


def _subsets(causes: int) -> np.ndarray:
    """All non-empty subsets of the causes as rows of 0 and 1."""
    return np.array(list(product((0, 1), repeat=causes)), dtype=np.int64)[1:]


def _withhold(
    group: pd.DataFrame, no_curve: np.ndarray, no_count: np.ndarray, threshold: int
) -> pd.DataFrame:
    out = group.copy()
    curve = ["estimate", "ci_low", "ci_high"]
    out[curve] = group[curve].astype(float)
    out.loc[no_curve, curve] = np.nan
    out["at_risk"] = group["at_risk"].astype("Int64").mask(no_count)
    few = [f"≤{threshold}" if is_small(n, threshold) else HIDDEN for n in group["at_risk"]]
    out[WITHHELD] = [
        note_of({"estimate": HIDDEN if a else "", "at_risk": mark if b else ""})
        for a, b, mark in zip(no_curve, no_count, few, strict=True)
    ]
    return out
