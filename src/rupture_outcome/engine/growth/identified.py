"""Whether the rows can tell the variances of a growth model apart."""

import numpy as np
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.growth.likelihood import Shape
from rupture_outcome.engine.growth.statistics import Statistics, by

PERSON_GROUP = "person_group"
# Smallest eigenvalue, of a matrix with unit diagonal, that is not rounding.
SINGULAR = 1e-9


def what_is_not_identified(data: Statistics, shape: Shape) -> str:
    """Name the first part of the covariance that other parts can take the place of.

    Parts are told apart if the covariances of the rows that they make are linearly independent:
    if the matrix of tr(V_a V_b) over the parts a, b is regular.

    Parameters
    ----------
    data : Statistics
    shape : Shape

    Returns
    -------
    str
        "intercept", "slope", "person_group", or "" where all are identified.

    Examples
    --------
    >>> from rupture_outcome.engine.growth.statistics import statistics
    >>> y, X, person = np.arange(6.0), np.ones((6, 1)), np.array([0, 0, 1, 1, 2, 2])
    >>> Z = np.column_stack([X, [0.0, 1.0] * 3])
    >>> data = statistics(y, X, Z, person, None)
    >>> what_is_not_identified(data, Shape(1, 0)), what_is_not_identified(data, Shape(2, 0))
    ('', 'slope')
    """
    for part, what in (
        (Shape(1, 0), "intercept"),
        (Shape(shape.q, 0), "slope"),
        (shape, PERSON_GROUP),
    ):
        products = _products(data, part)
        size = np.sqrt(np.diag(products))
        if not (size > 0).all():
            return what
        if np.linalg.eigvalsh(products / np.outer(size, size))[0] < SINGULAR:
            return what
    return ""


def _products(data: Statistics, shape: Shape) -> Floats:
    """tr(V_a V_b) of the residual, the elements of Ψ, and those of Γ."""
    q, r = shape.q, shape.r
    of_person, of_group = _symmetric(q), _symmetric(r)
    out = np.zeros((1 + len(of_person) + len(of_group),) * 2)
    out[0, 0] = data.rows
    for shard in data.shards:
        persons, sides = shard.totals[:q, :q], shard.stints[:q, :r]
        groups = by(shard.group, len(shard.groups), sides[:r])
        square = np.block(
            [
                [_traces(of_person, persons, of_person, persons),
                 _traces(of_person, sides, of_group, sides.swapaxes(0, 1))],
                [np.zeros((len(of_group), len(of_person))),
                 _traces(of_group, groups, of_group, groups)],
            ]
        )  # fmt: skip
        alone = [np.einsum("ab,baP->", E, persons) for E in of_person]
        alone += [np.einsum("ab,baP->", E, groups) for E in of_group]
        out[1:, 1:] += square
        out[0, 1:] += alone
    return np.triu(out) + np.triu(out, 1).T


def _traces(
    left: list[Floats], first: Floats, right: list[Floats], second: Floats
) -> NDArray[np.float64]:
    """Σ tr(E A F B) over matrices E, F and over the last axis of A and B."""
    out = np.zeros((len(left), len(right)))
    for i, E in enumerate(left):
        for j, F in enumerate(right):
            out[i, j] = np.einsum("ab,bcP,cd,daP->", E, first, F, second, optimize=True)
    return out


def _symmetric(n: int) -> list[Floats]:
    """One matrix for each element of a symmetric one."""
    found = []
    for a in range(n):
        for b in range(a + 1):
            E = np.zeros((n, n))
            E[a, b] = E[b, a] = 1.0
            found.append(E)
    return found
