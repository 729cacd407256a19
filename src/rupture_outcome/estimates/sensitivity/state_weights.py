"""Inverse-probability weights for the state of ruptures, given symptoms before each session."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import patient_codes
from rupture_outcome.cohort.design import covariate_columns
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.reasons import reason
from rupture_outcome.engine.weighted_hazard import WeightedFit, fit_weighted


@dataclass(frozen=True)
class Transition:
    """What may happen to the state in a session, among sessions that begin in some states.

    `unless` is a state that the session must not have led to: what is left is one choice out of
    two, and the chances of the choices multiply to the chance of the state.
    """

    name: str
    start: tuple[str, ...]
    outcome: str
    unless: str = ""


TRANSITIONS = (
    Transition("rupture_begins", ("intact", "repaired"), "unrepaired"),
    Transition("rupture_repaired", ("unrepaired",), "repaired"),
    Transition("resolved_at_once", ("intact",), "repaired", "unrepaired"),
)


@dataclass(frozen=True)
class TransitionFit:
    """Models of one transition: the numerator without symptoms, the denominator with them."""

    name: str
    events: int
    sessions: int
    numerator: WeightedFit | None = None
    denominator: WeightedFit | None = None
    reason: str = ""

    @property
    def converged(self) -> bool:
        """Whether both models ended at a maximum, or neither was needed."""
        fits = [fit for fit in (self.numerator, self.denominator) if fit is not None]
        return all(fit.converged for fit in fits)


@dataclass(frozen=True)
class StateWeights:
    """Weights of all rows, and what they come from.

    Attributes
    ----------
    weights : array, shape (rows,)
        Stabilised, cumulated over the sessions of each patient.
    least_chance : float
        Smallest chance, given symptoms, of what happened in a session.
    fits : list of TransitionFit
    """

    weights: Array
    least_chance: float
    fits: list[TransitionFit]


def state_weights(
    rows: pd.DataFrame, symptoms: pd.DataFrame, covariates: Sequence[str]
) -> StateWeights:
    """Stabilised inverse-probability weights for a state that changes over sessions.

        w_is = Π_{t ≤ s} P(state_t | past states, baseline) / P(state_t | the same, symptoms_t)

    Both models of a transition are logistic in session and log session, the state before, the log
    of how many sessions it has lasted, and baseline covariates; the denominator adds the symptom
    before the session, its last change and whether it is missing. In a session that could not be
    tested the state is carried on for certain, and the factor is 1. Alliance is not among the
    confounders: it carries the rupture and its repair, and to weight it out would remove a part of
    the effect.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session.
    symptoms : DataFrame
        From `symptom_history`, in the same order.
    covariates : sequence of str
        Baseline covariates, columns of `rows`.

    Notes
    -----
    Robins, Hernán & Brumback (2000), Epidemiology 11:550, and Cole & Hernán (2008), American
    Journal of Epidemiology 168:656; both recalled. In R: `ipw::ipwtm(type = "all")`.
    """
    before = _state_before(rows)
    history = history_of(rows, before, covariates)
    state = rows["state"].astype("str").to_numpy()
    log_ratio, least, fits = np.zeros(len(rows)), 1.0, []
    for transition in TRANSITIONS:
        possible = np.isin(before, transition.start) & (state != transition.unless)
        happened = state == transition.outcome
        possible &= _could_change(state != before, rows["testable"].to_numpy(bool), possible)
        fit = fit_transition(
            transition.name, history[possible], symptoms[possible], happened[possible]
        )
        fits.append(fit)
        if fit.numerator is None or fit.denominator is None:
            continue
        chosen = happened[possible]
        top, bottom = (chance_of(f, chosen) for f in (fit.numerator, fit.denominator))
        log_ratio[possible] += np.log(top) - np.log(bottom)
        least = min(least, float(bottom.min()))
    cumulated = pd.Series(log_ratio).groupby(patient_codes(rows)).cumsum()
    return StateWeights(np.exp(cumulated.to_numpy()), least, fits)


def _state_before(rows: pd.DataFrame) -> np.ndarray:
    """State at the session before; intact before the first."""
    before = rows["state"].astype("str").groupby(patient_codes(rows)).shift()
    return before.fillna("intact").to_numpy()


def _could_change(changed: np.ndarray, testable: np.ndarray, possible: np.ndarray) -> np.ndarray:
    """Sessions in which a change could be seen: the tested ones, unless others show changes too."""
    elsewhere = changed & possible & ~testable
    return np.ones_like(testable) if elsewhere.any() else testable


def history_of(rows: pd.DataFrame, before: np.ndarray, covariates: Sequence[str]) -> pd.DataFrame:
    """Lay out session, a state and how long it has lasted, and baseline covariates as columns.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions, sorted by patient and session.
    before : array of str, shape (rows,)
        The state, of the session or of the one before it.
    covariates : sequence of str
        Columns of `rows`.
    """
    time = rows["time"].to_numpy(dtype=float)
    out = pd.DataFrame({"constant": 1.0, "time": time}, index=rows.index)
    out["log_time"] = np.log1p(time)
    out["was_repaired"] = (before == "repaired").astype(float)
    out["lasted"] = np.log1p(_lasted(rows, before))
    return pd.concat([out, covariate_columns(rows, covariates)], axis=1)


def _lasted(rows: pd.DataFrame, before: np.ndarray) -> np.ndarray:
    """For how many sessions the state before has lasted."""
    patient = pd.Series(patient_codes(rows))
    new = patient.ne(patient.shift()) | pd.Series(before).ne(pd.Series(before).shift())
    return new.groupby(new.cumsum()).cumcount().to_numpy(dtype=float)


def fit_transition(
    name: str, history: pd.DataFrame, symptoms: pd.DataFrame, happened: np.ndarray
) -> TransitionFit:
    """Fit the numerator and the denominator of one choice out of two, where there was one.

    Parameters
    ----------
    name : str
        Of the choice.
    history, symptoms : DataFrame, shape (sessions, columns)
        Columns of both models, and those of the denominator alone.
    happened : array of bool, shape (sessions,)
    """
    events, sessions = int(happened.sum()), len(happened)
    if events in (0, sessions):
        seldom = "never" if events == 0 else "always"
        return TransitionFit(name, events, sessions, reason=reason("no_weight_needed", seldom))
    outcome = happened.astype(float)
    numerator = fit_weighted(history, outcome)
    denominator = fit_weighted(pd.concat([history, symptoms], axis=1), outcome)
    return TransitionFit(name, events, sessions, numerator, denominator)


def chance_of(fit: WeightedFit, happened: np.ndarray) -> Array:
    """Fitted chance of what did happen; kept from 0, where a fit ran off."""
    chance = np.where(happened, fit.probability, 1.0 - fit.probability)
    return np.maximum(chance, np.finfo(float).tiny)
