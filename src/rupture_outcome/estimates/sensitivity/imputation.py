"""The main hazard fitted again and again with other states in some sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.coding.follow import STATES
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.hazard import ModelError, MultilevelHazard
from rupture_outcome.engine.multilevel.fit import Rows, refit
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.multilevel.results import MultilevelHazardResults
from rupture_outcome.engine.reasons import reason, rounded
from rupture_outcome.engine.rubin import pool
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import (
    ExposureFit,
    HazardSettings,
    fit_exposure,
)
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS, Basis

MODEL = "untested_imputed:{}"


@dataclass(frozen=True)
class ImputedFits:
    """Log ratios and errors of each imputed data set, by contrast, and the quality of the fits.

    Attributes
    ----------
    estimates, errors : dict of str to array, shape (imputations,)
        NaN where a fit failed or a coefficient is infinite.
    gradient, condition, events : float
        The worst gradient and condition, the fewest events a parameter.
    """

    estimates: dict[str, Array]
    errors: dict[str, Array]
    gradient: float
    condition: float
    events: float

    @property
    def complete(self) -> bool:
        """Whether every imputed data set gave every contrast."""
        return all(np.isfinite(values).all() for values in self.estimates.values())

    def pooled(
        self, pair: tuple[str, str], confidence: float
    ) -> tuple[Estimate, tuple[float, float]]:
        """Pool a contrast; without a value where it failed in any data set."""
        values, errors = self.estimates[label(pair)], self.errors[label(pair)]
        failed = int((~np.isfinite(values * errors)).sum())
        if failed or not len(values):
            share = failed / max(len(values), 1)
            why = reason("imputations_failed", rounded(share))
            return Estimate(reason=why), (np.nan, np.nan)
        pooled = pool(values, errors, confidence)
        return Estimate(pooled.value, pooled.se), (pooled.low, pooled.high)


@dataclass(frozen=True)
class ImputedHazard:
    """The main hazard, ready to be fitted with other states in some sessions.

    Attributes
    ----------
    rows : DataFrame
        The rows that states are replaced in.
    basis : Basis
        What the main hazard rests on.
    main : results of the main hazard, or None
        None where it left a state out: then the hazard is built anew each time, which is slower,
        and its sessions may come to count.
    fitted : Rows, or None
        Of the main hazard, sorted by group, to replace columns of the design in.
    place : array of int, shape (rows,)
        Where each of `rows` stands in `fitted`.
    column : dict of str to int
        Where in the design each state stands; the reference has no column.
    """

    rows: pd.DataFrame
    basis: Basis
    main: Any
    fitted: Rows | None
    place: NDArray[np.intp]
    column: dict[str, int]
    settings: HazardSettings

    @classmethod
    def of(cls, rows: pd.DataFrame, main: ExposureFit, settings: HazardSettings) -> "ImputedHazard":
        """Take the design from the main fit if it holds all three states.

        Parameters
        ----------
        rows : DataFrame
            Person-sessions at risk.
        main : ExposureFit
            The main hazard of these rows.
        settings : HazardSettings
        """
        basis = Basis.of(main.rows)
        places = {} if main.design is None else dict(main.design.levels)
        if len(places) < len(STATES) - 1:
            return cls(rows, basis, None, None, np.arange(len(rows)), {}, settings)
        model = main.fit.model
        place = np.argsort(np.argsort(model.group_codes, kind="stable"))
        own = main.rows.loc[model.row_labels]
        return cls(own, basis, main.fit, model.rows(), place, places, settings)

    def fits(self, which: NDArray[np.bool_], changed: NDArray[np.bool_], state: str) -> ImputedFits:
        """Fit once for each row of `changed`.

        Parameters
        ----------
        which : array of bool, shape (rows,)
            Sessions that may be of another state.
        changed : array of bool, shape (imputations, sessions that may)
            Whether they are.
        state : str
            The other state.
        """
        found, near = [], self.main
        for row in changed:
            numbers, near = self._fit(np.flatnonzero(which)[row], state, near)
            found.append(numbers)
        labels = [label(pair) for pair in CONTRASTS]
        numbers = [f for f in found if f is not None]
        return ImputedFits(
            {name: _column(found, 0, k) for k, name in enumerate(labels)},
            {name: _column(found, 1, k) for k, name in enumerate(labels)},
            max((f[2] for f in numbers), default=np.nan),
            max((f[3] for f in numbers), default=np.nan),
            min((f[4] for f in numbers), default=np.nan),
        )

    def audit(self, series: str, fits: Sequence[ImputedFits]) -> dict[str, Any]:
        """One entry of the audit for all imputed fits of a series: the worst of each figure."""
        complete = bool(fits) and all(part.complete for part in fits)
        given = {
            "model": MODEL.format(series),
            "definition": str(self.rows["definition"].iloc[0]),
            "repair_rule": str(self.rows["repair_rule"].iloc[0]),
            "converged": complete,
            "reason": "" if complete else reason("some_imputations_failed"),
        }
        if not complete:
            return given
        return given | {
            "gradient_norm": max(part.gradient for part in fits),
            "condition_number": max(part.condition for part in fits),
            "events_per_parameter": min(part.events for part in fits),
        }

    def _fit(self, at: NDArray[np.intp], state: str, near: Any) -> tuple[Any, Any]:
        """Estimates, errors and quality with the sessions `at` in a state, None without a fit.

        The second is the fit from which to go on, which is `near` where there is none.
        """
        if self.fitted is None:
            rows = with_state(self.rows, at, state)
            whole = fit_exposure(rows, "state", STATES, CONTRASTS, self.settings)
            estimates = [whole.estimates[label(pair)] for pair in CONTRASTS]
            return _numbers([(each.value, each.se) for each in estimates], whole.fit), near
        values = {column: float(name == state) for name, column in self.column.items()}
        try:
            fit = self._near(self.place[at], values, near) or self._anew(self.place[at], values)
        except ModelError:
            return None, near
        return _numbers([self._contrast(fit, pair) for pair in CONTRASTS], fit), fit

    def _near(self, places: NDArray[np.intp], values: Mapping[int, float], near: Any) -> Any:
        """Fit from another fit; None where that is not safe."""
        if near.boundary or not near.converged:
            return None
        data, nodes = self.main.fitted.like.data, self.settings.quadrature
        given = replace(data, X=data.X.changed(places, values))
        fitted = refit(given, near.fitted, nodes)
        return None if fitted is None else MultilevelHazardResults(self.main.model, fitted, nodes)

    def _anew(self, places: NDArray[np.intp], values: Mapping[int, float]) -> Any:
        assert self.fitted is not None
        X = self.fitted.X.copy()
        X[np.ix_(places, np.array(list(values)))] = np.array(list(values.values()))
        groups = self.fitted.codes if self.main.model.grouped else None
        model = MultilevelHazard(self.fitted.y, X, groups, link=self.settings.link)
        return model.fit(quadrature=self.settings.quadrature)

    def _contrast(self, fit: Any, pair: tuple[str, str]) -> tuple[float, float]:
        if not fit.finite_part_converged:
            return np.nan, np.nan
        places = [(self.column.get(s), sign) for s, sign in zip(pair, (1.0, -1.0), strict=True)]
        names = list(fit.model.exog_names)
        found = fit.contrast({names[j]: sign for j, sign in places if j is not None})
        if not (np.isfinite(found.estimate) and np.isfinite(found.se)):
            return np.nan, np.nan
        return float(found.estimate), float(found.se)


def with_state(rows: pd.DataFrame, at: NDArray[Any], state: str) -> pd.DataFrame:
    """Give some rows another state.

    Parameters
    ----------
    rows : DataFrame
    at : array of int, shape (changed,), or of bool, shape (rows,)
        Their positions, or whether each row is one of them.
    state : str
        One of `STATES`.
    """
    values = rows["state"].astype("str").to_numpy(dtype=object, copy=True)
    values[at] = state
    return rows.assign(state=pd.Categorical(values, categories=STATES))


def _numbers(estimates: Sequence[tuple[float, float]], fit: Any) -> Any:
    if fit is None:
        return None
    values, errors = zip(*estimates, strict=True)
    quality = fit.fitted.gradient_norm, fit.fitted.condition_number, fit.events_per_parameter
    return values, errors, *quality


def _column(found: Sequence[Any], part: int, contrast: int) -> Array:
    return np.array([np.nan if fit is None else fit[part][contrast] for fit in found])
