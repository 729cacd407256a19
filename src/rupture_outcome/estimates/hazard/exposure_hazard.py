"""One multilevel hazard by a categorical exposure, and the contrasts it supports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import unit_codes
from rupture_outcome.cohort.covariates import model_column
from rupture_outcome.cohort.design import Design, hazard_design, unusable_levels
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.firth import firth_contrast
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.multilevel.results import MultilevelHazardResults
from rupture_outcome.engine.multilevel.stored import restored
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason, rounded
from rupture_outcome.engine.unit_covariance import unit_covariance
from rupture_outcome.estimates.effect_rows import FEW_EVENTS, label

GROUPS = "therapist_id"


@dataclass(frozen=True)
class HazardSettings:
    """How hazards are fitted; the `models` entry of the config.

    Parameters
    ----------
    link : {"logit", "cloglog"}
        Link of the hazard.
    quadrature : int
        Nodes of the adaptive quadrature; 1 is Laplace.
    covariates : sequence of str
        Columns of the risk set to adjust for, named as `cohort.covariates.model_column` does.
    min_events : int
        Least number of dropouts in a band of the session baseline.
    confidence : float
        Level of the intervals.
    min_testable : float
        Least share of sessions in which a definition could be tested. A state is carried on over
        untested sessions; where most are untested, it is not known.
    """

    link: str = "logit"
    quadrature: int = 1
    covariates: Sequence[str] = (model_column("severity"),)
    min_events: int = 5
    confidence: float = 0.95
    min_testable: float = 0.5

    @classmethod
    def from_config(cls, models: Mapping[str, Any]) -> "HazardSettings":
        """Take what concerns hazards from the `models` section of the config."""
        given = {field.name: models[field.name] for field in fields(cls)}
        return cls(**given | {"covariates": tuple(map(model_column, models["covariates"]))})


@dataclass(frozen=True)
class Form:
    """What the hazard is of and what enters it besides the exposure and the covariates.

    Parameters
    ----------
    event : str
        Column of 0 and 1.
    groups : str
        Column whose values share a random intercept.
    baseline : {"bands", "spline"}
        Session baseline: a category a band, or a natural cubic spline with 3 columns.
    terms : sequence of str
        Further columns of numbers.
    """

    event: str = "dropout"
    groups: str = GROUPS
    baseline: str = "bands"
    terms: Sequence[str] = ()


DROPOUT = Form()


@dataclass(frozen=True)
class Arms:
    """The sessions at risk, by level of an exposure: what every fit by exposure begins with.

    Attributes
    ----------
    rows : DataFrame
        The rows at risk.
    compared : DataFrame
        Those of levels that can be estimated.
    exposure : Series of category
        Of the rows compared; its categories are the levels that can be estimated, in order.
    unusable : dict of str to str
        Why each level has no finite coefficient; empty where it has one.
    reason : str
        Why nothing can be fitted; empty if something can.
    untested : str
        Why the definition is not used, where it could hardly be tested; else empty.
    """

    rows: pd.DataFrame
    compared: pd.DataFrame
    exposure: "pd.Series[Any]"
    unusable: Mapping[str, str]
    reason: str = ""
    untested: str = ""

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        exposure: str,
        levels: Sequence[str],
        event: str,
        min_testable: float,
    ) -> "Arms":
        """Choose the rows at risk and the levels that can be compared.

        Parameters
        ----------
        rows : DataFrame
            Person-sessions of one definition and repair rule.
        exposure : str
            Column of the exposure.
        levels : sequence of str
            Its levels, the reference first.
        event : str
            Column of 0 and 1.
        min_testable : float
            Least share of sessions in which the definition could be tested.
        """
        at_risk = rows[rows["at_risk"] & rows[exposure].isin(list(levels))]
        unusable = unusable_levels(at_risk, exposure, levels, event)
        usable = [level for level in levels if not unusable[level]]
        compared = at_risk[at_risk[exposure].isin(usable)]
        values = compared[exposure].astype("category").cat.set_categories(usable)
        nothing = "" if len(usable) > 1 else joined(*unusable.values())
        untested = hardly_tested(rows, min_testable)
        return cls(at_risk, compared, values, unusable, untested or nothing, untested)

    @property
    def usable(self) -> list[str]:
        """Levels that can be estimated, the reference first."""
        return [level for level, why in self.unusable.items() if not why]

    def why_not(self, pair: Sequence[str]) -> str:
        """Say why two levels cannot be compared; empty if they can."""
        return joined(*(self.unusable[level] for level in pair if self.unusable[level]))


@dataclass(frozen=True)
class ExposureFit:
    """Contrasts by label, and the fit that they come from.

    Attributes
    ----------
    estimates : dict of str to Estimate
        One per contrast asked for; without a value, and with the reason, where there is none.
    rows : DataFrame
        The rows at risk, those of levels that cannot be estimated included.
    reason : str
        Why nothing was fitted, or what was left out; may be empty.
    fit : MultilevelHazardResults or None
        None where nothing could be fitted.
    levels : sequence of str
        The levels in the fit, the reference first.
    design : Design or None
        Of the fit.
    """

    estimates: dict[str, Estimate]
    rows: pd.DataFrame
    reason: str = ""
    fit: Any = None
    levels: Sequence[str] = ()
    design: Design | None = None

    def report(self, confidence: float) -> dict[str, Any]:
        """Give what an audit of the fit needs, in plain types: ``converged``, ``reason`` …."""
        if self.fit is None:
            return {"converged": False, "reason": self.reason}
        return {**self.fit.to_dict(alpha=1.0 - confidence), "reason": self.reason}


def fit_exposure(
    rows: pd.DataFrame,
    exposure: str,
    levels: Sequence[str],
    contrasts: Sequence[tuple[str, str]],
    settings: HazardSettings,
    form: Form = DROPOUT,
    known: Mapping[str, Any] | None = None,
) -> ExposureFit:
    """Fit dropout ~ session bands + exposure + covariates + (1 | therapist of that session).

    A level without an event, or with nothing else, has an infinite coefficient and no influence on
    the others: its rows are left out and its contrasts carry the reason, while the other contrasts
    are exactly those of the whole model. Where patients share couples, families or groups, errors
    allow for units whose members resemble each other or leave together (`unit_covariance`).

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule.
    exposure : str
        Column of the exposure.
    levels : sequence of str
        Its levels, the reference first.
    contrasts : sequence of (str, str)
        Pairs "first against second".
    settings, form : HazardSettings, Form
        How to fit, and of what.
    known : mapping, optional
        This very fit, stored: it is read instead of searched for.

    Raises
    ------
    StudyError
        The stored fit is not that of these rows.
    """
    arms = Arms.of(rows, exposure, levels, form.event, settings.min_testable)
    if arms.reason:
        nothing = not_fitted(arms.rows, contrasts, arms.reason)
        beside = {
            label(pair): found.with_reason(_where_separated(arms, pair, settings, form))
            for pair, found in zip(contrasts, nothing.estimates.values(), strict=True)
        }
        return replace(nothing, estimates=beside)
    design = hazard_design(
        arms.compared,
        form.event,
        arms.exposure,
        baseline=form.baseline,
        min_events=settings.min_events,
        terms=form.terms,
        covariates=settings.covariates,
        groups=form.groups,
    )
    try:
        fit = fitted(design, settings, known)
    except ModelError as error:
        return not_fitted(arms.rows, contrasts, error.reason)
    units = unit_codes(arms.compared) if form.groups == GROUPS else None
    covariance = None if units is None else unit_covariance(fit, units)
    estimates = {}
    events = arms.compared[form.event].groupby(arms.exposure, observed=True).sum()
    for pair in contrasts:
        missing = arms.why_not(pair)
        found = Estimate(reason=missing) if missing else contrast_of(fit, design, pair, covariance)
        if missing:
            found = found.with_reason(_where_separated(arms, pair, settings, form))
        if found.known and events[list(pair)].min() < FEW_EVENTS:
            found = found.with_reason(penalised(design, pair, settings))
        estimates[label(pair)] = found.with_reason(design.reason)
    failure = "" if fit.finite_part_converged else NOT_CONVERGED
    note = joined(failure, *arms.unusable.values(), design.reason)
    return ExposureFit(estimates, arms.rows, note, fit, arms.usable, design)


def fitted(
    design: Design, settings: HazardSettings, known: Mapping[str, Any] | None = None
) -> MultilevelHazardResults:
    """Fit the hazard of a design, or read the fit where it is known already.

    Parameters
    ----------
    design : Design
    settings : HazardSettings
        With link and nodes.
    known : mapping, optional
        The fit of this design, from `engine.multilevel.stored.stored`.
    """
    model = design.model(settings.link)
    if known is None:
        return model.fit(quadrature=settings.quadrature)
    return restored(model, settings.quadrature, known)


def hardly_tested(rows: pd.DataFrame, min_testable: float) -> str:
    """Say why a definition that could be tested in few sessions is not used; empty if it can be."""
    share = rows["testable"].mean() if len(rows) else 1.0
    if share >= min_testable:
        return ""
    return reason("hardly_tested", rounded(share))


def not_fitted(
    at_risk: pd.DataFrame, contrasts: Sequence[tuple[str, str]], why: str
) -> ExposureFit:
    """Say of every contrast why there is none.

    Parameters
    ----------
    at_risk : DataFrame
        Person-sessions at risk.
    contrasts : sequence of tuple of str
        Pairs of levels.
    why : str
        Coded reasons.
    """
    estimates = {label(pair): Estimate(reason=why) for pair in contrasts}
    return ExposureFit(estimates, at_risk, why)


def penalised(design: Design, pair: tuple[str, str], settings: HazardSettings) -> str:
    """Estimate by penalised likelihood, as a coded reason: the ratio and the ends of its interval.

    Two digits each, so that the interval does not tell the events of the other level.

    Parameters
    ----------
    design : Design
        Its groups are not used: rows are independent.
    pair : (str, str)
        The level in question and the one it is compared with.
    settings : HazardSettings
        With link and level of the interval.
    """
    X, y = design.matrix.to_numpy(float), design.outcome.to_numpy(float)
    found = firth_contrast(X, y, design.weights(*pair), settings.link, settings.confidence)
    if np.isnan(found.estimate):
        return ""
    ratio, low, high = (
        float(f"{np.exp(each):.2g}") for each in (found.estimate, found.low, found.high)
    )
    return reason("penalised", ratio, low, high)


def _where_separated(
    arms: Arms, pair: tuple[str, str], settings: HazardSettings, form: Form
) -> str:
    """Estimate by penalised likelihood where a level has no event, or nothing else; else nothing.

    The main model leaves such a level out: its coefficient would be infinite. Jeffreys' prior
    keeps it finite.
    """
    present = [level for level in arms.unusable if arms.rows[arms.exposure.name].eq(level).any()]
    if arms.untested or not set(pair) <= set(present) or arms.rows[form.event].nunique() < 2:
        return ""
    values = arms.rows[arms.exposure.name].astype("category").cat.set_categories(present)
    design = hazard_design(
        arms.rows,
        form.event,
        values,
        baseline=form.baseline,
        min_events=settings.min_events,
        terms=form.terms,
        covariates=settings.covariates,
    )
    return penalised(design, pair, settings)


def contrast_of(
    fit: Any, design: Design, pair: tuple[str, str], covariance: Any = None
) -> Estimate:
    """Log ratio of two levels that are in the fit, or why there is none.

    Parameters
    ----------
    fit : MultilevelHazardResults
    design : Design
        Of the fit.
    pair : (str, str)
        The level in question and the one it is compared with.
    covariance : array, shape (columns, columns), optional
        Of the coefficients; the model's if not given.
    """
    if not fit.finite_part_converged:
        return Estimate(reason=NOT_CONVERGED)
    weights = design.weights(*pair)
    found = fit.contrast(design.named(weights))
    value, se = float(found.estimate), float(found.se)
    if covariance is not None:
        at = np.flatnonzero(weights)  # others may be separated, and have no variance
        se = float(np.sqrt(weights[at] @ covariance[np.ix_(at, at)] @ weights[at]))
    if np.isfinite(value) and np.isfinite(se):
        return Estimate(value, se)
    return Estimate(reason=reason("infinite"))
