"""Results of a growth model: estimates, their uncertainty and how far to trust them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.base import wrapper
from statsmodels.base.model import LikelihoodModelResults, LikelihoodResultsWrapper
from statsmodels.iolib.summary import Summary

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.cluster_sandwich import RobustTest
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.growth.fit import Fitted
from rupture_outcome.engine.growth.freedom import freedom, joint_test
from rupture_outcome.engine.growth.report import plain_report, summary_table
from rupture_outcome.engine.multilevel.inputs import ModelError, check_choice
from rupture_outcome.engine.multilevel.predict import design_of
from rupture_outcome.engine.reasons import NOT_CONVERGED, joined, reason

LEVELS = ("patient", "therapist")


class NestedGrowthResults(LikelihoodModelResults):
    """What `NestedGrowth.fit` returns.

    Besides what every likelihood result of statsmodels has (`params`, `bse`, `tvalues`, `pvalues`,
    `cov_params()`, `conf_int()`, `llf`, `aic`, `bic`), all for the coefficients of the formula.
    Tests and intervals are of t distributions with Satterthwaite degrees of freedom, `df`.

    Attributes
    ----------
    converged : bool
        The search ended at a maximum.
    boundary : bool
        An SD is estimated as 0 or a correlation as ±1, the ends of their ranges.
    reason : str
        Codes of what a reader must know (`rupture_outcome.engine.reasons`): `not_converged`,
        `sd_at_zero:<level>:<term>`, `correlation_at_limit:<level>`.
    reml : bool
        Whether the likelihood is the restricted one.
    residual_sd : float
        σ, within patients.
    rho : float or None
        Autocorrelation of residuals one session apart; None where they are independent.
    gradient_norm : float
        Largest element of the gradient at the estimate, each times its standard error, so that it
        has no unit.
    nobs, n_patients, n_therapists, n_changed : int
        Rows, patients, therapists (0 without them), and patients with several therapists.
    dropped : int
        Rows left out because of missing values.
    """

    def __init__(self, model: Any, fitted: Fitted) -> None:
        super().__init__(model, fitted.beta, normalized_cov_params=fitted.cov, scale=1.0)
        self.fitted = fitted
        self.reml = fitted.like.reml
        self.converged, self.boundary = fitted.converged, bool(fitted.at_limit)
        self.gradient_norm = fitted.gradient_norm
        self.residual_sd, self.rho = fitted.residual_sd, fitted.rho
        self.nobs, self.dropped = model.nobs, model.dropped
        self.n_patients = len(model.patient_labels)
        self.n_therapists = len(model.therapist_labels) if model.grouped else 0
        self.n_changed = model.n_changed
        self.df_model = len(fitted.beta) - model.k_constant
        self.df_resid = self.nobs - len(fitted.beta)

    @cached_property
    def llf(self) -> float:
        """Log-likelihood at the estimate; restricted where `reml`."""
        return self.fitted.llf

    @property
    def reason(self) -> str:
        """What a reader of the estimates must know, coded."""
        level = dict(zip(("person", "group"), LEVELS, strict=True))
        ends = [
            reason("correlation_at_limit", level[which])
            if term == "correlation"
            else reason("sd_at_zero", level[which], term)
            for which, term in self.fitted.at_limit
        ]
        return joined("" if self.converged else NOT_CONVERGED, *ends)

    @property
    def n_estimated(self) -> int:
        """Parameters estimated: coefficients, variances and correlations, residual variance."""
        return len(self.fitted.beta) + self.fitted.like.shape.size + 1 + (self.rho is not None)

    @property
    def aic(self) -> float:
        """−2 L + 2 × parameters; compares models with the same β only where `reml`."""
        return -2.0 * self.llf + 2.0 * self.n_estimated

    @property
    def bic(self) -> float:
        """−2 L + log(rows) × parameters."""
        return float(-2.0 * self.llf + np.log(self.nobs) * self.n_estimated)

    @cached_property
    def df(self) -> "pd.Series[float]":
        """Satterthwaite degrees of freedom of each coefficient."""
        names = list(self.model.exog_names)
        each = [freedom(self.fitted, row) for row in np.eye(len(names))]
        return pd.Series(each, index=names, name="df")

    @cached_property
    def pvalues(self) -> Floats:
        """Two-sided, of t distributions."""
        t = np.asarray(self.fitted.beta) / np.sqrt(np.diag(self.fitted.cov))
        return np.asarray(2.0 * stats.t.sf(np.abs(t), self.df.to_numpy()))

    def conf_int(self, alpha: float = 0.05, cols: Any = None) -> Floats:
        """Intervals of the coefficients, shape (columns, 2), of t distributions."""
        each = [self._estimate(row).interval(1.0 - alpha) for row in np.eye(len(self.fitted.beta))]
        return np.array(each) if cols is None else np.array(each)[cols]

    def contrast(self, weights: Mapping[str, float]) -> Estimate:
        """Estimate Σ weight × coefficient, with its Satterthwaite degrees of freedom.

        Coefficients that are not named have weight 0.
        """
        names = list(self.model.exog_names)
        unknown = [name for name in weights if name not in names]
        if unknown:
            raise ModelError(f"no coefficient is called {unknown}; there are: {', '.join(names)}.")
        return self._estimate(np.array([float(weights.get(name, 0.0)) for name in names]))

    def _estimate(self, row: Floats) -> Estimate:
        error = float(np.sqrt(row @ self.fitted.cov @ row))
        return Estimate(
            float(row @ self.fitted.beta), error, self.reason, freedom(self.fitted, row)
        )

    def joint_test(self, names: list[str]) -> RobustTest:
        """F test that all coefficients named are 0."""
        known = list(self.model.exog_names)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ModelError(f"no coefficient is called {unknown}; there are: {', '.join(known)}.")
        return joint_test(self.fitted, np.eye(len(known))[[known.index(name) for name in names]])

    def terms(self, level: str) -> list[str]:
        """Names of the random effects of a level: the intercept, and the slope variable."""
        check_choice("level", level, LEVELS)
        size = len(self.fitted.random_cov[LEVELS.index(level)])
        return ["Intercept", str(self.model.slope_name)][:size]

    @property
    def random_cov(self) -> dict[str, pd.DataFrame]:
        """Covariance matrices of the random effects, by level."""
        return {
            level: pd.DataFrame(cov, index=self.terms(level), columns=self.terms(level))
            for level, cov in zip(LEVELS, self.fitted.random_cov, strict=True)
            if len(cov)
        }

    @property
    def variances(self) -> pd.DataFrame:
        """One row for each SD and correlation: `level`, `term`, `other`, `variance`, `size`.

        `size` is an SD, or a correlation where there is an `other` term. In R:
        `as.data.frame(VarCorr(fit))`.
        """
        rows: list[dict[str, Any]] = []
        for level, cov in self.random_cov.items():
            matrix = cov.to_numpy()
            sd = np.sqrt(np.diag(matrix))
            for a, term in enumerate(cov.index):
                row = {"level": level, "term": term, "other": "", "variance": sd[a] ** 2}
                rows.append({**row, "size": sd[a]})
            if len(sd) > 1:
                both, joint = sd[0] * sd[1], matrix[0, 1]
                size = joint / both if both > 0 else np.nan
                row = {"level": level, "term": cov.index[0], "other": cov.index[1]}
                rows.append({**row, "variance": joint, "size": size})
        sigma = self.residual_sd
        last = {"level": "residual", "term": "", "other": "", "variance": sigma**2, "size": sigma}
        rows.append(last)
        if self.rho is not None:
            rows.append({**last, "other": "before", "variance": np.nan, "size": self.rho})
        return pd.DataFrame(rows)

    @property
    def random_effects(self) -> dict[str, pd.DataFrame]:
        """Conditional means of the random effects by level, and `<term>_sd`, their SDs.

        The SD takes the coefficients and variances as known. In R: `ranef(fit, condVar = TRUE)`.
        """
        found = self.fitted.random_effects
        out = {}
        for level, (means, sd) in zip(LEVELS, found, strict=True):
            terms = self.terms(level)
            if terms:
                table = dict(zip(terms, means, strict=True))
                table |= {f"{term}_sd": row for term, row in zip(terms, sd, strict=True)}
                out[level] = pd.DataFrame(table, index=getattr(self.model, f"{level}_labels"))
        return out

    def predict(
        self,
        exog: Any = None,
        effects: str = "none",
        slope: Any = None,
        patient: Any = None,
        therapist: Any = None,
    ) -> "pd.Series[float]":
        """Predict the outcome in a row.

        Parameters
        ----------
        exog : DataFrame, or array, shape (new rows, columns), optional
            New data: the columns of the formula, or of the design when the model was made from
            arrays. By default the rows of the fit.
        effects : {"none", "therapist", "patient"}
            With which random effects: none, those of the row's therapist, or of its patient too.
        slope, patient, therapist : array, shape (new rows,), optional
            Of the new rows, where random effects need them; by default the columns of `exog` that
            have the names they had in the fit.

        Returns
        -------
        Series
            nan in rows with a missing value.

        Raises
        ------
        ModelError
            An absent column, a category, patient or therapist that was not in the fit.
        """
        check_choice("effects", effects, ("none", *LEVELS))
        X, complete, index = self._design(exog)
        out = np.full(len(index), np.nan)
        out[complete] = X @ self.fitted.beta
        levels = {"none": (), "therapist": ("therapist",), "patient": LEVELS}[effects]
        given = {"patient": patient, "therapist": therapist}
        for level in levels:
            if level in self.random_cov:
                out += self._random_part(exog, level, given[level], slope)
        return pd.Series(out, index=index, name="predicted")

    @property
    def fittedvalues(self) -> "pd.Series[float]":
        """Outcome of each row of the fit with the effects of its patient and therapist."""
        return self.predict(effects="patient")

    @property
    def resid(self) -> "pd.Series[float]":
        """Outcome less `fittedvalues`."""
        return self.model.endog - self.fittedvalues

    def _design(self, exog: Any) -> tuple[Floats, Any, Any]:
        model = self.model
        if exog is None:
            return model.exog, slice(None), model.row_labels
        if model.model_spec is not None:
            frame = pd.DataFrame(exog)
            return *design_of(model.model_spec, frame), frame.index
        X = np.atleast_2d(np.asarray(exog, dtype=float))
        if X.shape[1] != len(self.fitted.beta):
            raise ModelError(
                f"{len(self.fitted.beta)} columns are needed to predict, {X.shape[1]} were given."
            )
        complete = np.isfinite(X).all(axis=1)
        return X[complete], complete, getattr(exog, "index", pd.RangeIndex(len(X)))

    def _random_part(self, exog: Any, level: str, labels: Any, slope: Any) -> Floats:
        model, known = self.model, getattr(self.model, f"{level}_labels")
        if exog is None:
            codes = getattr(model, f"{level}_codes")
        else:
            codes = known.get_indexer(pd.Index(_column(exog, labels, known.name)))
            if (codes < 0).any():
                raise ModelError(
                    f"some rows have a value of '{known.name}' that was not in the fit, so nothing "
                    "is known of its effect. Leave these rows out, or predict with fewer effects."
                )
        means = self.random_effects[level][self.terms(level)].to_numpy()[codes]
        if means.shape[1] == 1:
            return means[:, 0]
        t = model.slope if exog is None else _column(exog, slope, str(model.slope_name))
        return np.asarray(means[:, 0] + means[:, 1] * np.asarray(t, dtype=float))

    def summary(self, alpha: float = 0.05) -> Summary:
        """Table of what was fitted, coefficients, variances, and what to know."""
        return summary_table(self, alpha)

    def to_dict(self, alpha: float = 0.05) -> dict[str, Any]:
        """Everything an audit of the fit needs, in plain Python types; None for "not defined"."""
        return plain_report(self, alpha)


def _column(exog: Any, given: Any, name: str) -> Any:
    if given is not None:
        return np.asarray(given)
    if name not in getattr(exog, "columns", ()):
        raise ModelError(f"these effects need the column '{name}' of each row, or its values.")
    return exog[name].to_numpy()


class NestedGrowthResultsWrapper(LikelihoodResultsWrapper):
    """Gives the arrays of the results their names."""


wrapper.populate_wrapper(NestedGrowthResultsWrapper, NestedGrowthResults)
