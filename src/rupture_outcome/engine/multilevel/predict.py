"""Predicted chances of the event from a fitted multilevel hazard."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from formulaic.errors import DataMismatchWarning

from rupture_outcome.engine.multilevel.fit import Fitted
from rupture_outcome.engine.multilevel.inputs import ModelError
from rupture_outcome.engine.multilevel.links import Array, event_probability

# A chance averaged over groups is then exact to 1e-6 up to an SD of 2, to 1e-4 up to 3.
NODES = 61


def linear_part(X: Array, fitted: Fitted) -> Array:
    """Return Xβ; under separation ±inf where that is its limit, nan where even its sign is open.

    Examples
    --------
    >>> from rupture_outcome.engine.hazard import MultilevelHazard
    >>> fit = MultilevelHazard([1, 0, 0, 0] * 2, np.ones((8, 1)), [0] * 4 + [1] * 4).fit()
    >>> linear_part(np.ones((1, 1)), fit.fitted).round(4).tolist()  # log(1/3)
    [-1.0986]
    """
    limits = fitted.limits(X)
    return np.where(limits == 0, X @ fitted.beta, limits)


def marginal_probability(eta: Array, sd: float, link: str) -> Array:
    """Chance averaged over groups: ∫ P(event | η + σu) φ(u) du by Gauss–Hermite quadrature.

    Parameters
    ----------
    eta : array, shape (rows,)
        Linear predictor without the group's effect.
    sd : float
        σ, between groups.
    link : {"logit", "cloglog"}

    Examples
    --------
    Averaging over groups draws a chance towards a half:

    >>> eta = np.array([0.0, -2.0])
    >>> marginal_probability(eta, 0.0, "logit").round(3).tolist()
    [0.5, 0.119]
    >>> marginal_probability(eta, 1.0, "logit").round(3).tolist()
    [0.5, 0.155]
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    out = np.zeros_like(eta)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        out += weight * event_probability(eta + sd * node, link)
    return out


def design_of(model_spec: Any, new: pd.DataFrame) -> tuple[Array, Any]:
    """Columns of new rows under the coding of the fit, and which rows are complete.

    Raises
    ------
    ModelError
        A column is absent, or a category was not in the data of the fit.
    """
    needed = sorted(str(name) for name in model_spec.required_variables)
    absent = [name for name in needed if name not in new.columns]
    if absent:
        raise ModelError(f"columns {absent} are needed to predict; the new data do not have them.")
    complete = new[needed].notna().all(axis=1).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DataMismatchWarning)
        try:
            columns = model_spec.get_model_matrix(new[complete], na_action="ignore")
        except DataMismatchWarning as unseen:
            raise ModelError(
                "the new data have a category that was not in the data of the fit, so nothing is "
                "known of its effect; leave these rows out. Columns of the model: "
                f"{', '.join(needed)}."
            ) from unseen
    return np.asarray(columns, dtype=float), complete
