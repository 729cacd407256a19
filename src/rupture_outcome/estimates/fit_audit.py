"""What an audit needs of any fitted model: gradient, condition, events per parameter."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rupture_outcome.engine.reasons import NOT_CONVERGED

# Every file of fits, `models/<name>.json`, in the order in which they are shown.
FIT_FILES = (
    "hazard",
    "hazard_models_fits",
    "dropout_definition_fits",
    "landmark_fits",
    "cox_fits",
    "multistate_fits",
    "therapist_fits",
    "moderator_fits",
    "sensitivity_fits",
    "hidden_states_fits",
    "growth_fits",
    "failure_fits",
    "naive_fits",
)
# Events per parameter are given as the band that they lie in, by its lower end.
BANDS = (0, 5, 10, 20)


def fit_audit(
    model: str,
    definition: str,
    repair_rule: str,
    *,
    gradient: ArrayLike = (),
    information: ArrayLike = (),
    events: float = 0,
    converged: bool = True,
    reason: str = "",
) -> dict[str, Any]:
    """Judge a maximum in the terms of `MultilevelHazardResults`, for models of other kinds.

    Parameters
    ----------
    model : str
        Code of what was fitted, with a value after a colon where there are several.
    definition, repair_rule : str
        Under which rupture definition and repair rule.
    gradient : array, shape (parameters,)
        Of the log-likelihood at the estimate.
    information : array, shape (parameters, parameters)
        Negative Hessian at the estimate.
    events : number
        Events that the model rests on.
    converged : bool
        As the search says; a gradient or information without finite values overrules it.
    reason : str
        Why there is no fit, or a caution.

    Returns
    -------
    dict
        ``model``, ``definition``, ``repair_rule``, ``converged``, ``reason``; for a fit that
        converged also ``gradient_norm`` (largest element, each times its standard error: no
        unit), ``condition_number`` (of the information scaled to a unit diagonal),
        ``events_per_parameter`` and ``n_events``.

    Examples
    --------
    >>> found = fit_audit("toy", "d", "r", gradient=[0.0], information=[[4.0]], events=20)
    >>> found["converged"], found["condition_number"], found["events_per_parameter"]
    (True, 1.0, 20.0)
    """
    given = {"model": model, "definition": definition, "repair_rule": repair_rule}
    slope, curvature = np.asarray(gradient, dtype=float), np.asarray(information, dtype=float)
    if not converged or not _is_maximum(slope, curvature):
        return given | {"converged": False, "reason": reason or NOT_CONVERGED}
    se = np.sqrt(np.diag(np.linalg.inv(curvature)))
    scale = np.sqrt(np.diag(curvature))
    return given | {
        "converged": True,
        "reason": reason,
        "gradient_norm": float(np.max(np.abs(slope) * se)),
        "condition_number": float(np.linalg.cond(curvature / np.outer(scale, scale))),
        "events_per_parameter": float(events) / len(slope),
        "n_events": int(events),
    }


def events_band(per_parameter: float) -> str:
    """Say roughly how many events a parameter rests on.

    Exact numbers of two models on nearly the same patients would give the difference away.

    Examples
    --------
    >>> events_band(7.93), events_band(31.0), events_band(float("nan"))
    ('5 to 10', '20 or more', 'not known')
    """
    edges = [(20, "20 or more"), (10, "10 to 20"), (5, "5 to 10"), (0, "below 5")]
    return next((words for edge, words in edges if per_parameter >= edge), "not known")


def _is_maximum(gradient: np.ndarray, information: np.ndarray) -> bool:
    if not len(gradient) or not np.isfinite(gradient).all() or not np.isfinite(information).all():
        return False
    return bool(np.linalg.eigvalsh(information).min() > 0)
