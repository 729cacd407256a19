"""Results of a multilevel hazard: estimates, their uncertainty and how far to trust them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from formulaic.utils.constraints import LinearConstraints
from numpy.typing import NDArray
from scipy import stats
from statsmodels.base import wrapper
from statsmodels.base.model import LikelihoodModelResults, LikelihoodResultsWrapper
from statsmodels.iolib.summary import Summary
from statsmodels.stats.contrast import ContrastResults

from rupture_outcome.engine.estimate import wald
from rupture_outcome.engine.multilevel.fit import Fitted, profile_interval, profile_roots
from rupture_outcome.engine.multilevel.inputs import ModelError, check_choice
from rupture_outcome.engine.multilevel.links import Array, event_probability
from rupture_outcome.engine.multilevel.predict import design_of, linear_part, marginal_probability
from rupture_outcome.engine.multilevel.report import notes_on, plain_report, summary_table


@dataclass(frozen=True)
class Contrast:
    """A linear combination of coefficients with its standard error and confidence interval.

    The estimate is on the scale of the linear predictor. Under separation it may be infinite, or
    nan where the data leave its sign open, with nan for the rest. It may also be finite though each
    of its coefficients is infinite: categories can be compared whose common reference had no event.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    pvalue: float

    @property
    def ratio(self) -> float:
        """exp(estimate): an odds ratio under logit, a hazard ratio under cloglog."""
        return float(np.exp(self.estimate))


