"""Ruptures taken for repaired and the other way round: what the ratio would be without that."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import patient_clusters, patient_codes
from rupture_outcome.engine.cluster_sandwich import ONE_CLUSTER, Sandwich, membership
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, hardly_tested
from rupture_outcome.estimates.sensitivity.rows import Basis, sensitivity_row

ANALYSIS = "misclassification"
GRID = [k / 20 for k in range(10, 21)]
IMPOSSIBLE = reason("impossible")
EMPTY = reason("empty_cell", "repaired_or_open", "dropout")


@dataclass(frozen=True)
class Accuracy:
    """Chance that a session is coded as it was, among sessions coded as with a rupture so far.

    `sensitivity`: open ruptures coded open; `specificity`: others coded repaired.
    """

    sensitivity: float
    specificity: float
    reason: str = ""


def corrected_log_ratio(cells: Array, sensitivity: Array, specificity: Array) -> Array:
    """Give the log odds ratio of dropout, repaired against open, corrected for misclassification.

    With p the share coded open among sessions followed by dropout, or not, the true share is

        P = (p + Sp − 1) / (Se + Sp − 1)

    in each (matrix method; the errors are the same whether dropout follows or not), and the ratio
    compares the odds of P. It is NaN where a P is not between 0 and 1: such errors alone would give
    more, or fewer, open ruptures than were coded.

    Parameters
    ----------
    cells : array, shape (…, 4)
        Sessions: open and dropout, repaired and dropout, open and none, repaired and none.
    sensitivity, specificity : array, shape (settings,)

    Returns
    -------
    array, shape (…, settings)

    Notes
    -----
    Barron (1977), Biometrics 33:414, and Greenland's chapters in Modern Epidemiology; recalled. In
    R: `episensr::misclassification(…, type = "exposure")`.

    Examples
    --------
    >>> cells = np.array([60.0, 40.0, 300.0, 700.0])
    >>> np.exp(corrected_log_ratio(cells, np.array([1.0]), np.array([1.0]))).round(3).tolist()
    [0.286]
    """
    counts = np.asarray(cells, dtype=float)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        coded = np.stack(
            [counts[..., k, :] / (counts[..., k, :] + counts[..., k + 1, :]) for k in (0, 2)]
        )
        true = (coded + specificity - 1.0) / (sensitivity + specificity - 1.0)
        possible = ((true > 0) & (true < 1)).all(axis=0) & (sensitivity + specificity > 1.0 + 1e-9)
        log_odds = np.log(true) - np.log1p(-true)
        out: Array = np.where(possible, log_odds[1] - log_odds[0], np.nan)
    return out


def corrected_error(
    cells: Array, clusters: NDArray[np.intp], sensitivity: Array, specificity: Array
) -> tuple[Array, Array]:
    """Give the standard error of `corrected_log_ratio`, robust to clusters, and its freedom.

    The ratio is a function of the log odds of being coded open, among sessions followed by dropout
    and among the others: the two coefficients of a logistic regression, from whose
    `cluster_sandwich` the delta method leads to it. Sensitivity and specificity are taken as known.

    Parameters
    ----------
    cells : array, shape (patients, 4)
        As in `corrected_log_ratio`, one row a patient.
    clusters : array of int, shape (patients,)
    sensitivity, specificity : array, shape (settings,)

    Returns
    -------
    error, df : array, shape (settings,)
    """
    n = cells[:, ::2] + cells[:, 1::2]
    coded = cells[:, ::2].sum(axis=0) / n.sum(axis=0)
    varies = coded * (1.0 - coded)
    own = membership(clusters)
    parts = (own @ n)[:, :, None] * np.diag(varies)
    sandwich = Sandwich(parts.sum(axis=0), parts, own @ (cells[:, ::2] - coded * n))
    with np.errstate(divide="ignore", invalid="ignore"):
        youden = sensitivity + specificity - 1.0
        true = (coded[:, None] + specificity - 1.0) / youden
        slopes = np.array([[-1.0], [1.0]]) * varies[:, None] / (youden * true * (1.0 - true))
    known = np.isfinite(slopes).all(axis=0)
    out = np.full((2, len(youden)), np.nan)
    out[:, known] = np.array([sandwich.error(slope) for slope in slopes.T[known]]).T
    return out[0], out[1]


def misclassification(
    rows: pd.DataFrame, settings: HazardSettings, accuracy: Accuracy | None = None
) -> list[dict]:
    """Correct the ratio for errors of coding, over a grid of sensitivity and specificity.

    The ratio is the plain odds ratio of sessions (not adjusted for session or covariates) among
    those with a rupture so far; at 1 and 1 it is the observed one.

    Parameters
    ----------
    rows : DataFrame
        Risk set of one definition and repair rule, sorted by patient and session.
    settings : HazardSettings
        Level of the intervals, which are those of `corrected_error`, and how much must be testable.
    accuracy : Accuracy, optional
        What the definition achieves, where the truth is known.
    """
    data = rows[rows["at_risk"].astype(bool) & rows["state"].isin(HEADLINE)]
    supposed = [Accuracy(se, sp) for se in GRID for sp in GRID]
    suppositions = [("grid", each) for each in supposed] + ([("own", accuracy)] if accuracy else [])
    sensitivity = np.array([each.sensitivity for _, each in suppositions])
    specificity = np.array([each.specificity for _, each in suppositions])
    cells, basis = _cells(data), Basis.of(data)
    untested = hardly_tested(rows, settings.min_testable)
    why = untested or (EMPTY if (cells.sum(axis=0) == 0).any() else "")
    if not why:
        ratio = corrected_log_ratio(cells.sum(axis=0), sensitivity, specificity)
        clusters, caution = patient_clusters(data)
        error, df = corrected_error(cells, clusters, sensitivity, specificity)
    out = []
    for k, (name, each) in enumerate(suppositions):
        found = Estimate(reason=why)
        if not why:
            nothing = "" if np.isfinite(ratio[k]) else IMPOSSIBLE
            nothing = nothing or ("" if np.isfinite(error[k]) else ONE_CLUSTER)
            known = Estimate(ratio[k], error[k], caution, df[k])
            found = Estimate(reason=nothing) if nothing else known
        found = found.with_reason(each.reason)
        row = sensitivity_row(ANALYSIS, name, HEADLINE, found, basis, settings.confidence)
        errors = {"sensitivity": each.sensitivity, "specificity": each.specificity}
        least = min(row["least_cell"], float(cells.sum(axis=0).min()))
        out.append(row | errors | {"least_cell": least})
    return out


def state_accuracy(rows: pd.DataFrame, truth: pd.DataFrame) -> Accuracy | None:
    """How often open ruptures are coded open, and others repaired, in a simulated study.

    Among sessions at risk that are coded as with a rupture so far. What is no open rupture in truth
    counts as repaired, though there may have been none.

    Parameters
    ----------
    rows : DataFrame
        Risk set of one definition and repair rule.
    truth : DataFrame
        ``patient_id``, ``session``, ``latent_state``.
    """
    data = rows[rows["at_risk"].astype(bool) & rows["state"].isin(HEADLINE)]
    keys = ["patient_id", "session"]
    coded = data[[*keys, "state"]].astype({"patient_id": "str", "state": "str"})
    both = coded.merge(truth.astype({"patient_id": "str"})[[*keys, "latent_state"]], on=keys)
    is_open = both["latent_state"].eq("unrepaired")
    right = both["state"].eq("unrepaired") == is_open
    if is_open.all() or not is_open.any():
        return None
    return Accuracy(
        float(right[is_open].mean()),
        float(right[~is_open].mean()),
        reason("simulated_accuracy"),
    )


def _cells(data: pd.DataFrame) -> Array:
    """Sessions of each patient by state and dropout, shape (patients, 4)."""
    patient = patient_codes(data)
    is_open = data["state"].eq("unrepaired").to_numpy(bool)
    dropout = data["dropout"].eq(1).to_numpy(bool)
    kind = np.where(is_open, 0, 1) + np.where(dropout, 0, 2)
    patients = int(patient.max(initial=-1)) + 1
    counted = np.bincount(patient * 4 + kind, minlength=4 * patients)
    return counted.reshape(patients, 4).astype(float)
