"""Repaired against unrepaired from landmarks on: incidence, time lost, and Gray's test."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.clusters import few_therapists, patient_clusters
from rupture_outcome.cohort.horizon import horizon_of
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.engine.gray_test import incidence_tests
from rupture_outcome.engine.reasons import NO_INTERVAL, NO_TEST, joined, reason, rounded
from rupture_outcome.engine.two_stage_bootstrap import (
    percentile_level,
)
from rupture_outcome.estimates.effect_rows import FEWEST, compared
from rupture_outcome.estimates.landmark.landmark import CAUSES, CONTRAST, EXPOSURE
from rupture_outcome.estimates.landmark.landmark_bootstrap import (
    MOST_UNDEFINED,
    NO_THERAPISTS,
    AtHorizon,
    Draws,
    Followed,
    at_horizon,
    drawn_counts,
    follow_from,
    join,
    percentile_interval,
)

# What is read of the risk set.
COLUMNS = (*("definition", "repair_rule", "patient_id", "therapist_id", "time", "state", "event"),)
CONTRAST_COLUMNS = (
    "landmark",
    "definition",
    "repair_rule",
    "cause",
    "measure",
    "contrast",
    "horizon",
    "estimate",
    "ci_low",
    "ci_high",
    "statistic",
    "df",
    "p_value",
    "patients",
    "events",
    "replicates",
    "reason",
    "state_a",
    "state_b",
    *FEWEST,
)
COMPARISONS = ("incidence_difference", "incidence_ratio", "time_lost_difference")
INDEPENDENT = reason("patients_independent")


def landmark_contrasts(
    person_sessions: pd.DataFrame,
    landmarks: Sequence[int],
    horizon: int | None,
    draws: Draws,
) -> pd.DataFrame:
    """Contrast repaired and unrepaired ruptures from each landmark, for every kind of ending.

    Cumulative incidence at the horizon and mean time lost up to it, by the state at the landmark
    and as difference (repaired minus unrepaired) or ratio. Intervals are pointwise percentile
    intervals of a bootstrap that draws therapists with their patients, among all patients of the
    risk set, at `percentile_level`; one set of draws serves every definition, rule and landmark.
    Gray's test compares the whole curves.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    landmarks : sequence of int
        Sessions on the clock.
    horizon : int or None
        `models.horizon` of the config.
    draws : Draws

    Returns
    -------
    DataFrame
        ``landmark``, ``definition``, ``repair_rule``, ``cause``, ``measure`` (incidence, time_lost,
        incidence_difference, incidence_ratio, time_lost_difference, gray), ``contrast`` (a state,
        or "repaired vs unrepaired"), ``state_a`` and ``state_b`` (the states, the second empty
        where there is one), ``horizon``, ``estimate``, ``ci_low``, ``ci_high``,
        ``statistic``, ``df``, ``p_value``, ``patients``, ``events`` (up to the horizon; Gray:
        all), ``replicates``, ``reason`` (why there is no estimate or interval), and the fewest
        patients in one state, with the ending and without. Time lost is in units of the clock.
    """
    chosen: list[tuple[str, str, Followed]] = []
    patients, therapist, until, few = pd.Index([]), np.zeros(0, dtype=np.intp), 0, ""
    level = draws.confidence
    for definition, rule, rows in each_specification(person_sessions):
        if not chosen:  # patients and sessions are the same under all of them
            patients = pd.Index(rows["patient_id"].drop_duplicates())
            therapist, _ = patient_clusters(rows)
            until = horizon_of(rows, horizon)
            few = few_therapists(rows, NO_THERAPISTS)
            level = percentile_level(draws.confidence, therapist, draws.resampled)
        chosen += [
            (definition, rule, follow_from(rows, at, max(until, at), patients)) for at in landmarks
        ]
    replicates = _replicates([followed for _, _, followed in chosen], therapist, draws)
    measures: list[dict[str, Any]] = []
    for (definition, rule, followed), drawn in zip(chosen, replicates, strict=True):
        given = {"landmark": followed.landmark, "definition": definition, "repair_rule": rule}
        drawings = {"replicates": draws.replicates}
        found = [row | drawings for row in _measured(followed, drawn, level, few)]
        found += _tested(followed)
        measures += [{**given, "horizon": followed.horizon, **row} for row in found]
    return pd.DataFrame(measures, columns=list(CONTRAST_COLUMNS))


def _replicates(
    followed: Sequence[Followed], therapist: np.ndarray, draws: Draws
) -> list[AtHorizon]:
    blocks: list[list[AtHorizon]] = [[] for _ in followed]
    for counts in drawn_counts(followed, therapist, draws):
        for collected, one in zip(blocks, counts, strict=True):
            collected.append(at_horizon(one))
    return [join(collected) for collected in blocks]


def _measured(
    followed: Followed, drawn: AtHorizon, level: float, few: str
) -> Iterable[dict[str, Any]]:
    counts = followed.counts(np.ones((1, followed.cells.shape[1])))
    observed = _measures(at_horizon(counts))
    spread = _measures(drawn)
    events = counts[0, :, :-1, :-1].sum(axis=-1).astype(np.int64)
    patients = counts[0].sum(axis=(-1, -2)).astype(np.int64)
    for k, cause in enumerate(CAUSES):
        for (measure, states), estimate in observed.items():
            replicates = spread[measure, states][:, k]
            low, high, undefined = percentile_interval(replicates, level)
            own = [STATES.index(state) for state in states]
            why = _why_not(followed, states, patients[own], float(estimate[0, k]))
            caution = why or _caution(states, events[own, k], float(undefined))
            shown = not why and not caution.startswith(NO_INTERVAL)
            yield {
                "cause": cause,
                "measure": measure,
                **compared(states),
                "estimate": np.nan if why else float(estimate[0, k]),
                "ci_low": float(low) if shown else np.nan,
                "ci_high": float(high) if shown else np.nan,
                "patients": int(patients[own].sum()),
                "events": int(events[own, k].sum()),
                "reason": joined(caution, "" if why else few),
                **_fewest(patients[own], events[own, k]),
            }


def _measures(at: AtHorizon) -> dict[tuple[str, tuple[str, ...]], np.ndarray]:
    """Name measures by state or contrast; arrays of shape (replicates, causes)."""
    one, other = (STATES.index(state) for state in CONTRAST)
    by_state = {
        (name, (state,)): values[:, i]
        for name, values in (("incidence", at.incidence), ("time_lost", at.time_lost))
        for i, state in enumerate(STATES)
    }
    base = at.incidence[:, other]
    ratio = np.divide(
        at.incidence[:, one], base, out=np.full_like(base, np.nan), where=base > 0
    )  # fmt: skip
    contrasts = (
        at.incidence[:, one] - base, ratio, at.time_lost[:, one] - at.time_lost[:, other]
    )  # fmt: skip
    return by_state | {
        (name, CONTRAST): values for name, values in zip(COMPARISONS, contrasts, strict=True)
    }


def _why_not(
    followed: Followed, states: Sequence[str], patients: np.ndarray, estimate: float
) -> str:
    if followed.horizon <= followed.landmark:
        return reason("early_horizon")
    missing = [state for state, n in zip(states, patients, strict=True) if n == 0]
    if missing:
        return reason("nobody_followed", *missing)
    if np.isfinite(estimate):
        return ""
    if len(states) > 1:
        return reason("no_event_or_short_data", states[1])
    return reason("short_data")


def _caution(states: Sequence[str], events: np.ndarray, undefined: float) -> str:
    without = [state for state, n in zip(states, events, strict=True) if n == 0]
    if without:
        return joined(NO_INTERVAL, reason("no_event", "event", *without))
    if undefined > MOST_UNDEFINED:
        return joined(NO_INTERVAL, reason("selected_replicates", rounded(undefined)))
    return reason("undefined_in_replicates", rounded(undefined, 1)) if undefined > 0 else ""


def _tested(followed: Followed) -> Iterable[dict[str, Any]]:
    last = followed.last[followed.last[EXPOSURE].isin(list(CONTRAST))]
    tests = incidence_tests(last["time"], last["event"], last[EXPOSURE], list(CAUSES))
    arms = [last[last[EXPOSURE].eq(state)] for state in CONTRAST]
    patients = np.array([len(arm) for arm in arms])
    for cause, test in tests.items():
        known = np.isfinite(test.statistic)
        events = np.array([arm["event"].eq(cause).sum() for arm in arms])
        yield {
            "cause": cause,
            "measure": "gray",
            **compared(CONTRAST),
            "statistic": test.statistic,
            "df": test.df,
            "p_value": test.p_value,
            "patients": len(last),
            "events": int(last["event"].eq(cause).sum()),
            "reason": INDEPENDENT if known else _no_test(last, cause),
            **_fewest(patients, events),
        }


def _fewest(patients: np.ndarray, events: np.ndarray) -> dict[str, int]:
    """Count the fewest in one state: patients, those with the ending, those without."""
    counts = (patients, events, patients - events)
    return {name: int(count.min()) for name, count in zip(FEWEST, counts, strict=True)}


def _no_test(last: pd.DataFrame, cause: str) -> str:
    missing = [state for state in CONTRAST if not last[EXPOSURE].eq(state).any()]
    if missing:
        return joined(NO_TEST, reason("nobody_followed", *missing))
    return joined(NO_TEST, reason("no_ending", cause))
