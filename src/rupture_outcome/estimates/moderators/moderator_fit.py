"""One multilevel hazard in which the effect of the state differs between levels of a moderator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from rupture_outcome.coding.follow import STATES
from rupture_outcome.cohort.design import Design, hazard_design, why_unusable
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.reasons import joined, reason
from rupture_outcome.engine.unit_covariance import unit_covariance
from rupture_outcome.estimates.hazard.exposure_hazard import (
    GROUPS,
    NOT_CONVERGED,
    HazardSettings,
    fitted,
)
from rupture_outcome.estimates.moderators.levels import Moderator

CONTRASTS = (("repaired", "unrepaired"), ("unrepaired", "intact"))
NESTINGS = ("therapist", "unit")


@dataclass(frozen=True)
class JointTest:
    """Whether a contrast is the same in all levels: Wald χ² with its degrees of freedom."""

    statistic: float = np.nan
    df: int = 0
    p: float = np.nan


@dataclass(frozen=True)
class ModeratorFit:
    """Contrasts within levels and their joint tests, from one fit.

    Attributes
    ----------
    estimates : mapping of (nesting, contrast, level) to Estimate
    tests : mapping of (nesting, contrast) to JointTest
    cells : DataFrame
        Sessions and dropouts by state (rows of the index) and level.
    reason : str
        What holds for all of it.
    fit : MultilevelHazardResults or None
    """

    estimates: Mapping[tuple[str, tuple[str, str], str], Estimate]
    tests: Mapping[tuple[str, tuple[str, str]], JointTest]
    cells: pd.DataFrame
    reason: str = ""
    fit: Any = None


def fit_moderator(
    rows: pd.DataFrame,
    moderator: Moderator,
    units: np.ndarray,
    settings: HazardSettings,
    known: Mapping[str, Any] | None = None,
) -> ModeratorFit:
    """Fit dropout ~ session bands + state × level + covariates + (1 | therapist of that session).

    State and level enter as one category a cell, which is the model with main effects and all
    interactions; the session baseline and the covariates are common to the levels. A cell without
    dropout has an infinite coefficient and no influence on the others: it is left out, and so are
    the contrasts that need it. A moderator of ruptures has one cell for all sessions before any.

    Parameters
    ----------
    rows : DataFrame
        Sessions at risk of one definition and repair rule.
    moderator : Moderator
        Its level in these rows.
    units : array, shape (rows,)
        Number of the unit of each row.
    settings : HazardSettings
        How to fit.
    known : mapping, optional
        This very fit, stored; see `exposure_hazard.fit_exposure`.

    Notes
    -----
    Nested in therapists: errors of the model. Nested in units: errors from `unit_covariance`.
    """
    levels = [str(level) for level in moderator.level.cat.categories]
    cell = _cells(rows, moderator, levels)
    counts = _count(rows, cell, levels, moderator)
    usable = counts[counts["why"].eq("")]
    kept = np.isin(cell, usable["cell"].to_numpy())
    try:
        design = _design(rows[kept], cell[kept], settings)
        fit = fitted(design, settings, known)
    except ModelError as error:
        return _nothing(counts, levels, error.reason)
    if not fit.finite_part_converged:
        return _nothing(counts, levels, NOT_CONVERGED, fit)
    small = np.unique(units[kept], return_inverse=True)[1]
    covariance: dict[str, np.ndarray | None] = {
        "therapist": None,
        "unit": unit_covariance(fit, small),
    }
    weights = {pair: _weights(design, counts, pair) for pair in CONTRASTS}
    estimates: dict[tuple[str, tuple[str, str], str], Estimate] = {}
    tests: dict[tuple[str, tuple[str, str]], JointTest] = {}
    for nesting, pair in product(NESTINGS, CONTRASTS):
        found = {
            level: Estimate(reason=why) if why else _contrast(fit, row, covariance[nesting])
            for level, (row, why) in weights[pair].items()
        }
        tested = [weights[pair][level][0] for level in levels if found[level].known]
        tests[nesting, pair] = _joint(fit, tested, covariance[nesting])
        noted = {key: one.with_reason(design.reason) for key, one in found.items()}
        estimates |= {(nesting, pair, key): one for key, one in noted.items()}
    return ModeratorFit(estimates, tests, counts, design.reason, fit)


def _cells(rows: pd.DataFrame, moderator: Moderator, levels: Sequence[str]) -> np.ndarray:
    """Give each row the number of its cell state × level; −1 where the level is missing."""
    state = pd.Categorical(rows["state"], categories=STATES).codes.astype(np.int64)
    level = moderator.level.cat.codes.to_numpy(np.int64)
    cell = np.where(level < 0, -1, state * len(levels) + level)
    return np.where(state == 0, 0, cell) if moderator.of_rupture else cell


def _count(
    rows: pd.DataFrame, cell: np.ndarray, levels: Sequence[str], moderator: Moderator
) -> pd.DataFrame:
    shape = len(STATES) * len(levels)
    inside = cell >= 0
    sessions = np.bincount(cell[inside], minlength=shape)
    events = np.bincount(cell[inside], rows["dropout"].to_numpy(float)[inside], shape)
    index = [(state, level) for state in STATES for level in levels]
    counts = pd.DataFrame(index, columns=["state", "level"])
    counts["cell"] = np.arange(shape)
    if moderator.of_rupture:
        counts.loc[counts["state"].eq("intact"), "cell"] = 0
    counts["sessions"] = sessions[counts["cell"]]
    counts["events"] = events[counts["cell"]].astype(np.int64)
    cells = zip(counts["sessions"], counts["events"], counts["state"], strict=True)
    counts["why"] = [why_unusable(n, events, state, "dropout") for n, events, state in cells]
    return counts


def _design(rows: pd.DataFrame, cell: np.ndarray, settings: HazardSettings) -> Design:
    cells, code = np.unique(cell, return_inverse=True)
    if len(cells) < 2:
        raise ModelError(
            "fewer than two cells of state and level hold dropouts", reason("one_cell")
        )
    labels = pd.Index([str(n) for n in cells])
    return hazard_design(
        rows,
        "dropout",
        pd.Series(pd.Categorical.from_codes(code, labels), rows.index, name="cell"),
        min_events=settings.min_events,
        covariates=settings.covariates,
        groups=GROUPS,
    )


def _weights(
    design: Design, counts: pd.DataFrame, pair: tuple[str, str]
) -> dict[str, tuple[np.ndarray, str]]:
    """Weights of the coefficients in first minus second state by level, and why they are no use."""
    out = {}
    for level, cells in counts.groupby("level", sort=False):
        own = cells.set_index("state").loc[list(pair)]
        first, second = own["cell"].astype("str")
        why = joined(*dict.fromkeys(own["why"]))
        out[str(level)] = design.weights(first, second), why
    return out


def _contrast(fit: Any, weights: np.ndarray, cov: np.ndarray | None) -> Estimate:
    found = fit.t_test(weights[None, :], cov_p=cov)
    value, se = float(found.effect[0]), float(found.sd[0])
    if np.isfinite(value) and np.isfinite(se) and se > 0:
        return Estimate(value, se)
    return Estimate(reason=reason("infinite"))


def _joint(fit: Any, weights: Sequence[np.ndarray], cov: np.ndarray | None) -> JointTest:
    """Wald test that the contrasts given are all the same."""
    if len(weights) < 2:
        return JointTest()
    differences = np.array(weights[1:]) - weights[0]
    effect = differences @ fit.fitted.beta
    spread = differences @ (fit.fitted.cov[:-1, :-1] if cov is None else cov) @ differences.T
    if np.linalg.matrix_rank(spread) < len(differences):
        return JointTest()  # fewer units than degrees of freedom
    statistic = float(effect @ np.linalg.solve(spread, effect))
    return JointTest(statistic, len(differences), float(chi2.sf(statistic, len(differences))))


def _nothing(
    counts: pd.DataFrame, levels: Sequence[str], why: str, fit: Any = None
) -> ModeratorFit:
    keys = [(n, pair, level) for n in NESTINGS for pair in CONTRASTS for level in levels]
    return ModeratorFit(
        dict.fromkeys(keys, Estimate(reason=why)),
        {(n, pair): JointTest() for n in NESTINGS for pair in CONTRASTS},
        counts,
        why,
        fit,
    )
