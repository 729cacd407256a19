"""Reliable change and clinical significance, against arithmetic written out by hand."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.engine.reliable_change import (
    CRITICAL,
    METHODS,
    NOT_JUDGED,
    STATUSES,
    Norm,
    Sample,
    change_index,
    classify,
    cutoff,
)

# Ten persons, higher is worse; the last two have a score missing.
BEFORE = [30, 28, 26, 24, 22, 20, 27, 25, 29, np.nan]
AFTER = [12, 10, 24, 27, 21, 8, 26, 14, np.nan, 9]
PAIRS = [(x, y) for x, y in zip(BEFORE, AFTER, strict=True) if x == x and y == y]
R, R_AFTER = 0.85, 0.9


def by_hand(method, r=R):
    """Each method as its source writes it, one person at a time."""
    n = len(PAIRS)
    m, m2 = sum(x for x, _ in PAIRS) / n, sum(y for _, y in PAIRS) / n
    v, v2 = (sum((p[i] - (m, m2)[i]) ** 2 for p in PAIRS) / (n - 1) for i in (0, 1))
    joint = sum((x - m) * (y - m2) for x, y in PAIRS) / (n - 1)
    s = sqrt(v)
    sem = s * sqrt(1 - r)
    out = []
    for x, y in PAIRS:
        true = r * (x - m) + m
        if method == "JT":
            z = (y - x) / sqrt(2 * sem**2)
        elif method == "GLN":
            z = ((y - m) - r * (x - m)) / (s * sqrt(1 - r**2))
        elif method == "HLL":
            z = ((y - m2) - r * (x - m)) / (s * sqrt(1 - r**2))
        elif method == "EN":
            z = (y - true) / sem
        elif method == "NK":
            z = (y - true) / sqrt(r**2 * s**2 * (1 - r) + s**2 * (1 - R_AFTER))
        else:
            r1, r2 = (v - sem**2) / v, (v2 - sem**2) / v2
            rd = (v * r1 + v2 * r2 - 2 * joint) / (v + v2 - 2 * joint)
            z = ((y - x) * rd + (m2 - m) * (1 - rd)) / (sqrt(rd) * sqrt(2 * sem**2))
        out.append(z)
    return out


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_its_formula(method) -> None:
    found = change_index(BEFORE, AFTER, R, method, reliability_after=R_AFTER)
    assert found.reason == ""
    assert np.isnan(found.value[-2:]).all()
    np.testing.assert_allclose(found.value[:-2], by_hand(method), rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_counts_by_hand(method) -> None:
    cut = float(cutoff("c", Norm(26.0, 4.0), Norm(10.0, 6.0), -1))
    assert cut == (4 * 10 + 6 * 26) / 10
    expected = dict.fromkeys(STATUSES, 0) | {NOT_JUDGED: 2}
    for (x, y), z in zip(PAIRS, by_hand(method), strict=True):
        if z < -CRITICAL[method]:
            expected["recovered" if x > cut > y else "improved"] += 1
        elif z > CRITICAL[method]:
            expected["harmed" if x < cut < y else "deteriorated"] += 1
        else:
            expected["unchanged"] += 1
    index = change_index(BEFORE, AFTER, R, method, reliability_after=R_AFTER).value
    status = classify(BEFORE, AFTER, index, cut, -1, CRITICAL[method])
    assert {name: int((status == name).sum()) for name in STATUSES} == expected


def test_published_thresholds() -> None:
    """s = 10.5 and r = .961: a change of 5.747681 is the least reliable one."""
    sample = Sample(50.0, 10.5, 50.0, 10.5, 0.5, 100)
    changes = np.array([5.7476, 5.7477])
    index = change_index(np.zeros(2), changes, 0.961, sample=sample).value
    status = classify(np.zeros(2), changes, index, -99.0, 1)
    assert status.tolist() == ["unchanged", "improved"]


def test_a_flipped_scale_gives_the_same_statuses() -> None:
    cut = cutoff("a", Norm(26.0, 4.0), Norm(10.0, 6.0), -1)
    flipped = cutoff("a", Norm(-26.0, 4.0), Norm(-10.0, 6.0), 1)
    for method in METHODS:
        z = change_index(BEFORE, AFTER, R, method).value
        w = change_index(np.negative(BEFORE), np.negative(AFTER), R, method).value
        one = classify(BEFORE, AFTER, z, cut, -1, CRITICAL[method])
        other = classify(np.negative(BEFORE), np.negative(AFTER), w, flipped, 1, CRITICAL[method])
        assert one.tolist() == other.tolist()


def test_norms_against_the_direction_are_refused() -> None:
    with pytest.raises(ValueError, match="lower is better"):
        cutoff("c", Norm(26.0, 4.0), Norm([10.0, 30.0], 6.0), -1)


def test_norms_may_differ_between_persons() -> None:
    """Norms of two age bands; who stands at the cut-off is in neither range."""
    cut = cutoff("a", Norm([26.0, 30.0], [4.0, 5.0]), Norm(10.0, 6.0), -1)
    assert cut.tolist() == [18.0, 20.0]
    z = np.full(2, -3.0)
    assert classify([25, 25], [19, 19], z, cut, -1).tolist() == ["improved", "recovered"]
    assert classify([25, 25], [18, 18], z, cut, -1).tolist() == ["improved", "recovered"]
    assert classify([18, 20], [9, 9], z, cut, -1).tolist() == ["improved", "improved"]


@pytest.mark.parametrize("r", [1.0, 0.0, -0.2, 1.2, float("nan")])
def test_an_impossible_reliability_judges_nobody(r) -> None:
    found = change_index(BEFORE, AFTER, r)
    assert found.reason.startswith("impossible_reliability")
    assert set(classify(BEFORE, AFTER, found.value, 18.0, -1)) == {NOT_JUDGED}


def test_a_low_reliability_is_said() -> None:
    assert change_index(BEFORE, AFTER, 0.3).reason == "low_reliability:0.3"
    assert change_index(BEFORE, AFTER, 0.3, "HA").reason == "low_reliability:0.3"
    assert change_index(BEFORE, np.add(BEFORE, [1, -1] * 5), 0.3, "HA").reason.startswith(
        "change_not_reliable"
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_single_score_is_not_judged_and_one_pair_has_no_spread(method) -> None:
    alone = change_index([20.0, 25.0], [np.nan, 12.0], R, method)
    assert alone.reason == "scores_do_not_vary"
    assert np.isnan(alone.value).all()
    with pytest.raises(ValueError, match="is not known"):
        change_index([1.0], [2.0], R, "RCI")


@given(st.integers(0, 10_000), st.sampled_from(METHODS), st.sampled_from([-1, 1]))
def test_everybody_has_one_status(seed, method, direction) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 30))
    x[rng.random(30) < 0.2] = np.nan
    z = change_index(x, y, 0.8, method).value
    status = classify(x, y, z, 0.1, direction, CRITICAL[method])
    assert set(status) <= set(STATUSES)
    assert ((status == NOT_JUDGED) == np.isnan(z)).all()
    assert ((status == "recovered") <= (direction * (y - x) > 0)).all()
