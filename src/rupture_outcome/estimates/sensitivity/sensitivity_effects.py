"""All sensitivity analyses of the primary specification."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.sensitivity.e_value import e_value_rows
from rupture_outcome.estimates.sensitivity.marginal_structural import marginal_structural
from rupture_outcome.estimates.sensitivity.misclassification import (
    OWN,
    VALIDATED,
    Accuracy,
    misclassification,
    state_accuracy,
)
from rupture_outcome.estimates.sensitivity.missing_ratings import missing_ratings
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS, sensitivity_table


@dataclass(frozen=True)
class Sensitivity:
    """What the analyses give.

    Attributes
    ----------
    effects : DataFrame
        `SENSITIVITY_COLUMNS`; one row an analysis, setting and contrast.
    diagnostics : DataFrame
        Of the weights of the marginal structural hazard.
    fits : list of dict
        For the audit of all fits.
    """

    effects: pd.DataFrame
    diagnostics: pd.DataFrame
    fits: list[dict]


def sensitivity_effects(
    rows: pd.DataFrame,
    sessions: pd.DataFrame,
    settings: HazardSettings,
    *,
    rng: np.random.Generator,
    truth: pd.DataFrame | None = None,
    validated: Accuracy | None = None,
    primary_fit: PrimaryHazard | None = None,
) -> Sensitivity:
    """Ask four times how far the main effects could move.

    Confounding that was not measured (`e_value`), confounding by symptoms that change over
    sessions (`marginal_structural`), sessions that were not rated (`missing_ratings`) and ruptures
    that were coded wrongly (`misclassification`).

    Parameters
    ----------
    rows : DataFrame
        Risk set of the primary definition and repair rule, sorted by patient and session.
    sessions : DataFrame
        ``patient_id``, ``session``, ``symptom``.
    settings : HazardSettings
        How hazards are fitted.
    rng : numpy.random.Generator
    truth : DataFrame, optional
        ``patient_id``, ``session``, ``latent_state`` of a simulated study.
    validated : Accuracy, optional
        Of the coding, from a validation study.
    primary_fit : PrimaryHazard, optional
        Of these rows: the fit that need not be made again.
    """
    fitted = None if primary_fit is None else primary_fit.fit
    main = fit_exposure(rows, "state", STATES, CONTRASTS, settings, known=fitted)
    structural = marginal_structural(rows, sessions, settings)
    missing, fits = missing_ratings(rows, main, settings, rng)
    known = {OWN: None if truth is None else state_accuracy(rows, truth), VALIDATED: validated}
    achieved = {setting: each for setting, each in known.items() if each is not None}
    miscoded = misclassification(rows, settings, achieved)
    e_values = e_value_rows(main, settings.link, settings.confidence)
    effects = sensitivity_table([*e_values, *structural.rows, *missing, *miscoded])
    return Sensitivity(effects, structural.diagnostics, [*structural.fits, *fits])
