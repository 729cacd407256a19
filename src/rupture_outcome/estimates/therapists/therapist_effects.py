"""How far therapists differ in rupture, repair and dropout, and where each of them stands."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rupture_outcome.engine.estimate import wald
from rupture_outcome.engine.multilevel.links import Array, event_probability
from rupture_outcome.engine.multilevel.report import FEW_GROUPS
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.estimates.hazard.exposure_hazard import GROUPS
from rupture_outcome.estimates.therapists.therapist_hazards import EVENT, OUTCOMES, TherapistHazard

# Variance of the latent error, of which a binary event is the part above a threshold.
LATENT_VARIANCE = {"logit": np.pi**2 / 3.0, "cloglog": np.pi**2 / 6.0}
NO_DIFFERENCE = reason("no_difference")
SHOWN_ONE_BY_ONE = OUTCOMES[:3]
COUNTS = ["therapists", "patients", "sessions", "events"]
VARIANCE_COLUMNS = [
    *("outcome", "link", "group_sd", "ci_low", "ci_high", "share", "share_low", "share_high"),
    *("mor", "mor_low", "mor_high", "p", "chance", "chance_low", "chance_high", *COUNTS),
    *("boundary", "converged", "reason"),
]
EFFECT_COLUMNS = [
    *("outcome", "therapist_id", "rank", "estimate", "se", "ci_low", "ci_high"),
    *("chance", "chance_low", "chance_high", "patients", "sessions", "events", "reason"),
]
POINTS = 400


def therapist_variances(
    hazards: Mapping[str, TherapistHazard], link: str, confidence: float
) -> pd.DataFrame:
    """Tell, for each outcome, how much therapists differ.

    Parameters
    ----------
    hazards : mapping of str to TherapistHazard
        From `therapist_hazards`.
    link : {"logit", "cloglog"}
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        A row an outcome, NaN and a note where there is no estimate:

        - ``group_sd`` σ of therapists on the scale of the linear predictor, with its
          profile-likelihood interval;
        - ``share`` of the latent variance, see `latent_share`, its interval that of σ transformed;
        - ``mor``, see `median_ratio`;
        - ``p`` of the likelihood-ratio test of σ = 0, half χ²₀ and half χ²₁;
        - ``chance`` of the event in a session held by the median therapist, ``chance_low`` and
          ``chance_high`` by those at the 10th and 90th percentile of the estimated distribution,
          averaged over the sessions at risk;
        - ``therapists``, ``patients``, ``sessions``, ``events`` at risk.
    """
    rows = [_variance_row(o, h, link, confidence) for o, h in hazards.items()]
    return pd.DataFrame(rows, columns=VARIANCE_COLUMNS)


def therapist_effects(hazards: Mapping[str, TherapistHazard], confidence: float) -> pd.DataFrame:
    """Where each therapist stands, shrunken towards the average of all, in order.

    The estimate is the empirical-Bayes effect, the mode of the therapist's effect given the data,
    in log odds (log hazard under cloglog); ``se`` its conditional SD. Both take the coefficients
    and the SD between therapists as known, so intervals are somewhat too narrow. ``chance`` is
    that of the event in a session if this therapist had held all sessions at risk, with the same
    interval. In R: `ranef(fit, condVar = TRUE)`.

    Parameters
    ----------
    hazards : mapping of str to TherapistHazard
        From `therapist_hazards`.
    confidence : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        A row a therapist of rupture, repair and dropout, ranked from the lowest; one row without
        a therapist, and with the reason, for an outcome that has no effects.
    """
    parts = [_effects_of(o, hazards[o], confidence) for o in SHOWN_ONE_BY_ONE if o in hazards]
    return pd.concat(parts, ignore_index=True)[EFFECT_COLUMNS]


def latent_share(sd: float, link: str) -> float:
    """Share of therapists in the variance of the latent variable, σ² / (σ² + π²/3) under logit.

    Under cloglog π²/6 takes the place of π²/3. Given the columns of the model; for one session.

    Examples
    --------
    >>> round(latent_share(0.7, "logit"), 3)
    0.13
    """
    return 1.0 if np.isinf(sd) else float(sd**2 / (sd**2 + LATENT_VARIANCE[link]))


def median_ratio(sd: float) -> float:
    """Median odds ratio exp(√2 σ Φ⁻¹(¾)) (hazard ratio under cloglog); Larsen and Merlo (2005).

    Of two therapists drawn at random, the one with more events against the other, in the median.

    Examples
    --------
    >>> round(median_ratio(0.7), 2)
    1.95
    """
    return float(np.exp(np.sqrt(2.0) * sd * stats.norm.ppf(0.75)))


def mixture_pvalue(llf: float, llf_without: float) -> float:
    """Likelihood-ratio test of σ = 0, at whose boundary the statistic is 0 half of the time."""
    statistic = max(2.0 * (llf - llf_without), 0.0)
    return float(0.5 * stats.chi2.sf(statistic, 1)) if statistic > 0 else 1.0


def chance_of(fit: Any) -> Callable[[Array], Array]:
    """Give the chance of the event in a session as a function of a therapist's effect.

    Averaged over the sessions of the fit, as if one therapist had held them all: over evenly
    spaced quantiles of their linear predictor, so that the cost does not depend on their number.
    """
    linear = np.asarray(fit.predict(which="linear"), dtype=float)
    known = np.clip(linear[~np.isnan(linear)], -700.0, 700.0)
    points = (np.arange(POINTS) + 0.5) / POINTS
    spread = np.quantile(known, points, method="inverted_cdf")

    def chance(effect: Array) -> Array:
        eta = spread[:, None] + np.atleast_1d(effect)
        return event_probability(eta.ravel(), fit.model.link).reshape(eta.shape).mean(axis=0)

    return chance


def counts_of(rows: pd.DataFrame) -> dict[str, int]:
    """Therapists, patients, sessions and events of the sessions at risk."""
    return {
        "therapists": rows[GROUPS].nunique(),
        "patients": rows["patient_id"].nunique(),
        "sessions": len(rows),
        "events": int(rows[EVENT].sum()),
    }


def _variance_row(
    outcome: str, hazard: TherapistHazard, link: str, confidence: float
) -> dict[str, Any]:
    row: dict[str, Any] = {"outcome": outcome, "link": link, **counts_of(hazard.rows)}
    row |= {"boundary": False, "converged": False, "reason": hazard.reason}
    if hazard.fit is None:
        return row
    fit = hazard.fit
    low, high = fit.group_sd_conf_int(1.0 - confidence)
    sd = fit.group_sd
    chance = chance_of(fit)(sd * stats.norm.ppf([0.5, 0.1, 0.9]))
    return row | {
        **dict(zip(("group_sd", "ci_low", "ci_high"), (sd, low, high), strict=True)),
        **{f"share{end}": latent_share(x, link) for end, x in _ends(sd, low, high)},
        **{f"mor{end}": median_ratio(x) for end, x in _ends(sd, low, high)},
        "p": mixture_pvalue(fit.llf, fit.llf_without_groups),
        **{f"chance{end}": float(x) for end, x in _ends(*chance)},
        "boundary": bool(fit.boundary),
        "converged": True,
        "reason": joined(*_cautions(fit), hazard.reason),
    }


def _cautions(fit: Any) -> list[str]:
    few = reason("poor_sd", FEW_GROUPS)
    return [NO_DIFFERENCE if fit.boundary else "", few if fit.n_groups < FEW_GROUPS else ""]


def _ends(value: float, low: float, high: float) -> list[tuple[str, float]]:
    return [("", value), ("_low", low), ("_high", high)]


def _effects_of(outcome: str, hazard: TherapistHazard, confidence: float) -> pd.DataFrame:
    if hazard.fit is None or hazard.fit.boundary:
        note = hazard.reason if hazard.fit is None else NO_DIFFERENCE
        return pd.DataFrame({"outcome": [outcome], "reason": [note]}).reindex(
            columns=EFFECT_COLUMNS
        )
    fit, chance = hazard.fit, chance_of(hazard.fit)
    effects = fit.group_effects.sort_values("effect", kind="stable")
    estimate, se = effects["effect"].to_numpy(), effects["sd"].to_numpy()
    low, high = wald(estimate, se, confidence)
    by_therapist = hazard.rows.groupby(GROUPS, observed=True)
    return pd.DataFrame(
        {
            "outcome": outcome,
            "therapist_id": effects.index.astype(str),
            "rank": np.arange(1, len(effects) + 1),
            "estimate": estimate,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "chance": chance(estimate),
            "chance_low": chance(low),
            "chance_high": chance(high),
            "patients": by_therapist["patient_id"].nunique().reindex(effects.index).to_numpy(),
            "sessions": by_therapist.size().reindex(effects.index).to_numpy(),
            "events": by_therapist[EVENT].sum().reindex(effects.index).to_numpy(),
            "reason": "",
        }
    )
