"""What if ruptures were repaired as by the best quarter of therapists: expected dropout then."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri
from scipy.stats import norm

from rupture_outcome.engine.reasons import NOT_ESTIMABLE, joined, reason
from rupture_outcome.estimates.multistate.aalen_johansen import (
    DROPOUT,
    REPAIRED,
    UNREPAIRED,
    Array,
    occupancy,
)
from rupture_outcome.estimates.multistate.bands import Chain, pointwise
from rupture_outcome.estimates.multistate.repair_hazard import Fitted

QUARTER = 0.25
OBSERVED, BEST, BEST_MODEL = "observed", "best_quarter", "best_quarter_model"
NO_DIFFERENCE = reason("no_difference_in_repair")


@dataclass(frozen=True)
class Shift:
    """By how much the log odds of repair move: the estimate, its draws, and a remark."""

    scenario: str
    value: float
    draws: Array
    reason: str = ""


def therapist_shifts(fitted: Fitted, replicates: int, rng: np.random.Generator) -> list[Shift]:
    r"""Log odds of repair of the best quarter of therapists, minus the mean of all of them.

    Two answers: the mean of the shrunken effects of the quarter (rounded up) with the largest, and
    the mean of the upper quarter of the normal distribution that the effects come from,
    :math:`\sigma\,\varphi(z_{.75})/.25 = 1.27\,\sigma`. The second is larger, since effects known
    with error are drawn towards 0.

    The draws stand for what is not known: σ* from its profile likelihood, also where σ is estimated
    as 0, then the effects of the quarter from their distribution given σ* and the data, in its
    normal approximation; the members of the quarter and the coefficients are held fixed.

    Parameters
    ----------
    fitted : Fitted
        From `rupture_outcome.estimates.multistate.repair_hazard.fit_repair`.
    replicates : int
        How many draws.
    rng : numpy.random.Generator

    Returns
    -------
    list of Shift
        Value NaN and the reason where there is no fit; 0, with draws above it, where therapists
        seem not to differ.
    """
    scenarios = (BEST, BEST_MODEL)
    missing = np.full(replicates, np.nan)
    if fitted.fit is None:
        why = joined(NOT_ESTIMABLE, fitted.reason)
        return [Shift(scenario, np.nan, missing, why) for scenario in scenarios]
    fit = fitted.fit
    told = NO_DIFFERENCE if fit.boundary else ""
    factor = norm.pdf(ndtri(1.0 - QUARTER)) / QUARTER
    sd = fit.draw_group_sd(replicates, rng)
    best = best_quarter(fit)
    drawn = _effects(best, sd, rng).mean(axis=-1)
    return [
        Shift(BEST, float(best["effect"].mean()), drawn, told),
        Shift(BEST_MODEL, float(factor * fit.group_sd), factor * sd, told),
    ]


def best_quarter(fit: Any) -> pd.DataFrame:
    """Shrunken effects of the quarter of therapists (rounded up) who repair most, and evidence.

    Where all effects are estimated as 0, those whom the smallest difference would put first.
    """
    both = fit.group_effects.join(fit.group_evidence)
    order = both.sort_values(["effect", "pull"], ascending=False, kind="stable")
    return order.head(int(np.ceil(QUARTER * len(order))))


def shifted(matrices: Array, shift: Array | float) -> Array:
    r"""Transition matrices in which open ruptures are repaired more often.

    Of those who stay in treatment with an open rupture, :math:`r(s) = p_{12}/(p_{11} + p_{12})`
    were repaired (1 unrepaired, 2 repaired); now
    :math:`\mathrm{logit}\,r'(s) = \mathrm{logit}\,r(s) + \text{shift}`. Who leaves stays the same.

    Parameters
    ----------
    matrices : array, shape (..., times, 6, 6)
        From `rupture_outcome.estimates.multistate.aalen_johansen.transition_matrices`.
    shift : array, shape (...,) or number
        In log odds.
    """
    stay = matrices[..., UNREPAIRED, [UNREPAIRED, REPAIRED]]
    total = stay.sum(axis=-1)
    chance = np.where(total > 0, stay[..., 1] / np.where(total > 0, total, 1.0), 0.0)
    inner = (chance > 0) & (chance < 1)
    moved = expit(logit(np.where(inner, chance, 0.5)) + np.asarray(shift)[..., None])
    chance = np.where(inner, moved, chance)
    out = matrices.copy()
    out[..., UNREPAIRED, UNREPAIRED] = total * (1.0 - chance)
    out[..., UNREPAIRED, REPAIRED] = total * chance
    return out


def repair_what_if(
    found: Chain, drawn: Chain, shifts: list[Shift], times: NDArray[Any], confidence: float
) -> pd.DataFrame:
    """Dropout after every session as observed, and if ruptures were repaired more often.

    Intervals combine the bootstrap of patients' courses with the draws of the shift, taken as
    independent of each other.

    Parameters
    ----------
    found, drawn : Chain
        The chain of the data, and its replicates.
    shifts : list of Shift
        From `therapist_shifts`, with as many draws as there are replicates.
    times : array, shape (times,)
        Times of the occupancy, the start first.
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        ``scenario`` (observed, best_quarter, best_quarter_model), ``session``, ``estimate``
        (dropped out after it), ``ci_low``, ``ci_high``, ``difference`` from observed with its
        interval, ``shift`` in log odds, ``reason``.
    """
    base = [occupancy(c.initial, c.matrices)[..., DROPOUT] for c in (found, drawn)]
    parts = [_rows(OBSERVED, base, None, times, confidence)]
    for shift in shifts:
        known = 1.0 if np.isfinite(shift.value) else np.nan
        pairs = [
            known * occupancy(chain.initial, shifted(chain.matrices, by))[..., DROPOUT]
            for chain, by in ((found, shift.value), (drawn, shift.draws))
        ]
        gaps = [new - old for new, old in zip(pairs, base, strict=True)]
        told = {"shift": shift.value, "reason": shift.reason}
        parts.append(_rows(shift.scenario, pairs, gaps, times, confidence, told))
    return pd.concat(parts, ignore_index=True)


def _rows(
    scenario: str,
    curves: list[Array],
    gaps: list[Array] | None,
    times: NDArray[Any],
    confidence: float,
    told: dict[str, Any] | None = None,
) -> pd.DataFrame:
    frame = pd.DataFrame({"scenario": scenario, "session": times, "estimate": curves[0]})
    frame["ci_low"], frame["ci_high"] = pointwise(curves[1], confidence)
    blank = np.full(len(times), np.nan)
    frame["difference"] = blank if gaps is None else gaps[0]
    bounds = (blank, blank) if gaps is None else pointwise(gaps[1], confidence)
    frame["difference_low"], frame["difference_high"] = bounds
    words: dict[str, Any] = {"shift": np.nan, "reason": ""}
    return frame.assign(**words | (told or {}))


def _effects(best: pd.DataFrame, drawn: Array, rng: np.random.Generator) -> Array:
    """Draw the effects given each σ*, shape (draws, therapists)."""
    variance = 1.0 / (best["weight"].to_numpy() + np.maximum(drawn, 1e-6)[:, None] ** -2)
    noise = rng.standard_normal((len(drawn), len(best)))
    return variance * best["pull"].to_numpy() + np.sqrt(variance) * noise
