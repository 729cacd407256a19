"""How frequent ruptures are under each definition, and how frequent chance would make them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.detect import verdicts_of
from rupture_outcome.coding.inputs import (
    ChosenDefinition,
    Config,
    build_panel,
    chosen_definitions,
)
from rupture_outcome.coding.scales import constants_of
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import Verdicts
from rupture_outcome.cohort.clusters import clusters_of_patients
from rupture_outcome.engine.estimate import normal_quantile, t_quantile, wilson
from rupture_outcome.estimates.prevalence.chance import expected_detections
from rupture_outcome.estimates.prevalence.no_change import expected_without_change

Counts = NDArray[np.float64]


def rupture_prevalence(
    ruptures: pd.DataFrame,
    scales: pd.DataFrame,
    sessions: pd.DataFrame,
    instruments: Config,
    coding: Config,
    *,
    rng: np.random.Generator,
    permutations: int = 200,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Count detections per testable session and patient, beside what chance would give.

    Parameters
    ----------
    ruptures, scales : pandas.DataFrame
        From `code_ruptures`.
    sessions : pandas.DataFrame
        The scored sessions that they were made from.
    instruments, coding : mapping
        These sections of the config.
    rng : numpy.random.Generator
        For both expectations.
    permutations : int
        How many random orders of each patient's scores, and how many simulated studies without
        change, the expectations are averaged over.
    confidence : float
        Level of the interval.

    Returns
    -------
    pandas.DataFrame
        One row a definition: definition, class, provenance, sessions_testable, sessions_detected,
        patients_testable (with a testable session), patients_detected, rate (per testable
        session), expected_by_chance (detections, to be compared with sessions_detected; missing
        for reports and observer ratings, which permuting scores says nothing about), ci_low,
        ci_high (of the rate, sessions clustered in therapists), expected_without_change (detections
        if no patient changed; missing also where the reliability of the score is not known).
    """
    chosen = chosen_definitions(coding)
    columns = [column for c in chosen if c.rule.scored for column in c.rule.columns(c.parameters)]
    panel = build_panel(sessions, None, instruments, coding, columns)
    constants = {c.rule.id: constants_of(scales, c.rule.id) for c in chosen}
    chance = expected_detections(panel, chosen, constants, rng=rng, permutations=permutations)
    still = expected_without_change(
        panel, chosen, constants, instruments, rng=rng, replicates=permutations
    )
    coded = [(c, verdicts_of(ruptures, c.rule.id, panel)) for c in chosen]
    cluster = clusters_of_patients(sessions, panel.ids)
    table = pd.DataFrame([_row(panel, v, c, chance, cluster, confidence) for c, v in coded])
    table["expected_without_change"] = [still.get(c.rule.id, np.nan) for c in chosen]
    return table


def _row(
    panel: Panel,
    verdicts: Verdicts,
    chosen: ChosenDefinition,
    chance: Mapping[str, float],
    cluster: NDArray[np.intp],
    confidence: float,
) -> dict[str, object]:
    testable = _per_patient(panel, verdicts.testable)
    detected = _per_patient(panel, verdicts.detected)
    low, high = clustered_interval(
        np.bincount(cluster, detected).astype(np.float64),
        np.bincount(cluster, testable).astype(np.float64),
        confidence,
    )
    return {
        "definition": chosen.rule.id,
        "class": chosen.rule.kind_class,
        "provenance": chosen.rule.provenance,
        "sessions_testable": int(testable.sum()),
        "sessions_detected": int(detected.sum()),
        "patients_testable": int((testable > 0).sum()),
        "patients_detected": int((detected > 0).sum()),
        "rate": detected.sum() / testable.sum() if testable.any() else np.nan,
        "expected_by_chance": chance.get(chosen.rule.id, np.nan),
        "ci_low": low,
        "ci_high": high,
    }


def _per_patient(panel: Panel, which: NDArray[np.bool_]) -> Counts:
    return np.bincount(panel.patient, which, minlength=len(panel.ids)).astype(np.float64)


def clustered_interval(
    detected: Counts, testable: Counts, confidence: float
) -> tuple[float, float]:
    r"""Wilson interval of a rate with the sample size that clustering leaves.

    .. math:: \hat v = \frac{m}{m-1} \sum_i (d_i - \hat p\, t_i)^2 / T^2,
              \quad n^* = \hat p (1 - \hat p) / \hat v

    with d of t sessions in each of m clusters (therapists, or patients) and T sessions in all.
    Where the rate is 0 or 1 the variance says nothing and n* is m. That the variance is known from
    m clusters only is made good by :math:`(z / t_{m-1})^2` times n*.

    Parameters
    ----------
    detected, testable : ndarray of float, shape (m,)
        Sessions per cluster.
    confidence : float

    Returns
    -------
    tuple of float
        NaN with fewer than two clusters.

    Notes
    -----
    Korn & Graubard 1998 use an effective sample size in the same way, with another interval.
    """
    some = testable > 0
    d, t, m = detected[some], testable[some], int(some.sum())
    if m < 2:
        return np.nan, np.nan
    rate = d.sum() / t.sum()
    variance = m / (m - 1) * ((d - rate * t) ** 2).sum() / t.sum() ** 2
    if variance == 0 or not 0 < rate < 1:
        return wilson(rate, m, confidence)
    few = normal_quantile(confidence) / t_quantile(confidence, m - 1.0)
    return wilson(rate, rate * (1 - rate) / variance * few**2, confidence)
