"""How far patient and therapist are apart in what they say of the alliance."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rupture_outcome.coding.scales import DISCREPANCY, Instrument, instrument_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.errors import Problem, StudyError

PARTS = ("alliance_patient", "alliance_therapist")


def with_discrepancy(panel: Panel, instruments: Mapping[str, Mapping[str, Any]]) -> Panel:
    r"""Add the column `alliance_discrepancy`, patient minus therapist.

    .. math:: d = \frac{x_P - a_P}{b_P - a_P} - \frac{x_T - a_T}{b_T - a_T}

    with a and b the ends of each one's range: shares of the range agree where scales do not. From
    −1 to 1, below 0 where the patient sees a worse alliance; missing where either score is.

    Parameters
    ----------
    panel : Panel
        With both scores, turned so that higher is better.
    instruments : mapping
        This section of the config.

    Raises
    ------
    StudyError
        The range of one of the scores is not known.

    Examples
    --------
    40 is 28/48 of the patient's range from 12 to 60, and 4 is 3/4 of the therapist's from 1 to 5:

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": ["a"], "session": [1], PARTS[0]: [40], PARTS[1]: [4]})
    >>> panel = Panel.from_sessions(frame, list(PARTS))
    >>> instruments = {"wai": {"measures": PARTS[0], "range": [12, 60]},
    ...                "rating": {"measures": PARTS[1], "range": [1, 5]}}
    >>> with_discrepancy(panel, instruments)["alliance_discrepancy"].round(4).tolist()
    [-0.1667]
    """
    found = {name: instrument_of(name, instruments) for name in PARTS}
    unknown = [_no_range(n) for n, i in found.items() if np.isnan(i.high - i.low)]
    if unknown:
        raise StudyError(unknown)
    patient, therapist = (_share(panel[name], found[name]) for name in PARTS)
    return panel.with_column(DISCREPANCY, patient - therapist)


def _share(score: Floats, instrument: Instrument) -> Floats:
    low = instrument.low if instrument.direction > 0 else -instrument.high
    return (score - low) / (instrument.high - instrument.low)


def _no_range(column: str) -> Problem:
    return Problem(
        "config, instruments",
        f"{DISCREPANCY} takes shares of ranges, and none is known for '{column}'",
        f"describe the instrument that measures {column}, with its range",
    )
