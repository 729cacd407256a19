"""Whether symptoms and the alliance are worse after a session that left a rupture open."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rupture_outcome.cohort.design import Design, groups_of, hazard_design
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason
from rupture_outcome.estimates.effect_rows import compared
from rupture_outcome.estimates.growth.growth_fit import fit_growth
from rupture_outcome.estimates.growth.growth_rows import (
    COURSES,
    MEASURES,
    SPLIT,
    course_of,
    growth_rows,
    split_states,
    states_there,
)
from rupture_outcome.estimates.hazard.exposure_hazard import GROUPS, hardly_tested
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS

WHOLE = "whole"
SCOPES = (WHOLE, *SPLIT)
GROWTH_COLUMNS = (
    *("outcome", "course", "scope", "definition", "repair_rule", "state_a", "state_b"),
    *("estimate", "se", "df", "ci_low", "ci_high", "p", "patients", "sessions", "therapists"),
    *("converged", "reason", "fewest_patients"),
)


def growth_effects(
    person_sessions: pd.DataFrame,
    sessions: pd.DataFrame,
    primary: Mapping[str, str],
    covariates: Sequence[str],
    confidence: float,
    min_testable: float = 0.5,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Fit growth of each measure by the state that the session before ended in.

    ``measure ~ course + state + covariates + (1 + course | patient) + (1 | therapist)``, by
    restricted maximum likelihood with Satterthwaite degrees of freedom; and the same with the state
    split within patients, between them, and between therapists. Symptoms are taken before a
    session, so that the state comes first.

    Parameters
    ----------
    person_sessions : DataFrame
        Of the primary definition and repair rule.
    sessions : DataFrame
        Scored sessions.
    primary : mapping
        ``definition`` and ``repair_rule`` of `person_sessions`.
    covariates : sequence of str
        Columns of `person_sessions`.
    confidence : float
        Level of intervals.
    min_testable : float
        Least share of sessions in which the definition could be tested.

    Returns
    -------
    effects : DataFrame
        One row a measure, course, scope and pair of states, in points of the measure.
    fits : list of dict
        What an audit needs of each model.
    """
    rows = growth_rows(person_sessions, sessions)
    untested = hardly_tested(person_sessions, min_testable)
    given = {key: primary[key] for key in ("definition", "repair_rule")}
    effects, fits = [], []
    for measure in [measure for measure in MEASURES if measure in rows]:
        own = rows[rows[measure].notna()]
        for course in COURSES:
            timed = own.assign(course=course_of(own["time"], course)) if len(own) else own
            for split in (False, True):
                fit = _fitted(timed, measure, covariates, split, untested)
                name = {"outcome": measure, "course": course, **given}
                effects += _effect_rows(fit, timed, measure, name, split, confidence)
                code = f"growth_{'split_' if split else ''}{course}:{measure}"
                fits.append({"model": code, **given, **fit.report()})
    return pd.DataFrame(effects, columns=list(GROWTH_COLUMNS)), fits


class _Fit:
    """One model, or why there is none."""

    def __init__(self, design: Design | None, result: Any, reason: str, levels: Sequence[str] = ()):
        self.design, self.result, self.reason, self.levels = design, result, reason, levels

    def report(self) -> dict[str, Any]:
        if self.result is None or not self.result.converged:
            return {"converged": False, "reason": self.reason or NOT_CONVERGED}
        cov = np.asarray(self.result.cov_params())
        sd = np.sqrt(np.diag(cov))
        return {
            "converged": True,
            "reason": self.reason,
            "gradient_norm": float(self.result.gradient_norm),
            "condition_number": float(np.linalg.cond(cov / np.outer(sd, sd))),
        }

    def contrast(self, scope: str, pair: tuple[str, str]) -> Estimate:
        missing = [level for level in pair if level not in self.levels]
        if self.result is None or self.design is None:
            return Estimate(reason=self.reason)
        if not self.result.converged:
            return Estimate(reason=NOT_CONVERGED)
        if missing:
            return Estimate(reason=joined(*(reason("nobody_followed", each) for each in missing)))
        if scope == WHOLE:
            return self._estimate(self.design.named(self.design.weights(*pair)))
        named = {f"{scope}:{level}": sign for level, sign in zip(pair, (1.0, -1.0), strict=True)}
        weights = {name: sign for name, sign in named.items() if not name.endswith(self.levels[0])}
        absent = [name for name in weights if name not in self.design.names]
        return Estimate(reason="collinear") if absent else self._estimate(weights)

    def _estimate(self, weights: Mapping[str, float]) -> Estimate:
        found = self.result.contrast(weights)
        return Estimate(found.value, found.se, self.reason, found.df)


def _fitted(
    rows: pd.DataFrame, measure: str, covariates: Sequence[str], split: bool, untested: str
) -> _Fit:
    if untested or not len(rows):
        return _Fit(None, None, untested or "nobody")
    levels = states_there(rows)
    if len(levels) < 2:
        return _Fit(None, None, joined(*(reason("nobody_followed", s) for s in CONTRASTS[1])))
    exposure = pd.Series(pd.Categorical(rows["state"], levels), rows.index, name="state")
    parts = pd.DataFrame(index=rows.index)
    if split:
        parts = split_states(rows, levels, groups_of(rows, GROUPS)[0] is not None)
    design = hazard_design(
        rows.join(parts),
        measure,
        None if split else exposure,
        baseline="constant",
        terms=("course", *parts),
        covariates=covariates,
        groups=GROUPS,
    )
    try:
        result, caution = fit_growth(
            design.outcome, design.matrix, rows["patient_id"], rows["course"], design.groups
        )
    except ModelError as error:
        return _Fit(design, None, error.reason, levels)
    varied = "" if split else design.reason  # of a split, some part often does not vary
    return _Fit(design, result, joined(result.reason, caution, varied), levels)


def _effect_rows(
    fit: _Fit,
    rows: pd.DataFrame,
    measure: str,
    name: Mapping[str, Any],
    split: bool,
    confidence: float,
) -> list[dict[str, Any]]:
    basis = {
        "patients": int(rows["patient_id"].nunique()),
        "sessions": len(rows),
        "therapists": int(rows[GROUPS].nunique()),
    }
    in_state = rows.groupby("state", observed=True)["patient_id"].nunique()
    out = []
    for scope in SPLIT if split else (WHOLE,):
        for pair in CONTRASTS:
            found = fit.contrast(scope, pair)
            known = found if found.known else Estimate(reason=found.reason)
            low, high = known.interval(confidence)
            states = compared(pair)
            out.append(
                {
                    **name,
                    "scope": scope,
                    "state_a": states["state_a"],
                    "state_b": states["state_b"],
                    "estimate": known.value,
                    "se": known.se,
                    "df": known.df if known.known else np.nan,
                    "ci_low": low,
                    "ci_high": high,
                    "p": _p_value(known),
                    **basis,
                    "converged": known.known,
                    "reason": known.reason,
                    "fewest_patients": min(int(in_state.get(state, 0)) for state in pair),
                }
            )
    return out


def _p_value(found: Estimate) -> float:
    return float(2.0 * stats.t.sf(abs(found.value / found.se), found.df)) if found.known else np.nan
