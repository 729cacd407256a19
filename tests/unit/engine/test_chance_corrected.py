import krippendorff
import numpy as np
import pytest
from statsmodels.stats import inter_rater

from rupture_outcome.engine.chance_corrected import (
    ac1,
    alpha,
    alpha_features,
    cohen_kappa,
    marginals,
    observed_agreement,
    presence_coefficients,
    presence_features,
)

NAN = np.nan
# Krippendorff 2011, four observers and twelve units
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)


def random_presence(seed: int, missing: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    present = (rng.random((60, 4)) < rng.random((60, 1))).astype(float)
    present[:, 2:][rng.random((60, 2)) < missing] = NAN
    return present


@pytest.mark.parametrize(
    ("table", "kappa", "coefficient"),
    [
        # observed .70; expected .6·.5 + .4·.5 = .50, and 2·.55·.45 = .495
        ([20, 5, 10, 15], 0.4, (0.7 - 0.495) / 0.505),
        # rare disagreement, rarer second category: observed .944, expected .94528, 2·.972·.028
        ([118, 5, 2, 0], (0.944 - 0.94528) / 0.05472, (0.944 - 0.054432) / 0.945568),
        ([10, 0, 0, 10], 1.0, 1.0),
        ([0, 10, 10, 0], -1.0, -1.0),
        ([0, 0, 0, 30], NAN, 1.0),
        ([0, 0, 0, 0], NAN, NAN),
    ],
)
def test_two_by_two_by_hand(table, kappa, coefficient) -> None:
    assert cohen_kappa(table) == pytest.approx(kappa, nan_ok=True)
    assert ac1(table) == pytest.approx(coefficient, nan_ok=True)


def test_cohens_kappa_is_that_of_statsmodels_for_every_table_at_once() -> None:
    tables = np.random.default_rng(1).integers(1, 30, (20, 4))
    theirs = [inter_rater.cohens_kappa(t.reshape(2, 2)).kappa for t in tables]
    np.testing.assert_allclose(cohen_kappa(tables), theirs)


def test_marginals_and_observed_agreement() -> None:
    assert marginals([20, 5, 10, 15]) == (pytest.approx(0.5), pytest.approx(0.6))
    assert observed_agreement([20, 5, 10, 15]) == pytest.approx(0.7)


def test_fleiss_kappa_is_that_of_statsmodels() -> None:
    present = random_presence(2)
    counts = np.column_stack([present.sum(axis=1), (1 - present).sum(axis=1)])
    ours = presence_coefficients(presence_features(present).sum(axis=0))[0]
    assert ours == pytest.approx(inter_rater.fleiss_kappa(counts))


def test_ac1_of_two_raters_is_the_same_from_units_and_from_the_table() -> None:
    present = random_presence(3)[:, :2]
    a, b = present.T
    table = [(a * b).sum(), (a * (1 - b)).sum(), ((1 - a) * b).sum(), ((1 - a) * (1 - b)).sum()]
    ours = presence_coefficients(presence_features(present).sum(axis=0))[1]
    assert ours == pytest.approx(float(ac1(table)))


def test_units_with_different_numbers_of_ratings_by_hand() -> None:
    # agreement 1, 1/3 and 0 → 4/9; present 1, 2/3 and 1/2 → π = 13/18
    present = np.array([[1, 1, NAN], [1, 0, 1], [NAN, 1, 0]])
    kappa, coefficient = presence_coefficients(presence_features(present).sum(axis=0))
    pi = 13 / 18
    by_chance = 2 * pi * (1 - pi)
    assert coefficient == pytest.approx((4 / 9 - by_chance) / (1 - by_chance))
    assert kappa == pytest.approx((4 / 9 - (1 - by_chance)) / by_chance)


def test_alpha_of_krippendorffs_example() -> None:
    units = OBSERVERS.T[(~np.isnan(OBSERVERS)).sum(axis=0) >= 2]
    ours = alpha(alpha_features(units).sum(axis=0))[0]
    assert ours == pytest.approx(0.849, abs=5e-4)
    theirs = krippendorff.alpha(OBSERVERS, level_of_measurement="interval")
    assert ours == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_library(seed) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.integers(1, 6, (30, 5)).astype(float)
    ratings[:, 2:][rng.random((30, 3)) < 0.4] = NAN
    ours = alpha(alpha_features(ratings).sum(axis=0))[0]
    assert ours == pytest.approx(krippendorff.alpha(ratings.T, level_of_measurement="interval"))


def test_alpha_without_variation_is_not_defined() -> None:
    assert np.isnan(alpha(alpha_features(np.zeros((6, 2))).sum(axis=0))[0])
