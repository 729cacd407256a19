"""Discrete-time hazard of an event with a random intercept for groups of rows."""

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base.model import LikelihoodModel

from rupture_outcome.engine.multilevel import marginal_derivatives
from rupture_outcome.engine.multilevel.fit import Rows, fit_hazard
from rupture_outcome.engine.multilevel.formula import (
    column_or_values,
    complete_cases,
    design_matrices,
    parsed_formula,
)
from rupture_outcome.engine.multilevel.inputs import (
    ModelError,
    check_choice,
    check_inputs,
)
from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.multilevel.marginal_likelihood import Expansion, MarginalLikelihood
from rupture_outcome.engine.multilevel.newton import MAX_STEPS
from rupture_outcome.engine.multilevel.nodes import ADAPTIVE, fit_adaptively
from rupture_outcome.engine.multilevel.results import (
    MultilevelHazardResults,
    MultilevelHazardResultsWrapper,
)

__all__ = ["ModelError", "MultilevelHazard"]


class MultilevelHazard(LikelihoodModel):
    """Binary regression with a normal random intercept, by maximum likelihood.

    In a table with one row for each patient and attended session, and 1 in the row whose session
    was the last before the event, this is the discrete-time hazard of the event:

        logit or cloglog P(event in row i of group j) = x_i'β + b_j,   b_j ~ N(0, σ²).

    Parameters
    ----------
    endog : array of 0 and 1, shape (rows,)
        Whether the event happened.
    exog : DataFrame or array, shape (rows, columns)
        Design, with its constant if there is one to be.
    groups : array, shape (rows,), or None
        Label of each row's group. None for the model without group effects, a plain regression.
    link : {"logit", "cloglog"}
        exp(β) is an odds ratio under logit, a hazard ratio under cloglog.
    freq_weights : array, shape (rows,), optional
        How often each row stands; as if it were repeated.
    missing : {"raise", "drop"}
        Whether missing values are an error or their rows are left out and counted.

    Raises
    ------
    ModelError
        The model cannot be fitted to these data; says why and what to do.

    Notes
    -----
    In R: `glmmTMB(dropout ~ factor(session) + state + (1 | therapist), family = binomial(link =
    "logit"))`. The parameter vector of `loglike`, `score` and `hessian` is (β, σ).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"therapist": np.repeat(np.arange(40), 50), "x": rng.normal(size=2000)})
    >>> chance = 1 / (1 + np.exp(2 - data["x"] - rng.normal(size=40)[data["therapist"]]))
    >>> data["dropout"] = (rng.random(2000) < chance).astype(int)
    >>> fit = MultilevelHazard.from_formula("dropout ~ x", data, groups="therapist").fit()
    >>> bool(fit.converged), list(fit.params.index)
    (True, ['Intercept', 'x'])
    """

    def __init__(
        self,
        endog: Any,
        exog: Any,
        groups: Any,
        link: str = "logit",
        freq_weights: Any = None,
        missing: str = "raise",
    ) -> None:
        inputs = check_inputs(endog, exog, groups, freq_weights, link, missing)
        super().__init__(inputs.endog, inputs.exog, hasconst=inputs.constant)
        self.link = link
        self.formula: str | None = None
        self.model_spec: Any = None
        self.freq_weights: Array | None = (
            None if inputs.weights is None else np.asarray(inputs.weights, dtype=float)
        )
        self.dropped, self.row_labels = inputs.dropped, inputs.index
        self.grouped = groups is not None
        self.group_name = str(inputs.groups.name)
        self.group_codes, labels = pd.factorize(inputs.groups, sort=True)
        self.group_labels = pd.Index(labels, name=self.group_name)
        self.group_sizes = np.bincount(self.group_codes)
        self.nobs, self.n_events = self._count(np.ones_like(self.endog)), self._count(self.endog)

    @classmethod
    def from_formula(
        cls,
        formula: str,
        data: pd.DataFrame,
        groups: Any,
        link: str = "logit",
        freq_weights: Any = None,
        missing: str = "raise",
    ) -> "MultilevelHazard":
        """Make the model from a formula in the syntax of formulaic.

        Parameters
        ----------
        formula : str
            Such as `"dropout ~ C(session) + C(state, contr.treatment('intact')) + severity"`.
        data : DataFrame
            One row for each chance of the event.
        groups, freq_weights : str, or array, shape (rows,), or None
            Name of a column of `data`, or the values.
        link, missing
            As for the class.

        Raises
        ------
        ModelError
            As for the class; also a column that is absent, or a formula that cannot be read.
        """
        check_choice("missing", missing, ("raise", "drop"))
        parsed = parsed_formula(formula)
        rows, complete = complete_cases(parsed, data, (groups, freq_weights), missing)
        matrices = design_matrices(parsed, rows)
        model = cls(
            _outcome(matrices.lhs),
            matrices.rhs,
            column_or_values(rows, groups, complete),
            link,
            column_or_values(rows, freq_weights, complete),
            missing,
        )
        model.formula, model.model_spec = formula, matrices.rhs.model_spec
        model.dropped += int((~complete).sum())
        return model

    def fit(self, quadrature: int = 1, maxiter: int = MAX_STEPS) -> MultilevelHazardResults:
        """Maximise the marginal likelihood.

        Parameters
        ----------
        quadrature : int
            Nodes of adaptive Gauss–Hermite quadrature in each group; 1 is the Laplace
            approximation, which serves where groups have many rows. 0: as many as it takes, see
            `rupture_outcome.engine.multilevel.nodes.fit_adaptively`. In R: `nAGQ` of `lme4::glmer`.
        maxiter : int
            Most steps of the search.

        Returns
        -------
        MultilevelHazardResults
            Marked, not hidden, where the fit is on the boundary, separated or not converged.

        Raises
        ------
        ModelError
            The columns predict the outcome without error.
        """
        if quadrature < 0 or int(quadrature) != quadrature:
            raise ModelError(f"quadrature must be a whole number from 0 on, not {quadrature}.")
        if quadrature == ADAPTIVE:
            fitted = fit_adaptively(self.rows(), maxiter, grouped=self.grouped)
        else:
            fitted = fit_hazard(self.rows(), int(quadrature), maxiter, grouped=self.grouped)
        results = MultilevelHazardResults(self, fitted, fitted.like.quadrature)
        return MultilevelHazardResultsWrapper(results)

    def loglike(self, params: Array, quadrature: int = 1) -> float:
        """Marginal log-likelihood at (β, σ)."""
        return self._at(params, quadrature)[1].value

    def score(self, params: Array, quadrature: int = 1) -> Array:
        """Gradient of the log-likelihood at (β, σ)."""
        return marginal_derivatives.score(*self._at(params, quadrature))

    def hessian(self, params: Array, quadrature: int = 1) -> Array:
        """Hessian of the log-likelihood at (β, σ)."""
        return marginal_derivatives.score_and_hessian(*self._at(params, quadrature))[1]

    def information(self, params: Array, quadrature: int = 1) -> Array:
        """Observed information: minus the Hessian."""
        return -self.hessian(params, quadrature)

    def _at(self, params: Array, quadrature: int) -> tuple[MarginalLikelihood, Expansion]:
        like = MarginalLikelihood(self.rows().grouped(), quadrature)
        return like, like.evaluate(np.asarray(params, dtype=float))

    def rows(self) -> Rows:
        """Rows as they are fitted: sorted by group, those of a group in their order."""
        order = np.argsort(self.group_codes, kind="stable")
        weights: Array | None = None if self.freq_weights is None else self.freq_weights[order]
        return Rows(
            self.exog[order], self.endog[order], self.group_codes[order], self.link, weights
        )

    def _count(self, indicator: Array) -> float | int:
        if self.freq_weights is None:
            return int(indicator.sum())
        return float((indicator * self.freq_weights).sum())


def _outcome(lhs: pd.DataFrame) -> pd.DataFrame:
    if any("[" in str(name) for name in lhs.columns):
        raise ModelError(
            f"the outcome holds words, not 0 and 1 (columns {list(lhs.columns)}). Code the event "
            "as 1 and everything else as 0."
        )
    return lhs
