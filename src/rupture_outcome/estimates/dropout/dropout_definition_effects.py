"""Ruptures and dropout under every definition of dropout: how far the answer rests on it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.cohort.covariates import covariate_name
from rupture_outcome.cohort.dropout import available_definitions
from rupture_outcome.cohort.dropout_rules import LIMITS, DropoutLimits
from rupture_outcome.cohort.risk_set import person_sessions
from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import NOT_ESTIMABLE, joined, reason
from rupture_outcome.errors import StudyError
from rupture_outcome.estimates.effect_rows import (
    EVER,
    NOBODY,
    Specification,
    effect_row,
    effect_table,
)
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import (
    ANALYSIS,
    CONTRASTS,
    TERM,
    hazard_effects,
)
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.naive import ANALYSIS as NAIVE
from rupture_outcome.estimates.naive import BIASED, naive_effects
from rupture_outcome.estimates.naive import TERM as NAIVE_TERM

Fits = list[dict[str, Any]]


def dropout_definition_effects(
    tables: Mapping[str, pd.DataFrame],
    primary: Mapping[str, str],
    settings: HazardSettings,
    *,
    clock: str = "attended",
    limits: DropoutLimits = LIMITS,
    instruments: Mapping[str, Mapping[str, Any]] | None = None,
    primary_fit: PrimaryHazard | None = None,
) -> tuple[pd.DataFrame, Fits]:
    """Fit the hazard and make the naive comparison under every definition of dropout.

    Each definition has a risk set of its own, because each has sessions after which leaving cannot
    be dropout. The definition of rupture and the repair rule are the primary ones throughout.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``sessions``, ``patients``, ``endings``, ``states``, ``ruptures``, as for
        `rupture_outcome.cohort.risk_set.person_sessions`.
    primary : mapping
        `coding.primary` of the config: ``definition``, ``repair_rule``.
    settings : HazardSettings
        How to fit.
    clock : str
        Of the hazard.
    limits : DropoutLimits
        For the definitions of dropout that take one.
    instruments : mapping, optional
        Section `instruments` of the config.
    primary_fit : PrimaryHazard, optional
        The fit under the config's own definition of dropout, which need not be made again.

    Returns
    -------
    effects : DataFrame
        Three contrasts of the hazard and the naive one for each definition for which the study
        holds the data, in the columns of ``dropout_effects.csv``. Where no risk set can be built,
        the rows carry the reason.
    fits : list of dict
        One entry a fit, with its ``dropout_definition``.
    """
    states = primary_rows(tables["states"], primary)
    ruptures = tables["ruptures"]
    ruptures = ruptures[ruptures["definition"].eq(primary["definition"])]
    own = {**tables, "states": states, "ruptures": ruptures}
    treatments = treatment_endings(
        tables["sessions"], tables["patients"], tables["endings"], instruments
    )
    parts: list[pd.DataFrame] = []
    fits: Fits = []
    for definition in available_definitions(treatments):
        try:
            rows, _ = person_sessions(
                **own,
                dropout_definition=definition,
                clock=clock,
                covariates=[covariate_name(name) for name in settings.covariates],
                limits=limits,
                instruments=instruments,
            )
        except StudyError as error:
            effects, audits = _nothing(
                definition, primary, settings, error.reason or reason("study_unusable")
            )
        else:
            same = primary_fit is not None and primary_fit.dropout_definition == definition
            effects, audits = _effects(rows, definition, settings, primary_fit if same else None)
        parts.append(effects)
        fits += [{**audit, "dropout_definition": definition} for audit in audits]
    return (pd.concat(parts, ignore_index=True) if parts else effect_table([])), fits


def _effects(
    rows: pd.DataFrame,
    definition: str,
    settings: HazardSettings,
    primary_fit: PrimaryHazard | None,
) -> tuple[pd.DataFrame, Fits]:
    hazard, fits = hazard_effects(rows, definition, settings, primary_fit)
    naive, naive_fits = naive_effects(
        rows, definition, settings.covariates, settings.confidence, settings.min_testable
    )
    return pd.concat([hazard, naive], ignore_index=True), [*fits, *naive_fits]


def _nothing(
    definition: str, primary: Mapping[str, str], settings: HazardSettings, why: str
) -> tuple[pd.DataFrame, Fits]:
    """Rows and audits of a definition without a risk set."""
    keys = primary["definition"], primary["repair_rule"], definition
    hazard = Specification(ANALYSIS, *keys, settings.link)
    given = [(hazard, TERM, pair, why) for pair in CONTRASTS]
    naive = Specification(NAIVE, *keys, "logit")
    given.append((naive, NAIVE_TERM, EVER, joined(BIASED, NOT_ESTIMABLE, why)))
    rows = [_empty_row(*one, settings.confidence) for one in given]
    fits = [fit_audit(a, *keys[:2], converged=False, reason=why) for a in (ANALYSIS, NAIVE)]
    return effect_table(rows), fits


def _empty_row(
    given: Specification, term: str, pair: tuple[str, str], note: str, confidence: float
) -> dict[str, Any]:
    return effect_row(
        given,
        term,
        pair,
        Estimate(reason=note),
        confidence=confidence,
        **NOBODY,
    )
