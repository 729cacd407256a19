"""Marginal structural hazard: dropout by state, weighted for confounding by symptoms."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.clusters import patient_clusters, patient_codes
from rupture_outcome.cohort.design import Design, hazard_design, unusable_levels
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.engine.weighted_hazard import WeightedFit, fit_weighted
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.hazard.exposure_hazard import (
    NOT_CONVERGED,
    HazardSettings,
    hardly_tested,
)
from rupture_outcome.estimates.sensitivity.ending_weights import ending_weights
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS, Basis, sensitivity_row
from rupture_outcome.estimates.sensitivity.state_weights import (
    StateWeights,
    TransitionFit,
    state_weights,
)
from rupture_outcome.estimates.sensitivity.symptom_history import symptom_history
from rupture_outcome.estimates.sensitivity.weight_diagnostics import diagnostics, diagnostics_table

ANALYSIS = "marginal_structural"
SETTINGS = ("unweighted", "weighted", "weighted_truncated")
ENDINGS = "other_endings"
PERCENTILES = (1.0, 99.0)
NO_SYMPTOMS = reason("no_symptoms")


@dataclass(frozen=True)
class MarginalStructural:
    """Rows of estimates, of weight diagnostics and of the audit."""

    rows: list[dict]
    diagnostics: pd.DataFrame
    fits: list[dict]


def marginal_structural(
    rows: pd.DataFrame, sessions: pd.DataFrame, settings: HazardSettings
) -> MarginalStructural:
    """Hazard of dropout by state, unweighted, weighted, and with weights truncated.

    Symptoms before a session can make rupture or repair in it more likely, and dropout after it,
    and they are themselves moved by earlier ruptures. Adjusting for them would take away what
    ruptures do by way of symptoms; weighting does not. The weighted pooled hazard

        dropout ~ bands of session + state + baseline covariates

    then compares states as they would be if symptoms did not guide them, given that all common
    causes are in the weights' models, that every state was possible at all symptoms, and that
    those models are right. Weights against other endings (`ending_weights`) are rows of
    their own. Errors are robust to clusters (therapist of the first session) and
    take the weights as known, which on the whole makes them too large rather than too small.

    Parameters
    ----------
    rows : DataFrame
        Risk set of one definition and repair rule, sorted by patient and session.
    sessions : DataFrame
        ``patient_id``, ``session``, ``symptom``.
    settings : HazardSettings
        Link, covariates, least events of a band, confidence.
    """
    untested = hardly_tested(rows, settings.min_testable)
    symptoms = None if untested else symptom_history(rows, sessions)
    weighing = None if symptoms is None else state_weights(rows, symptoms, settings.covariates)
    at_risk = rows["at_risk"].to_numpy(bool)
    data = rows[at_risk]
    of_patient, caution = patient_clusters(rows)
    clusters = of_patient[patient_codes(rows)][at_risk]
    weights, why = _weights(weighing, at_risk)
    ends = None if symptoms is None else ending_weights(rows, symptoms, settings.covariates)
    of_endings, why_not = _weights(ends, at_risk)
    plain = None if untested else np.ones(len(data))
    used = [(ANALYSIS, "unweighted", plain, "")]
    used += [(ANALYSIS, setting, weights.get(setting), why) for setting in SETTINGS[1:]]
    used += [(ENDINGS, setting, of_endings.get(setting), why_not) for setting in SETTINGS[1:]]
    found, audits, basis = [], [], Basis.of(data)
    for analysis, setting, weight, without in used:
        fit = PooledHazard.fit(data, weight, clusters, settings, untested or without)
        for pair in CONTRASTS:
            estimate = fit.contrast(pair)
            estimate = estimate.with_reason(caution) if estimate.known else estimate
            row = (analysis, setting, pair, estimate, basis, settings.confidence)
            found.append(sensitivity_row(*row))
        named = setting if analysis == ANALYSIS else f"{setting}_{analysis}"
        audits.append(fit.audit(f"pooled_hazard:{named}", data))
    transitions = [fit for each in (weighing, ends) if each for fit in each.fits]
    audits += [_transition_audit(fit, data) for fit in transitions if fit.denominator]
    table = diagnostics(weights, data, weighing.least_chance if weighing else np.nan)
    return MarginalStructural(found, table if weights else diagnostics_table([]), audits)


def _weights(weighing: StateWeights | None, at_risk: np.ndarray) -> tuple[dict[str, Array], str]:
    """Weights of the rows at risk by setting, or why there are none."""
    if weighing is None:
        return {}, NO_SYMPTOMS
    failed = [fit.name for fit in weighing.fits if not fit.converged]
    if failed:
        return {}, reason("weights_not_converged", *failed)
    whole = weighing.weights[at_risk]
    if not len(whole):
        return {}, reason("nobody")
    return {
        "weighted": whole,
        "weighted_truncated": np.clip(whole, *np.percentile(whole, PERCENTILES)),
    }, ""


@dataclass(frozen=True)
class PooledHazard:
    """A fit without group effects, or why there is none; `missing` gives the reason by state."""

    fitted: WeightedFit | None
    missing: dict[str, str]
    reason: str
    design: Design | None = None

    @classmethod
    def fit(
        cls,
        data: pd.DataFrame,
        weights: Array | None,
        clusters: np.ndarray,
        settings: HazardSettings,
        why: str,
    ) -> "PooledHazard":
        """Fit on the states in which dropout and staying both occur.

        Parameters
        ----------
        data : DataFrame
            Person-sessions at risk, with ``state`` and ``dropout``.
        weights : array, shape (rows,), or None
            None: there are none, for the reason `why`.
        clusters : array of int, shape (rows,)
        settings : HazardSettings
        why : str
            Reason why there are no weights.
        """
        if weights is None:
            return cls(None, {}, why)
        missing = unusable_levels(data, "state", STATES, "dropout")
        usable = [state for state in STATES if not missing[state]]
        if len(usable) < 2:
            return cls(None, missing, joined(*missing.values()))
        kept = data["state"].isin(usable).to_numpy(bool)
        design = hazard_design(
            data[kept],
            "dropout",
            data.loc[kept, "state"].astype("category").cat.set_categories(usable),
            min_events=settings.min_events,
            covariates=settings.covariates,
        )
        fitted = fit_weighted(
            design.matrix,
            design.outcome.to_numpy(float),
            link=settings.link,
            weights=weights[kept],
            clusters=clusters[kept],
        )
        return cls(fitted, missing, "" if fitted.converged else NOT_CONVERGED, design)

    def contrast(self, pair: tuple[str, str]) -> Estimate:
        """Log ratio of two states."""
        reasons = [self.missing[state] for state in pair if self.missing.get(state)]
        if self.fitted is None or self.design is None or reasons or not self.fitted.converged:
            return Estimate(reason=joined(*reasons) or self.reason)
        weights = self.design.named(self.design.weights(*pair))
        return self.fitted.contrast(weights)

    def audit(self, model: str, data: pd.DataFrame) -> dict:
        """Entry of this fit for the audit of all fits."""
        given = (model, *_specification(data))
        if self.fitted is None:
            return fit_audit(*given, converged=False, reason=self.reason)
        return fit_audit(
            *given,
            gradient=self.fitted.gradient,
            information=self.fitted.information,
            events=int(data["dropout"].sum()),
            converged=self.fitted.converged,
            reason=self.reason,
        )


def _transition_audit(fit: TransitionFit, data: pd.DataFrame) -> dict:
    assert fit.denominator is not None
    return fit_audit(
        f"weights:{fit.name}",
        *_specification(data),
        gradient=fit.denominator.gradient,
        information=fit.denominator.information,
        events=min(fit.events, fit.sessions - fit.events),
        converged=fit.converged,
        reason=fit.reason,
    )


def _specification(data: pd.DataFrame) -> tuple[str, str]:
    if data.empty:
        return "", ""
    return str(data["definition"].iloc[0]), str(data["repair_rule"].iloc[0])
