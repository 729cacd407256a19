"""Covariance of hazard coefficients that holds when patients of one unit resemble each other."""

from typing import Any

import numpy as np

from rupture_outcome.engine.multilevel.links import Array, Cloglog, Logit

KERNELS: dict[str, Any] = {"logit": Logit, "cloglog": Cloglog}


def unit_covariance(fit: Any, units: Any) -> Array:
    """Robust covariance of the coefficients, with units (couples, families, groups) as clusters.

    The model keeps its random intercept of therapists, so its estimates stay what they are; only
    their errors no longer need the sessions of one unit to be independent given the therapist:

        V = I⁻¹ · [c Σ_u h_u h_u' + Σ_j x̄_j x̄_j' / σ²] · I⁻¹,   h_u = Σ_{i in u} (x_i − x̄_j) r_i

    with I the information, r_i the derivative of the log-likelihood of row i in its linear
    predictor at the modes of the therapists' effects, w_i its negative second derivative,
    x̄_j = Σ_{i in j} w_i x_i / (Σ_{i in j} w_i + 1/σ²), and c = U / (U − 1) for U units. It is the
    sandwich of Henderson's equations for coefficients and therapists' effects together, in which
    a therapist's distribution counts as one observation of its own: where the model is right, V
    tends to its covariance; where σ = 0, V is the cluster-robust covariance of a plain regression.
    As a unit draws the effect of its own therapist towards itself, r_i is divided by the root of
    1 − Σ_{i in u and j} w_i / (Σ_{i in j} w_i + 1/σ²), the correction HC2 for that effect alone.
    A patient alone is a unit. Units may be seen by several therapists.

    Parameters
    ----------
    fit : MultilevelHazardResults
        A fit without frequency weights.
    units : array, shape (rows,)
        Number 0 … U − 1 of the unit of each row, in the order of the rows of the fit.

    Returns
    -------
    array, shape (coefficients, coefficients)
        For `fit.t_test(..., cov_p=...)`. Contrasts without a finite estimate have none.

    Notes
    -----
    With few units the errors come out too small, as those of all sandwiches do. At σ = 0 in R:
    `sandwich::vcovCL(glm(...), cluster = ~ unit, type = "HC0")`.

    Examples
    --------
    Without differences between groups it is the sandwich of a plain regression: of an intercept,
    with information 8 · ¼ and each row a unit, (8/7) · 8 · ¼ / 2².

    >>> from rupture_outcome.engine.hazard import MultilevelHazard
    >>> fit = MultilevelHazard([1, 0] * 4, np.ones((8, 1)), [0, 0, 1, 1, 2, 2, 3, 3]).fit()
    >>> fit.group_sd, unit_covariance(fit, np.arange(8)).round(4).tolist()
    (0.0, [[0.5714]])
    """
    model = fit.model
    X, groups, units = model.exog, model.group_codes, np.asarray(units)
    residual, weight = _derivatives(fit)
    means, held = _shrunken_means(X, weight, groups, fit.group_sd)
    residual = residual / np.sqrt(1.0 - _own_share(units, groups, weight) * held[groups])
    scores = np.column_stack(
        [
            np.bincount(units, (X[:, k] - means[groups, k]) * residual)
            for k in range(X.shape[1])  # column by column: no second copy of the design
        ]
    )
    n = len(scores)
    meat = scores.T @ scores * (n / (n - 1) if n > 1 else np.nan)
    if fit.group_sd > 0:
        meat += means.T @ means / fit.group_sd**2
    bread = fit.fitted.cov[:-1, :-1]
    return bread @ meat @ bread


def _derivatives(fit: Any) -> tuple[Array, Array]:
    eta = np.asarray(fit.predict(which="linear", group_effect="own"), dtype=float)
    first, second = KERNELS[fit.model.link](fit.model.endog).derivatives(
        np.clip(np.nan_to_num(eta, nan=0.0), -200.0, 200.0), 2
    )
    # A row whose prediction the data leave open belongs to what is separated and has no weight.
    return np.where(np.isnan(eta), 0.0, first), np.where(np.isnan(eta), 0.0, -second)


def _shrunken_means(X: Array, weight: Array, groups: Any, sd: float) -> tuple[Array, Array]:
    """Return x̄_j, shape (groups, coefficients), and by how much each group's effect is its own."""
    n = int(groups.max()) + 1
    if sd == 0:
        return np.zeros((n, X.shape[1])), np.zeros(n)
    total = np.bincount(groups, weight, n)
    sums = np.column_stack([np.bincount(groups, weight * column, n) for column in X.T])
    precision = total + sd**-2
    return sums / precision[:, None], total / precision


def _own_share(units: Any, groups: Any, weight: Array) -> Array:
    """Share of its group's weight that the unit of each row has."""
    pairs = np.unique(units * (int(groups.max()) + 1) + groups, return_inverse=True)[1]
    total = np.bincount(groups, weight)[groups]
    return np.bincount(pairs, weight)[pairs] / np.where(total > 0, total, np.inf)
