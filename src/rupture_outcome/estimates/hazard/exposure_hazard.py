"""One multilevel hazard by a categorical exposure, and the contrasts it supports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import codes_of
from rupture_outcome.cohort.covariates import varying_covariates
from rupture_outcome.engine.baseline import baseline_bands, natural_spline, spline_knots
from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.estimates.effect_rows import Estimate

GROUPS = "therapist_id"
NOT_CONVERGED = "the fit did not converge"


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
        Columns of the risk set to adjust for.
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
    covariates: Sequence[str] = ("severity",)
    min_events: int = 5
    confidence: float = 0.95
    min_testable: float = 0.5

    @classmethod
    def from_config(cls, models: Mapping[str, Any]) -> "HazardSettings":
        """Take what concerns hazards from the `models` section of the config."""
        return cls(**{field.name: models[field.name] for field in fields(cls)})


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
class ExposureFit:
    """Contrasts by label, and the fit that they come from.

    Attributes
    ----------
    estimates : dict of str to Estimate
        One per contrast asked for; without a value, and with the reason, where there is none.
    rows : DataFrame
        The rows at risk, those of levels that cannot be estimated included.
    note : str
        Why nothing was fitted, or what was left out; may be empty.
    fit : MultilevelHazardResults or None
        None where nothing could be fitted.
    levels : sequence of str
        The levels in the fit, the reference first.
    knots : tuple of float
        Of the spline baseline, where there is one.
    """

    estimates: dict[str, Estimate]
    rows: pd.DataFrame
    note: str = ""
    fit: Any = None
    levels: Sequence[str] = ()
    knots: tuple[float, ...] = ()

    def report(self, confidence: float) -> dict[str, Any]:
        """Give what an audit of the fit needs, in plain types: ``converged``, ``note`` and more."""
        if self.fit is None:
            return {"converged": False, "note": self.note}
        return {**self.fit.to_dict(alpha=1.0 - confidence), "note": self.note}


def fit_exposure(
    rows: pd.DataFrame,
    exposure: str,
    levels: Sequence[str],
    contrasts: Sequence[tuple[str, str]],
    settings: HazardSettings,
    form: Form = DROPOUT,
) -> ExposureFit:
    """Fit dropout ~ session bands + exposure + covariates + (1 | therapist of that session).

    A level without an event, or with nothing else, has an infinite coefficient and no influence on
    the others: its rows are left out and its contrasts carry the reason, while the other contrasts
    are exactly those of the whole model.

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
    """
    at_risk = rows[rows["at_risk"] & rows[exposure].isin(list(levels))]
    untested = hardly_tested(rows, settings.min_testable)
    if untested:
        return not_fitted(at_risk, contrasts, untested)
    unusable = {level: why_unusable(at_risk, exposure, level, form.event) for level in levels}
    usable = [level for level in levels if not unusable[level]]
    if len(usable) < 2:
        return not_fitted(at_risk, contrasts, "; ".join(filter(None, unusable.values())))
    data = at_risk[at_risk[exposure].isin(usable)]
    data = data.assign(**{exposure: data[exposure].astype("category").cat.set_categories(usable)})
    baseline, knots = _baseline(data, settings, form)
    data = data.assign(**baseline)
    formula, left_out = _formula(data, exposure, usable[0], list(baseline), settings, form)
    groups, of_groups = groups_of(data, form.groups)
    left_out = "; ".join(filter(None, [left_out, of_groups]))
    try:
        model = MultilevelHazard.from_formula(formula, data, groups=groups, link=settings.link)
        fit = model.fit(quadrature=settings.quadrature)
    except ModelError as error:
        return not_fitted(at_risk, contrasts, str(error))
    estimates = {}
    for pair in contrasts:
        missing = [unusable[level] for level in pair if unusable[level]]
        found = Estimate(note="; ".join(missing)) if missing else _contrast(fit, exposure, pair)
        estimates[label(pair)] = found.with_note(left_out)
    failure = "" if fit.finite_part_converged else NOT_CONVERGED
    note = "; ".join(filter(None, [failure, *unusable.values(), left_out]))
    return ExposureFit(estimates, at_risk, note, fit, usable, knots)


def hardly_tested(rows: pd.DataFrame, min_testable: float) -> str:
    """Say why a definition that could be tested in few sessions is not used; empty if it can be."""
    share = rows["testable"].mean() if len(rows) else 1.0
    if share >= min_testable:
        return ""
    return f"testable in {share:.0%} of the sessions only, so the state is mostly not known"


def groups_of(rows: pd.DataFrame, groups: str) -> tuple["str | pd.Series[int] | None", str]:
    """Give the group of each row and what is to be noted of it.

    Where the group of a row is not known its patient stands alone. With fewer than two known groups
    there is nothing to tell groups apart by: None, for the model without them.

    Parameters
    ----------
    rows : DataFrame
        With ``patient_id`` and the column `groups`.
    groups : str
        Such as "therapist_id".
    """
    what = groups.removesuffix("_id")
    codes, known = codes_of(rows, groups)
    if known < 2:
        return None, f"fewer than two {what}s known: no {what} effect in the model"
    if (codes < known).all():
        return groups, ""
    found = pd.Series(codes, rows.index, name=groups)
    return found, f"{what} not known in some sessions: their patients stand alone"


def label(contrast: tuple[str, str]) -> str:
    """Name a contrast as the tables do."""
    return " vs ".join(contrast)


def not_fitted(
    at_risk: pd.DataFrame, contrasts: Sequence[tuple[str, str]], reason: str
) -> ExposureFit:
    """Say of every contrast why there is none.

    Parameters
    ----------
    at_risk : DataFrame
        Person-sessions at risk.
    contrasts : sequence of tuple of str
        Pairs of levels.
    reason : str
    """
    estimates = {label(pair): Estimate(note=reason) for pair in contrasts}
    return ExposureFit(estimates, at_risk, reason)


def why_unusable(rows: pd.DataFrame, exposure: str, level: str, event: str) -> str:
    """Say why a level has no finite coefficient for an event; empty if it has one.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions at risk.
    exposure, level : str
        A column of `rows`, and one of its values.
    event : str
        Column of 0 and 1.
    """
    happened = rows.loc[rows[exposure].eq(level), event]
    what = event.replace("_", " ")
    if len(happened) == 0:
        return f"nobody at risk in state {level}"
    if happened.sum() == 0:
        return f"no {what} in state {level}"
    return f"nothing but {what} in state {level}" if happened.all() else ""


def _baseline(
    rows: pd.DataFrame, settings: HazardSettings, form: Form
) -> tuple[dict[str, Any], tuple[float, ...]]:
    """Give the columns of the session baseline, none where it does not vary, and knots."""
    if form.baseline == "bands":
        band = baseline_bands(rows["time"], rows[form.event], settings.min_events)
        return ({"band": band} if len(band.cat.categories) > 1 else {}), ()
    knots = spline_knots(rows["time"], rows[form.event])
    if not knots:
        return {}, ()
    basis = natural_spline(rows["time"].to_numpy(), knots)
    return {f"spline_{j + 1}": column for j, column in enumerate(basis.T)}, knots


def _formula(
    rows: pd.DataFrame,
    exposure: str,
    reference: str,
    baseline: Sequence[str],
    settings: HazardSettings,
    form: Form,
) -> tuple[str, str]:
    """Write the formula, without terms that do not vary; name those left out for that."""
    wanted = [*form.terms, *settings.covariates]
    varying = varying_covariates(rows, wanted)
    terms = ["C(band)" if name == "band" else name for name in baseline]
    terms.append(f"C({exposure}, contr.treatment('{reference}'))")
    constant = [name for name in wanted if name not in varying]
    note = f"left out for want of variation: {', '.join(constant)}" if constant else ""
    return f"{form.event} ~ {' + '.join([*terms, *map(_quoted, varying)])}", note


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"


def _contrast(fit: Any, exposure: str, pair: tuple[str, str]) -> Estimate:
    if not fit.finite_part_converged:
        return Estimate(note=NOT_CONVERGED)
    weights: dict[str, float] = {}
    for level, sign in zip(pair, (1.0, -1.0), strict=True):
        weights |= {name: sign for name in fit.params.index if is_level(name, exposure, level)}
    found = fit.contrast(weights)
    if np.isfinite(found.estimate) and np.isfinite(found.se):
        return Estimate(float(found.estimate), float(found.se))
    return Estimate(note="separated: the estimate is infinite")


def is_level(name: str, exposure: str, level: str) -> bool:
    """Whether a coefficient is that of a level of the exposure.

    Parameters
    ----------
    name : str
        Of a coefficient.
    exposure, level : str
        A column, and one of its values.
    """
    # The reference level has no column, and so weight 0.
    return name.startswith(f"C({exposure},") and name.endswith(f"[T.{level}]")
