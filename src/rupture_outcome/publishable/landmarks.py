"""Contrasts from landmarks and checks of the Cox model, published without small counts."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    is_small,
    note_of,
    publishable_effects,
)

KEYS = ["definition", "repair_rule", "landmark", "state", "cause"]
VALUES = ["estimate", "ci_low", "ci_high"]
TESTS = ["statistic", "p_value"]
CURVE = ("session", "estimate", "at_risk")
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Curve(NamedTuple):
    """A published curve, in order of session."""

    session: np.ndarray
    estimate: np.ndarray
    at_risk: np.ndarray


def publishable_contrasts(
    frame: pd.DataFrame, incidence: pd.DataFrame, threshold: int, *, full: bool = False
) -> pd.DataFrame:
    """Contrasts from landmarks that give no more away than the published curves.

    A state is shown where its published curve is shown at the horizon, and more than `threshold`
    (or none) of its patients had the ending and had it not; a contrast or test where both states
    are, for one of them could be had from the other. Mean time lost is a weighted sum of events
    by session and is rounded, until a step is worth more than `threshold` sessions, unless the
    curves are shown in full.

    Parameters
    ----------
    frame : DataFrame
        From `rupture_outcome.estimates.landmark.landmark_contrasts`.
    incidence : DataFrame
        Published cumulative incidence (`publishable_incidence`), of every definition and rule.
    threshold : int
        Largest count that must not be shown.
    full : bool
        Curves are published at every step (`publishable_incidence`).

    Returns
    -------
    DataFrame
        With ``withheld``; the note of a withheld row is taken out, because the share of replicates
        without a value tells the number of events.
    """
    if frame.empty:
        return frame.assign(**{WITHHELD: ""})
    curves = _published(incidence)
    judged = [
        _judged(row, curves, threshold, whole=row["measure"] == "gray" and not full)
        for row in frame.to_dict("records")
    ]
    shown, counted = np.array(judged, dtype=bool).T
    shown &= ~(frame["measure"].eq("gray").to_numpy() & _few(frame, threshold))
    out = frame.copy()
    out[VALUES + TESTS] = frame[VALUES + TESTS].astype(float)
    out.loc[~shown, VALUES + TESTS] = np.nan
    out["patients"] = frame["patients"].astype("Int64").mask(~counted)
    out["events"] = frame["events"].astype("Int64").mask(~(shown & counted))
    out["note"] = np.where(shown, frame["note"].fillna(""), "")
    if not full:
        out = _rounded(out, frame, threshold)
    out[WITHHELD] = [
        note_of({"patients": "" if n else HIDDEN, "events": "" if e else HIDDEN, **_estimate(e)})
        for n, e in zip(counted, shown, strict=True)
    ]
    return out


def publishable_checks(
    checks: pd.DataFrame, threshold: int, published: Mapping[str, Iterable[int]] | None = None
) -> pd.DataFrame:
    """Publish checks of the Cox model without small counts or tests that rest on few events.

    Parameters
    ----------
    checks : DataFrame
        From `rupture_outcome.estimates.cox.cox_effects`.
    threshold : int
        Largest count that must not be shown.
    published : mapping of str to iterable of int, optional
        Counts already public by column.
    """
    out = publishable_effects(checks.assign(analysis="cox"), threshold, published=published)
    few = out[WITHHELD].str.contains("estimate")
    out[TESTS] = checks[TESTS].astype(float).mask(few.astype(bool), np.nan)
    return out.drop(columns="analysis")


def _estimate(shown: bool) -> dict[str, str]:
    return {} if shown else {"estimate": HIDDEN}


def _published(incidence: pd.DataFrame) -> dict[tuple, Curve]:
    in_order = incidence.sort_values("session", kind="stable")
    columns = [in_order[c].to_numpy(float, na_value=np.nan) for c in CURVE]
    names = [in_order[key].astype(str) for key in KEYS]
    places: dict[Any, Any] = in_order.groupby(names, sort=False, observed=True).indices
    return {key: Curve(*(column[at] for column in columns)) for key, at in places.items()}


def _judged(
    row: Mapping[Any, Any], curves: dict[tuple, Curve], threshold: int, *, whole: bool
) -> tuple[bool, bool]:
    """Whether the estimate, and the number of patients, of all states of a row may be shown."""
    given = [str(row[key]) for key in KEYS[:3]]
    keys = [(*given, state, str(row["cause"])) for state in str(row["contrast"]).split(" vs ")]
    until = [row["horizon"], np.inf] if whole else [row["horizon"]]
    states = [_state(curves.get(key), at, threshold) for key in keys for at in until]
    return all(ok for ok, _ in states), all(ok for _, ok in states)


def _state(curve: Curve | None, horizon: float, threshold: int) -> tuple[bool, bool]:
    if curve is None:  # nobody was followed in this state: nothing to withhold
        return True, True
    n, share = curve.at_risk[0], curve.estimate[curve.session <= horizon][-1]
    if np.isnan(n) or np.isnan(share):
        return False, not np.isnan(n)
    events = round(float(share * n))
    few = any(is_small(count, threshold) for count in (n, events, n - events))
    return not few, not is_small(n, threshold)


def _few(frame: pd.DataFrame, threshold: int) -> np.ndarray:
    """Rows with few events, or few without."""
    counts = (frame["events"], frame["patients"] - frame["events"])
    few = [count.map(lambda n: is_small(n, threshold)).to_numpy(bool) for count in counts]
    return np.asarray(few[0] | few[1])


def _rounded(out: pd.DataFrame, frame: pd.DataFrame, threshold: int) -> pd.DataFrame:
    lost = frame["measure"].str.startswith("time_lost").to_numpy()
    least = _least_patients(frame)
    step = np.array([next((s for s in STEPS if s * n > threshold), STEPS[-1]) for n in least])
    for column in VALUES:
        coarse = np.round(np.round(out[column] / step) * step, 6)
        out[column] = out[column].mask(lost, coarse)
    return out.assign(**{column: out[column].round(3) for column in TESTS})


def _least_patients(frame: pd.DataFrame) -> np.ndarray:
    """Patients of the smaller of the states that a row is about."""
    alone = frame[frame["contrast"].isin(STATES)]
    keys = ["definition", "repair_rule", "landmark"]
    per_state = alone.drop_duplicates([*keys, "contrast"])
    ruptured = per_state[per_state["contrast"].ne("intact")]
    least = ruptured.groupby(keys, observed=True)["patients"].min()
    of_row = least.reindex(pd.MultiIndex.from_frame(frame[keys])).to_numpy()
    return np.where(frame["contrast"].isin(STATES), frame["patients"], of_row)
