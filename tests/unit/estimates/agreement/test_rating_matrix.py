import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.agreement.rating_matrix import RatingMatrix
from tests.unit.estimates.agreement.toy_raters import SHROUT_FLEISS, ratings_of

NAN = np.nan


def matrix(table, **arguments) -> RatingMatrix:
    return RatingMatrix.of(ratings_of(np.array(table, float), **arguments), "withdrawal")


def test_only_sessions_and_raters_with_company_are_kept() -> None:
    found = matrix([[1, 2, NAN], [3, NAN, NAN], [NAN, NAN, 4], [5, 1, NAN]])
    np.testing.assert_array_equal(found.ratings, [[1, 2], [5, 1]])
    assert found.raters == ("R1", "R2")
    assert found.patients == 2


def test_crossed_raters_are_one_block() -> None:
    found = matrix(SHROUT_FLEISS)
    np.testing.assert_array_equal(found.block().ratings, SHROUT_FLEISS)


def test_the_block_has_most_degrees_of_freedom() -> None:
    pairs = [[1, 2, NAN]] * 6
    threes = [[1, 2, 3]] * 3
    assert matrix(pairs + threes).block().raters == ("R1", "R2")  # 8·1 against 2·2
    assert matrix(pairs[:1] + threes).block().raters == ("R1", "R2", "R3")  # 3·1 against 2·2
    assert len(matrix(pairs + threes).block()) == 9


def test_the_pair_has_most_sessions_in_common() -> None:
    found = matrix([[1, 2, NAN], [NAN, 2, 3], [NAN, 4, 3], [1, NAN, 3]]).pair()
    assert found.raters == ("R2", "R3")
    np.testing.assert_array_equal(found.ratings, [[2, 3], [4, 3]])


def test_no_shared_session() -> None:
    found = matrix([[1, NAN], [NAN, 2]])
    assert len(found) == 0
    assert found.raters == ()
    assert len(found.block()) == len(found.pair()) == 0
    assert not found.varies


def test_a_session_rated_twice_by_one_rater_is_refused() -> None:
    ratings = ratings_of(SHROUT_FLEISS)
    with pytest.raises(ValueError, match="twice"):
        RatingMatrix.of(pd.concat([ratings, ratings.head(1)]), "withdrawal")


def test_standardised_ratings() -> None:
    found = matrix([[1, 2, NAN], [3, 5, 4]]).standardised
    assert np.nanmean(found) == pytest.approx(0)
    assert np.nanstd(found) == pytest.approx(1)
    np.testing.assert_array_equal(matrix([[2, 2], [2, 2]]).standardised, np.zeros((2, 2)))
