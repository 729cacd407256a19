r"""What a rise of one measure within a person says of another one session later.

Two levels, rows in persons, with errors that are robust to groups of persons:

.. math:: y_{is} = \beta_0 + \beta_w (x_{i,s-l} - c_{is}) + \beta_b c_{is}
    + \phi (y_{i,s-1} - d_{is}) + \phi_b d_{is} + u_i + e_{is}

with centres c of the predictor and d of the outcome before. A centre may be the mean of *earlier*
rows, which knows nothing of what comes later; the mean of the whole *series*, which makes
:math:`\beta_w` and φ those of a regression with an intercept for each person; or *none*, 0. With a
lagged outcome and T rows a person the whole series' mean draws φ down by about (1 + φ)/(T − 1), as
the mean holds the outcome itself (Nickell 1981, recalled), and with it what goes along with the
lagged outcome.

The model is fitted by generalised least squares with the variance of u by restricted maximum
likelihood. Rows less their person's share of the mean,
:math:`y_{is} - (1 - \sigma / \sqrt{\sigma^2 + n_i \tau^2})\, \bar y_i`, are then independent if the
model is right; the errors are those of `cluster_sandwich` of these rows, which hold if it is not.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.cluster_sandwich import cluster_sandwich
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.growth.model import ModelError, NestedGrowth
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason

Centring = Literal["earlier", "series", "none"]
Detrend = Literal["none", "common", "own"]
CENTRINGS: tuple[Centring, ...] = ("earlier", "series", "none")
DETRENDS: tuple[Detrend, ...] = ("none", "common", "own")
# What coefficients are called, in the order of the design.
NAMES = ("constant", "within", "between", "carry_over", "level", "trend")
LOOKS_AHEAD = reason("looks_ahead")


@dataclass(frozen=True)
class WithinEffects:
    """Estimates of a lag model.

    Parameters
    ----------
    estimates : dict of str to Estimate
        `within` (β_w), `between` (β_b), `carry_over` (φ), `level` (φ_b) and `trend`, as far as they
        are in the model; with the degrees of freedom of their robust errors.
    persons, rows, clusters : int
        That are in the model.
    reason : str
        Why there is no estimate, or what must be known of those that there are, coded:
        `looks_ahead` where a centre or a trend holds later rows.
    """

    estimates: dict[str, Estimate]
    persons: int
    rows: int
    clusters: int
    reason: str


@steady
def lag_model(
    rows: pd.DataFrame,
    outcome: str,
    predictor: str,
    person: str,
    time: str,
    cluster: str | None = None,
    lag: int = 1,
    centring: Centring = "earlier",
    detrend: Detrend = "none",
    carry_over: bool = True,
) -> WithinEffects:
    """Estimate what a predictor within persons says of the outcome `lag` rows later.

    Parameters
    ----------
    rows : DataFrame
        One row a person and time.
    outcome, predictor, person, time : str
        Columns. Times are whole numbers: rows one apart follow each other, and nothing is carried
        over a gap.
    cluster : str, optional
        Column whose values the errors are robust to; by default persons. A person's cluster is that
        of each row.
    lag : int
        0 where the predictor of a row is known before its outcome is.
    centring : {"earlier", "series", "none"}
    detrend : {"none", "common", "own"}
        `common` adds time to the model; `own` first takes each person's straight line of the whole
        series out of both measures.
    carry_over : bool
        Whether the outcome one row before is in the model.

    Returns
    -------
    WithinEffects

    Raises
    ------
    ValueError
        Another setting, or lines of the whole series with a centring that is not to look ahead.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> rows = pd.DataFrame({"p": np.repeat(np.arange(80), 9), "s": [*range(9)] * 80})
    >>> rows["x"] = rng.normal(size=720)
    >>> rows["y"] = 0.5 * rows.groupby("p")["x"].shift().fillna(0) + rng.normal(size=720)
    >>> found = lag_model(rows, "y", "x", "p", "s")
    >>> found.rows, round(found.estimates["within"].value, 2)
    (560, 0.47)
    """
    _check(lag, centring, detrend)
    design = lagged_rows(rows, outcome, predictor, person, time, lag, centring, detrend, carry_over)
    ahead = LOOKS_AHEAD if centring == "series" or detrend == "own" else ""
    names = [name for name in NAMES if name in design.columns]
    persons = design[person].nunique()
    whom = design[person] if cluster is None else rows.loc[design.index, cluster]
    counts = (persons, len(design), whom.nunique())
    if counts[2] < 2 or persons <= len(names):
        return WithinEffects({}, *counts, joined(reason("too_few_persons"), ahead))
    X, y = design[names].to_numpy(dtype=float), design[outcome].to_numpy(dtype=float)
    try:
        fit = NestedGrowth(y, design[names], design[person]).fit()
    except ModelError as error:
        return WithinEffects({}, *counts, joined(error.reason, ahead))
    shared = float(fit.random_cov["patient"].to_numpy()[0, 0])
    codes = fit.model.patient_codes
    X, left = (
        _less_the_share(each, codes, shared, fit.residual_sd**2)
        for each in (X, (y - X @ np.asarray(fit.params))[:, None])
    )
    sandwich = cluster_sandwich(X, left[:, 0], np.ones(len(X)), whom.to_numpy())
    caution = joined(ahead, "" if fit.converged else NOT_CONVERGED)
    estimates = {
        name: sandwich.estimate(row, fit.params, caution)
        for name, row in zip(names, np.eye(len(names)), strict=True)
        if name != "constant"
    }
    return WithinEffects(estimates, *counts, caution)


def _check(lag: int, centring: str, detrend: str) -> None:
    if lag not in (0, 1):
        raise ValueError(f"lag must be 0 or 1, not {lag}.")
    if centring not in CENTRINGS or detrend not in DETRENDS:
        raise ValueError(
            f"centring must be one of {', '.join(CENTRINGS)}; detrend of {', '.join(DETRENDS)}."
        )
    if centring == "earlier" and detrend == "own":
        raise ValueError(
            "a person's own line holds later rows, and centring='earlier' promises that nothing "
            "does. Choose detrend='common', or centring='series'."
        )


def lagged_rows(
    rows: pd.DataFrame,
    outcome: str,
    predictor: str,
    person: str,
    time: str,
    lag: int,
    centring: Centring,
    detrend: Detrend,
    carry_over: bool,
) -> pd.DataFrame:
    """Lay out the design of a lag model: one row for each outcome with all that precedes it.

    Parameters
    ----------
    rows, outcome, predictor, person, time, lag, centring, detrend, carry_over
        As for `lag_model`.

    Returns
    -------
    DataFrame
        The outcome, `person`, and those of `NAMES` that the model has; labels of `rows`.

    Examples
    --------
    >>> rows = pd.DataFrame({"p": 1, "s": [1, 2, 3, 5], "x": [1.0, 3.0, 4.0, 5.0], "y": 0.0})
    >>> lagged_rows(rows, "y", "x", "p", "s", 1, "earlier", "none", False)[["within", "between"]]
       within  between
    2     2.0      1.0
    """
    ordered = rows.sort_values([person, time], kind="stable")
    x, y = ordered[predictor].astype(float), ordered[outcome].astype(float)
    by, clock = ordered[person], ordered[time].astype(float)
    if detrend == "own":
        x, y = _less_own_line(x, by, clock), _less_own_line(y, by, clock)
    follows = (by == by.shift()) & (clock - clock.shift() == 1)
    before = y.shift().where(follows)
    said = x.shift().where(follows) if lag else x
    out = pd.DataFrame({outcome: y, person: by, "constant": 1.0, "within": said})
    used = y.notna() & said.notna() & (before.notna() | (not carry_over))
    if carry_over:
        out["carry_over"] = before
    if centring == "earlier":
        out["between"] = _mean_before(x, by, clock, lag)
        used &= out["between"].notna()
        if carry_over:
            out["level"] = _mean_before(y, by, clock, 1)
            used &= out["level"].notna()
    elif centring == "series":
        out["between"] = said.where(used).groupby(by).transform("mean")
        if carry_over:
            out["level"] = before.where(used).groupby(by).transform("mean")
    for deviation, centre in (("within", "between"), ("carry_over", "level")):
        if centre in out:
            out[deviation] -= out[centre]
    if detrend == "common":
        out["trend"] = clock - clock.mean()
    return out[used]


def _mean_before(
    values: "pd.Series[float]", by: "pd.Series[Any]", clock: "pd.Series[float]", lag: int
) -> "pd.Series[float]":
    """Mean of the person's values earlier than the one `lag` rows before; NaN without any."""
    known = values.notna().astype(float)
    so_far = values.fillna(0.0).groupby(by).cumsum() - values.fillna(0.0)
    number = known.groupby(by).cumsum() - known
    mean = so_far / number.where(number > 0)
    if not lag:
        return mean
    follows = (by == by.shift()) & (clock - clock.shift() == 1)
    return mean.shift().where(follows)


def _less_own_line(
    values: "pd.Series[float]", by: "pd.Series[Any]", clock: "pd.Series[float]"
) -> "pd.Series[float]":
    """Take each person's least-squares line out, and put the person's mean back."""
    t = clock.where(values.notna())
    centred = t - t.groupby(by).transform("mean")
    mean = values.groupby(by).transform("mean")
    joint = (centred * (values - mean)).groupby(by).transform("sum")
    square = (centred**2).groupby(by).transform("sum")
    return values - (joint / square.where(square > 0)).fillna(0.0) * centred


def _less_the_share(values: Floats, codes: Any, shared: float, sigma2: float) -> Floats:
    """Rows of values, shape (rows, k), that are independent if persons share the variance."""
    sizes = np.bincount(codes)
    share = 1.0 - np.sqrt(sigma2 / (sigma2 + sizes * shared))
    means = np.column_stack([np.bincount(codes, column) / sizes for column in values.T])
    return np.asarray(values - (share[:, None] * means)[codes])
