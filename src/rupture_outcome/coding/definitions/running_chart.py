"""A score below the limit of a control chart built from the patient's earlier sessions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.scales import Constant, Constants, Instrument, score_range
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, Sessions, Share
from rupture_outcome.coding.verdicts import (
    FIRST_SESSION,
    GAP,
    MISSING_SCORE,
    NONE,
    TIE,
    TOO_FEW,
    Codes,
    Verdicts,
    reached,
)
from rupture_outcome.engine.arrays import Floats

Counts = NDArray[np.int64]

D2 = 1.128


def constants(
    panel: Panel, instrument: Instrument, *, source: str, sigmas: float, floor: float, earlier: int
) -> Constants:
    """Smallest distance below the mean that counts, in points of the score.

    Parameters
    ----------
    panel : Panel
        Not read.
    instrument : Instrument
        With its range.
    source, sigmas, floor, earlier
        As in `running_chart`.
    """
    return {"floor": Constant(floor * score_range("running_chart", instrument, source))}


def limit(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
    """Lower limit of the chart of earlier sessions.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``floor``.
    parameters : mapping
        ``source`` and ``sigmas``.
    """
    score = panel[parameters["source"]]
    mean, _ = panel.earlier_mean(score)
    moving_range, _ = panel.earlier_mean(panel.ranges(score))
    return mean - np.fmax(parameters["sigmas"] * moving_range / D2, constants["floor"])


@definition(
    id="running_chart",
    kind_class="prospective",
    provenance="project",
    source="individuals chart (d2 = 1.128), here with limits from earlier sessions only",
    needs=("{source}",),
    constants=constants,
    threshold=Threshold("sigmas", (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)),
    limit=limit,
)
def running_chart(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    sigmas: Positive = 3.0,
    floor: Share = 0.05,
    earlier: Sessions = 3,
) -> Verdicts:
    r"""Score below the lower limit of an individuals chart of the patient's earlier sessions.

    .. math:: x_s < \bar x_{<s} - k \hat\sigma, \quad \hat\sigma = \overline{MR}_{<s} / 1.128,
              \quad \bar x_{<s} - x_s \ge f

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `floor`, f in points.
    source : str
        Column of scores.
    sigmas : float
        k, distance of the limit from the mean.
    floor : float
        Least distance below the mean as a share of the instrument's range: in a flat series the
        moving ranges are 0, and any dip would lie below the limit.
    earlier : int
        Least number of earlier rated sessions.

    Notes
    -----
    Ranges over missed sessions are left out (and over unrated ones, if the panel does not skip
    these). Limits from few sessions are unsteady, so false alarms are more frequent early on.

    Examples
    --------
    Three earlier sessions around 50.3 with moving ranges of 1, so the limit is 50.3 − 3 / 1.128:

    >>> import pandas as pd
    >>> scores = {"session": [1, 2, 3, 4], "alliance_patient": [50, 51, 50, 40]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> coded = running_chart(Panel.from_sessions(frame, ["alliance_patient"]), {"floor": 2.4})
    >>> coded.testable.tolist(), coded.detected.tolist()
    ([False, False, False, True], [False, False, False, True])
    """
    score = panel[source]
    mean, n = panel.earlier_mean(score)
    moving_range, ranges = panel.earlier_mean(panel.ranges(score))
    below = mean - score
    detected = (below > sigmas * moving_range / D2 + TIE) & reached(below, constants["floor"])
    return Verdicts.of(detected, _reasons(score, n, ranges, earlier))


def _reasons(score: Floats, n: Counts, ranges: Counts, earlier: int) -> Codes:
    reason = np.full(len(score), NONE, np.int8)
    reason[ranges == 0] = GAP
    reason[n < max(earlier, 2)] = TOO_FEW
    reason[n == 0] = FIRST_SESSION
    reason[np.isnan(score)] = MISSING_SCORE
    return reason
