import numpy as np
import pytest

from rupture_outcome.engine import cluster_bootstrap as module
from rupture_outcome.engine.chance_corrected import ratio
from rupture_outcome.engine.cluster_bootstrap import cluster_bootstrap, cluster_sums


def mean(total):
    return ratio(total[..., :1], total[..., 1:])


def sums_of(values) -> np.ndarray:
    return np.column_stack([values, np.ones(len(values))])


def rng(seed=1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_sums_by_cluster() -> None:
    features = np.array([[1.0, 10], [2, 20], [4, 40]])
    np.testing.assert_array_equal(cluster_sums(features, np.array([1, 0, 1])), [[2, 20], [5, 50]])
    assert cluster_sums(features[:0], np.array([], int)).shape == (0, 2)


def test_interval_of_a_mean_is_the_textbook_one() -> None:
    values = rng().normal(0, 1, 400)
    found = cluster_bootstrap(sums_of(values), mean, rng=rng(2), replicates=4000)
    half = 1.96 * values.std() / 20
    assert found.low[0] == pytest.approx(values.mean() - half, abs=0.01)
    assert found.high[0] == pytest.approx(values.mean() + half, abs=0.01)


def test_copies_of_a_patient_widen_the_interval_as_one_drawn_together() -> None:
    values = rng().normal(0, 1, 100)
    apart = cluster_bootstrap(sums_of(np.repeat(values, 9)), mean, rng=rng(2), replicates=2000)
    together = cluster_bootstrap(sums_of(values) * 9, mean, rng=rng(2), replicates=2000)
    wide, narrow = (b.high[0] - b.low[0] for b in (together, apart))
    assert wide / narrow == pytest.approx(3, rel=0.15)


def test_order_of_patients_and_size_of_parts_do_not_matter(monkeypatch) -> None:
    sums = sums_of(np.arange(30) % 7)
    one = cluster_bootstrap(sums, mean, rng=rng())
    other = cluster_bootstrap(sums[::-1], mean, rng=rng())
    monkeypatch.setattr(module, "CELLS", 100)
    parts = cluster_bootstrap(sums, mean, rng=rng())
    assert one.low == other.low == parts.low
    assert one.high == other.high == parts.high


def test_too_few_patients_are_told() -> None:
    one = cluster_bootstrap(sums_of([3.0]), mean, rng=rng())
    assert one.estimate[0] == 3
    assert np.isnan([one.low[0], one.high[0]]).all()
    assert one.notes() == ["one_patient"]
    few = cluster_bootstrap(sums_of([3.0, 4.0, 5.0]), mean, rng=rng())
    assert few.notes() == ["few_patients:10"]
    same = cluster_bootstrap(sums_of([3.0] * 20), mean, rng=rng())
    assert same.notes() == ["same_in_resamples"]


def test_nothing_at_all_is_not_defined() -> None:
    none = cluster_bootstrap(np.zeros((4, 2)), mean, rng=rng())
    assert np.isnan(none.estimate[0])
    assert none.clusters == 0
    assert none.notes() == []


def test_undefined_resamples_are_left_out_and_counted() -> None:
    sums = np.array([[1.0, 1], [5, 0]])
    found = cluster_bootstrap(sums, mean, rng=rng(), replicates=2000)
    assert found.undefined[0] == pytest.approx(0.25, abs=0.03)
    assert found.notes()[-1].startswith("undefined_in_resamples:0.")
