"""Ruptures that observers rated for the session as a whole."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from rupture_outcome.coding.limits import least
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Salience
from rupture_outcome.coding.verdicts import (
    CONFRONTATION,
    MISSING_SCORE,
    NONE,
    WITHDRAWAL,
    Verdicts,
    reached,
)

Kind = Literal["any", "withdrawal", "confrontation"]
BITS = {"withdrawal": WITHDRAWAL, "confrontation": CONFRONTATION}
OF_KIND = {"any": tuple(BITS), **{kind: (kind,) for kind in BITS}}


def needs(*, threshold: float, kind: str) -> list[str]:
    """Columns of the kinds asked for.

    Examples
    --------
    >>> needs(threshold=3.0, kind="withdrawal")
    ['observer_withdrawal']
    """
    return [f"observer_{one}" for one in OF_KIND[kind]]


@definition(
    id="observer",
    kind_class="prospective",
    provenance="project",
    source="Rupture Resolution Rating System, 3RS v2022; the threshold is the analyst's choice",
    needs=needs,
    threshold=Threshold("threshold", (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)),
    limit=least("threshold"),
)
def observer(
    panel: Panel, constants: Mapping[str, float], *, threshold: Salience = 3.0, kind: Kind = "any"
) -> Verdicts:
    """Mean rater salience of withdrawal or confrontation at or above a threshold; keeps which.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        None are used.
    threshold : float
        Salience, 1 (not) to 5 (very). At 2 instead of 3 far more sessions have a rupture.
    kind : {"any", "withdrawal", "confrontation"}
        Which kind counts as a rupture.

    Notes
    -----
    A session that nobody rated is not testable. With only one of the two rated, it decides only
    when it reaches the threshold.

    Examples
    --------
    Confrontation at session 2; nobody rated session 3:

    >>> import pandas as pd
    >>> rated = {"observer_withdrawal": [1.0, 2, None], "observer_confrontation": [1.0, 3.5, None]}
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], **rated})
    >>> coded = observer(Panel.from_sessions(frame, list(rated)), {})
    >>> coded.detected.tolist(), coded.testable.tolist(), int(coded.kind[1]) == CONFRONTATION
    ([False, True, False], [True, True, False], True)
    """
    kinds = OF_KIND[kind]
    rated = {one: panel[f"observer_{one}"] for one in kinds}
    shown = {one: reached(salience, threshold) for one, salience in rated.items()}
    detected = np.any(list(shown.values()), axis=0)
    unrated = np.isnan(list(rated.values())).any(axis=0) & ~detected
    return Verdicts.of(
        detected,
        np.where(unrated, MISSING_SCORE, NONE).astype(np.int8),
        np.sum([shown[one] * BITS[one] for one in kinds], axis=0),
    )
