"""A score below the limit of a control chart built from the patient's earlier sessions."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rupture_outcome.coding.individuals_chart import Chart, earlier_chart, floor_constant
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.scales import Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, Sessions, Share
from rupture_outcome.coding.verdicts import (
    FIRST_SESSION,
    GAP,
    MISSING_SCORE,
    NONE,
    TOO_FEW,
    Codes,
    Verdicts,
)
from rupture_outcome.engine.arrays import Floats


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
    return floor_constant("running_chart", instrument, source, floor)


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
    chart = earlier_chart(panel, panel[parameters["source"]])
    return chart.limit(parameters["sigmas"], constants["floor"])


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
    chart = earlier_chart(panel, score)
    reason = panel.once_a_pattern(
        f"running_chart {earlier}", score, lambda: _reasons(score, chart, earlier)
    )
    return Verdicts.of(chart.undercut(score, sigmas, constants["floor"]), reason)


def _reasons(score: Floats, chart: Chart, earlier: int) -> Codes:
    reason = np.full(len(score), NONE, np.int8)
    reason[chart.ranges == 0] = GAP
    reason[chart.n < max(earlier, 2)] = TOO_FEW
    reason[chart.n == 0] = FIRST_SESSION
    reason[np.isnan(score)] = MISSING_SCORE
    return reason
