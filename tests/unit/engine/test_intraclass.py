import numpy as np
import pingouin
import pytest

from rupture_outcome.engine.intraclass import (
    TWO_WAY,
    mean_raters,
    one_way,
    one_way_features,
    pingouin_icc,
    random_raters,
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


def limits(ratings, confidence: float = 0.95) -> np.ndarray:
    return np.array(random_raters(two_way_features(ratings).sum(axis=0), confidence))


@pytest.mark.parametrize(
    ("confidence", "single", "mean"),
    [
        (0.95, (0.018786513, 0.76108437), (0.071136815, 0.92723204)),
        (0.90, (0.042901192, 0.69107061), (0.152037054, 0.89947670)),
    ],
)
def test_random_raters_have_the_interval_of_psych(confidence, single, mean) -> None:
    # psych::ICC(lmer = FALSE, alpha = 1 - confidence) of psych 2.2.9, printed with eight digits
    found = limits(SHROUT_FLEISS, confidence)
    np.testing.assert_allclose(found[:, 0], single, rtol=1e-7)
    np.testing.assert_allclose(found[:, 1], mean, rtol=1e-7)


@pytest.mark.parametrize("k", [2, 5])
def test_random_raters_have_the_interval_of_pingouin(k) -> None:
    rng = np.random.default_rng(k)
    ratings = rng.normal(0, 1, (20, 1)) + rng.normal(0, 1, (20, k)) + rng.normal(0, 1, k)
    table = pingouin.intraclass_corr(
        ratings_of(ratings), "patient_id", "rater_id", "withdrawal"
    ).set_index("Type")
    theirs = np.array([table.loc[name, "CI95"] for name in ("ICC(A,1)", "ICC(A,k)")])
    # pingouin gives limits with two digits
    np.testing.assert_allclose(limits(ratings), theirs.T, atol=0.00501)


def test_raters_who_never_differ_leave_no_doubt_and_equal_ratings_no_interval() -> None:
    np.testing.assert_allclose(limits(np.repeat(np.arange(6.0)[:, None], 2, axis=1)), 1)
    assert np.isnan(limits(np.zeros((6, 3)))).all()


@pytest.mark.parametrize(("k", "sd", "least"), [(2, 0.14, 0.93), (2, 0.39, 0.87), (5, 0.39, 0.90)])
def test_random_raters_are_covered_about_as_often_as_the_record_says(k, sd, least) -> None:
    """124 units, ICC .65; 500 studies, Monte-Carlo error .01: holds at small rater variance only.

    docs/decisions/0018-intervals.md has .956, .894 and .930 from 2000 studies.
    """
    rng = np.random.default_rng(11)
    error = np.sqrt(1 / 0.65 - 1 - sd**2)
    inside = 0
    for _ in range(500):
        ratings = rng.normal(0, 1, (124, 1)) + rng.normal(0, sd, k) + rng.normal(0, error, (124, k))
        low, high = limits(ratings)[:, 0]
        inside += low <= 0.65 <= high
    assert least <= inside / 500 <= 0.985
