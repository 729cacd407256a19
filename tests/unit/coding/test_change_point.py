from itertools import pairwise

import numpy as np
import pytest

from rupture_outcome.coding.definitions.change_point import (
    LEVEL,
    PENALTIES,
    default_penalty,
)
from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.levels import lower_levels
from tests.unit.coding.toy_series import chosen, constants, panel_of, study, told

YES, NO, FEW = "detected", "not_detected", "too_few"


def coded(series, sigma=2.0, **parameters) -> list[str]:
    panel = panel_of(study({"a": series}))
    return told(apply(panel, chosen("change_point", **parameters), {"sigma": sigma}))


def test_a_lower_level_is_found_at_its_first_session() -> None:
    # also where it does not begin at a multiple of five
    high, low = [50, 51, 50, 49], [40, 41, 40, 39]
    assert coded(high + low) == ["first_session", FEW, FEW, NO, YES, NO, FEW, FEW]
    assert YES not in coded(low + high)


def test_a_level_has_three_sessions() -> None:
    assert coded([50] * 5 + [40] * 3 + [50] * 5).index(YES) == 5
    assert YES not in coded([50] * 5 + [40] + [50] * 5)
    # a dip of two sessions passes for a level together with a neighbour
    assert YES in coded([50] * 5 + [40, 40] + [50] * 5)


def test_the_penalty_can_be_given() -> None:
    series = [50, 51, 50, 49, 40, 41, 40, 39]  # two levels are better by 2·10²
    assert YES in coded(series, penalty=49.0)
    assert YES not in coded(series, penalty=51.0)


def shifts_of(x, penalty: float) -> list[int]:
    found = lower_levels(x, np.array([0, len(x)]), np.array([penalty]), least=LEVEL)
    return list(np.flatnonzero(found))


def test_missing_scores_are_no_part_of_a_level() -> None:
    series = [50, None, 51, 50, 49, 40, 41, None, 40, 39]
    found = coded(series)
    assert found.index(YES) == 5
    assert found[1] == found[7] == "missing_score"


def test_a_level_that_begins_after_a_missed_session_is_not_tested() -> None:
    found = coded([50, 51, 50, 49, "missed", 40, 41, 40, 39])
    assert found[4] == "gap"
    assert YES not in found


def test_restless_courses_do_not_break_up() -> None:
    restless = [50, 30] * 8
    assert YES not in coded(restless, sigma=1.0)


def test_flat_courses_have_one_level() -> None:
    assert YES not in coded([60] * 10, sigma=0.0)
    assert coded([60] * 6, sigma=np.nan)[3] == "no_scale"
    assert set(coded([60] * 5)) == {"first_session", FEW}


def test_the_spread_is_the_mean_moving_range_over_1_128() -> None:
    panel = panel_of(study({"a": [50, 53, "missed", 40, 41], "b": [20, None, 22]}))
    assert constants(panel, chosen("change_point"))["sigma"] == pytest.approx(2 / 1.128)


def best_bounds(x, penalty) -> list[int]:
    """Best division by trying all, one end after another."""
    cost, start = [-penalty], [0]
    for end in range(1, len(x) + 1):
        options = [
            (cost[s] + ((x[s:end] - x[s:end].mean()) ** 2).sum() + penalty, s)
            for s in range(end - LEVEL + 1)
            if np.isfinite(cost[s])
        ]
        best = min(options, default=(np.inf, 0))
        cost.append(best[0])
        start.append(best[1])
    bounds, end = [], len(x)
    while end:
        end = start[end]
        bounds.append(end)
    return bounds[::-1][1:]


def test_the_division_is_the_best_one() -> None:
    rng = np.random.default_rng(8)
    shifts = 0
    for n in (6, 9, 14, 23, 31):
        for _ in range(20):
            x = rng.normal(size=n) + 2 * rng.integers(0, 2, n).cumsum() % 4
            bounds = best_bounds(x, 4.0)
            edges = [0, *bounds, n]
            levels = [x[low:high].mean() for low, high in pairwise(edges)]
            lower = [b for b, d in zip(bounds, np.diff(levels), strict=True) if d < 0]
            assert shifts_of(x, 4.0) == lower
            shifts += len(lower)
    assert shifts > 20


def test_many_courses_together_are_divided_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    lengths = rng.integers(2 * LEVEL, 30, 1100)
    starts = np.append(0, np.cumsum(lengths))
    x = np.rint(rng.normal(48, 5, starts[-1]))
    penalty = rng.uniform(20, 100, len(lengths))
    together = np.flatnonzero(lower_levels(x, starts, penalty, least=LEVEL))
    alone = [
        low + shift
        for low, high, price in zip(starts[:-1], starts[1:], penalty, strict=True)
        for shift in shifts_of(x[low:high], price)
    ]
    assert list(together) == alone
    assert len(alone) > 100


def total_cost(x, bounds, penalty: float) -> float:
    return sum(
        ((x[low:high] - x[low:high].mean()) ** 2).sum() for low, high in pairwise(bounds)
    ) + (penalty * (len(bounds) - 2))


def test_the_library_finds_the_same_or_a_worse_division() -> None:
    ruptures = pytest.importorskip("ruptures", reason="no release for this Python")
    rng, differ = np.random.default_rng(1), 0
    for _ in range(500):
        n = int(rng.integers(2 * LEVEL, 40))
        x, penalty = np.rint(rng.normal(48, 5, n)), 25 * float(default_penalty(n))
        search = ruptures.KernelCPD(kernel="linear", min_size=LEVEL).fit(x)
        theirs = [0, *search.predict(pen=penalty)]
        ours = [0, *best_bounds(x, penalty), n]
        lower = [
            b
            for (a, b), c in zip(pairwise(theirs), theirs[2:], strict=False)
            if x[b:c].mean() < x[a:b].mean()
        ]
        if shifts_of(x, penalty) != lower:
            differ += 1
            assert total_cost(x, theirs, penalty) > total_cost(x, ours, penalty)
    assert differ <= 1


def test_a_division_that_pruning_loses_is_kept() -> None:
    # With a least length, pruning may drop a beginning of the best division: here the library
    # divides before the last five scores though one level costs less.
    x = np.array([49.0, 46, 52, 51, 45, 49, 43, 52, 51, 42, 51, 54, 52, 52, 40, 50, 53, 49, 39])
    x = np.append(x, [32, 37, 56, 50])
    penalty = 25 * float(default_penalty(len(x)))
    assert total_cost(x, [0, 23], penalty) < total_cost(x, [0, 18, 23], penalty)
    assert shifts_of(x, penalty) == []


# Three standard errors of a share of .05 among 2,000, and what the table's own simulation leaves.
TOLERANCE = 0.02


@pytest.mark.parametrize("n", [6, 12, 14, 25, 60])
def test_without_change_five_patients_in_a_hundred_have_a_shift(n) -> None:
    series = np.random.default_rng(n).normal(size=(2000, n))
    penalty = np.full(2000, default_penalty(n))
    found = lower_levels(series.ravel(), np.arange(2001) * n, penalty, least=LEVEL)
    share = found.reshape(2000, n).any(axis=1).mean()
    assert share == pytest.approx(0.05, abs=TOLERANCE)


def test_longer_courses_cost_more() -> None:
    assert sorted(PENALTIES.values()) == list(PENALTIES.values())
    assert default_penalty(200) == PENALTIES[100]
