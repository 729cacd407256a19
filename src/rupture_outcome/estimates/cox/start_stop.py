"""Cox model of dropout by the state of the alliance: a check of the multilevel hazard."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import clusters_of
from rupture_outcome.cohort.design import Design, hazard_design
from rupture_outcome.engine.cluster_sandwich import Sandwich
from rupture_outcome.engine.cox.cox_residuals import cox_sandwich
from rupture_outcome.engine.cox.partial_likelihood import Array, CoxFit, fit_partial_likelihood
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import joined
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import (
    Arms,
    HazardSettings,
)


@dataclass(frozen=True)
class CoxExposure:
    """Contrasts of an exposure and the fit that they come from.

    Attributes
    ----------
    estimates : dict of str to Estimate
        Log hazard ratios with robust errors, by contrast; the reason where there is none.
    rows : DataFrame
        The rows at risk, those of levels that cannot be estimated included.
    reason : str
        Why nothing was fitted, or a caution.
    design : Design or None
        Of the rows of levels that can be estimated, without intercept and baseline.
    time : array, shape (rows of the design,)
        Their clock.
    cluster : array of int, shape (rows of the design,)
        Their therapists, from 0.
    fit : CoxFit or None
        None where nothing could be fitted.
    sandwich : Sandwich or None
        The robust errors.
    """

    estimates: dict[str, Estimate]
    rows: pd.DataFrame
    reason: str = ""
    design: Design | None = None
    time: Array = field(default_factory=lambda: np.zeros(0))
    cluster: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fit: CoxFit | None = None
    sandwich: Sandwich | None = None


def fit_cox(
    rows: pd.DataFrame,
    exposure: str,
    levels: Sequence[str],
    contrasts: Sequence[tuple[str, str]],
    settings: HazardSettings,
) -> CoxExposure:
    """Fit Surv(time − 1, time, dropout) ~ exposure + covariates, robust for therapists.

    Each session is an interval that ends at it, so that the risk set at a value of the clock is
    who attended then and could drop out; the baseline is free at every value. Ties are Efron's;
    errors are those of `cox_sandwich` with the therapist of the session as cluster. A level
    without dropout is left out as in `exposure_hazard.fit_exposure`. On the clock of weeks a
    patient with two sessions in a week is at risk in both.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule.
    exposure : str
        Column of the exposure.
    levels : sequence of str
        Its levels, the reference first.
    contrasts : sequence of (str, str)
        Pairs "first against second".
    settings : HazardSettings
        Covariates and the least share of testable sessions; the link does not matter.

    Notes
    -----
    ``coxph(Surv(session - 1, session, dropout) ~ state + severity, cluster = therapist)`` in R.
    """
    arms = Arms.of(rows, exposure, levels, "dropout", settings.min_testable)
    if arms.reason:
        return _nothing(arms.rows, contrasts, arms.reason)
    design = hazard_design(
        arms.compared, "dropout", arms.exposure, baseline="free", covariates=settings.covariates
    )
    time = arms.compared["time"].to_numpy()
    cluster, few = clusters_of(arms.compared)
    fit = fit_partial_likelihood(design.matrix, time, design.outcome)
    if fit.problem:
        return _nothing(arms.rows, contrasts, fit.problem)
    sandwich = cox_sandwich(fit, cluster)
    caution = joined(design.reason, few)
    estimates = {}
    for pair in contrasts:
        missing = arms.why_not(pair)
        weights = design.weights(*pair)
        found = sandwich.estimate(weights, fit.params, caution)
        estimates[label(pair)] = Estimate(reason=missing) if missing else found
    note = joined(*arms.unusable.values(), caution)
    return CoxExposure(estimates, arms.rows, note, design, time, cluster, fit, sandwich)


def _nothing(at_risk: pd.DataFrame, contrasts: Sequence[tuple[str, str]], why: str) -> CoxExposure:
    estimates = {label(pair): Estimate(reason=why) for pair in contrasts}
    return CoxExposure(estimates, at_risk, why)
