"""Whether two views agree, and on what: the surface of an outcome over both of them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from rupture_outcome.engine.estimate import Estimate

# Along the line of agreement (y = x): slope a1, curvature a2; along that of
# disagreement (y = -x): slope a3, curvature a4. Columns: x, y, x², xy, y².
SURFACE: Mapping[str, tuple[int, ...]] = {
    "a1": (1, 1, 0, 0, 0),
    "a2": (0, 0, 1, 1, 1),
    "a3": (1, -1, 0, 0, 0),
    "a4": (0, 0, 1, -1, 1),
}


def response_surface(params: ArrayLike, cov: ArrayLike) -> dict[str, Estimate]:
    r"""Coefficients a1 to a4 of the surface, with errors by the delta method.

    .. math:: z = b_0 + b_1 x + b_2 y + b_3 x^2 + b_4 xy + b_5 y^2

    a1 = b1 + b2, a2 = b3 + b4 + b5, a3 = b1 − b2, a4 = b3 − b4 + b5. They are linear in b, so
    that the delta method is exact, whatever model the covariance comes from.

    Parameters
    ----------
    params : array, shape (5,)
        b1 to b5: of x, y, x², xy, y², both centred on the same number in the same unit.
    cov : array, shape (5, 5)
        Their covariance, such as that of `NestedGrowth`.

    Notes
    -----
    Edwards 1994; Shanock et al. 2010 (recalled). In R: `RSA::RSA(z ~ x * y)`, of one level.

    Examples
    --------
    >>> surface = response_surface([1.0, 0.5, 0.1, 0.2, 0.3], np.eye(5))
    >>> {name: round(one.value, 2) for name, one in surface.items()}
    {'a1': 1.5, 'a2': 0.6, 'a3': 0.5, 'a4': 0.2}
    >>> round(surface["a1"].se ** 2, 2)
    2.0
    """
    b, V = np.asarray(params, dtype=float), np.asarray(cov, dtype=float)
    weights = np.array(list(SURFACE.values()), dtype=float)
    values, errors = weights @ b, np.sqrt(np.diag(weights @ V @ weights.T))
    return {
        name: Estimate(float(value), float(se))
        for name, value, se in zip(SURFACE, values, errors, strict=True)
    }
