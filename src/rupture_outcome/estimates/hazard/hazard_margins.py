"""Predicted hazards and average marginal effects: the chance of the event in per cent, by state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from rupture_outcome.engine.baseline import natural_spline
from rupture_outcome.engine.estimate import normal_quantile
from rupture_outcome.engine.multilevel.links import LINKS, Array
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.effect_rows import FEWEST
from rupture_outcome.estimates.hazard.exposure_hazard import (
    NOT_CONVERGED,
    ExposureFit,
)
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, STATES
from rupture_outcome.estimates.hazard.hazard_rows import fewest

EXPOSURE = "state"
# Model and event; the last is drawn over sessions, since a spline has no steps.
WITH_MARGINS = {
    "main": "dropout",
    "spline_baseline": "dropout",
    "early_agreed_ending": "agreed_ending",
    "agreed_ending": "agreed_ending",
}
OVER_SESSIONS = "spline_baseline"
QUANTITIES = {"difference": "difference", "ratio": "risk_ratio"}
MARGIN_COLUMNS = (
    *("model", "event", "link", "quantity", "state_a", "state_b", "session", "estimate", "se"),
    *("ci_low", "ci_high", "patients", "sessions", "events", "converged", "reason"),
    *FEWEST,
)
# The engine's predictions use more; a chance then differs by less than 1e-7 up to a group SD of 1.
NODES = 31


def hazard_margins(
    fits: Mapping[str, ExposureFit], link: str, horizon: int, confidence: float
) -> pd.DataFrame:
    """Standardise predicted hazards over the sessions at risk, and compare states.

    For each state s the chance h(s) = mean of P(event | state s, baseline and covariates of the
    row), averaged over therapists, over all rows of the fit (g-computation). Covariances are those
    of the delta method, G V G' with the gradients G of all h in (β, σ) and their covariance V.

    Parameters
    ----------
    fits : mapping of str to ExposureFit
        From `hazard_models.hazard_models`; those of `WITH_MARGINS` count.
    link : str
        Of these models.
    horizon : int
        Last session for which hazards over sessions are predicted.
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        ``quantity`` is ``hazard`` (chance of the event after a session; interval on the logit
        scale), ``difference`` of two of them (not in per cent), ``risk_ratio`` (``se`` is that of
        its logarithm, as the interval) or ``hazard_by_session`` (of the patients of the fit,
        all of them in that session and state). ``state_a`` is the state, or the first of two
        that are compared; ``state_b`` is the second.

    Notes
    -----
    In R: `marginaleffects::avg_predictions(fit, variables = "state")`, `avg_comparisons`.
    """
    rows: list[dict[str, Any]] = []
    for model, event in WITH_MARGINS.items():
        if model not in fits:
            continue
        result = fits[model]
        given = {"model": model, "event": event, "link": link}
        rows += list(_summaries(given, result, confidence))
        if model == OVER_SESSIONS:
            rows += list(_by_session(given, result, horizon, confidence))
    table = pd.DataFrame(rows, columns=list(MARGIN_COLUMNS))
    return table.astype({"session": "Int64"})


def average_hazards(
    fit: Any, X: Array, settings: Sequence[Mapping[int, float]]
) -> tuple[Array, Array]:
    """Mean chance of the event in the rows of a design, some columns set to a constant.

    Parameters
    ----------
    fit : MultilevelHazardResults
        Without separated coefficients.
    X : array, shape (rows, columns)
        Design of the fit.
    settings : sequence of mapping
        Column number and its value, k times.

    Returns
    -------
    values : array, shape (k,)
        ∫ P(event | η + σu) φ(u) du, mean over rows.
    cov : array, shape (k, k)
        Delta method; on the boundary the SD of the groups counts as known to be 0.
    """
    pairs = [_average(fit, X, fixed) for fixed in settings]
    gradient = np.array([slope for _, slope in pairs])
    cov = np.nan_to_num(fit.fitted.cov) if fit.boundary else fit.fitted.cov
    return np.array([value for value, _ in pairs]), gradient @ cov @ gradient.T


def _average(fit: Any, X: Array, fixed: Mapping[int, float]) -> tuple[float, Array]:
    """Mean chance and its gradient in (β, σ)."""
    columns, values = list(fixed), np.array(list(fixed.values()))
    beta, sd = fit.fitted.beta, fit.fitted.sd
    eta = X @ beta + (values - X[:, columns]) @ beta[columns]
    chance, slope, in_sd = 0.0, np.zeros(len(X)), 0.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES if sd else 1)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        p, dp = _chance(eta + sd * node, fit.model.link)
        chance += weight * p.mean()
        slope += weight * dp
        in_sd += weight * node * dp.mean()
    in_beta = slope @ X / len(X)
    in_beta[columns] = values * slope.mean()
    return float(chance), np.append(in_beta, in_sd)


def _chance(eta: Array, link: str) -> tuple[Array, Array]:
    """P(event) and its derivative in η: P times that of log P."""
    kernel = LINKS[link](np.ones_like(eta))
    p = np.exp(kernel.loglik(eta))
    return p, p * kernel.derivatives(eta, 1)[0]


@dataclass(frozen=True)
class _Averages:
    """Hazards of some states with their covariance, or the reason why there are none."""

    states: Sequence[str]
    values: Array
    cov: Array
    z: float
    reason: str = ""

    def hazard(self, state: str) -> dict[str, Any]:
        value, variance = self._combined({state: 1.0})
        if not 0 < value < 1:
            return self._row(np.nan, np.nan, np.nan, np.nan)
        se = np.sqrt(variance)
        ends = expit(logit(value) + np.array([-1, 1]) * self.z * se / (value * (1 - value)))
        return self._row(value, se, *ends)

    def difference(self, first: str, second: str) -> dict[str, Any]:
        value, variance = self._combined({first: 1.0, second: -1.0})
        half = self.z * np.sqrt(variance)
        return self._row(value, np.sqrt(variance), value - half, value + half)

    def ratio(self, first: str, second: str) -> dict[str, Any]:
        """Ratio with the standard error of its logarithm."""
        above, below = self._combined({first: 1.0})[0], self._combined({second: 1.0})[0]
        _, variance = self._combined({first: 1.0 / above, second: -1.0 / below})
        ends = above / below * np.exp(np.array([-1, 1]) * self.z * np.sqrt(variance))
        return self._row(above / below, np.sqrt(variance), *ends)

    def _combined(self, weights: Mapping[str, float]) -> tuple[float, float]:
        if not set(weights) <= set(self.states):
            return np.nan, np.nan
        row = np.array([weights.get(state, 0.0) for state in self.states])
        return float(row @ self.values), float(row @ self.cov @ row)

    def _row(self, value: float, se: float, low: float, high: float) -> dict[str, Any]:
        known = bool(np.isfinite([value, se]).all())
        numbers = {"estimate": value, "se": se, "ci_low": low, "ci_high": high}
        return {**numbers, "converged": known, "reason": self.reason}


def _summaries(
    given: Mapping[str, Any], result: ExposureFit, confidence: float
) -> Iterator[dict[str, Any]]:
    """Hazards of all states, differences and ratios; marked where there are none."""
    settings = [] if _why_not(result) else [_at_state(result, s) for s in result.levels]
    found = _averages(result, result.fit.model.exog if settings else None, settings, confidence)
    for state in STATES:
        few = fewest(result, EXPOSURE, [state], given["event"])
        yield {**given, "quantity": "hazard", **_states(state), **found.hazard(state), **few}
    for quantity in (found.difference, found.ratio):
        for pair in CONTRASTS:
            named = {"quantity": QUANTITIES[quantity.__name__], **_states(*pair)}
            few = fewest(result, EXPOSURE, pair, given["event"])
            yield {**given, **named, **quantity(*pair), **few}


def _states(first: str, second: str = "") -> dict[str, str]:
    return {"state_a": first, "state_b": second}


def _by_session(
    given: Mapping[str, Any], result: ExposureFit, horizon: int, confidence: float
) -> Iterator[dict[str, Any]]:
    """Hazard in each session and state that occur together, of the same patients everywhere."""
    if _why_not(result):
        return
    rows = result.rows[result.rows[EXPOSURE].isin(result.levels)]
    one_each = ~rows["patient_id"].duplicated().to_numpy()
    X = result.fit.model.exog[one_each]
    there = rows.groupby(["time", EXPOSURE], observed=True)["patient_id"].nunique()
    for session in sorted(t for t in rows["time"].unique() if t <= horizon):
        settings = [_at_state(result, s) | _at_session(result, session) for s in result.levels]
        found = _averages(result, X, settings, confidence)
        for state in (s for s in result.levels if (session, s) in there.index):
            named = {"quantity": "hazard_by_session", **_states(state), "session": int(session)}
            few = fewest(result, EXPOSURE, [state], given["event"])
            few["fewest_patients"] = int(there[session, state])
            yield {**given, **named, **found.hazard(state), **few}


def _averages(result: ExposureFit, X: Any, settings: Any, confidence: float) -> _Averages:
    z = normal_quantile(confidence)
    if not settings:
        return _Averages([], np.zeros(0), np.zeros((0, 0)), z, _why_not(result))
    return _Averages(result.levels, *average_hazards(result.fit, X, settings), z, result.reason)


def _why_not(result: ExposureFit) -> str:
    if result.fit is None:
        return result.reason or reason("nothing_fitted")
    if not result.fit.finite_part_converged:
        return NOT_CONVERGED
    return reason("chance_of_0_or_1") if result.fit.separated else ""


def _at_state(result: ExposureFit, state: str) -> dict[int, float]:
    """Columns of the states, set to those of one state."""
    levels = {} if result.design is None else result.design.levels
    return {j: float(level == state) for level, j in levels.items()}


def _at_session(result: ExposureFit, session: float) -> dict[int, float]:
    design = result.design
    if design is None or not design.knots:
        return {}
    basis = natural_spline(np.array([session]), design.knots)[0]
    return {j: float(value) for j, value in zip(design.baseline, basis, strict=True)}
