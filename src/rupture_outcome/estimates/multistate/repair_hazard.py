"""Multilevel hazard of repair, and whether dropout from an open rupture depends on its age."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import NOT_CONVERGED, NOT_ESTIMABLE, joined, reason
from rupture_outcome.estimates.hazard.exposure_hazard import GROUPS, HazardSettings
from rupture_outcome.estimates.therapists.therapist_hazards import after_open

OPEN, CLOSED = "unrepaired", "repaired"
AGE = "sessions_open"
REPAIR_MODEL = "therapists:repair"
MARKOV_MODEL = "markov_check"


@dataclass(frozen=True)
class Fitted:
    """A fit, or why there is none."""

    model: str
    fit: Any = None
    reason: str = ""

    def report(self, confidence: float) -> dict[str, Any]:
        """Give what an audit of the fit needs, in plain types."""
        given = {"model": self.model}
        if self.fit is None:
            return given | {"converged": False, "reason": self.reason}
        return {**given, **self.fit.to_dict(alpha=1.0 - confidence), "reason": self.reason}


def repair_chances(rows: pd.DataFrame) -> pd.DataFrame:
    """Select tested sessions after one with an open rupture, and say whether it was repaired.

    In a session without a test no repair can be seen: counted as a chance, it would make the repair
    hazard smaller the less patients answer.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and time.

    Returns
    -------
    DataFrame
        Those rows with ``repaired``, 1 or 0; the therapist is that of the session of the repair.
    """
    chances = rows[after_open(rows) & rows["testable"]]
    return chances.assign(repaired=chances["state"].eq(CLOSED).astype(int))


def fit_repair(rows: pd.DataFrame, settings: HazardSettings) -> Fitted:
    """Fit repaired ~ session bands + covariates + (1 | therapist), logit, given an open rupture.

    Who stays for another session is looked at: the chance that the rupture is repaired by then.
    The logit is used whatever the link of the dropout models.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and time.
    settings : HazardSettings
        Covariates, quadrature and the least number of events in a band.
    """
    return _fit(repair_chances(rows), "repaired", [], settings, REPAIR_MODEL)


def fit_age_of_rupture(rows: pd.DataFrame, settings: HazardSettings) -> Fitted:
    """Fit dropout ~ session bands + sessions the rupture has been open + (1 | therapist).

    Among sessions at risk of dropout with an open rupture. In a Markov model the coefficient is 0:
    the chance of leaving depends on the state and the session only.
    """
    state, patient = rows["state"], rows["patient_id"]
    new = state.ne(state.shift()) | patient.ne(patient.shift())
    aged = rows.assign(**{AGE: rows.groupby(new.cumsum()).cumcount().to_numpy(dtype=float)})
    here = aged[aged["at_risk"] & state.eq(OPEN)]
    return _fit(here, "dropout", [AGE], settings, MARKOV_MODEL)


def age_ratio(fitted: Fitted, confidence: float) -> dict[str, Any]:
    """Odds ratio of dropout for every session that a rupture has been open, as a row."""
    row: dict[str, Any] = {
        "measure": "odds_ratio_per_session_open",
        "state": OPEN,
        "estimate": np.nan,
        "ci_low": np.nan,
        "ci_high": np.nan,
        "reason": joined(NOT_ESTIMABLE, fitted.reason) if fitted.reason else "",
    }
    if fitted.fit is None:
        return row
    found = fitted.fit.contrast({AGE: 1.0}, alpha=1.0 - confidence)
    if not np.isfinite(found.se):
        return row | {"reason": joined(NOT_ESTIMABLE, reason("separated"))}
    known = {"estimate": found.ratio, "ci_low": np.exp(found.ci_low)}
    note = reason("markov_test", f"{found.pvalue:.2g}")
    return row | known | {"ci_high": np.exp(found.ci_high), "reason": note}


def _fit(
    rows: pd.DataFrame, outcome: str, terms: Sequence[str], settings: HazardSettings, model: str
) -> Fitted:
    known = rows[rows[GROUPS].notna()]
    why = _why_not(known, outcome, settings)
    if why:
        return Fitted(model, reason=why)
    design = hazard_design(
        known,
        outcome,
        min_events=settings.min_events,
        terms=terms,
        covariates=settings.covariates,
        groups=GROUPS,
    )
    if not set(terms) <= set(design.names):
        return Fitted(model, reason=reason("same_age"))
    try:
        found = design.model("logit").fit(quadrature=settings.quadrature)
    except ModelError as error:
        return Fitted(model, reason=error.reason)
    if not found.finite_part_converged:
        return Fitted(model, reason=NOT_CONVERGED)
    return Fitted(model, found)


def _why_not(rows: pd.DataFrame, outcome: str, settings: HazardSettings) -> str:
    if rows.empty:
        return reason("no_open_rupture")
    events = int(rows[outcome].sum())
    if min(events, len(rows) - events) < settings.min_events:
        return reason("few_sessions", settings.min_events, outcome)
    return "" if len(rows[GROUPS].unique()) > 1 else reason("one_therapist")
