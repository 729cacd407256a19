"""A score below the limit of a control chart of the whole course."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rupture_outcome.coding.individuals_chart import floor_constant, whole_chart
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, Sessions, Share
from rupture_outcome.coding.verdicts import (
    GAP,
    MISSING_SCORE,
    NONE,
    TOO_FEW,
    Verdicts,
)
from rupture_outcome.engine.arrays import Floats


def constants(
    panel: Panel, instrument: Instrument, *, source: str, sigmas: float, floor: float, least: int
) -> Constants:
    """Smallest distance below the mean that counts, in points of the score.

    Parameters
    ----------
    panel : Panel
        Not read.
    instrument : Instrument
        With its range.
    source, sigmas, floor, least
        As in `control_chart`.
    """
    return floor_constant("control_chart", instrument, source, floor)


def limit(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
    """Lower limit of the chart of the whole course.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``floor``.
    parameters : mapping
        ``source`` and ``sigmas``.
    """
    chart = whole_chart(panel, panel[parameters["source"]])
    return chart.limit(parameters["sigmas"], constants["floor"])


@definition(
    id="control_chart",
    kind_class="retrospective",
    provenance="verified",
    source="individuals chart (d2 = 1.128), as Lipner et al. 2022 chart the alliance",
    needs=("{source}",),
    constants=constants,
    limit=limit,
)
def control_chart(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    sigmas: Positive = 3.0,
    floor: Share = 0.05,
    least: Sessions = 6,
) -> Verdicts:
    r"""Score below the lower limit of an individuals chart of the patient's whole course.

    .. math:: x_s < \bar x - k \hat\sigma, \quad \hat\sigma = \overline{MR} / 1.128,
              \quad MR_t = |x_t - x_{t-1}|, \quad \bar x - x_s \ge f

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `floor`, f in points.
    source : str
        Column of scores.
    sigmas : float
        k: 3, or 2.
    floor : float
        Least distance below the mean as a share of the instrument's range: in a flat series the
        moving ranges are 0, and any dip would lie below the limit.
    least : int
        Least number of the patient's scores.

    Notes
    -----
    The first session can be tested. Ranges over missed sessions are left out. With no change at
    all, 7.5 % of patients with 6 sessions fall below the limit of 2σ and 36 % of those with 20
    (3σ: 0.6 % and 2.4 %). A trend widens nothing but shifts points to both sides of the mean, so
    the early sessions of those who improve lie low.

    Examples
    --------
    Mean 49, mean moving range 16/6, so that the limit is 49 − 3 · 2.667 / 1.128 = 41.9:

    >>> import pandas as pd
    >>> scores = {"session": range(1, 8), "alliance_patient": [50, 51, 50, 51, 50, 51, 40]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> control_chart(panel, {"floor": 2.4}).detected.tolist()
    [False, False, False, False, False, False, True]
    """
    score = panel[source]
    chart = whole_chart(panel, score)
    reason = np.full(len(panel), NONE, np.int8)
    reason[chart.ranges == 0] = GAP
    reason[chart.n < least] = TOO_FEW
    reason[np.isnan(score)] = MISSING_SCORE
    return Verdicts.of(chart.undercut(score, sigmas, constants["floor"]), reason)
