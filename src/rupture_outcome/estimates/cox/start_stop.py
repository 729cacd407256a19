"""Cox model of dropout by the state of the alliance: a check of the multilevel hazard."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import clusters_of
from rupture_outcome.cohort.design import Design, hazard_design, unusable_levels
from rupture_outcome.engine.cox.cox_residuals import robust_covariance
from rupture_outcome.engine.cox.partial_likelihood import Array, CoxFit, fit_partial_likelihood
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import joined
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import (
    HazardSettings,
    hardly_tested,
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
    cov : array, shape (columns, columns)
        The robust covariance.
    """

    estimates: dict[str, Estimate]
    rows: pd.DataFrame
    reason: str = ""
    design: Design | None = None
    time: Array = field(default_factory=lambda: np.zeros(0))
    cluster: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fit: CoxFit | None = None
    cov: Array = field(default_factory=lambda: np.zeros((0, 0)))


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
    errors are those of Lin and Wei (1989) with the therapist of the session as cluster. A level
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
    at_risk = rows[rows["at_risk"] & rows[exposure].isin(list(levels))]
    unusable = unusable_levels(at_risk, exposure, levels, "dropout")
    usable = [level for level in levels if not unusable[level]]
    nothing = hardly_tested(rows, settings.min_testable)
    if len(usable) < 2:
        nothing = nothing or joined(*unusable.values())
    if nothing:
        return _nothing(at_risk, contrasts, nothing)
    data = at_risk[at_risk[exposure].isin(usable)]
    design = _design(data, exposure, usable, settings.covariates)
    time = data["time"].to_numpy()
    cluster, few = clusters_of(data)
    fit = fit_partial_likelihood(design.matrix, time, design.outcome)
    if fit.problem:
        return _nothing(at_risk, contrasts, fit.problem)
    cov = robust_covariance(fit, cluster)
    caution = joined(design.reason, few)
    estimates = {}
    for pair in contrasts:
        missing = [unusable[level] for level in pair if unusable[level]]
        weights = design.weights(*pair)
        found = Estimate(float(weights @ fit.params), float(np.sqrt(weights @ cov @ weights)))
        estimates[label(pair)] = (
            Estimate(reason=joined(*missing)) if missing else found.with_reason(caution)
        )
    note = joined(*unusable.values(), caution)
    return CoxExposure(estimates, at_risk, note, design, time, cluster, fit, cov)


def _nothing(at_risk: pd.DataFrame, contrasts: Sequence[tuple[str, str]], why: str) -> CoxExposure:
    estimates = {label(pair): Estimate(reason=why) for pair in contrasts}
    return CoxExposure(estimates, at_risk, why)


def _design(
    data: pd.DataFrame, exposure: str, usable: list[str], covariates: Sequence[str]
) -> Design:
    compared = data[exposure].astype("category").cat.set_categories(usable)
    return hazard_design(data, "dropout", compared, baseline="free", covariates=covariates)
