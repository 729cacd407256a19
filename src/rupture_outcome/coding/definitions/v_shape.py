"""A dip below the patient's own trend, and back."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from rupture_outcome.coding.fall_and_return import fall_and_return
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constant, Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, PositiveShare, Sessions
from rupture_outcome.coding.verdicts import MISSING_SCORE, TOO_FEW, Verdicts
from rupture_outcome.engine.arrays import Floats, Rows


class Trend(NamedTuple):
    """Deviations from each patient's line (N,), and his number of scores and own SD (P,)."""

    deviation: Floats
    n: NDArray[np.int64]
    sd: Floats


def trend(panel: Panel, score: Floats) -> Trend:
    r"""Least-squares line of each patient's scores over session numbers.

    .. math:: e_{it} = x_{it} - a_i - b_i t, \quad s_i = \sqrt{\sum_t e_{it}^2 / (n_i - 2)}

    Parameters
    ----------
    panel : Panel
    score : ndarray of float, shape (N,)

    Returns
    -------
    Trend
        The SD is NaN for patients with fewer than three scores.

    Examples
    --------
    The line through 50, 53 and 53 rises by 1.5 a session, from 50.5:

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "score": [50, 53, 53]})
    >>> panel = Panel.from_sessions(frame, ["score"])
    >>> found = trend(panel, panel["score"])
    >>> found.deviation.round(6).tolist(), found.sd.round(4).tolist()  # √(1.5 / 1)
    ([-0.5, 1.0, -0.5], [1.2247])
    """
    line = panel.once_a_pattern("line", score, lambda: _clock(panel, score))
    mean, n = panel.mean(score)
    x = score[line.rated] - mean[line.who]
    products = np.bincount(line.who, x * line.t, minlength=len(n))
    slope = np.divide(products, line.squares, out=np.zeros(len(n)), where=line.squares > 0)
    deviation = np.full(len(panel), np.nan)
    deviation[line.rated] = e = x - slope[line.who] * line.t
    left = np.bincount(line.who, e**2, minlength=len(n))
    sd = np.sqrt(np.divide(left, n - 2, out=np.full(len(n), np.nan), where=n > 2))
    return Trend(deviation, n, sd)


class _Clock(NamedTuple):
    """Rated rows, the patient of each, the session less his mean one, and its squares (P,)."""

    rated: Rows
    who: Rows
    t: Floats
    squares: Floats


def _clock(panel: Panel, score: Floats) -> _Clock:
    rated = np.flatnonzero(panel.known(score))
    session = np.where(panel.known(score), panel.session, np.nan)
    who, mean = panel.patient[rated], panel.mean(session)[0]
    t = session[rated] - mean[who]
    squares = np.bincount(who, t * t, minlength=len(mean)).astype(np.float64, copy=False)
    return _Clock(rated, who, t, squares)


def constants(
    panel: Panel,
    instrument: Instrument,
    *,
    source: str,
    k: float,
    sd: str,
    within: int,
    recovery: float,
    least: int,
) -> Constants:
    """SD of the deviations, pooled over patients.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        Not read.
    source, k, sd, within, recovery, least
        As in `v_shape`.
    """
    _, n, own = trend(panel, panel[source])
    some = n > 2
    freedom = int((n[some] - 2).sum())
    pooled = np.sqrt((own[some] ** 2 * (n[some] - 2)).sum() / freedom) if freedom else np.nan
    return {"deviation_sd": Constant(float(pooled), int(n[some].sum()))}


def limit(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
    """Score at which the deviation from the line has fallen by the threshold.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``deviation_sd``.
    parameters : mapping
        ``source``, ``k`` and ``sd``.
    """
    score = panel[parameters["source"]]
    line = trend(panel, score)
    pooled = np.full(len(panel.ids), constants["deviation_sd"])
    sd = {"pooled": pooled, "own": line.sd, "stricter": np.fmax(pooled, line.sd)}
    fall = parameters["k"] * sd[parameters["sd"]][panel.patient]
    return score - line.deviation + panel.previous(line.deviation) - fall


@definition(
    id="v_shape",
    kind_class="retrospective",
    provenance="recalled",
    source="Stiles et al. 2004",
    needs=("{source}",),
    constants=constants,
    limit=limit,
)
def v_shape(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    k: Positive = 2.0,
    sd: Literal["pooled", "own", "stricter"] = "pooled",
    within: Sessions = 3,
    recovery: PositiveShare = 1.0,
    least: Annotated[Sessions, Ge(3)] = 5,
) -> Verdicts:
    r"""Fall and return of the deviations from the patient's own trend.

    .. math:: e_{s-1} - e_s \ge k \cdot SD_e, \quad
              \max_{s < t \le s+w} e_t \ge e_s + q\,(e_{s-1} - e_s), \quad e_t = x_t - a - b t

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `deviation_sd`.
    source : str
        Column of scores.
    k : float
        2 is what is recalled of the source.
    sd : {"pooled", "own", "stricter"}
        SD of the deviations pooled over patients, of the patient himself, or the larger of both.
        Which one the source uses is not verified.
    within : int
        w, attended sessions in which the level must come back.
    recovery : float
        q, the share of the fall to be made good.
    least : int
        Least number of the patient's scores: a line through few has no deviations to speak of.

    Notes
    -----
    Looks ahead twice: to the return, and in the trend, which rests on the whole course. Ruptures
    that stay open are not seen at all, nor is a decline over several sessions. A deep V bends the
    line and widens the patient's own SD, so it hides itself in short courses.

    Examples
    --------
    A dip in a steady rise:

    >>> import pandas as pd
    >>> scores = {"session": range(1, 8), "alliance_patient": [40, 42, 44, 36, 48, 50, 52]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> v_shape(panel, {"deviation_sd": 4.0}).detected.tolist()
    [False, False, False, True, False, False, False]
    """
    score = panel[source]
    line = trend(panel, score)
    pooled = np.full(len(panel.ids), constants["deviation_sd"])
    options = {"pooled": pooled, "own": line.sd, "stricter": np.fmax(pooled, line.sd)}
    threshold = k * options[sd][panel.patient]
    verdicts = fall_and_return(panel, line.deviation, threshold, within=within, recovery=recovery)
    short = (line.n < least)[panel.patient] & (verdicts.reason != MISSING_SCORE)
    return Verdicts.of(verdicts.detected, np.where(short, TOO_FEW, verdicts.reason).astype(np.int8))
