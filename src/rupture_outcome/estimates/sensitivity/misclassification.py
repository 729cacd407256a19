"""Ruptures taken for repaired and the other way round: what the ratio would be without that."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.cohort.clusters import patient_clusters, patient_codes
from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.engine.cluster_sandwich import ONE_CLUSTER, cluster_sandwich
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.misclassified import Errors, MisclassifiedLikelihood, fit_misclassified
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.reasons import NOT_CONVERGED, reason
from rupture_outcome.engine.weighted_hazard import independent
from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, hardly_tested
from rupture_outcome.estimates.sensitivity.rows import Basis, sensitivity_row

ANALYSIS = "misclassification"
GRID = [k / 20 for k in (10, 12, 14, 15, 16, 17, 18, 19, 20)]
IMPOSSIBLE, NEARLY_IMPOSSIBLE = reason("impossible"), reason("nearly_impossible")
EMPTY = reason("empty_cell", "repaired_or_open", "dropout")
INFINITE = 15.0  # on the log scale
# What the definition achieves: in a simulated study, and in a study made to find out.
OWN, VALIDATED = "own", "validated"


@dataclass(frozen=True)
class Accuracy:
    """Chance that a session is coded as it was, among sessions coded as with a rupture so far.

    `sensitivity`: open ruptures coded open; `specificity`: others coded repaired; with the standard
    errors of both, 0 where they are supposed.
    """

    sensitivity: float
    specificity: float
    reason: str = ""
    sensitivity_se: float = 0.0
    specificity_se: float = 0.0

    @property
    def of_repaired(self) -> Errors:
        """The same of the exposure that is compared, repaired."""
        shares = self.specificity, self.sensitivity
        return Errors(*shares, self.specificity_se, self.sensitivity_se)


def corrected_log_ratio(cells: Array, sensitivity: Array, specificity: Array) -> Array:
    """Give the log odds ratio of dropout, repaired against open, corrected for misclassification.

    With p the share coded open among sessions followed by dropout, or not, the true share is

        P = (p + Sp − 1) / (Se + Sp − 1)

    in each (matrix method; the errors are the same whether dropout follows or not), and the ratio
    compares the odds of P. It is NaN where a P is not between 0 and 1: such errors alone would give
    more, or fewer, open ruptures than were coded.

    Parameters
    ----------
    cells : array, shape (4,)
        Sessions: open and dropout, repaired and dropout, open and none, repaired and none.
    sensitivity, specificity : array, shape (settings,)

    Returns
    -------
    array, shape (settings,)

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


def misclassification(
    rows: pd.DataFrame,
    settings: HazardSettings,
    achieved: Mapping[str, Accuracy] | None = None,
) -> list[dict]:
    """Correct the ratio for errors of coding, over a grid of sensitivity and specificity.

    Among sessions with a rupture so far, the hazard of dropout by the true state,

        dropout ~ bands of session + state + baseline covariates,

    is fitted together with a logistic regression of that state (on a spline of session, as bands
    may hold one state only, and the covariates), given how often each state is coded right
    (`engine.misclassified`); at 1 and 1 it is the hazard by the coded
    state. Errors are robust to clusters (therapist of the first session), and hold what the
    accuracy itself leaves open, where it is known from a number of sessions.

    Parameters
    ----------
    rows : DataFrame
        Risk set of one definition and repair rule, sorted by patient and session.
    settings : HazardSettings
        Link, covariates, least events of a band, confidence, and how much must be testable.
    achieved : mapping of str to Accuracy, optional
        What the definition achieves, where that is known: `OWN` or `VALIDATED`.
    """
    data = rows[rows["at_risk"].astype(bool) & rows["state"].isin(HEADLINE)]
    grid = [("grid", Accuracy(se, sp)) for se in reversed(GRID) for sp in reversed(GRID)]
    cells, basis = _cells(data), Basis.of(data)
    why = hardly_tested(rows, settings.min_testable) or (EMPTY if (cells == 0).any() else "")
    corrected = None if why else _Corrected(data, cells, settings)
    out = []
    for setting, each in [*grid, *(achieved or {}).items()]:
        found = corrected.estimate(each) if corrected else Estimate(reason=why)
        found = found.with_reason(each.reason)
        row = sensitivity_row(ANALYSIS, setting, HEADLINE, found, basis, settings.confidence)
        errors = {"sensitivity": each.sensitivity, "specificity": each.specificity}
        out.append(row | errors | {"least_cell": min(row["least_cell"], float(cells.min()))})
    return out[: len(grid)][::-1] + out[len(grid) :]


