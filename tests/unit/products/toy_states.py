"""Multistate frames of small made-up studies, as they are published and read."""

from functools import cache

import numpy as np
import pandas as pd

from rupture_outcome.estimates.multistate.products import multistate
from rupture_outcome.look.look import Look
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import published
from tests.unit.estimates.multistate.test_multistate_products import MODELS
from tests.unit.toy_sessions import toy_sessions

REAL, SIMULATED = Look(threshold=10), Look(simulated=True)
STUDIES = {
    "simulated": (toy_sessions(patients=600), SIMULATED),
    "real": (toy_sessions(patients=200), REAL),
    "few": (toy_sessions(patients=10), REAL),
    "untested": (toy_sessions(patients=100).assign(testable=False), SIMULATED),
}


@cache
def raw_states(study: str) -> dict[str, pd.DataFrame]:
    """Frames of the models."""
    rows, _ = STUDIES[study]
    return multistate(rows, MODELS | {"horizon": 12}, np.random.default_rng(1)).frames


def states(study: str, name: str) -> tuple[dict[str, pd.DataFrame], Look]:
    """Published table of a product by its name, and the look of the study."""
    look = STUDIES[study][1]
    return {name: published(products()[name], {"frame": raw_states(study)[name]}, look)}, look
