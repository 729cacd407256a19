"""Two members of a pair: what a measure owes to a member's own values and to the partner's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.multilevel.inputs import ModelError

Rows = NDArray[np.intp]

FURTHEST = 1.0 - 1e-6


@dataclass(frozen=True)
class PairFit:
    """Coefficients with their covariance; SD and correlation of the residuals of a pair.

    `at_boundary` marks residuals of partners that are the same, or each other's opposite.
    """

    params: Floats
    cov: Floats
    sigma: float
    rho: float
    pairs: int

    @property
    def bse(self) -> Floats:
        """Standard errors, shape (columns,)."""
        return np.sqrt(np.diag(self.cov))

    @property
    def at_boundary(self) -> bool:
        """Whether the correlation lies at -1 or 1."""
        return abs(self.rho) > 1.0 - 1e-4


def partner_values(values: ArrayLike, pair: ArrayLike) -> Floats:
    """Give each member the value of the partner; NaN where there is none.

    Examples
    --------
    >>> partner_values([1.0, 2.0, 5.0], ["a", "a", "b"]).tolist()
    [2.0, 1.0, nan]
    """
    known = np.asarray(values, dtype=float)
    first, second, _ = _members(pair)
    theirs = np.full(len(known), np.nan)
    theirs[first], theirs[second] = known[second], known[first]
    return theirs


def pair_regression(outcome: ArrayLike, design: ArrayLike, pair: ArrayLike) -> PairFit:
    r"""Regression with compound symmetry within pairs, by restricted maximum likelihood.

    .. math:: y = X\beta + e, \quad \operatorname{var} e = \sigma^2,
        \quad \operatorname{cor}(e_1, e_2) = \rho

    Sum and difference of a pair, over the root of 2, are independent, with variances
    σ²(1 + ρ) and σ²(1 − ρ): ρ is looked for along one line, below 0 too, which the random
    intercept of a mixed model cannot be. A member without a partner counts with variance σ².

    Parameters
    ----------
    outcome : array, shape (rows,)
        One row a member.
    design : array, shape (rows, columns)
        With its constant; own values (actor) and those of the partner (`partner_values`).
    pair : array, shape (rows,)
        Label of each row's pair, which has one member or two.

    Raises
    ------
    ModelError
        A pair with more than two members, no pair at all, a missing value, or columns of the
        design that say the same.

    Notes
    -----
    Actor–partner interdependence model of members who cannot be told apart (Kenny; recalled).
    In R: `nlme::gls(y ~ own + partner, correlation = corCompSymm(form = ~ 1 | pair))`.

    Examples
    --------
    >>> pair_regression([1.0, 3.0, 3.0, 1.0, 5.0, 2.0], np.ones((6, 1)), [*"aabbcc"]).params
    array([2.5])
    """
    y, X = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    first, second, alone = _members(pair)
    _check(y, X, len(first))
    rows = np.column_stack([y, X])
    both = (rows[first] + rows[second]) / np.sqrt(2.0)
    apart = (rows[first] - rows[second]) / np.sqrt(2.0)
    squares = both.T @ both, apart.T @ apart, rows[alone].T @ rows[alone]
    free, k = len(y) - X.shape[1], len(first)

    def solved(rho: float) -> tuple[Floats, Floats, float]:
        total = squares[0] / (1.0 + rho) + squares[1] / (1.0 - rho) + squares[2]
        params = np.linalg.solve(total[1:, 1:], total[1:, 0])
        return total[1:, 1:], params, float(total[0, 0] - total[0, 1:] @ params)

    def deviance(rho: float) -> float:
        information, _, rest = solved(rho)
        return float(
            k * np.log1p(-(rho**2))
            + free * np.log(max(rest, np.finfo(float).tiny))
            + np.linalg.slogdet(information)[1]
        )

    found = minimize_scalar(
        deviance, bounds=(-FURTHEST, FURTHEST), method="bounded", options={"xatol": 1e-10}
    )
    information, params, rest = solved(float(found.x))
    variance = rest / free
    cov = variance * np.linalg.inv(information)
    return PairFit(params, cov, float(np.sqrt(variance)), float(found.x), k)


def _members(pair: ArrayLike) -> tuple[Rows, Rows, Rows]:
    """Rows of the first and the second members of pairs, and of those without a partner."""
    codes, _ = pd.factorize(np.asarray(pair))
    if (codes < 0).any():
        raise ModelError("a row without a pair. Leave it out, or give it a label of its own.")
    sizes = np.bincount(codes)
    if (sizes > 2).any():
        raise ModelError("a pair has more than two members: one row a member of a pair is needed.")
    order = np.argsort(codes, kind="stable")
    whole = order[sizes[codes[order]] == 2]
    return whole[::2], whole[1::2], order[sizes[codes[order]] == 1]


def _check(y: Floats, X: Floats, pairs: int) -> None:
    if not (np.isfinite(y).all() and np.isfinite(X).all()):
        raise ModelError("a missing value. Leave out the rows that lack one.")
    if not pairs:
        raise ModelError("no pair has two members, so that partners cannot be compared.")
    if np.linalg.matrix_rank(X) < X.shape[1] or len(y) <= X.shape[1]:
        raise ModelError("columns of the design say the same. Leave one of them out.")
