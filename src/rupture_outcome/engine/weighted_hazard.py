"""Weighted regression of a yes/no outcome, with errors that are robust to clusters."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.cluster_sandwich import Sandwich, cluster_sandwich
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.multilevel.glm import PlainLikelihood
from rupture_outcome.engine.multilevel.links import Array, event_probability, linear_predictor
from rupture_outcome.engine.multilevel.marginal_likelihood import Grouped
from rupture_outcome.engine.multilevel.newton import maximise

DEPENDENT = 1e-8  # of a column's variance, left after the columns before it


@dataclass(frozen=True)
class WeightedFit:
    """Coefficients of a regression, and how the search for them ended.

    Attributes
    ----------
    params : Series
        Coefficients by column; columns that depend on earlier ones are left out.
    sandwich : Sandwich or None
        Errors that are robust to clusters, where there are any.
    probability : array, shape (rows,)
        Fitted chance of the outcome.
    gradient, information : array
        At the estimate.
    converged : bool
        Whether the search ended at a maximum.
    """

    params: "pd.Series[float]"
    sandwich: Sandwich | None
    probability: Array
    gradient: Array
    information: Array
    converged: bool

    def contrast(self, weights: dict[str, float]) -> Estimate:
        """Weighted sum of coefficients of a fit with clusters."""
        assert self.sandwich is not None
        row = np.array([weights.get(str(name), 0.0) for name in self.params.index])
        return self.sandwich.estimate(row, self.params)


def fit_weighted(
    design: pd.DataFrame,
    outcome: Array,
    *,
    link: str = "logit",
    weights: Array | None = None,
    clusters: NDArray[np.intp] | None = None,
) -> WeightedFit:
    """Maximise Σ w log-likelihood; errors from `cluster_sandwich` where there are clusters.

    Parameters
    ----------
    design : DataFrame, shape (rows, columns)
        With its constant.
    outcome : array of 0 and 1, shape (rows,)
        Must vary.
    link : {"logit", "cloglog"}
    weights : array, shape (rows,), optional
        Not negative.
    clusters : array of int, shape (rows,), optional

    Notes
    -----
    In R: `glm(…, weights = w)`; in Python the same coefficients come from
    `statsmodels.api.GLM(…, var_weights=w)`, which is not called because it takes ten times as long
    and has no gradient for the audit of fits.

    Examples
    --------
    >>> X = pd.DataFrame({"constant": np.ones(4)})
    >>> fit = fit_weighted(X, np.array([0.0, 0.0, 0.0, 1.0]))
    >>> round(float(fit.params["constant"]), 4)
    -1.0986
    """
    design = independent(design)
    X = np.ascontiguousarray(design.to_numpy(dtype=float))
    one_group = np.zeros(len(X), dtype=np.intp)
    y = np.asarray(outcome, dtype=float)
    data = Grouped.of(X, y, one_group, link, weights)
    rate = float(np.average(y, weights=weights))
    start = np.zeros(X.shape[1])
    start[0] = linear_predictor(rate, link)
    best = maximise(PlainLikelihood(data), start)
    sandwich = None
    if clusters is not None:
        residual, curvature = data.derivatives(best.point.eta, 2)
        sandwich = cluster_sandwich(X, residual, -curvature, clusters)
    return WeightedFit(
        params=pd.Series(best.point.theta, index=design.columns),
        sandwich=sandwich,
        probability=event_probability(best.point.eta, link),
        gradient=best.gradient,
        information=-best.hessian,
        converged=best.converged,
    )


def independent(design: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns that are combinations of those before them.

    Examples
    --------
    >>> X = pd.DataFrame({"one": [1.0, 1.0], "a": [0.0, 1.0], "b": [1.0, 0.0]})
    >>> list(independent(X))
    ['one', 'a']
    """
    X = design.to_numpy(dtype=float)
    products = X.T @ X
    kept: list[int] = []
    for j in range(X.shape[1]):
        before = products[np.ix_(kept, kept)]
        explained = products[j, kept] @ np.linalg.pinv(before) @ products[kept, j] if kept else 0.0
        if products[j, j] - explained > DEPENDENT * max(products[j, j], 1e-300):
            kept.append(j)
    return design.iloc[:, kept]
