"""Internal consistency of a sum of items: Cronbach's alpha and McDonald's omega."""

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.cluster_bootstrap import Bootstrapped, cluster_bootstrap, cluster_sums

FEWEST_ITEMS = 3  # one factor of two items is not identified
STEPS, CLOSE = 1000, 1e-8
LEAST_UNIQUE = 1e-4  # of an item's variance: keeps a factor that explains an item whole finite


def alpha_and_omega(
    forms: Floats,
    cluster: NDArray[np.integer],
    *,
    rng: np.random.Generator,
    replicates: int = 500,
    confidence: float = 0.95,
) -> Bootstrapped:
    r"""Estimate alpha and omega of complete forms, with intervals from drawing patients again.

    .. math:: \alpha = \frac{k}{k-1}\Bigl(1 - \frac{\operatorname{tr} S}{1'S1}\Bigr), \qquad
              \omega = \frac{(\sum \lambda_j)^2}{(\sum \lambda_j)^2 + \sum \psi_j}

    with S the covariance of the items over all forms, and λ, ψ loadings and unique variances of
    one factor fitted to it by maximum likelihood. Forms of one patient are not independent, so
    patients are drawn, with all their forms. Both mix differences between and within patients.

    Parameters
    ----------
    forms : array of float, shape (N, k)
        Answers, reversed items turned round; none missing.
    cluster : array of int, shape (N,)
        The patient of each form, numbered from 0.
    rng : numpy.random.Generator
    replicates : int
    confidence : float

    Returns
    -------
    Bootstrapped
        Of alpha and omega; NaN where an item does not vary, omega also with fewer than three items.

    Notes
    -----
    McDonald 1999 (recalled). In R: ``MBESS::ci.reliability(items, type = "omega")``.

    Examples
    --------
    >>> level = np.repeat([1.0, 2, 3, 4, 5, 2], 2)
    >>> forms = np.column_stack([level, level + [0, 1] * 6, level - [1, 0] * 6])
    >>> found = alpha_and_omega(forms, np.repeat(np.arange(6), 2), rng=np.random.default_rng(1))
    >>> found.estimate.round(3).tolist()
    [0.986, 0.982]
    """
    k = forms.shape[1]
    centred = forms - forms.mean(axis=0) if len(forms) else forms
    products = np.einsum("ni,nj->nij", centred, centred).reshape(len(forms), k * k)
    features = np.column_stack([np.ones(len(forms)), centred, products])

    def statistic(sums: Floats) -> Floats:
        return _both(np.atleast_2d(sums), k).reshape(*sums.shape[:-1], 2)

    return cluster_bootstrap(
        cluster_sums(features, cluster),
        statistic,
        rng=rng,
        replicates=replicates,
        confidence=confidence,
    )


def one_factor(covariance: Floats) -> tuple[Floats, Floats]:
    """Fit one factor to covariance matrices by maximum likelihood (Rubin and Thayer's EM).

    Parameters
    ----------
    covariance : array of float, shape (B, k, k)

    Returns
    -------
    loadings, unique : array of float, shape (B, k)
        Unique variances; the loadings of a matrix may all change their sign together.

    Examples
    --------
    >>> loadings, unique = one_factor(np.array([[[1.0, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]]]))
    >>> (loadings**2).round(3).tolist(), unique.round(3).tolist()
    ([[0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5]])
    """
    variance = np.einsum("bii->bi", covariance)
    least = LEAST_UNIQUE * variance
    unique = 0.5 * variance
    # Signs of the first principal component, so that an item may run against the others.
    sign = np.where(np.linalg.eigh(covariance)[1][:, :, -1] < 0, -1.0, 1.0)
    loadings = sign * np.sqrt(variance - unique)
    for _ in range(STEPS):
        weight = loadings / unique
        beta = weight / (1 + (loadings * weight).sum(axis=1))[:, None]
        with_factor = np.einsum("bij,bj->bi", covariance, beta)
        factor = 1 - (beta * loadings).sum(axis=1) + (beta * with_factor).sum(axis=1)
        new = with_factor / factor[:, None]
        new_unique = np.maximum(variance - new * with_factor, least)
        moved = np.abs(new_unique - unique) / variance
        loadings, unique = new, new_unique
        if moved.max() < CLOSE:
            break
    return loadings, unique


def _both(sums: Floats, k: int) -> Floats:
    """Alpha and omega from n, sums and sums of products, shape (B, 2)."""
    n = sums[:, 0]
    out = np.full((len(sums), 2), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums[:, 1 : k + 1] / n[:, None]
        products = sums[:, k + 1 :].reshape(-1, k, k) / n[:, None, None]
        covariance = products - mean[:, :, None] * mean[:, None, :]
        covariance *= (n / (n - 1))[:, None, None]
    variance = np.einsum("bii->bi", covariance)
    total = covariance.sum(axis=(1, 2))
    usable = (n > k) & (variance > 1e-12).all(axis=1) & (total > 1e-12)
    if k > 1 and usable.any():
        out[usable, 0] = k / (k - 1) * (1 - variance[usable].sum(axis=1) / total[usable])
    if k >= FEWEST_ITEMS and usable.any():
        loadings, unique = one_factor(covariance[usable])
        common = loadings.sum(axis=1) ** 2
        out[usable, 1] = common / (common + unique.sum(axis=1))
    return out
