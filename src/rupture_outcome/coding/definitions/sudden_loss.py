"""A sudden loss: large, and lasting."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from rupture_outcome.coding.definitions.drop_rci import reliable_threshold
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constant, Constants, Instrument, score_range
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, Probability, Share
from rupture_outcome.coding.slots import Slots, rated_rows
from rupture_outcome.coding.sudden_criteria import (
    MET,
    NOT_TESTABLE,
    Criteria,
    Windows,
    judge,
)
from rupture_outcome.coding.verdicts import (
    NO_SCALE,
    NONE,
    TOO_FEW,
    Codes,
    Verdicts,
    comparison_reasons,
)
from rupture_outcome.engine.arrays import Floats, Rows


def constants(
    panel: Panel,
    instrument: Instrument,
    *,
    source: str,
    cut: float | None,
    share: float,
    stability: str,
    alpha: float,
) -> Constants:
    """Least size in points, and the length of the range.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        With its range, and its reliability if no cut is given.
    source, cut, share, stability, alpha
        As in `sudden_loss`.
    """
    span = Constant(score_range("sudden_loss", instrument, source))
    if cut is not None:
        return {"cut": Constant(float(cut)), "range": span}
    threshold = reliable_threshold("sudden_loss", panel, instrument, source)
    return {"cut": threshold["threshold"], "range": span}


def limit(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
    """Previous score less the size of loss that counts.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``cut`` and ``range``.
    parameters : mapping
        ``source`` and ``share``.
    """
    size = max(constants["cut"], parameters["share"] * constants["range"])
    return panel.previous(panel[parameters["source"]]) - size


@definition(
    id="sudden_loss",
    kind_class="retrospective",
    provenance="project",
    source="mirror of the sudden gains of Tang & DeRubeis 1999, doi:10.1037/0022-006X.67.6.894",
    needs=("{source}",),
    constants=constants,
    limit=limit,
)
def sudden_loss(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    cut: Positive | None = None,
    share: Share = 0.1,
    stability: Literal["t", "package"] = "t",
    alpha: Probability = 0.05,
) -> Verdicts:
    r"""Fall from the previous score that is large, and lasts.

    .. math:: x_{s-1} - x_s \ge c, \quad x_{s-1} - x_s \ge q R, \quad
              \bar x_{s-3 \dots s-1} - \bar x_{s \dots s+2} > t_{1-\alpha/2,\,n_1+n_2-2}\; s_p
              \sqrt{1/n_1 + 1/n_2}

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `cut` and `range`.
    source : str
        Column of scores.
    cut : float, optional
        c in points; reliable change if not given (as in `drop_rci` with its defaults).
    share : float
        q, of the range R. The source asks for a quarter of the score, which overtakes its 7 points
        where the score is 28, and 7 points are a ninth of that scale's range.
    stability : {"t", "package"}
        With √(1/n1 + 1/n2), or without, as in the R package suddengains: 1.22 times stricter with
        three scores on each side.
    alpha : float
        Level of the stability test, two-tailed.

    Notes
    -----
    No step is taken over a missed session, but means may reach beyond one: it is a slot without a
    score. Each mean needs two of its three scores, so the ends of a course cannot be tested, and a
    fall just before leaving is never counted. With so few scores the stability test passes mostly
    on flat stretches, and it refuses a dip that is mended soon.

    Examples
    --------
    A fall of 12 points from a level of three sessions to another:

    >>> import pandas as pd
    >>> scores = {"session": range(1, 7), "alliance_patient": [50, 51, 50, 38, 37, 38]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> sudden_loss(panel, {"cut": 6.0, "range": 48.0}).detected.tolist()
    [False, False, False, True, False, False]
    """
    score = panel[source]
    slots = Slots.of_panel(panel, score)
    criteria = Criteria(
        cut=constants["cut"],
        share=share,
        share_of="range",
        span=constants["range"],
        stability=stability,
        alpha=alpha,
    )
    windows = panel.once_a_pattern(
        f"windows {stability} {alpha}",
        score,
        lambda: Windows.of(~np.isnan(slots.scores), criteria),
    )
    judged = judge(slots.scores, criteria, windows).all
    reason = comparison_reasons(panel, score)
    fell, step = panel.once_a_pattern("judged_steps", score, lambda: _steps(score, reason, slots))
    verdict = np.full(len(panel), NOT_TESTABLE, np.int8)
    verdict[fell] = judged[step]
    reason[(reason == NONE) & (verdict == NOT_TESTABLE)] = TOO_FEW
    if np.isnan(constants["cut"]):
        reason[reason == NONE] = NO_SCALE
    return Verdicts.of(verdict == MET, reason)


def _steps(score: Floats, reason: Codes, slots: Slots) -> tuple[Rows, Rows]:
    """Rows that can be compared with the one before, and the step that leads to each."""
    fell = np.flatnonzero(reason == NONE)
    return fell, slots.slot_of[np.searchsorted(rated_rows(score), fell)] - 1
