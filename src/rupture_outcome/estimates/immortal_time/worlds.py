"""What three comparisons find in a simulated world whose truth is known, as the truth moves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.estimate import normal_quantile
from rupture_outcome.engine.grouped_logit import Floats, state_log_odds
from rupture_outcome.simulation.leaving import STATES, Courses, World, draw_courses, histories

ANALYSES = ("naive", "landmark", "hazard")
RATIOS = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0)
REPLICATES = 500
LANDMARK = 6
BAND = 3  # sessions in a band of the baseline
RANGE = (2.5, 97.5)


def immortal_time(
    world: World,
    rng: np.random.Generator,
    ratios: Sequence[float] = RATIOS,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect of repair in many studies of worlds that differ in the true effect.

    A repaired rupture leaves patients as they were without one, so that unrepaired against intact
    is 1 / (repaired against unrepaired). Each study is analysed three ways: patients by whether a
    rupture was ever repaired (naive), sessions after `LANDMARK` by the state at it, and sessions by
    the state at each (hazard).

    Parameters
    ----------
    world : World
        The world with the size of one study; its two ratios are replaced, and it should have no
        differences between therapists, since the analyses allow for none.
    rng : numpy.random.Generator
    ratios : sequence of float
        True odds ratios of dropout, repaired against unrepaired.
    replicates : int
        Studies in each world.
    confidence : float
        Level of the Wald intervals whose coverage is counted.

    Returns
    -------
    DataFrame
        One row a true ratio and analysis: ``true_ratio``, ``analysis``, ``patients`` (in a study),
        ``replicates``, ``estimable`` (share of studies with an estimate), ``estimate`` (mean log
        odds ratio), ``estimate_error`` (its Monte Carlo error), ``low`` and ``high`` (2.5th and
        97.5th percentile over studies), ``ratio``, ``ratio_low``, ``ratio_high`` (the same as
        ratios), ``coverage`` (share of intervals that hold the true ratio) and ``excludes_one``
        (share that do not hold 1), each with its Monte Carlo error. There is no coverage of
        the landmark analysis unless the ratio is 1: it compares patients by a state that goes on to
        change, so that what it estimates is nearer to 1.

    Notes
    -----
    In R, one study: `glm(dropout ~ factor(band) + state, binomial)`, and for the naive comparison
    `glm(dropout ~ ever_repaired, binomial)`.
    """
    rows = []
    for ratio in ratios:
        one = replace(world, repair_ratio=ratio, rupture_ratio=1.0 / ratio)
        courses = draw_courses(replace(one, patients=one.patients * replicates), rng)
        study = np.arange(one.patients * replicates) // one.patients
        for analysis, found in _analyses(courses, study, replicates).items():
            given = {"true_ratio": ratio, "analysis": analysis, "patients": one.patients}
            # From a landmark on, states go on to change: its own ratio is another one, unless 1.
            own_truth = np.nan if analysis == "landmark" and ratio != 1 else np.log(ratio)
            rows.append(given | _summary(found, own_truth, confidence))
    return pd.DataFrame(rows)


def _analyses(courses: Courses, study: NDArray, studies: int) -> dict[str, Floats]:
    """Estimate and standard error of each study, arrays of shape (2, studies), by analysis."""
    t = np.arange(courses.state.shape[1])
    at_risk = (t < courses.last[:, None]) & (t < t[-1])
    drops = courses.dropout[:, None] & (t == courses.last[:, None] - 1)
    hazard = _cells(study, courses.state, at_risk, drops, studies, 0)
    fixed = np.broadcast_to(courses.state[:, [LANDMARK - 1]], courses.state.shape) - 1
    later = at_risk & (t >= LANDMARK) & (fixed >= 0)
    landmark = _cells(study, fixed, later, drops, studies, LANDMARK, len(STATES) - 1)
    return {
        "naive": _odds_ratio(courses, study, studies),
        "landmark": state_log_odds(*landmark),
        "hazard": state_log_odds(*hazard),
    }


def _cells(
    study: NDArray,
    state: NDArray,
    at_risk: NDArray,
    drops: NDArray,
    studies: int,
    start: int,
    states: int = len(STATES),
) -> tuple[Floats, Floats]:
    """Count dropouts and sessions at risk by study, band of sessions and state."""
    band = (np.arange(state.shape[1]) - start) // BAND
    bands = int(band[-2]) + 1
    code = (study[:, None] * bands + band) * states + state
    shape = (studies, bands, states)
    counts = [
        np.bincount(code[rows], minlength=studies * bands * states).reshape(shape).astype(float)
        for rows in (at_risk & drops, at_risk)
    ]
    return counts[0], counts[1]


def _odds_ratio(courses: Courses, study: NDArray, studies: int) -> Floats:
    """Log odds ratio of dropout, ever against never repaired, with Woolf's standard error."""
    told = histories(courses)
    code = (study * 2 + told.ever_repaired) * 2 + courses.dropout
    counts = (
        np.bincount(code[told.ruptured], minlength=4 * studies).reshape(studies, 2, 2).astype(float)
    )
    counts[(counts == 0).any(axis=(1, 2))] = np.nan
    logs = np.log(counts)
    value = logs[:, 1, 1] - logs[:, 1, 0] - logs[:, 0, 1] + logs[:, 0, 0]
    return np.stack([value, np.sqrt((1.0 / counts).sum(axis=(1, 2)))])


def _summary(found: Floats, truth: float, confidence: float) -> dict[str, Any]:
    value, se = found[:, np.isfinite(found).all(axis=0)]
    studies = len(value)
    if studies < 2:
        return {"replicates": found.shape[1], "estimable": studies / found.shape[1]}
    half = normal_quantile(confidence) * se
    low, high = np.percentile(value, RANGE)
    covered = float((np.abs(value - truth) <= half).mean()) if np.isfinite(truth) else np.nan
    shares = {"coverage": covered, "excludes_one": float((np.abs(value) > half).mean())}
    errors = {f"{key}_error": float(np.sqrt(p * (1 - p) / studies)) for key, p in shares.items()}
    return {
        "replicates": found.shape[1],
        "estimable": studies / found.shape[1],
        "estimate": float(value.mean()),
        "estimate_error": float(value.std(ddof=1) / np.sqrt(studies)),
        "low": float(low),
        "high": float(high),
        "ratio": float(np.exp(value.mean())),
        "ratio_low": float(np.exp(low)),
        "ratio_high": float(np.exp(high)),
        **shares,
        **errors,
    }
