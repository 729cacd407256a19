"""Two outcomes of therapists whose true effects correlate."""

import numpy as np

from rupture_outcome.engine.hazard import MultilevelHazard


def correlated_effects(rng, therapists, sds, rho):
    z = rng.standard_normal((therapists, 2))
    return np.column_stack(
        [sds[0] * z[:, 0], sds[1] * (rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1])]
    )


def fit_outcome(rng, effects, rows, intercept, link="logit", quadrature=1):
    """Fit a hazard of one covariate to sessions of every therapist."""
    groups = np.repeat(np.arange(len(effects)), rows)
    x = rng.standard_normal(len(groups))
    eta = intercept + 0.3 * x + effects[groups]
    chance = 1 / (1 + np.exp(-eta)) if link == "logit" else 1 - np.exp(-np.exp(eta))
    y = (rng.random(len(groups)) < chance).astype(float)
    design = np.column_stack([np.ones(len(groups)), x])
    return MultilevelHazard(y, design, groups, link=link).fit(quadrature=quadrature)


def fit_pair(rng, therapists=40, sds=(0.7, 0.5), rho=-0.6, rows=(60, 120), **kwargs):
    effects = correlated_effects(rng, therapists, sds, rho)
    first = fit_outcome(rng, effects[:, 0], rows[0], -1.2, **kwargs)
    return first, fit_outcome(rng, effects[:, 1], rows[1], -2.2, **kwargs)
