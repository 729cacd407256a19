import numpy as np
import pytest

from rupture_outcome.engine.two_stage_bootstrap import RESAMPLED, two_stage_weights

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
