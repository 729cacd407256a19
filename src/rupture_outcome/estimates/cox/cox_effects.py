"""Cox effects under every definition and repair rule, and whether hazards are proportional."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.engine.cluster_sandwich import RobustTest, Sandwich
from rupture_outcome.engine.cox.cox_residuals import (
    ChiSquare,
    cox_sandwich,
    proportionality_test,
)
from rupture_outcome.engine.cox.partial_likelihood import Array, fit_partial_likelihood
from rupture_outcome.engine.reasons import NO_TEST, joined, reason
from rupture_outcome.estimates.cox.start_stop import CoxExposure, fit_cox
from rupture_outcome.estimates.effect_rows import (
    FEWEST,
    Specification,
    basis_of,
    compared,
    effect_row,
    effect_table,
    label,
    ratio_columns,
)
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, TERM

ANALYSIS = "cox"
LINK = "log"
MODEL = "cox"
WITH_TIME = "cox_by_session"
SCORE, INTERACTION = "score_test", "interaction"
GLOBAL = "all_terms"
CHECK_COLUMNS = (
    "definition",
    "repair_rule",
    "check",
    "term",
    "contrast",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "ratio",
    "statistic",
    "df",
    "p_value",
    "patients",
    "sessions",
    "events",
    "reason",
    "state_a",
    "state_b",
    *FEWEST,
)


def cox_effects(
    person_sessions: pd.DataFrame, dropout_definition: str, settings: HazardSettings
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, Any]]]:
    """Fit the Cox model under every definition and repair rule, and check proportionality.

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    dropout_definition : str
        For the column of that name.
    settings : HazardSettings
        Covariates, confidence and the least share of testable sessions.

    Returns
    -------
    effects : DataFrame
        Three contrasts a fit, in the columns of ``dropout_effects.csv``; the link is "log", the
        ratio a hazard ratio.
    checks : DataFrame
        ``check`` "score_test": per term and of all terms, in log time, model-based; ``check``
        "interaction": how the log hazard ratio of a contrast changes when the number of sessions
        doubles (``estimate``, robust ``se``, ``ratio`` of hazard ratios), and a joint test.
    fits : list of dict
        One entry a fit, for ``cox_fits.json``.
    """
    effects: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for definition, rule, part in each_specification(person_sessions):
        result = fit_cox(part, TERM, STATES, CONTRASTS, settings)
        given = Specification(ANALYSIS, definition, rule, dropout_definition, LINK)
        effects += _effect_rows(given, result, settings)
        fits.append(_audit(MODEL, definition, rule, result))
        found, audit = _interactions(result, definition, rule, settings)
        fits += audit
        about = {"definition": definition, "repair_rule": rule, **_basis(result, STATES)}
        checks += [about | row for row in [*_score_tests(result), *found]]
    return effect_table(effects), pd.DataFrame(checks, columns=list(CHECK_COLUMNS)), fits


def log_sessions(time: Any, first: int) -> Array:
    """Base-2 logarithm of the clock, counted so that its first value is 1."""
    return np.asarray(np.log2(np.asarray(time, dtype=float) - first + 1.0))


def _basis(result: CoxExposure, states: Sequence[str]) -> dict[str, int]:
    """Count what a test of states rests on; a state without dropout is in none of all states."""
    rows = result.rows[["patient_id", "dropout", TERM]]
    arms = [rows[rows[TERM].eq(state)] for state in states]
    if len(arms) > 2:
        arms = [arm for arm in arms if arm["dropout"].any()] or arms
    return basis_of(rows, arms, "dropout")


def _effect_rows(
    given: Specification, result: CoxExposure, settings: HazardSettings
) -> list[dict[str, Any]]:
    return [
        effect_row(
            given,
            TERM,
            pair,
            result.estimates[label(pair)],
            confidence=settings.confidence,
            **_basis(result, pair),
        )
        for pair in CONTRASTS
    ]


def _audit(model: str, definition: str, rule: str, result: CoxExposure) -> dict[str, Any]:
    if result.fit is None:
        return fit_audit(model, definition, rule, converged=False, reason=result.reason)
    return fit_audit(
        model,
        definition,
        rule,
        gradient=result.fit.at.score.sum(axis=0),
        information=result.fit.at.information.sum(axis=0),
        events=int(result.fit.sets.events.sum()),
        reason=result.reason,
    )


def _score_tests(result: CoxExposure) -> Iterable[dict[str, Any]]:
    if result.fit is None or result.design is None:
        yield {"check": SCORE, "term": GLOBAL, "reason": joined(NO_TEST, result.reason)}
        return
    g = log_sessions(result.fit.sets.times, _first(result))
    for term, columns in [*result.design.terms, (GLOBAL, None)]:
        test = proportionality_test(result.fit, g, columns)
        yield {"check": SCORE, "term": term, **_test_columns(test)}


def _interactions(
    result: CoxExposure, definition: str, rule: str, settings: HazardSettings
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Let the effect of the state change with log time; each contrast, then all together."""
    if result.fit is None or result.design is None:
        return [{"check": INTERACTION, "term": TERM, "reason": joined(NO_TEST, result.reason)}], []
    design = result.design
    own = list(design.levels.values())
    g = log_sessions(result.time, _first(result))
    X = design.matrix.to_numpy(dtype=float)
    X = np.hstack([X, X[:, own] * (g - g.mean())[:, None]])
    fit = fit_partial_likelihood(X, result.time, design.outcome)
    if fit.problem:
        failed = fit_audit(WITH_TIME, definition, rule, converged=False, reason=fit.problem)
        return [{"check": INTERACTION, "term": TERM, "reason": joined(NO_TEST, fit.problem)}], [
            failed
        ]
    new = slice(design.matrix.shape[1], None)
    sandwich, changes = cox_sandwich(fit, result.cluster), np.eye(X.shape[1])[new]
    rows = []
    for pair in CONTRASTS:
        weights = design.weights(*pair)[own] @ changes
        found = _change(pair, weights, fit.params, sandwich, result, settings)
        rows.append(found | _basis(result, pair))
    every = _as_chi_square(sandwich.test(changes, fit.params))
    joint = {"check": INTERACTION, "term": TERM, **_test_columns(every)}
    audit = fit_audit(
        WITH_TIME,
        definition,
        rule,
        gradient=fit.at.score.sum(axis=0),
        information=fit.at.information.sum(axis=0),
        events=int(fit.sets.events.sum()),
    )
    return [*rows, joint], [audit]


def _first(result: CoxExposure) -> int:
    return int(result.rows["time"].min())


def _change(
    pair: tuple[str, str],
    weights: Array,
    params: Array,
    sandwich: Sandwich,
    result: CoxExposure,
    settings: HazardSettings,
) -> dict[str, Any]:
    effect = result.estimates[label(pair)]
    row = {"check": INTERACTION, "term": TERM, **compared(pair), "reason": effect.reason}
    if not effect.known:
        return row
    found = sandwich.estimate(weights, params, effect.reason)
    columns = ratio_columns(found, settings.confidence)
    test = _test_columns(_as_chi_square(sandwich.test(weights, params)))
    told = {"reason": joined(found.reason, test.pop("reason"))}
    return row | {key: columns[key] for key in CHECK_COLUMNS if key in columns} | test | told


def _as_chi_square(test: RobustTest) -> ChiSquare:
    """F times its degrees of freedom, which with many clusters is χ²; p stays that of F."""
    return ChiSquare(round(test.df * test.statistic, 12), test.df, test.p_value)


def _test_columns(test: ChiSquare) -> dict[str, Any]:
    note = "" if np.isfinite(test.statistic) else joined(NO_TEST, reason("one_dropout_session"))
    return {**vars(test), "reason": note}
