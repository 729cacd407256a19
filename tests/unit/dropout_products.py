"""Published tables of a toy study's definitions of dropout, for tests of tables and figures."""

from functools import cache

import numpy as np
import pandas as pd

from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_definition_effects import dropout_definition_effects
from rupture_outcome.estimates.dropout.dropout_overlap import dropout_overlap
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.publishable.dropout import (
    publishable_dropout_pairs,
    publishable_dropout_patterns,
    publishable_dropout_rates,
)
from rupture_outcome.publishable.suppress import publishable_effects
from tests.unit.toy_treatments import INSTRUMENTS, PRIMARY, toy_tables


@cache
def products(patients: int = 400, threshold: int = 10) -> dict[str, pd.DataFrame]:
    """Rates, pairs, patterns and effects, as they are published."""
    tables = toy_tables(patients=patients)
    treatments = treatment_endings(
        tables["sessions"], tables["patients"], tables["endings"], INSTRUMENTS
    )
    found = dropout_overlap(treatments, rng=np.random.default_rng(1))
    effects, _ = dropout_definition_effects(
        tables, PRIMARY, HazardSettings(), instruments=INSTRUMENTS
    )
    rates = publishable_dropout_rates(found.rates, threshold, found.pairs)
    return {
        "rates": rates,
        "pairs": publishable_dropout_pairs(found.pairs, threshold, rates),
        "patterns": publishable_dropout_patterns(found.patterns, threshold, rates),
        "effects": publishable_effects(effects, threshold),
    }
