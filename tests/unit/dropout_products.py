"""Published tables of a toy study's definitions of dropout, for tests of tables and figures."""

from functools import cache

import numpy as np
import pandas as pd

from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_definition_effects import dropout_definition_effects
from rupture_outcome.estimates.dropout.dropout_overlap import dropout_overlap
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.look.look import Look
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import published
from tests.unit.toy_treatments import INSTRUMENTS, PRIMARY, toy_tables

SETTINGS = {
    "dropout": {"definition": "fewer_than_planned"} | {"planned_share": 0.6, "first_sessions": 3}
}
NAMES = {
    "dropout_definitions": "rates",
    "dropout_overlap": "pairs",
    "dropout_patterns": "patterns",
    "dropout_definition_effects": "effects",
}


def look_of(threshold: int) -> Look:
    """Look of the toy study; with exact counts it is a simulated one."""
    return Look(threshold=threshold, simulated=not threshold, settings=SETTINGS)


@cache
def raw_tables(patients: int) -> dict[str, pd.DataFrame]:
    """Rates, pairs, patterns and effects, as the models give them."""
    tables = toy_tables(patients=patients)
    treatments = treatment_endings(
        tables["sessions"], tables["patients"], tables["endings"], INSTRUMENTS
    )
    found = dropout_overlap(treatments, rng=np.random.default_rng(1))
    effects, _ = dropout_definition_effects(
        tables, PRIMARY, HazardSettings(), instruments=INSTRUMENTS
    )
    return {
        "rates": found.rates,
        "pairs": found.pairs,
        "patterns": found.patterns,
        "effects": effects,
    }


def shown_tables(patients: int = 400, threshold: int = 10) -> dict[str, pd.DataFrame]:
    """Published tables by the name of their product."""
    raw, look = raw_tables(patients), look_of(threshold)
    return {name: published(products()[name], {key: raw[key]}, look) for name, key in NAMES.items()}