class _Corrected:
    """Fits of the same rows under one accuracy after another, perfect coding first.

    Each begins where that first one ended: the fit of a neighbour may lie at the end of what its
    accuracy allows, from where no way leads back.
    """

    def __init__(self, data: pd.DataFrame, cells: Array, settings: HazardSettings):
        self.X, self.Z = (
            independent(
                hazard_design(
                    data,
                    "dropout",
                    baseline=baseline,
                    min_events=settings.min_events,
                    covariates=settings.covariates,
                ).matrix
            ).to_numpy(dtype=float)
            for baseline in ("bands", "spline")
        )
        self.y = data["dropout"].to_numpy(dtype=float)
        self.coded: Array = data["state"].eq(HEADLINE[0]).to_numpy().astype(np.float64)
        of_patient, self.caution = patient_clusters(data)
        self.clusters = of_patient[patient_codes(data)]
        self.cells, self.link = cells, settings.link
        self.near: Array | None = None

    def estimate(self, accuracy: Accuracy) -> Estimate:
        """Give the log ratio with such an accuracy, or why there is none."""
        given = np.array([accuracy.sensitivity]), np.array([accuracy.specificity])
        if np.isnan(corrected_log_ratio(self.cells, *given)[0]):
            return Estimate(reason=IMPOSSIBLE)
        likelihood = MisclassifiedLikelihood(
            self.X, self.Z, self.y, self.coded, accuracy.of_repaired, self.link
        )
        fit = fit_misclassified(likelihood, self.near)
        if not fit.optimum.converged:
            return Estimate(reason=NOT_CONVERGED)
        error, df = fit.error(self.clusters)
        if not np.isfinite(error) or abs(fit.log_ratio) > INFINITE:
            return Estimate(reason=ONE_CLUSTER if self.near is None else NEARLY_IMPOSSIBLE)
        self.near = fit.optimum.point.theta if self.near is None else self.near
        return Estimate(fit.log_ratio, error, self.caution, df)


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
    of_patient, _ = patient_clusters(data)
    coded = data[[*keys, "state"]].astype({"patient_id": "str", "state": "str"})
    coded["cluster"] = of_patient[patient_codes(data)] if len(data) else 0
    both = coded.merge(truth.astype({"patient_id": "str"})[[*keys, "latent_state"]], on=keys)
    is_open = both["latent_state"].eq("unrepaired").to_numpy(bool)
    right = both["state"].eq("unrepaired").to_numpy(bool) == is_open
    if is_open.all() or not is_open.any():
        return None
    cluster = both["cluster"].to_numpy(np.intp)
    (sensitivity, error), (specificity, other) = (
        _share(right[which], cluster[which]) for which in (is_open, ~is_open)
    )
    return Accuracy(sensitivity, specificity, reason("simulated_accuracy"), error, other)


def validated_accuracy(given: Mapping[str, float]) -> Accuracy:
    """Take the accuracy of a validation study, with the errors of shares of its sessions.

    Parameters
    ----------
    given : mapping
        `models.coding_accuracy` of the config: ``sensitivity`` among ``open_sessions``,
        ``specificity`` among ``other_sessions``.

    Examples
    --------
    >>> found = validated_accuracy({"sensitivity": 0.9, "open_sessions": 100,
    ...                            "specificity": 1.0, "other_sessions": 50})
    >>> round(found.sensitivity_se, 3), round(found.specificity_se, 3)
    (0.031, 0.014)
    """
    pairs = (("sensitivity", "open_sessions"), ("specificity", "other_sessions"))
    errors = [_binomial_error(given[share], given[n]) for share, n in pairs]
    shares = given["sensitivity"], given["specificity"]
    return Accuracy(*shares, reason("validated_accuracy"), errors[0], errors[1])


def _binomial_error(share: float, n: float) -> float:
    """Error of a share of n sessions, not 0 where all or none were right: half of one is added."""
    near = (share * n + 0.5) / (n + 1.0)
    return float(np.sqrt(near * (1.0 - near) / n))


def _cells(data: pd.DataFrame) -> Array:
    """Sessions by state and dropout, shape (4,)."""
    is_open = data["state"].eq("unrepaired").to_numpy(bool)
    dropout = data["dropout"].eq(1).to_numpy(bool)
    kind = np.where(is_open, 0, 1) + np.where(dropout, 0, 2)
    return np.bincount(kind, minlength=4).astype(float)


def _share(right: NDArray[np.bool_], clusters: NDArray[np.intp]) -> tuple[float, float]:
    """Share of sessions coded right, and its error, robust to clusters; 0 where none tells it."""
    share = float(right.mean())
    one, residual = np.ones((len(right), 1)), right.astype(np.float64) - share
    error, _ = cluster_sandwich(one, residual, one[:, 0], clusters).error([1.0])
    return share, error if np.isfinite(error) else 0.0
