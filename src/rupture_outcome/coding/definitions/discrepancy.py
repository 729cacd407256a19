"""The patient sees a worse alliance than the therapist does."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import MULTIPLES_OF_SD, Threshold
from rupture_outcome.coding.scales import Constant, Constants, Instrument, sample_sd
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive
from rupture_outcome.coding.verdicts import MISSING_SCORE, NO_SCALE, NONE, TIE, Verdicts, reached
from rupture_outcome.engine.arrays import Floats


def constants(panel: Panel, instrument: Instrument, *, source: str, k: float) -> Constants:
    """Mean and SD of the discrepancy in the study, and the distance k·SD.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        Not read.
    source, k
        As in `discrepancy`.
    """
    score = panel[source]
    rated = score[~np.isnan(score)]
    sd = sample_sd(panel, score)
    mean = Constant(float(rated.mean()) if len(rated) else np.nan, len(rated))
    return {"mean": mean, "sd": sd, "threshold": Constant(k * sd.value, sd.n)}


def limit(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
    """Mean discrepancy of the study less the threshold.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``mean`` and ``threshold``.
    parameters : mapping
        Not read.
    """
    return np.full(len(panel), constants["mean"] - constants["threshold"])


@definition(
    id="discrepancy",
    kind_class="prospective",
    provenance="project",
    source="patients and therapists diverge in their view of the alliance; the rule is ours",
    needs=("{source}",),
    constants=constants,
    threshold=Threshold("k", MULTIPLES_OF_SD, axis="sd_below_mean"),
    limit=limit,
)
def discrepancy(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_discrepancy",
    k: Positive = 1.0,
) -> Verdicts:
    r"""Patient's score lower than the therapist's by more than is usual in the study.

    .. math:: \bar d - d_s \ge k \cdot SD_d, \quad
              d = \frac{x_P - a_P}{b_P - a_P} - \frac{x_T - a_T}{b_T - a_T}

    with a and b the ends of each score's range.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `mean` and `threshold`.
    source : str
        Column of discrepancies: patient minus therapist, as shares of the range.
    k : float
        1 (lenient) or 2 (strict), as for falls.

    Notes
    -----
    Measured from the study's mean, since one side rates higher throughout. The SD is of all
    sessions, so how many are detected follows from the form of the distribution (16 % at 1 SD of
    a normal one): what can differ is who and when, not how often. For the same reason the order of
    sessions does not matter, and neither does permuting it: as many are expected by chance as are
    found. It judges a level, so the first session can be tested and a lasting disagreement is
    detected at each session; for a rupture as a *change* of the discrepancy take `drop_sd` with
    this source.

    Examples
    --------
    Mean −0.1 and a distance of 0.2: ruptures lie at −0.3 and below.

    >>> import pandas as pd
    >>> scores = {"session": [1, 2, 3], "alliance_discrepancy": [-0.1, -0.3, -0.2]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_discrepancy"])
    >>> discrepancy(panel, {"mean": -0.1, "threshold": 0.2}).detected.tolist()
    [False, True, False]
    """
    below = constants["mean"] - panel[source]
    reason = np.where(np.isnan(panel[source]), MISSING_SCORE, NONE).astype(np.int8)
    if np.isnan(constants["threshold"]):
        reason[reason == NONE] = NO_SCALE
    return Verdicts.of(reached(below, constants["threshold"]) & (below > TIE), reason)
