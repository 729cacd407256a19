"""E-values: how strong unmeasured confounding would have to be to explain an effect away."""

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import parsed, reason
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import ExposureFit
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS, Basis, sensitivity_row

ANALYSIS = "e_value"
KEPT, CONVERTED = "ratio_kept", "ratio_converted"  # codes of how a ratio is read as one of risks
RARE = 0.15  # an outcome that fewer have is rare enough to read odds or hazards as risks


def e_value(risk_ratio: float) -> float:
    """Give the E-value of a risk ratio: RR + √(RR (RR − 1)), of 1/RR where RR is below 1.

    An unmeasured confounder that is tied to the exposure and to the outcome by risk ratios of this
    size each, beyond the measured covariates, could explain the risk ratio away; a weaker one could
    not. It says nothing about whether there is such a confounder.

    Notes
    -----
    VanderWeele & Ding (2017), Annals of Internal Medicine 167:268. The paper itself was not read:
    the rules are those in the documentation of the R package that its authors maintain. In R:
    `EValue::evalues.RR(est, lo, hi)`.

    Examples
    --------
    >>> round(e_value(3.9), 2), round(e_value(1 / 3.9), 2), e_value(1.0)
    (7.26, 7.26, 1.0)
    """
    if not np.isfinite(risk_ratio) or risk_ratio <= 0:
        return np.nan
    ratio = max(risk_ratio, 1.0 / risk_ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1.0)))


def e_value_of_interval(low: float, high: float) -> float:
    """Give the E-value of the limit nearer 1; 1 where the interval includes 1, in risk ratios.

    Examples
    --------
    >>> round(e_value_of_interval(1.8, 8.7), 2), e_value_of_interval(0.8, 1.3)
    (3.0, 1.0)
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return np.nan
    if low <= 1.0 <= high:
        return 1.0
    return e_value(low if low > 1.0 else high)


def risk_ratio(ratio: float, measure: str, *, rare: bool) -> float:
    """Risk ratio that an odds or hazard ratio comes close to.

    Parameters
    ----------
    ratio : float
        The odds or hazard ratio.
    measure : {"odds", "hazard"}
        What it is.
    rare : bool
        Whether fewer than 15 % have the outcome: then it is taken as it is. Otherwise √OR, or
        (1 − 0.5^√HR) / (1 − 0.5^√(1/HR)).

    Notes
    -----
    Conversions of VanderWeele & Ding (2017, table 2), recalled; the limit of 15 % is that of the R
    package. In R: `EValue::toRR(OR(est, rare = FALSE))`.

    Examples
    --------
    >>> risk_ratio(4.0, "odds", rare=True), risk_ratio(4.0, "odds", rare=False)
    (4.0, 2.0)
    """
    if rare:
        return ratio
    if measure == "odds":
        return float(np.sqrt(ratio))
    return float((1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio)))


def e_value_rows(main: ExposureFit, link: str, confidence: float) -> list[dict]:
    """Give the E-values of the main estimates, read in two ways.

    Per session: the ratio compares chances of dropping out after one session. Over treatment: the
    odds ratio per session is close to a hazard ratio, and that is turned into a ratio of the risks
    of ever dropping out, which is nearer 1 where dropout is common.

    Parameters
    ----------
    main : ExposureFit
        The primary hazard, with both contrasts.
    link : {"logit", "cloglog"}
        Its link.
    confidence : float
        Level of the interval.
    """
    basis = Basis.of(main.rows)
    rows = []
    for pair in CONTRASTS:
        found = main.estimates[label(pair)]
        for setting, measure, chance in _readings(basis, link):
            rows.append(_row(setting, measure, chance < RARE, pair, found, basis, confidence))
    return rows


def _readings(basis: Basis, link: str) -> list[tuple[str, str, float]]:
    per_session = basis.events / max(basis.sessions, 1)
    over_treatment = basis.events / max(basis.patients, 1)
    measure = "odds" if link == "logit" else "hazard"
    # Where sessions themselves are followed by dropout often, an odds ratio is no hazard ratio.
    long = measure if per_session >= RARE else "hazard"
    return [("per_session", measure, per_session), ("over_treatment", long, over_treatment)]


def _row(
    setting: str,
    measure: str,
    rare: bool,
    pair: tuple[str, str],
    found: Estimate,
    basis: Basis,
    confidence: float,
) -> dict:
    how = reason("ratio_kept", measure) if rare else reason("ratio_converted", measure)
    row = sensitivity_row(
        ANALYSIS,
        setting,
        pair,
        found.with_reason(how),
        basis,
        confidence,
    )
    if pd.isna(row["estimate"]):
        return row
    point, limit = e_values(row["reason"], row["estimate"], row["ci_low"], row["ci_high"])
    return row | {"e_value": point, "e_value_limit": limit}


def e_values(how: str, estimate: float, low: float, high: float) -> tuple[float, float]:
    """Give the E-value of a log ratio, and of the end of its interval nearer to 0.

    Parameters
    ----------
    how : str
        Coded reasons, among them "ratio_kept" or "ratio_converted" with the measure.
    estimate, low, high : float
        Log ratio and the ends of its interval.

    Examples
    --------
    >>> logs = np.log([3.9, 1.8, 8.7])
    >>> [round(each, 2) for each in e_values("ratio_kept:odds", *logs)]
    [7.26, 3.0]
    """
    code, values = next(found for found in parsed(how) if found[0] in (KEPT, CONVERTED))
    point, lower, upper = (
        risk_ratio(float(np.exp(each)), values[0], rare=code == KEPT)
        for each in (estimate, low, high)
    )
    return e_value(point), e_value_of_interval(lower, upper)
