"""The effect of repair with states taken as hidden, and how often each report is wrong."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from rupture_outcome.cohort.clusters import patient_clusters, patient_codes
from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.engine.estimate import Estimate, wald
from rupture_outcome.engine.hidden_states.courses import Courses
from rupture_outcome.engine.hidden_states.fit import HiddenFit, fit_hidden
from rupture_outcome.engine.hidden_states.likelihood import HiddenLikelihood
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hidden_states.reports import (
    MISSING,
    MOVES,
    PHASES,
    YES,
    Source,
    StudyReports,
)
from rupture_outcome.estimates.sensitivity.rows import (
    CONTRASTS,
    Basis,
    sensitivity_row,
    sensitivity_table,
)

ANALYSIS, SETTING = "hidden_states", "all_reports"
STATES = {"intact": 0, "unrepaired": 1, "repaired": 2}
# One report alone cannot tell what is wrong with it from what has changed.
FEWEST_SOURCES, FEWEST_REPORTS = 2, 100
LARGEST_ERROR = 5.0
REPORT_COLUMNS = (
    *("report", "sees", "patients", "sessions"),
    *("sensitivity", "sensitivity_low", "sensitivity_high", "true_sensitivity"),
    *("specificity", "specificity_low", "specificity_high", "true_specificity"),
    *("events", "least_cell", "reason"),
)


@dataclass(frozen=True)
class HiddenStates:
    """What the hidden states give.

    Attributes
    ----------
    effects : DataFrame
        In the columns of the sensitivity analyses.
    reports : DataFrame
        `REPORT_COLUMNS`, one row a report.
    fits : list of dict
        For the audit of all fits.
    """

    effects: pd.DataFrame
    reports: pd.DataFrame
    fits: list[dict]


def hidden_states(
    rows: pd.DataFrame,
    reports: StudyReports,
    settings: HazardSettings,
    phases: np.ndarray | None = None,
) -> HiddenStates:
    """Fit states, reports and dropout together.

    intact → unrepaired ⇄ repaired; every report is right or wrong with a chance of its own, apart
    from the others once the state is known. Dropout after a session depends on the state, the
    session and covariates as in the main hazard, and on nothing that is reported later. There is
    no therapist effect: the ratio is one over all therapists, and errors are robust to them.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session.
    reports : StudyReports
        Of these rows.
    settings : HazardSettings
        Link, covariates, baseline and level of the intervals of the main hazard.
    phases : array of int, shape (rows,), optional
        True ones of a simulated study, from `true_phases`.
    """
    at_risk = rows["at_risk"].to_numpy(bool)
    basis = Basis.of(rows[at_risk])
    why = _too_little(rows[at_risk], reports)
    fit, note = None, ""
    if not why:
        fit, note = _fit(rows, reports, settings)
        why = _unusable(fit, reports)
    caution = "" if why else note
    effects = []
    for pair in CONTRASTS:
        found = Estimate(reason=why)
        if fit is not None and not why:
            effect = fit.contrast(STATES[pair[0]], STATES[pair[1]])
            found = Estimate(*effect, caution, df=fit.clusters - 1.0)
            if not found.known or found.se > LARGEST_ERROR:
                found = Estimate(reason=reason("infinite"))
        effects.append(sensitivity_row(ANALYSIS, SETTING, pair, found, basis, settings.confidence))
    told = None if why else fit
    rates = [
        _report_row(k, rows, reports, told, settings.confidence, basis, phases)
        | {"reason": joined(why, caution)}
        for k in range(len(reports.sources))
    ]
    return HiddenStates(
        sensitivity_table(effects),
        pd.DataFrame(rates, columns=list(REPORT_COLUMNS)),
        [_audit(rows, fit, why, basis)],
    )


def _too_little(at_risk: pd.DataFrame, reports: StudyReports) -> str:
    """Say why the states cannot be told from the reports; empty if they may be."""
    answered = (reports.codes != MISSING).sum(axis=0)
    of_ruptures = [
        source.name
        for source, n in zip(reports.sources, answered, strict=True)
        if source.sees != "mends" and n >= FEWEST_REPORTS
    ]
    if len(of_ruptures) < FEWEST_SOURCES:
        return reason("few_sources", FEWEST_SOURCES)
    dropout = at_risk["dropout"]
    return "" if 0 < dropout.sum() < len(dropout) else reason("no_events")


def _fit(
    rows: pd.DataFrame, reports: StudyReports, settings: HazardSettings
) -> tuple[HiddenFit, str]:
    at_risk = rows["at_risk"].to_numpy(bool)
    design = hazard_design(
        rows[at_risk],
        "dropout",
        min_events=settings.min_events,
        covariates=settings.covariates,
    )
    columns = np.zeros((len(rows), design.matrix.shape[1]))
    columns[at_risk] = design.matrix.to_numpy()
    patient = patient_codes(rows)
    dropout = rows["dropout"].to_numpy(float) * at_risk
    courses = Courses.of(patient, reports.codes, columns, dropout, at_risk)
    likelihood = HiddenLikelihood(reports.structure, courses, settings.link)
    clusters, caution = patient_clusters(rows)
    return fit_hidden(likelihood, clusters[patient]), joined(design.reason, caution)


def _unusable(fit: HiddenFit, reports: StudyReports) -> str:
    """Say why a fit is not shown; empty if it may be."""
    if not fit.converged:
        return NOT_CONVERGED
    structure = fit.likelihood.structure
    for source, table in zip(reports.sources, structure.tables(fit.theta), strict=True):
        if source.sees == "open" and table[1, YES] <= table[0, YES]:
            return reason("states_not_told_apart", source.name)
    return ""


def _report_row(
    k: int,
    rows: pd.DataFrame,
    reports: StudyReports,
    fit: HiddenFit | None,
    confidence: float,
    basis: Basis,
    phases: np.ndarray | None,
) -> dict[str, Any]:
    """Error rates of one report: yes where it should be, no where it should not be."""
    source, codes = reports.sources[k], reports.codes[:, k]
    answered = codes != MISSING
    out: dict[str, Any] = dict.fromkeys(REPORT_COLUMNS, np.nan)
    out |= {
        "report": source.name,
        "sees": source.sees,
        "patients": int(rows.loc[answered, "patient_id"].nunique()),
        "sessions": int(answered.sum()),
        "events": basis.events,
        "least_cell": min(basis.least.values(), default=np.nan),
    }
    for rate, phase, right in _rates(source):
        if fit is not None:
            out |= _rate(fit, k, rate, phase, right, confidence)
        if phases is not None:
            own = answered & np.isin(phases, _alike(source, phase))
            out[f"true_{rate}"] = (
                float(((codes[own] == YES) == right).mean()) if own.any() else np.nan
            )
    return out


def _rates(source: Source) -> tuple[tuple[str, int, bool], tuple[str, int, bool]]:
    """Phase in which the report should be yes, and that in which it should not."""
    wanted = PHASES.index(source.sees)
    other = PHASES.index("open") if source.sees == "mends" else PHASES.index("intact")
    return ("sensitivity", wanted, True), ("specificity", other, False)


def _alike(source: Source, phase: int) -> list[int]:
    """Phases in which the report is as in another one."""
    classes = source.report.classes
    return [p for p, of in enumerate(classes) if of == classes[phase]]


def _rate(
    fit: HiddenFit, k: int, rate: str, phase: int, right: bool, confidence: float
) -> dict[str, float]:
    structure = fit.likelihood.structure
    before = sum(len(report.start) for report in structure.reports[:k])
    block = len(MOVES) + before + structure.reports[k].classes[phase]
    log_odds, se = fit.chance(block, YES)
    sign = 1.0 if right else -1.0
    low, high = wald(sign * log_odds, se, confidence, fit.clusters - 1.0)
    names = (rate, f"{rate}_low", f"{rate}_high")
    return dict(zip(names, map(float, expit(np.array([sign * log_odds, low, high]))), strict=True))


def _audit(rows: pd.DataFrame, fit: HiddenFit | None, why: str, basis: Basis) -> dict[str, Any]:
    first = rows.iloc[0]
    given = (ANALYSIS, str(first["definition"]), str(first["repair_rule"]))
    if fit is None or why:
        return fit_audit(*given, converged=False, reason=why)
    gradient, information = fit.optimum.gradient, -fit.optimum.hessian
    audit = fit_audit(*given, gradient=gradient, information=information, events=basis.events)
    # The error rates rest on reports, which are many; the events bear the hazard alone.
    of_hazard = fit.likelihood.size - fit.likelihood.structure.size
    return audit | {"events_per_parameter": basis.events / of_hazard}
