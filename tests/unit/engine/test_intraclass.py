import numpy as np
import pingouin
import pytest

from rupture_outcome.engine.intraclass import (
    TWO_WAY,
    mean_raters,
    one_way,
    one_way_features,
    pingouin_icc,
    two_way,
    two_way_features,
)
from tests.unit.estimates.agreement.toy_raters import SHROUT_FLEISS, ratings_of

NAN = np.nan


def single_and_average(ratings) -> np.ndarray:
    return one_way(one_way_features(ratings).sum(axis=0))


def all_two_way(ratings) -> np.ndarray:
    return two_way(two_way_features(ratings).sum(axis=0))


def test_published_values_of_the_shrout_fleiss_example() -> None:
    # Shrout & Fleiss 1979, table 4
    np.testing.assert_allclose(single_and_average(SHROUT_FLEISS), [0.17, 0.44], atol=0.005)
    np.testing.assert_allclose(all_two_way(SHROUT_FLEISS), [0.29, 0.71, 0.62, 0.91], atol=0.005)
    np.testing.assert_allclose(pingouin_icc(SHROUT_FLEISS), all_two_way(SHROUT_FLEISS))


@pytest.mark.parametrize("k", [2, 5])
def test_every_coefficient_is_that_of_pingouin(k) -> None:
    rng = np.random.default_rng(k)
    ratings = rng.normal(0, 1, (20, 1)) + rng.normal(0, 1, (20, k)) + np.arange(k)
    long = ratings_of(ratings)
    table = pingouin.intraclass_corr(long, "patient_id", "rater_id", "withdrawal").set_index("Type")
    theirs = table["ICC"]
    np.testing.assert_allclose(all_two_way(ratings), theirs[list(TWO_WAY)])
    np.testing.assert_allclose(single_and_average(ratings), theirs[["ICC(1,1)", "ICC(1,k)"]])


def test_scale_and_origin_do_not_matter() -> None:
    moved = SHROUT_FLEISS * 3 - 40
    np.testing.assert_allclose(all_two_way(moved), all_two_way(SHROUT_FLEISS))
    np.testing.assert_allclose(single_and_average(moved), single_and_average(SHROUT_FLEISS))


def test_unbalanced_one_way_by_hand() -> None:
    # means 2, 5 and 7 of 3, 2 and 2 ratings; SSW = 2 + 2 + 2, df 4; N = 7, x̄ = 30/7
    ratings = np.array([[1, 2, 3], [4, 6, NAN], [NAN, 6, 8]])
    ms_between = (3 * 4 + 2 * 25 + 2 * 49 - 30**2 / 7) / 2
    k = (7 - 17 / 7) / 2
    expected = (ms_between - 1.5) / (ms_between + (k - 1) * 1.5)
    assert single_and_average(ratings)[0] == pytest.approx(expected)
    assert single_and_average(ratings)[1] == pytest.approx((ms_between - 1.5) / ms_between)
    assert mean_raters(ratings) == pytest.approx(k)


def test_mean_squares_agree_in_expectation_with_the_variances_that_made_the_data() -> None:
    rng = np.random.default_rng(4)
    ratings = rng.normal(0, np.sqrt(3), (4000, 1)) + rng.normal(0, 1, (4000, 3))
    ratings[rng.random(4000) < 0.5, 2] = NAN
    assert single_and_average(ratings)[0] == pytest.approx(0.75, abs=0.02)


def test_without_variation_nothing_is_defined() -> None:
    assert np.isnan(single_and_average(np.zeros((6, 3)))).all()
    assert np.isnan(all_two_way(np.zeros((6, 3)))).all()


def test_raters_who_never_differ() -> None:
    ratings = np.repeat(np.arange(6.0)[:, None], 2, axis=1)
    np.testing.assert_allclose(all_two_way(ratings), 1)
    np.testing.assert_allclose(pingouin_icc(ratings), 1)
