"""Cox model of dropout by the state of the alliance: a check of the multilevel hazard."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import formulaic
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import clusters_of
from rupture_outcome.cohort.covariates import varying_covariates
from rupture_outcome.engine.cox.cox_residuals import robust_covariance
from rupture_outcome.engine.cox.partial_likelihood import Array, CoxFit, fit_partial_likelihood
from rupture_outcome.estimates.effect_rows import Estimate
from rupture_outcome.estimates.hazard.exposure_hazard import (
    HazardSettings,
    hardly_tested,
    is_level,
    why_unusable,
)


@dataclass(frozen=True)
class Design:
    """What a Cox model is fitted to.

    Attributes
    ----------
    rows : DataFrame
        Rows at risk of levels that can be estimated.
    matrix : DataFrame
        Columns of the exposure and the covariates; none is constant.
    terms : dict of str to list of int
        Columns of each term, the exposure under its own name.
    cluster : array of int, shape (rows,)
        Therapist of the session, from 0.
    """

    rows: pd.DataFrame
    matrix: pd.DataFrame
    terms: dict[str, list[int]]
    cluster: NDArray[np.int64]


@dataclass(frozen=True)
class CoxExposure:
    """Contrasts of an exposure and the fit that they come from.

    Attributes
    ----------
    estimates : dict of str to Estimate
        Log hazard ratios with robust errors, by contrast; the reason where there is none.
    rows : DataFrame
        The rows at risk, those of levels that cannot be estimated included.
    note : str
        Why nothing was fitted, or a caution.
    design, fit, cov
        None where nothing could be fitted; ``cov`` is the robust covariance.
    """

    estimates: dict[str, Estimate]
    rows: pd.DataFrame
    note: str = ""
    design: Design | None = None
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
    unusable = {level: why_unusable(at_risk, exposure, level, "dropout") for level in levels}
    usable = [level for level in levels if not unusable[level]]
    reason = hardly_tested(rows, settings.min_testable)
    if len(usable) < 2:
        reason = reason or "; ".join(filter(None, unusable.values()))
    if reason:
        return _nothing(at_risk, contrasts, reason)
    design, caution = _design(at_risk, exposure, usable, settings.covariates)
    fit = fit_partial_likelihood(design.matrix, design.rows["time"], design.rows["dropout"])
    if fit.problem:
        return _nothing(at_risk, contrasts, fit.problem)
    cov = robust_covariance(fit, design.cluster)
    estimates = {}
    for pair in contrasts:
        missing = [unusable[level] for level in pair if unusable[level]]
        weights = contrast_weights(design.matrix.columns, exposure, pair)
        found = Estimate(float(weights @ fit.params), float(np.sqrt(weights @ cov @ weights)))
        estimates[" vs ".join(pair)] = (
            Estimate(note="; ".join(missing)) if missing else found.with_note(caution)
        )
    note = "; ".join(filter(None, [*unusable.values(), caution]))
    return CoxExposure(estimates, at_risk, note, design, fit, cov)


def contrast_weights(columns: "pd.Index[str]", exposure: str, pair: tuple[str, str]) -> Array:
    """Give 1 to the column of the first level and −1 to that of the second.

    Parameters
    ----------
    columns : pandas.Index of str, length p
        Names of the design's columns.
    exposure : str
    pair : tuple of str
        The level in question and the one it is compared with.

    Returns
    -------
    array, shape (p,)
    """
    first, second = (
        np.array([is_level(name, exposure, level) for name in columns], dtype=float)
        for level in pair
    )
    return np.asarray(first - second)


def _nothing(
    at_risk: pd.DataFrame, contrasts: Sequence[tuple[str, str]], reason: str
) -> CoxExposure:
    estimates = {" vs ".join(pair): Estimate(note=reason) for pair in contrasts}
    return CoxExposure(estimates, at_risk, reason)


def _design(
    at_risk: pd.DataFrame, exposure: str, usable: list[str], covariates: Sequence[str]
) -> tuple[Design, str]:
    rows = at_risk[at_risk[exposure].isin(usable)]
    rows = rows.assign(**{exposure: rows[exposure].astype("category").cat.set_categories(usable)})
    varying = varying_covariates(rows, covariates)
    for name in varying:
        if isinstance(rows[name].dtype, pd.CategoricalDtype):
            rows[name] = rows[name].cat.remove_unused_categories()
    term = f"C({exposure}, contr.treatment('{usable[0]}'))"
    quoted = [name if name.isidentifier() else f"`{name}`" for name in varying]
    whole = formulaic.model_matrix(" + ".join([term, *quoted]), rows)
    terms = {str(t): [i - 1 for i in at] for t, at in whole.model_spec.term_indices.items()}
    named = {exposure if name == term else name: at for name, at in terms.items() if name != "1"}
    constant = [name for name in covariates if name not in varying]
    note = f"left out for want of variation: {', '.join(constant)}" if constant else ""
    matrix = pd.DataFrame(whole).drop(columns="Intercept")
    cluster, caution = clusters_of(rows)
    return Design(rows, matrix, named, cluster), "; ".join(filter(None, [note, caution]))
