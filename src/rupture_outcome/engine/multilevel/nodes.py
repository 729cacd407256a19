"""As many nodes of the quadrature as estimate and interval of the SD need."""

from dataclasses import replace

from rupture_outcome.engine.multilevel import marginal_derivatives
from rupture_outcome.engine.multilevel.fit import (
    RUNAWAY_SD,
    Fitted,
    Rows,
    fit_hazard,
    profile_at,
    profile_end,
    refit,
)
from rupture_outcome.engine.multilevel.marginal_likelihood import MarginalLikelihood
from rupture_outcome.engine.multilevel.newton import ascent_step

# Stands for the number of nodes where it is to be found.
ADAPTIVE = 0
FEWEST, MOST = 15, 255
# What twice as many nodes may change: the estimate, in standard errors, and the deviance at the
# upper end of the interval of the SD. At 95 % a deviance off by 0.1 is a confidence off by 0.003.
MOVE, DEVIANCE = 0.01, 0.1


def fit_adaptively(rows: Rows, max_steps: int, *, grouped: bool) -> Fitted:
    """Fit with as many nodes (15, 31, 63, 127 or 255) as it takes.

    Small groups with a large SD have likelihoods that few nodes get wrong, first where the SD is
    large: at the upper end of its profile interval. Twice as many nodes may move the estimate by
    `MOVE` standard errors at most and change the deviance at that end by `DEVIANCE` at most.

    Parameters
    ----------
    rows, max_steps, grouped
        As for `fit_hazard`.

    Returns
    -------
    Fitted
        `like.quadrature` is the number of nodes.
    """
    fitted = fit_hazard(rows, FEWEST, max_steps, grouped=grouped)
    if not grouped or not fitted.newton_converged:
        return fitted
    end = min(profile_end(fitted), RUNAWAY_SD)
    while (nodes := fitted.like.quadrature) < MOST and not _settled(fitted, end):
        near = _from_fewer(fitted, 2 * nodes + 1)
        fitted = near or fit_hazard(rows, 2 * nodes + 1, max_steps, grouped=grouped)
    return fitted


def _from_fewer(fitted: Fitted, nodes: int) -> Fitted | None:
    """Fit with more nodes from where fewer led; None where only the whole fit is safe."""
    if fitted.boundary or fitted.separation is not None:
        return None
    found = refit(fitted.like.data, fitted, nodes)
    return None if found is None else replace(found, llf_plain=fitted.llf_plain)


def _settled(fitted: Fitted, end: float) -> bool:
    """Whether twice as many nodes would change little, at the estimate and at the end."""
    finer = MarginalLikelihood(fitted.like.data, 2 * fitted.like.quadrature + 1)
    edge = profile_at(fitted, end)
    here = finer.evaluate(fitted.point.theta, fitted.point)
    deviance = here.value - finer.evaluate(edge.theta, edge).value
    if 2.0 * abs(deviance - (fitted.point.value - edge.value)) > DEVIANCE:
        return False
    gradient, hessian = marginal_derivatives.score_and_hessian(finer, here)
    step, _ = ascent_step(gradient, hessian)
    return bool(gradient @ step <= MOVE**2)
