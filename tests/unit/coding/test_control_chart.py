import numpy as np
import pytest

from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.series import Panel
from tests.unit.coding.toy_series import chosen, constants, panel_of, study, told

YES, NO = "detected", "not_detected"


def coded(series, floor=2.4, bridge=None, **parameters) -> list[str]:
    panel = panel_of(study({"a": series}), **(bridge or {}))
    return told(apply(panel, chosen("control_chart", **parameters), {"floor": floor}))


def test_a_chart_by_hand() -> None:
    # mean 45, moving ranges 0, 10, 10, 0 …: six of 10 points in ten, σ = 6/1.128 = 5.32
    series = [46, 46, 46, 46, 46, 36, 46, 46, 46, 46]
    mean, sigma = 45.0, 20 / 9 / 1.128
    assert mean - 36 > 3 * sigma
    assert coded(series) == [NO] * 5 + [YES] + [NO] * 4
    assert coded(series, sigmas=4.6)[5] == NO
    assert coded([36, *[46] * 9])[0] == YES  # the first session can be tested


def test_a_floor_at_the_ceiling() -> None:
    assert YES not in coded([60] * 9 + [58])
    assert coded([60] * 9 + [58], floor=1.0)[-1] == YES


def test_few_scores_make_no_chart() -> None:
    assert coded([50, 50, None, 40, 50, 50]) == [
        *["too_few"] * 2,
        "missing_score",
        *["too_few"] * 3,
    ]
    assert coded([50, 50, None, 40, 50, 50], least=5)[0] == NO


def test_ranges_over_missed_sessions_are_left_out() -> None:
    apart = [50, "missed"] * 6
    assert set(coded(apart)) == {"gap"}
    assert set(coded(apart, bridge={"bridge_missed": True})) == {NO}
    # the only large ranges are over the breaks
    series = [50, 50, 50, "missed", 40, "missed", 50, 50, 50]
    assert coded(series)[3] == YES
    assert coded(series, bridge={"bridge_missed": True})[3] == NO


def test_the_floor_is_a_share_of_the_range() -> None:
    panel = panel_of(study({"a": [50, 40]}))
    assert constants(panel, chosen("control_chart"))["floor"] == pytest.approx(0.05 * 48)


# Share of patients with a point below their own limit in pure noise, by number of sessions.
FALSE_ALARMS = {
    2: {6: 0.075, 10: 0.166, 16: 0.285, 20: 0.358, 30: 0.508},
    3: {6: 0.006, 10: 0.011, 16: 0.018, 20: 0.024, 30: 0.040},
}
PATIENTS = 20_000


def tolerance(share: float) -> float:
    """Four standard errors, and the last digit given."""
    return 4 * np.sqrt(share * (1 - share) / PATIENTS) + 0.001


@pytest.mark.parametrize("sessions", [6, 10, 16, 20, 30])
def test_false_alarms_in_pure_noise(sessions) -> None:
    score = np.random.default_rng(sessions).normal(size=PATIENTS * sessions)
    panel = Panel(
        ids=np.arange(PATIENTS),
        starts=np.arange(PATIENTS + 1) * sessions,
        session=np.tile(np.arange(1, sessions + 1), PATIENTS),
        columns={"alliance_patient": score},
    )
    for sigmas, expected in FALSE_ALARMS.items():
        verdicts = apply(panel, chosen("control_chart", sigmas=sigmas), {"floor": 0.0})
        share = verdicts.detected.reshape(PATIENTS, sessions).any(axis=1).mean()
        known = expected[sessions]
        assert share == pytest.approx(known, abs=tolerance(known))
