"""The primary analysis: hazard of dropout by the state of the alliance, per definition and rule."""

from typing import Any

import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.specifications import each_specification
from rupture_outcome.estimates.effect_rows import Specification, effect_row, effect_table, label
from rupture_outcome.estimates.hazard.exposure_hazard import (
    ExposureFit,
    HazardSettings,
    fit_exposure,
)
from rupture_outcome.estimates.hazard.hazard_rows import fewest
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard

ANALYSIS = "hazard"
TERM = "state"
CONTRASTS = (("unrepaired", "intact"), ("repaired", "intact"), ("repaired", "unrepaired"))


def hazard_effects(
    person_sessions: pd.DataFrame,
    dropout_definition: str,
    settings: HazardSettings,
    primary_fit: PrimaryHazard | None = None,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Fit the multilevel hazard under every definition and repair rule.

    ``dropout ~ C(band) + C(state) + covariates + (1 | therapist of that session)``. The question:
    among patients in treatment at session s, how does the chance of dropping out after s depend on
    whether a rupture is open or repaired at s?

    Parameters
    ----------
    person_sessions : DataFrame
        The risk set, from `rupture_outcome.cohort.risk_set.person_sessions`.
    dropout_definition : str
        For the column of that name.
    settings : HazardSettings
        How to fit.
    primary_fit : PrimaryHazard, optional
        Of this definition of dropout: the fit that need not be made again.

    Returns
    -------
    effects : DataFrame
        Three contrasts a fit, in the columns of ``dropout_effects.csv``.
    fits : list of dict
        One entry a fit, for ``hazard.json``.

    Raises
    ------
    StudyError
        A definition is retrospective: it looks ahead, and so at whether the patient stayed.
    """
    rows: list[dict[str, Any]] = []
    fits: list[dict[str, Any]] = []
    for definition, rule, part in each_specification(person_sessions):
        known = None if primary_fit is None else primary_fit.known(definition, rule)
        result = fit_exposure(part, TERM, STATES, CONTRASTS, settings, known=known)
        given = Specification(ANALYSIS, definition, rule, dropout_definition, settings.link)
        rows += contrast_rows(given, TERM, CONTRASTS, result, settings, exposure=TERM)
        report = result.report(settings.confidence)
        given_fit = {"model": ANALYSIS, "definition": definition, "repair_rule": rule}
        fits.append({**given_fit, **report})
    return effect_table(rows), fits


def contrast_rows(
    given: Specification,
    term: str,
    contrasts: tuple[tuple[str, str], ...],
    result: ExposureFit,
    settings: HazardSettings,
    *,
    exposure: str,
    landmark: int | None = None,
) -> list[dict[str, Any]]:
    """Lay out the contrasts of one fit with what it rests on.

    Parameters
    ----------
    given : Specification
    term : str
    contrasts : tuple of tuple of str
        Pairs of levels.
    result : ExposureFit
    settings : HazardSettings
        With the level of the intervals.
    exposure : str
        Column of the rows that holds the levels.
    landmark : int, optional
        At which the exposure is fixed.

    Returns
    -------
    list of dict
        One a contrast: a row of `dropout_effects`.
    """
    return [
        effect_row(
            given,
            term,
            pair,
            result.estimates[label(pair)],
            confidence=settings.confidence,
            landmark=landmark,
            **fewest(result, exposure, pair, "dropout"),
        )
        for pair in contrasts
    ]
