"""The common patient-level comparison, ever repaired against never: reported as what misleads."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    HessianInversionWarning,
    PerfectSeparationError,
    PerfectSeparationWarning,
)

from rupture_outcome.cohort.clusters import clusters_of
from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.engine.cluster_sandwich import cluster_sandwich
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import NOT_ESTIMABLE, joined, reason
from rupture_outcome.estimates.effect_rows import (
    EVER,
    Specification,
    basis_of,
    effect_row,
    effect_table,
)
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.hazard.exposure_hazard import hardly_tested

ANALYSIS = "naive"
TERM = "ever_repaired"
BIASED = reason("biased_by_immortal_time")
FAILURES = (ConvergenceWarning, HessianInversionWarning, PerfectSeparationWarning, RuntimeWarning)


def naive_effects(
    person_sessions: pd.DataFrame,
    dropout_definition: str,
    covariates: Sequence[str],
    confidence: float,
    min_testable: float = 0.5,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Make the naive comparison under every definition and rule, labelled as biased.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    dropout_definition : str
        For the column of that name.
    covariates : sequence of str
        Columns of the risk set to adjust for.
    confidence : float
        Level of the intervals.
    min_testable : float
        Least share of sessions in which a definition could be tested.

    Returns
    -------
    effects : DataFrame
        One row a definition and rule, in the columns of ``dropout_effects.csv``.
    fits : list of dict
        One entry a fit, see `rupture_outcome.estimates.fit_audit`.
    """
    rows: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for definition, rule, part in each_specification(person_sessions):
        people = ruptured_patients(part)
        untested = hardly_tested(part, min_testable)
        estimate, audit = _without_fit(untested) if untested else _compare(people, covariates)
        fits.append(fit_audit(ANALYSIS, definition, rule, **audit))
        rows.append(
            effect_row(
                Specification(ANALYSIS, definition, rule, dropout_definition, "logit"),
                TERM,
                EVER,
                estimate,
                confidence=confidence,
                **_basis(people),
            )
        )
    return effect_table(rows), fits


def _basis(people: pd.DataFrame) -> dict[str, int]:
    arms = [people[people["ever_repaired"].eq(ever)] for ever in (True, False)]
    return basis_of(people, arms, "dropout") | {"sessions": int(people["sessions"].sum())}


def ruptured_patients(rows: pd.DataFrame) -> pd.DataFrame:
    """Reduce the risk set of one definition and rule to patients who ended and had a rupture.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and session.

    Returns
    -------
    DataFrame
        One row a patient: the columns of the last session (so ``therapist_id`` is the therapist
        of that session), ``ever_repaired`` and ``sessions``. Who is still in treatment is left
        out, as in the published comparisons.
    """
    seen = rows.assign(
        ever_repaired=rows["state"].eq("repaired"), ruptured=rows["state"].ne("intact"), sessions=1
    )
    by_patient = seen.groupby("patient_id", observed=True)
    ever = by_patient.agg(
        ever_repaired=("ever_repaired", "any"),
        ruptured=("ruptured", "any"),
        sessions=("sessions", "sum"),
    )
    last = rows.drop_duplicates("patient_id", keep="last").set_index("patient_id")
    joined = last.join(ever)
    return joined[joined["ruptured"] & joined["event"].ne("none")].reset_index()


def _compare(people: pd.DataFrame, covariates: Sequence[str]) -> tuple[Estimate, dict[str, Any]]:
    """Log odds ratio, ever repaired against never, and what `fit_audit` takes.

    To be repaired one must have stayed: with no true effect the odds ratio is far below 1. Logistic
    regression; error robust to clusters of `clusters_of`.
    """
    why = _not_estimable(people)
    if why:
        return _without_fit(why)
    repaired = people["ever_repaired"]
    design = hazard_design(people, "dropout", repaired, baseline="constant", covariates=covariates)
    X = design.matrix.to_numpy(dtype=float)
    try:
        fit = _logit(people, X)
    except (PerfectSeparationError, np.linalg.LinAlgError, *FAILURES) as failure:
        return _without_fit(reason("fit_failed", type(failure).__name__))
    clusters, caution = clusters_of(people)
    note, chance, weights = joined(BIASED, caution), fit.predict(), design.weights("True", "False")
    sandwich = cluster_sandwich(X, fit.resid_response, chance * (1.0 - chance), clusters)
    estimate = sandwich.estimate(weights, fit.params, note)
    return estimate, {
        "gradient": fit.model.score(fit.params),
        "information": -fit.model.hessian(fit.params),
        "events": people["dropout"].sum(),
        "reason": note,
    }


def _without_fit(why: str) -> tuple[Estimate, dict[str, Any]]:
    return Estimate(reason=joined(BIASED, NOT_ESTIMABLE, why)), {"converged": False, "reason": why}


def _not_estimable(people: pd.DataFrame) -> str:
    cells = pd.crosstab(people["ever_repaired"], people["dropout"])
    if cells.shape != (2, 2) or (cells == 0).to_numpy().any():
        return reason("empty_cell", "ever_repaired", "dropout")
    return ""


def _logit(people: pd.DataFrame, design: np.ndarray) -> Any:
    model = sm.Logit(people["dropout"].to_numpy(dtype=float), design)
    with warnings.catch_warnings():
        for failure in FAILURES:
            warnings.simplefilter("error", failure)
        return model.fit(disp=False)
