import numpy as np
import pytest
from scipy import stats

from rupture_outcome.engine.two_stage_bootstrap import (
    RESAMPLED,
    percentile_level,
    two_stage_weights,
)

CLUSTER = np.repeat(["a", "b", "c", "d"], [3, 1, 6, 2])


def weights(resampled: str, replicates: int = 500, cluster=CLUSTER) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.concatenate(list(two_stage_weights(cluster, replicates, rng, resampled)))


@pytest.mark.parametrize("resampled", RESAMPLED)
def test_as_many_therapists_are_drawn_as_there_are(resampled):
    drawn = weights(resampled)
    sizes = {name: (name == CLUSTER).sum() for name in "abcd"}
    therapists = sum(drawn[:, name == CLUSTER].sum(axis=1) / n for name, n in sizes.items())
    assert drawn.shape == (500, len(CLUSTER))
    np.testing.assert_allclose(therapists, 4)


@pytest.mark.parametrize("resampled", RESAMPLED)
def test_the_order_of_patients_does_not_matter(resampled):
    order = np.random.default_rng(1).permutation(len(CLUSTER))
    shuffled = weights(resampled, cluster=CLUSTER[order])
    for name in "abcd":
        sums = [w[:, c == name].sum(axis=1) for w, c in ((weights(resampled), CLUSTER),)]
        np.testing.assert_array_equal(sums[0], shuffled[:, CLUSTER[order] == name].sum(axis=1))


def test_with_therapists_only_all_of_their_patients_come_along():
    drawn = weights("therapists")
    for name in "abcd":
        own = drawn[:, name == CLUSTER]
        assert (own == own[:, :1]).all()
    both = weights("therapists_and_patients")[:, CLUSTER == "c"]
    assert (both != both[:, :1]).any()


@pytest.mark.parametrize(("resampled", "variances"), [("therapists", 1), (RESAMPLED[0], 2)])
def test_patients_drawn_anew_add_their_variance_once_more(resampled, variances):
    """Of a mean, where therapists do not differ: σ²/N in each stage, N patients.

    2,000 replicates give the variance to 3.2 % (one standard error); the other terms, of order 1
    over the number of therapists and of patients a therapist, are 1/200 and 1/20.
    """
    rng = np.random.default_rng(5)
    therapists, each = 200, 20
    values = rng.normal(size=(therapists, each))
    values -= values.mean()
    cluster = np.repeat(np.arange(therapists), each)
    drawn = weights(resampled, 2000, cluster) @ values.ravel() / values.size
    expected = variances * values.var() / values.size
    assert drawn.var() == pytest.approx(expected, rel=0.15)


def test_percentiles_of_few_clusters_give_the_t_interval_of_their_mean():
    """A mean of ten clusters: percentiles at the level are mean ± t(9) s/√10 where it is normal.

    Replicates of a mean of ten normal scores are nearly normal; 20,000 give each limit to 3 % of
    its distance from the mean (one standard error of a quantile at 0.0086).
    """
    values = stats.norm.ppf((np.arange(10) + 0.5) / 10)
    level = percentile_level(0.95, np.arange(10))
    drawn = weights("therapists", 20000, np.arange(10)) @ values / 10
    half = stats.t.ppf(0.975, 9) * values.std(ddof=1) / np.sqrt(10)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    assert (-low, high) == (pytest.approx(half, rel=0.06), pytest.approx(half, rel=0.06))


def test_the_level_is_the_confidence_where_nothing_is_to_be_made_good():
    assert percentile_level(0.9, np.zeros(5)) == 0.9
    assert percentile_level(0.9, CLUSTER, "therapists_and_patients") == 0.9
    assert percentile_level(0.9, np.arange(100000)) == pytest.approx(0.9, abs=1e-5)
