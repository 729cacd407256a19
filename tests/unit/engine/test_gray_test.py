import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.gray_test import gray_test, incidence_tests

CAUSES = ["dropout", "agreed"]


def study(rng, n=120, groups=2, effect=0.0, times=12):
    """Geometric times to dropout, agreed ending or censoring; the last group drops out more."""
    group = np.arange(n) % groups
    hazard = 0.06 * np.exp(effect * (group == groups - 1))
    draw = rng.random((n, times))
    at = [hazard[:, None] > draw, draw < 0.14, draw < 0.18]
    first = np.where(at[2].any(axis=1), at[2].argmax(axis=1), times - 1)
    one = np.arange(n)
    event = np.select([at[0][one, first], at[1][one, first]], CAUSES, "none")
    return pd.Series(first + 1), pd.Series(event), pd.Series(group)


def test_rejects_a_true_null_as_often_as_it_says():
    rng = np.random.default_rng(20261123)
    draws = [incidence_tests(*study(rng), CAUSES) for _ in range(300)]
    rejected = np.mean([[test[c].p_value < 0.05 for c in CAUSES] for test in draws], axis=0)
    # Three binomial standard errors of .05 in 300 replicates.
    np.testing.assert_allclose(rejected, 0.05, atol=3 * np.sqrt(0.05 * 0.95 / 300))


def test_finds_a_difference():
    rng = np.random.default_rng(1)
    test = incidence_tests(*study(rng, n=800, effect=1.0), CAUSES)
    assert test["dropout"].p_value < 1e-4


def test_the_order_of_groups_and_the_unit_of_time_do_not_matter():
    time, event, group = study(np.random.default_rng(2), n=240, groups=3, effect=0.5)
    first = incidence_tests(time, event, group, CAUSES)
    second = incidence_tests(10 * time + 3, event, group.map({0: 2, 1: 0, 2: 1}), CAUSES)
    for cause in CAUSES:
        assert first[cause].df == 2
        assert second[cause].statistic == pytest.approx(first[cause].statistic)


def test_without_competing_events_it_is_the_log_rank_test():
    """The scores agree; the variances, estimated in two ways, to a few per cent at this size."""
    time, event, group = study(np.random.default_rng(3), n=2000, effect=0.3)
    counts = np.zeros((2, 2, 13))
    np.add.at(counts, (group, (event != "dropout").astype(int), time), 1)
    d, leaving = counts[:, 0], counts.sum(axis=1)
    Y = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    n, total = Y.sum(axis=0), d.sum(axis=0)
    use = n > 1
    share = Y[0, use] / n[use]
    score = (d[0, use] - total[use] * share).sum()
    spread = total * (n - total) / np.maximum(n - 1, 1)
    variance = (spread[use] * share * (1 - share)).sum()
    found = gray_test(d[:, None, :], leaving)[0]
    assert found.statistic == pytest.approx(score**2 / variance, rel=0.05)


def test_nothing_to_compare_has_no_statistic():
    time, event = pd.Series([1, 2, 3]), pd.Series(["dropout", "none", "agreed"])
    alone = incidence_tests(time, event, pd.Series(["a"] * 3), CAUSES)
    assert np.isnan(alone["dropout"].statistic)
    assert alone["dropout"].df == 0
    never = incidence_tests(time, event.replace("dropout", "none"), pd.Series(list("aab")), CAUSES)
    assert np.isnan(never["dropout"].p_value)
    empty = incidence_tests(time[:0], event[:0], pd.Series([], dtype=str), CAUSES)
    assert np.isnan(empty["agreed"].statistic)


def test_a_group_without_anybody_does_not_count():
    events = np.array([[[3.0, 1.0]], [[0.0, 1.0]], [[0.0, 0.0]]])
    leaving = np.array([[4.0, 6.0], [5.0, 5.0], [0.0, 0.0]])
    three, two = gray_test(events, leaving)[0], gray_test(events[:2], leaving[:2])[0]
    assert three == two
