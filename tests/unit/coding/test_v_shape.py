import numpy as np
import pytest

from rupture_outcome.coding.definitions.v_shape import trend
from rupture_outcome.coding.detect import apply
from tests.unit.coding.toy_series import chosen, constants, panel_of, study, told

YES, NO, FEW = "detected", "not_detected", "too_few"
DIP = [50, 50, 50, 50, 38, 50, 50, 50, 50]


def coded(series, given=None, **parameters) -> list[str]:
    panel = panel_of(study({"a": series}))
    return told(apply(panel, chosen("v_shape", **parameters), given or {"deviation_sd": 3.0}))


def test_a_dip_by_hand() -> None:
    # the dip lies in the middle, so the line is level; the last three have no window after them
    assert coded(DIP) == ["first_session", NO, NO, NO, YES, NO, FEW, FEW, FEW]
    assert coded(DIP, k=4)[4] == YES
    assert coded(DIP, k=4.1)[4] == NO


def test_without_a_return_there_is_no_v() -> None:
    assert YES not in coded([50] * 5 + [38] * 5)


def test_a_part_of_the_fall_may_do() -> None:
    half = [50, 50, 50, 50, 38, 45, 45, 45, 50]
    assert YES not in coded(half)
    assert coded(half, recovery=0.5)[4] == YES


def test_the_trend_is_taken_out() -> None:
    # a dip on a decline: the score never comes back, the deviation does
    declining = [x - 2 * i for i, x in enumerate(DIP)]
    assert coded(declining)[4] == YES
    assert set(coded([60 - 4 * i for i in range(9)])) == {"first_session", NO, FEW}


def test_lines_and_spreads_agree_with_polyfit() -> None:
    rng = np.random.default_rng(2)
    courses = {"a": rng.integers(20, 60, 7), "b": rng.integers(20, 60, 9)}
    series = {"a": [*courses["a"][:3], None, "missed", *courses["a"][3:]], "b": list(courses["b"])}
    panel = panel_of(study(series))
    found = trend(panel, panel["alliance_patient"])
    times = {"a": np.array([1, 2, 3, 6, 7, 8, 9]), "b": np.arange(1, 10)}
    left = {p: courses[p] - np.polyval(np.polyfit(t, courses[p], 1), t) for p, t in times.items()}
    deviation = found.deviation[~np.isnan(found.deviation)]
    np.testing.assert_allclose(deviation, np.concatenate([left["a"], left["b"]]), atol=1e-10)
    np.testing.assert_allclose(
        found.sd, [np.sqrt((left[p] ** 2).sum() / (len(left[p]) - 2)) for p in "ab"]
    )
    pooled = np.sqrt(sum((left[p] ** 2).sum() for p in "ab") / (5 + 7))
    assert constants(panel, chosen("v_shape"))["deviation_sd"] == pytest.approx(pooled)


def test_the_stricter_sd_is_the_larger() -> None:
    panel = panel_of(study({"a": DIP}))
    own = trend(panel, panel["alliance_patient"]).sd[0]
    for pooled, sd, k, verdict in (
        (0.1, "own", 11.9 / own, YES),
        (0.1, "own", 12.1 / own, NO),
        (0.1, "stricter", 12.1 / own, NO),
        (7.0, "stricter", 2, NO),
        (7.0, "own", 2, YES),
    ):
        assert coded(DIP, {"deviation_sd": pooled}, sd=sd, k=k)[4] == verdict


def test_a_line_needs_some_scores() -> None:
    short = ["first_session" if i == 0 else FEW for i in range(4)]
    assert coded([50, 38, 50, 50])[1:] == short[1:]
    assert coded([50, 38, None, 50])[2] == "missing_score"
    assert coded(DIP, {"deviation_sd": np.nan})[4] == "no_scale"
