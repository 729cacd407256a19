"""Multilevel hazards of rupture, repair and dropout that differ between therapists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason, without
from rupture_outcome.estimates.hazard.exposure_hazard import (
    GROUPS,
    HazardSettings,
    fit_exposure,
    hardly_tested,
)
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard

EVENT = "happened"
GIVEN_STATE = "dropout_given_state"
OUTCOMES = ("rupture", "repair", "dropout", GIVEN_STATE)
NO_THERAPISTS = reason("no_therapists")
UNNAMED = reason("unnamed_left_out")


@dataclass(frozen=True)
class TherapistHazard:
    """One hazard with a random intercept for the therapist who held the session.

    Attributes
    ----------
    rows : DataFrame
        The sessions at risk, with `therapist_id` and the column `happened` (0 or 1).
    reason : str
        Why nothing was fitted, or what was left out; may be empty.
    fit : MultilevelHazardResults or None
        None where there is no usable fit.
    report : dict
        What an audit needs: ``converged``, ``reason`` and, from the fit, gradient and so on.
    """

    rows: pd.DataFrame
    reason: str
    fit: Any
    report: Mapping[str, Any]


def therapist_hazards(
    rows: pd.DataFrame, settings: HazardSettings, primary_fit: PrimaryHazard | None = None
) -> dict[str, TherapistHazard]:
    """Fit the hazards of rupture, repair and dropout, dropout without and with the state.

    ``event ~ C(band) + covariates + (1 | therapist of that session)``, and for
    ``dropout_given_state`` with ``C(state)`` in addition. What therapists add to dropout beyond
    the ruptures and repairs of their patients is what is left in the last of them.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session.
    settings : HazardSettings
        How to fit.
    primary_fit : PrimaryHazard, optional
        Of these rows: where every session has a named therapist, dropout given the state.

    Returns
    -------
    dict of str to TherapistHazard
        By outcome, in the order of `OUTCOMES`.

    Notes
    -----
    In R: `glmmTMB(event ~ band + severity + (1 | therapist), family = binomial)`.
    """
    at_risk = rows_at_risk(rows)
    nobody = "" if rows[GROUPS].notna().any() else NO_THERAPISTS
    untested = hardly_tested(rows, settings.min_testable)
    reasons = {"rupture": nobody or untested, "repair": nobody or untested}
    left_out = UNNAMED if rows[GROUPS].isna().any() else ""
    known = None if primary_fit is None or left_out else primary_fit.fit
    hazards = {
        outcome: _fit(at_risk[outcome], settings, reasons.get(outcome, nobody), left_out)
        for outcome in OUTCOMES[:-1]
    }
    given_state = _fit_given_state(at_risk[GIVEN_STATE], settings, nobody, left_out, known)
    return hazards | {GIVEN_STATE: given_state}


def rows_at_risk(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Select, for each outcome, the sessions of named therapists in which it could happen.

    - rupture: no rupture was open after the session before (or there was none before), and one is
      open after this session. A rupture repaired in the session that it began in is not counted.
    - repair: a rupture was open after the session before, and is repaired in this one, by whoever
      held this one. The same hazard shifts repair in
      `rupture_outcome.estimates.multistate.repair_what_if`.
    - dropout: after the session, among those who could still drop out.

    Ruptures and repairs are looked for in testable sessions only: in the others nothing can be
    seen, and a therapist whose patients answer less would seem to have fewer of both.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, sorted by patient and session.
    """
    state, seen, was_open = rows["state"], rows["testable"], after_open(rows)
    chosen = {
        "rupture": (~was_open & seen, state.eq("unrepaired")),
        "repair": (was_open & seen, state.eq("repaired")),
        "dropout": (rows["at_risk"], rows["dropout"]),
        GIVEN_STATE: (rows["at_risk"], rows["dropout"]),
    }
    named = rows[GROUPS].notna()
    return {
        outcome: rows.assign(**{EVENT: happened.astype("int64")})[inside & named]
        for outcome, (inside, happened) in chosen.items()
    }


def after_open(rows: pd.DataFrame) -> pd.Series:
    """Whether a rupture was open after the patient's session before."""
    same = rows["patient_id"].eq(rows["patient_id"].shift())
    return rows["state"].shift().eq("unrepaired") & same


def _fit(rows: pd.DataFrame, settings: HazardSettings, why: str, left_out: str) -> TherapistHazard:
    why = why or _why_not(rows)
    if why:
        return _failed(rows, why)
    design = hazard_design(
        rows,
        EVENT,
        min_events=settings.min_events,
        covariates=settings.covariates,
        groups=GROUPS,
    )
    try:
        fit = design.model(settings.link).fit(quadrature=settings.quadrature)
    except ModelError as error:
        return _failed(rows, error.reason)
    return _fitted(rows, fit, joined(left_out, design.reason), settings)


def _fit_given_state(
    rows: pd.DataFrame,
    settings: HazardSettings,
    why: str,
    left_out: str,
    known: Mapping[str, Any] | None,
) -> TherapistHazard:
    why = why or _why_not(rows)
    if why:
        return _failed(rows, why)
    result = fit_exposure(rows, "state", STATES, [], settings, known=known)
    if result.fit is None:
        return _failed(rows, result.reason)
    note = without(result.reason, [NOT_CONVERGED])
    return _fitted(rows, result.fit, joined(left_out, note), settings)


def _fitted(rows: pd.DataFrame, fit: Any, note: str, settings: HazardSettings) -> TherapistHazard:
    audit = fit.to_dict(alpha=1.0 - settings.confidence)
    if fit.finite_part_converged:
        return TherapistHazard(rows, note, fit, audit | {"reason": note})
    note = joined(NOT_CONVERGED, note)
    return TherapistHazard(rows, note, None, audit | {"reason": note})


def _failed(rows: pd.DataFrame, why: str) -> TherapistHazard:
    return TherapistHazard(rows, why, None, {"converged": False, "reason": why})


def _why_not(rows: pd.DataFrame) -> str:
    if rows.empty:
        return reason("no_named_session")
    if not rows[EVENT].any():
        return reason("never_happened")
    if rows[EVENT].all():
        return reason("always_happened")
    return reason("one_therapist") if rows[GROUPS].nunique() < 2 else ""


def therapist_audits(
    hazards: Mapping[str, TherapistHazard], definition: str, repair_rule: str
) -> list[dict[str, Any]]:
    """Give what an audit of the fits needs, one entry an outcome.

    Parameters
    ----------
    hazards : mapping of str to TherapistHazard
        By outcome.
    definition, repair_rule : str
        Of the primary analysis.
    """
    about = {"definition": definition, "repair_rule": repair_rule}
    return [
        {**hazard.report, "model": f"therapists:{outcome}", **about}
        for outcome, hazard in hazards.items()
    ]