class MultilevelHazardResults(LikelihoodModelResults):
    """What `MultilevelHazard.fit` returns.

    Besides what every likelihood result of statsmodels has (`params`, `bse`, `tvalues`, `pvalues`,
    `cov_params()`, `conf_int()`, `t_test()`, `llf`, `aic`, `bic`), all for the coefficients of the
    formula:

    Attributes
    ----------
    group_sd : float
        SD of the group effects on the scale of the linear predictor.
    group_sd_se : float
        Its standard error, nan on the boundary; prefer `group_sd_conf_int`.
    boundary : bool
        The likelihood is highest at SD = 0: the groups differ no more than chance makes them.
        Coefficients and standard errors are then those of the model without groups. Also true of
        a model that was given no groups.
    converged : bool
        The search ended at a maximum and every coefficient is finite.
    finite_part_converged : bool
        The same for the coefficients that have a finite estimate; equal to `converged` without
        separation.
    separated : list of str
        Coefficients without a finite estimate. In `params` they are inf, -inf, or nan where the
        data leave even the sign open, with nan for standard errors. The others are valid: they are
        the limits that their estimates tend to.
    gradient_norm : float
        Largest element of the gradient at the estimate, each times its standard error, so that it
        has no unit.
    condition_number : float
        Of the observed information scaled to a unit diagonal; above 1e6 terms are hard to tell
        apart.
    nobs, n_events, n_groups : numbers
        Rows and events (sums of the frequency weights, where given), groups.
    llf_without_groups : float
        Log-likelihood at SD = 0.
    dropped : int
        Rows left out because of missing values.
    notes : list of str
        What a reader of the estimates must know.
    """

    def __init__(self, model: Any, fitted: Fitted, quadrature: int) -> None:
        columns = len(fitted.beta)
        limits = fitted.limits(np.eye(columns))
        self._cov = np.where(_either(np.append(limits, 0.0) != 0), np.nan, fitted.cov)
        super().__init__(
            model,
            np.where(limits == 0, fitted.beta, limits),
            normalized_cov_params=self._cov[:columns, :columns],
            scale=1.0,
        )
        self.fitted = fitted
        self.quadrature = quadrature
        self.group_sd = fitted.sd
        self.group_sd_se = float(np.sqrt(fitted.cov[-1, -1]))
        self.boundary = fitted.boundary
        self.gradient_norm = fitted.gradient_norm
        self.condition_number = fitted.condition_number
        self.llf_without_groups = fitted.llf_plain
        self.separated = [str(name) for name in np.array(model.exog_names)[limits != 0]]
        self.finite_part_converged = fitted.newton_converged
        self.converged = fitted.newton_converged and not self.separated
        self.nobs, self.n_events = model.nobs, model.n_events
        self.n_groups = len(model.group_labels)
        self.dropped = model.dropped
        self.df_model = columns - model.k_constant
        self.df_resid = self.nobs - self.n_estimated
        self.notes = notes_on(self)
        # Found when they are asked for: ends of the interval of the group SD, by alpha.
        self.sd_intervals: dict[float, tuple[float, float]] = {}

    @cached_property
    def llf(self) -> float:
        """Log-likelihood at the estimate."""
        return self.fitted.llf

    @property
    def n_estimated(self) -> int:
        """Parameters estimated: coefficients, infinite ones too, and the SD if there are groups."""
        return len(self.params) + int(self.model.grouped)

    @property
    def aic(self) -> float:
        """−2 L + 2 × parameters; the SD counts on the boundary too, as in glmmTMB."""
        return -2.0 * self.llf + 2.0 * self.n_estimated

    @property
    def bic(self) -> float:
        """−2 L + log(rows) × parameters."""
        return float(-2.0 * self.llf + np.log(self.nobs) * self.n_estimated)

    @property
    def events_per_parameter(self) -> float:
        """The rarer of event and no event, for each parameter estimated."""
        return float(min(self.n_events, self.nobs - self.n_events) / self.n_estimated)

    @property
    def cov_params_full(self) -> pd.DataFrame:
        """Covariance of coefficients and group SD; on the boundary nan for the SD."""
        names = [*self.model.exog_names, f"sd({self.model.group_name})"]
        return pd.DataFrame(self._cov, index=names, columns=names)

    @property
    def group_effects(self) -> pd.DataFrame:
        """Empirical-Bayes effects of the groups: conditional mode `effect`, its `sd`, and `rows`.

        The SD takes the coefficients and the group SD as known. In R: `ranef(fit, condVar = TRUE)`.
        """
        modes, scales = np.zeros(self.n_groups), np.ones(self.n_groups)
        modes[self.fitted.groups_used] = self.fitted.point.modes
        scales[self.fitted.groups_used] = self.fitted.point.scales
        table = {"effect": modes * self.group_sd, "sd": scales * self.group_sd}
        labels = self.model.group_labels
        return pd.DataFrame(table, index=labels).assign(rows=self.model.group_sizes)

    def group_sd_conf_int(self, alpha: float = 0.05) -> tuple[float, float]:
        """Profile-likelihood interval of the group SD.

        It may start at 0; an end above 10, which no hazard needs, is given as inf. Without groups
        there is none.
        """
        if not self.finite_part_converged or not self.model.grouped:
            return float("nan"), float("nan")
        if alpha not in self.sd_intervals:
            self.sd_intervals[alpha] = profile_interval(self.fitted, 1.0 - alpha)
        return self.sd_intervals[alpha]

    def draw_group_sd(self, size: int, rng: np.random.Generator) -> Array:
        """Draw the group SD from its profile likelihood; its percentiles are `group_sd_conf_int`.

        A standard normal number z becomes the σ whose signed root of the likelihood ratio is z, and
        0 where there is none: half of the draws on the boundary, and the fewer the clearer the
        groups differ.

        Parameters
        ----------
        size : int
            How many draws.
        rng : numpy.random.Generator
        """
        sd, root = profile_roots(self.fitted)
        return np.interp(rng.standard_normal(size), root, sd)

    @property
    def group_evidence(self) -> pd.DataFrame:
        """What the data alone say of each group's effect b: `pull` b − `weight` b²/2.

        The quadratic approximation of its log-likelihood at the mode, so that given any σ the
        effect has the mean pull / (weight + 1/σ²). On the boundary the mode is 0.
        """
        like, point = self.fitted.like, self.fitted.point
        modes = np.asarray(point.modes * self.group_sd)
        eta = point.fixed + like.data.spread(modes)
        first, second = (like.data.total(each) for each in like.data.derivatives(eta, 2))
        out = pd.DataFrame({"pull": 0.0, "weight": 0.0}, index=self.model.group_labels)
        out.iloc[self.fitted.groups_used, 0] = first - second * modes
        out.iloc[self.fitted.groups_used, 1] = -second
        return out

    def contrast(self, weights: Mapping[str, float], alpha: float = 0.05) -> Contrast:
        """Estimate Σ weight × coefficient.

        Parameters
        ----------
        weights : mapping of coefficient name to number
            Coefficients not named have weight 0.
        alpha : float
            One minus the level of the interval.

        Raises
        ------
        ModelError
            A name is not a coefficient.

        Examples
        --------
        `fit.contrast({"state[T.repaired]": 1, "state[T.unrepaired]": -1}).ratio`
        """
        names = list(self.model.exog_names)
        unknown = [name for name in weights if name not in names]
        if unknown:
            raise ModelError(f"no coefficient is called {unknown}; there are: {', '.join(names)}.")
        row = np.array([float(weights.get(name, 0.0)) for name in names])
        effect, se = self._combine(row)
        low, high = wald(effect, se, 1.0 - alpha)
        z = effect / se if se > 0 else float("nan")
        return Contrast(effect, se, low, high, z, float(2.0 * stats.norm.sf(abs(z))))

    def t_test(
        self, r_matrix: Any, cov_p: Array | None = None, use_t: bool | None = None
    ) -> ContrastResults:
        """Test linear combinations, given as an array or as text such as `"a - b = 0"`.

        As in statsmodels, except that what has a finite estimate stays valid under separation;
        names that are not plain words go in backticks.

        Parameters
        ----------
        r_matrix : array, shape (combinations, columns), or str
            Weights of the coefficients.
        cov_p : array, shape (columns, columns), optional
            Covariance to take in place of the fit's own.
        use_t : bool, optional
            As in statsmodels; not looked at, the normal distribution is used.
        """
        spec = LinearConstraints.from_spec(r_matrix, variable_names=list(self.model.exog_names))
        both = [self._combine(row, cov_p) for row in spec.constraint_matrix]
        effect, sd = np.array([e for e, _ in both]), np.array([s for _, s in both])
        z = (effect - spec.constraint_values) / np.where(sd > 0, sd, np.nan)
        return ContrastResults(
            effect=effect, statistic=z, sd=sd, df_denom=self.df_resid, distribution="norm"
        )

    def wald_test(self, *args: Any, **kwargs: Any) -> ContrastResults:
        """Test linear hypotheses jointly, as in statsmodels; refused with infinite coefficients."""
        if self.separated:
            raise ModelError(
                "a joint test needs finite estimates, and these are not: "
                f"{', '.join(self.separated)}. Test combinations of the others with t_test or "
                "contrast."
            )
        return super().wald_test(*args, **kwargs)

    def _combine(self, row: Array, cov_p: Array | None = None) -> tuple[float, float]:
        limit = self.fitted.limits(row[None, :])[0]
        if limit != 0:
            return float(limit), float("nan")
        cov = self.fitted.cov[:-1, :-1] if cov_p is None else np.asarray(cov_p)
        return float(row @ self.fitted.beta), float(np.sqrt(row @ cov @ row))

    def predict(
        self,
        exog: Any = None,
        which: str = "mean",
        group_effect: str = "zero",
        groups: Any = None,
    ) -> "pd.Series[float]":
        """Predict the chance of the event in a row.

        Parameters
        ----------
        exog : DataFrame, or array, shape (new rows, columns), optional
            New data: the columns of the formula, or of the design when the model was made from
            arrays. By default the rows of the fit.
        which : {"mean", "linear"}
            The chance, or the linear predictor.
        group_effect : {"zero", "marginal", "own"}
            For a group whose effect is 0; averaged over all groups that the model thinks possible;
            or with the estimated effect of the row's own group.
        groups : array, shape (new rows,), optional
            Group of each new row, for "own"; by default the group column of `exog`.

        Returns
        -------
        Series
            nan in rows with a missing value, and where the data leave the prediction open (see
            `separated`).

        Raises
        ------
        ModelError
            An absent column, a category or a group that was not in the fit.
        """
        check_choice("which", which, ("mean", "linear"))
        check_choice("group_effect", group_effect, ("zero", "marginal", "own"))
        if which == "linear" and group_effect == "marginal":
            raise ModelError(
                "the average linear predictor is that at group_effect='zero'; ask for it."
            )
        X, complete, index = self._design(exog)
        eta = np.full(len(index), np.nan)
        eta[complete] = linear_part(X, self.fitted)
        if group_effect == "own":
            eta += self._own_effects(exog, groups)
        if which == "mean":
            sd = self.group_sd if group_effect == "marginal" else 0.0
            eta = _probability(eta, sd, self.model.link)
        return pd.Series(eta, index=index, name="predicted")

    @property
    def fittedvalues(self) -> "pd.Series[float]":
        """Chance of the event in each row of the fit, with the effect of its own group."""
        return self.predict(group_effect="own")

    def _design(self, exog: Any) -> tuple[Array, Any, Any]:
        model = self.model
        if exog is None:
            return model.exog, slice(None), model.row_labels
        if model.model_spec is not None:
            frame = pd.DataFrame(exog)
            return *design_of(model.model_spec, frame), frame.index
        X = np.atleast_2d(np.asarray(exog, dtype=float))
        if X.shape[1] != len(self.params):
            raise ModelError(
                f"{len(self.params)} columns are needed to predict, {X.shape[1]} were given."
            )
        complete = np.isfinite(X).all(axis=1)
        return X[complete], complete, getattr(exog, "index", pd.RangeIndex(len(X)))

    def _own_effects(self, exog: Any, groups: Any) -> Array:
        effects = self.group_effects["effect"].to_numpy()
        if exog is None:
            return effects[self.model.group_codes]
        if groups is None:
            name = self.model.group_name
            if name not in getattr(exog, "columns", ()):
                raise ModelError(
                    f"group_effect='own' needs the group of each row: column '{name}' or groups=."
                )
            groups = exog[name]
        codes = self.model.group_labels.get_indexer(pd.Index(np.asarray(groups)))
        if (codes < 0).any():
            raise ModelError(
                f"{int((codes < 0).sum())} rows belong to groups ('{self.model.group_name}') that "
                "were not in the fit. Use group_effect='marginal' for groups not seen before."
            )
        return effects[codes]

    def summary(self, alpha: float = 0.05) -> Summary:
        """Table of what was fitted, coefficients, group SD with its profile interval, notes."""
        return summary_table(self, alpha)

    def to_dict(self, alpha: float = 0.05) -> dict[str, Any]:
        """Everything an audit of the fit needs, in plain Python types; None for "not defined".

        Infinite coefficients are None under `params`, with their direction under `separated`.
        """
        return plain_report(self, alpha)


class MultilevelHazardResultsWrapper(LikelihoodResultsWrapper):
    """Gives the arrays of the results their names."""


wrapper.populate_wrapper(MultilevelHazardResultsWrapper, MultilevelHazardResults)


def _either(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return marked[:, None] | marked[None, :]


def _probability(eta: Array, sd: float, link: str) -> Array:
    out, known = np.full_like(eta, np.nan), ~np.isnan(eta)
    # Both links have reached 0 and 1 to double precision long before these.
    bounded = np.clip(eta[known], -750.0, 750.0)
    out[known] = marginal_probability(bounded, sd, link) if sd else event_probability(bounded, link)
    return out
