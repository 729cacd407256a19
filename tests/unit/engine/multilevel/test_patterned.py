"""A patterned design gives the products of the matrix that it stands for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.engine.multilevel.patterned import Patterned, weighted_cross


def matrix(rng, rows, indicators, numbers):
    X = np.column_stack(
        [
            np.ones(rows),
            (rng.random((rows, indicators)) < 0.3).astype(float),
            rng.normal(size=(rows, numbers)),
        ]
    )
    return X[:, rng.permutation(X.shape[1])]


def assert_products_agree(patterned, X, rng):
    rows, columns = X.shape
    beta, weight = rng.normal(size=columns), rng.normal(size=rows)
    group = np.sort(rng.integers(0, max(rows // 4, 1), rows))
    group = np.unique(group, return_inverse=True)[1]
    starts = np.flatnonzero(np.append(True, np.diff(group) > 0))
    totals = np.add.reduceat(weight[:, None] * X, starts, axis=0)
    # Sums of a few hundred numbers of the order of 1, added in another order.
    exact = {"rtol": 1e-10, "atol": 1e-11}
    np.testing.assert_allclose(patterned.times(beta), X @ beta, **exact)
    np.testing.assert_allclose(patterned.sums(weight), X.T @ weight, **exact)
    np.testing.assert_allclose(patterned.cross(weight), (X.T * weight) @ X, **exact)
    np.testing.assert_allclose(patterned.totals(weight, starts, group), totals, **exact)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 200), st.integers(0, 8), st.integers(0, 3))
def test_products_are_those_of_the_matrix(seed, rows, indicators, numbers):
    rng = np.random.default_rng(seed)
    X = matrix(rng, rows, indicators, numbers)
    assert_products_agree(Patterned.of(X), X, rng)


@pytest.mark.parametrize("columns", [60, 120])
def test_more_columns_than_a_double_has_digits_are_told_apart(columns):
    rng = np.random.default_rng(1)
    X = (rng.random((300, columns)) < 0.5).astype(float)
    patterned = Patterned.of(X)
    assert len(patterned.patterns) == 300
    assert_products_agree(patterned, X, rng)


def test_rows_that_agree_are_one_pattern():
    X = np.repeat([[1.0, 0.0], [1.0, 1.0]], 50, axis=0)
    assert Patterned.of(X).patterns.tolist() == [[1.0, 0.0], [1.0, 1.0]]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_changed_rows_are_those_of_the_changed_matrix(seed):
    rng = np.random.default_rng(seed)
    X = matrix(rng, 80, 5, 1)
    places = Patterned.of(X).places[[1, 3]]
    at = np.flatnonzero(rng.random(80) < 0.3)
    patterned = Patterned.of(X).changed(at, {int(places[0]): 1.0, int(places[1]): 0.0})
    X[np.ix_(at, places)] = [1.0, 0.0]
    assert_products_agree(patterned, X, rng)


def test_a_cross_product_by_blocks_is_the_product():
    rng = np.random.default_rng(2)
    X, weight = rng.normal(size=(20_000, 3)), rng.random(20_000)
    np.testing.assert_allclose(weighted_cross(X, weight), (X.T * weight) @ X, rtol=1e-11)
