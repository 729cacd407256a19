"""Individuals control chart: how far below the mean of other scores a score may lie."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.coding.scales import Constant, Constants, Instrument, score_range
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import TIE, reached
from rupture_outcome.engine.arrays import Bools, Floats

# Mean of the range of two normal values with SD 1.
D2 = 1.128


class Chart(NamedTuple):
    """Mean of the scores and of the moving ranges behind each row, and how many there are, (N,)."""

    mean: Floats
    n: NDArray[np.int64]
    moving_range: Floats
    ranges: NDArray[np.int64]

    def limit(self, sigmas: float, floor: float) -> Floats:
        r"""Lower limit of the chart.

        .. math:: \bar x - \max(k\,\overline{MR} / 1.128,\; f)
        """
        return self.mean - np.fmax(sigmas * self.moving_range / D2, floor)

    def undercut(self, score: Floats, sigmas: float, floor: float) -> Bools:
        """Say which scores lie below the limit of so many sigmas, and at least the floor below.

        Parameters
        ----------
        score : ndarray of float, shape (N,)
        sigmas : float
        floor : float
            In points.
        """
        below = self.mean - score
        return (below > sigmas * self.moving_range / D2 + TIE) & reached(below, floor)


def earlier_chart(panel: Panel, score: Floats) -> Chart:
    """Chart of the patient's earlier sessions at each row."""
    return Chart(*panel.earlier_mean(score), *panel.earlier_mean(panel.ranges(score)))


def whole_chart(panel: Panel, score: Floats) -> Chart:
    """Chart of the patient's whole course at each row."""
    patient = panel.patient
    mean, n = panel.mean(score)
    moving_range, ranges = panel.mean(panel.ranges(score))
    return Chart(mean[patient], n[patient], moving_range[patient], ranges[patient])


def floor_constant(id: str, instrument: Instrument, source: str, floor: float) -> Constants:
    """Smallest distance below the mean that counts, in points of the score.

    Parameters
    ----------
    id : str
        Definition that asks, for messages.
    instrument : Instrument
        With its range.
    source : str
        Column of scores, for messages.
    floor : float
        As a share of the range.
    """
    return {"floor": Constant(floor * score_range(id, instrument, source))}
