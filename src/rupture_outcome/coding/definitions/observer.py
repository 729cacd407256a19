"""Ruptures that observers rated for the session as a whole."""

from collections.abc import Mapping

import numpy as np

from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import (
    CONFRONTATION,
    MISSING_SCORE,
    NONE,
    WITHDRAWAL,
    Verdicts,
    reached,
)


@definition(
    id="observer",
    kind_class="prospective",
    provenance="project",
    source="Rupture Resolution Rating System, 3RS v2022; the threshold is the analyst's choice",
    needs=("observer_withdrawal", "observer_confrontation"),
)
def observer(panel: Panel, constants: Mapping[str, float], *, threshold: float = 3.0) -> Verdicts:
    """Mean rater salience of withdrawal or confrontation at or above a threshold; keeps which.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        None are used.
    threshold : float
        Salience, 1 (not) to 5 (very). At 2 instead of 3 far more sessions have a rupture.

    Notes
    -----
    A session that nobody rated is not testable. With only one of the two rated, it decides only
    when it reaches the threshold.
    """
    withdrawal, confrontation = panel["observer_withdrawal"], panel["observer_confrontation"]
    away, against = reached(withdrawal, threshold), reached(confrontation, threshold)
    detected = away | against
    unrated = (np.isnan(withdrawal) | np.isnan(confrontation)) & ~detected
    return Verdicts.of(
        detected,
        np.where(unrated, MISSING_SCORE, NONE).astype(np.int8),
        away * WITHDRAWAL + against * CONFRONTATION,
    )
