"""How far definitions of dropout agree: how many each finds, and which find the same patients."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.dropout import available_definitions, classify_dropout
from rupture_outcome.cohort.dropout_rules import LIMITS, ONGOING, DropoutLimits
from rupture_outcome.engine.estimate import normal_quantile, t_quantile, wilson
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.agreement.definition_agreement import (
    definition_agreement,
    detected_by,
)

RATE_COLUMNS = [
    *("dropout_definition", "ended", "patients", "events", "rate", "ci_low", "ci_high"),
    *("therapists", "reason"),
]
SAYS = {True: "detected", False: "not_detected"}
EMPTY = pd.Series([], dtype="str")


@dataclass(frozen=True)
class DropoutOverlap:
    """What the definitions find, alone and together.

    Attributes
    ----------
    rates : DataFrame
        One row a definition: ``dropout_definition``, ``ended`` (patients whose treatment began and
        ended), ``patients`` (those whom the definition can classify), ``events`` (dropouts among
        these), ``rate`` with ``ci_low`` and ``ci_high``, ``therapists``, ``reason``.
    pairs : DataFrame
        One row a pair: ``definition_a``, ``definition_b``, ``n`` (patients whom both can
        classify), ``kappa`` with its interval, ``prevalence_a``, ``prevalence_b``, ``ac1``,
        ``both``, ``only_a``, ``only_b``, ``neither``, ``patients`` (the same as n), ``reason``.
    patterns : DataFrame
        One row an exact set of definitions that occurs, among the patients whom all can classify:
        see `definition_agreement.detected_by`; a patient is one session.
    """

    rates: pd.DataFrame
    pairs: pd.DataFrame
    patterns: pd.DataFrame


def dropout_overlap(
    treatments: pd.DataFrame,
    *,
    rng: np.random.Generator,
    limits: DropoutLimits = LIMITS,
    confidence: float = 0.95,
) -> DropoutOverlap:
    """Compare all definitions for which the study holds the data.

    Only treatments that began and have ended are compared: one that goes on is no dropout under
    any definition, and would count as agreement.

    Parameters
    ----------
    treatments : DataFrame
        From `rupture_outcome.cohort.treatment_endings.treatment_endings`.
    rng : numpy.random.Generator
        For the intervals of kappa, by drawing patients.
    limits : DropoutLimits
        For the definitions that take one.
    confidence : float
        Level of the intervals.
    """
    ended = treatments[_has_ended(treatments)].reset_index(drop=True)
    names = available_definitions(ended)
    answers = {name: classify_dropout(ended, name, limits).to_numpy() for name in names}
    verdicts = _verdicts(answers, len(ended))
    therapist = pd.factorize(ended["therapist_id"], use_na_sentinel=False)[0]
    rates = [_rate(name, yes, therapist, confidence) for name, yes in answers.items()]
    return DropoutOverlap(
        pd.DataFrame(rates, columns=RATE_COLUMNS),
        definition_agreement(verdicts, rng=rng, confidence=confidence),
        detected_by(verdicts),
    )


def clustered_share(
    yes: NDArray[np.bool_], cluster: NDArray[np.integer], confidence: float
) -> tuple[float, float, float]:
    r"""Share with Wilson's interval, its sample size divided by the design effect of clusters.

    .. math:: V = \frac{G}{G - 1} \frac{1}{n^2} \sum_g \Big(\sum_{i \in g} (y_i - p)\Big)^2, \quad
              n_{\mathrm{eff}} = \min\Big(n, \frac{p (1 - p)}{V}\Big)
                  \Big(\frac{z}{t_{G-1}}\Big)^2

    Parameters
    ----------
    yes : array of bool, shape (n,)
    cluster : array of int, shape (n,)
        Therapists, numbered from 0; with one alone the patients count as independent.
    confidence : float

    Returns
    -------
    share, low, high : float
        NaN without anybody.

    Notes
    -----
    Wilson 1927; the design effect as of Kish 1965 (both recalled). Unlike a Wald interval it stays
    within 0 and 1, and it has a width where nobody or everybody drops out. The last factor, which
    makes good that V is known from G clusters only, is that of Korn and Graubard (1998; recalled).
    In R, without clusters: ``prop.test(x, n, correct = FALSE)``.

    Examples
    --------
    >>> found = clustered_share(np.arange(20) < 5, np.zeros(20, int), 0.95)
    >>> [round(value, 4) for value in found]
    [0.25, 0.1119, 0.4687]
    """
    n = len(yes)
    if n == 0:
        return (np.nan, np.nan, np.nan)
    p = float(yes.mean())
    sums = np.bincount(cluster, yes - p)
    groups = len(np.unique(cluster))
    variance = groups / max(groups - 1, 1) * float((sums**2).sum()) / n**2
    size = min(n, p * (1 - p) / variance) if variance > 0 and groups > 1 else float(n)
    few = t_quantile(confidence, groups - 1.0 if groups > 1 else np.inf)
    return p, *wilson(p, size * (normal_quantile(confidence) / few) ** 2, confidence)


def _has_ended(treatments: pd.DataFrame) -> pd.Series:
    ongoing = treatments["ending"].astype("string").eq(ONGOING).fillna(False).astype(bool)
    return treatments["attended"].gt(0).astype(bool) & ~ongoing


def _rate(
    name: str, answers: NDArray[np.object_], therapist: NDArray[np.integer], confidence: float
) -> dict[str, object]:
    known = ~pd.isna(answers)
    yes, cluster = answers[known].astype(bool), therapist[known]
    rate, low, high = clustered_share(yes, cluster, confidence)
    therapists = len(np.unique(cluster))
    return {
        "dropout_definition": name,
        "ended": len(answers),
        "patients": int(known.sum()),
        "events": int(yes.sum()),
        "rate": rate,
        "ci_low": low,
        "ci_high": high,
        "therapists": therapists,
        "reason": "" if therapists > 1 else reason("one_therapist_rates"),
    }


def _verdicts(answers: dict[str, NDArray[np.object_]], n: int) -> pd.DataFrame:
    """Lay answers out as verdicts on sessions, of which every patient has one."""
    every = [pd.Series(own, dtype="boolean") for own in answers.values()]
    texts = [own.map(SAYS).fillna("not_testable") for own in every]
    return pd.DataFrame(
        {
            "patient_id": np.tile(np.arange(n), len(answers)),
            "session": 1,
            "definition": np.repeat(list(answers), n),
            "verdict": pd.concat([EMPTY, *texts]).to_numpy(),
        }
    )
