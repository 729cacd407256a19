"""Each definition on series whose verdicts can be worked out by hand."""

import numpy as np
import pytest

from rupture_outcome.coding.detect import apply, estimate
from rupture_outcome.coding.verdicts import KINDS, Verdicts
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import INSTRUMENTS, chosen, constants, panel_of, study, told

YES, NO = "detected", "not_detected"
NAN = np.nan


def coded(
    name: str, series: list, given: dict | None = None, bridge=None, **parameters
) -> Verdicts:
    panel = panel_of(study({"a": series}), **(bridge or {}))
    return apply(panel, chosen(name, **parameters), given or {})


@pytest.mark.parametrize("name", ["drop_sd", "drop_rci"])
@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([50, 44, 38.5], ["first_session", YES, NO]),  # a fall of 6, the threshold, counts
        ([60, 60, 60], ["first_session", NO, NO]),
        ([50, None, 44], ["first_session", "missing_score", YES]),
        ([50, "missed", 40, 30], ["first_session", "gap", YES]),
        ([None, 50, 60, 54], ["missing_score", "first_session", NO, YES]),
        ([50, 45, 40, 35], ["first_session", NO, NO, NO]),  # a slow slide is never seen
    ],
)
def test_falls_from_the_previous_session(name, series, expected) -> None:
    assert told(coded(name, series, {"threshold": 6.0})) == expected


def test_bridging_is_the_users_choice() -> None:
    given = {"threshold": 6.0}
    assert told(coded("drop_sd", [50, "missed", 40], given, {"bridge_missed": True}))[1] == YES
    unrated = coded("drop_sd", [50, None, 40], given, {"bridge_unrated": False})
    assert told(unrated)[2] == "missing_score"


def test_a_prorated_sum_at_the_threshold_is_a_tie() -> None:
    # eleven of twelve items answered, with sums 31 and 11
    before, after, threshold = (12 / 11 * x for x in (31, 11, 20))
    assert before - after < threshold
    assert told(coded("drop_sd", [before, after], {"threshold": threshold}))[1] == YES


def test_flat_series_have_no_ruptures() -> None:
    panel = panel_of(study({"a": [60] * 4, "b": [60] * 3}))
    for name in ("drop_sd", "drop_rci", "running_chart"):
        definition = chosen(name)
        assert not apply(panel, definition, constants(panel, definition)).detected.any()


def test_a_threshold_that_cannot_be_estimated_leaves_nothing_to_test() -> None:
    assert told(coded("drop_rci", [50, 40], {"threshold": NAN}))[1] == "no_scale"


def test_drop_sd_threshold_is_k_times_the_chosen_sd() -> None:
    panel = panel_of(study({"a": [10, 14], "b": [40, 44]}))
    within, sample = np.sqrt(8), np.std([10, 14, 40, 44], ddof=1)
    for sd, expected in (("within", within), ("sample", sample), ("stricter", sample)):
        assert constants(panel, chosen("drop_sd", sd=sd, k=2))["threshold"] == pytest.approx(
            2 * expected
        )
    volatile = panel_of(study({"a": [10, 50], "b": [10, 50]}))
    found = constants(volatile, chosen("drop_sd"))
    assert found["threshold"] == found["within_person_sd"] > found["sample_sd"]


def test_drop_rci_threshold_uses_the_instruments_reliability_or_the_one_given() -> None:
    panel = panel_of(study({"a": [40, 10], "b": [50, 20]}))
    sd = np.std([40, 50], ddof=1)
    for parameters, r in (({}, 0.92), ({"reliability": 0.5}, 0.5)):
        threshold = constants(panel, chosen("drop_rci", **parameters))["threshold"]
        assert threshold == pytest.approx(1.96 * np.sqrt(2) * sd * np.sqrt(1 - r))
    assert constants(panel, chosen("drop_rci", sd=10.5, reliability=0.961))[
        "threshold"
    ] == pytest.approx(5.747681, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "parameters", "instruments", "word"),
    [
        ("drop_rci", {}, {}, "reliability"),
        ("drop_rci", {"sd": "frist_session"}, INSTRUMENTS, "first_session"),
        ("drop_sd", {"sd": "both"}, INSTRUMENTS, "stricter"),
        ("running_chart", {}, {}, "range"),
    ],
)
def test_what_a_definition_lacks_is_said(name, parameters, instruments, word) -> None:
    panel = panel_of(study({"a": [50, 40]}))
    with pytest.raises(StudyError, match=word):
        estimate(panel, chosen(name, **parameters), instruments)


def test_running_chart_by_hand() -> None:
    # before session 5: mean 50, moving ranges 2, 2, 2, lower limit 50 − 3·2/1.128 = 44.68
    below, above = [49, 51, 49, 51, 44], [49, 51, 49, 51, 45]
    early = ["first_session", "too_few", "too_few", NO]
    assert told(coded("running_chart", below, {"floor": 2.4})) == [*early, YES]
    assert told(coded("running_chart", above, {"floor": 2.4})) == [*early, NO]
    assert told(coded("running_chart", above, {"floor": 2.4}, sigmas=2))[-1] == YES


def test_running_chart_keeps_a_floor_at_the_ceiling() -> None:
    flat = [60, 60, 60, 60]
    assert told(coded("running_chart", [*flat, 58], {"floor": 2.4}))[-1] == NO
    assert told(coded("running_chart", [*flat, 57], {"floor": 2.4}))[-1] == YES
    assert told(coded("running_chart", [*flat, 57.6], {"floor": 2.4}))[-1] == YES  # a tie


def test_running_chart_takes_no_range_over_a_missed_session() -> None:
    series = [50, "missed", 50, "missed", 50, 40]
    assert told(coded("running_chart", series, {"floor": 2.4}))[-1] == "gap"
    assert told(coded("running_chart", series, {"floor": 2.4}, {"bridge_missed": True}))[-1] == YES


@pytest.mark.parametrize("who", ["patient", "therapist"])
def test_reported_ruptures(who) -> None:
    sessions = study({"a": [None] * 4})
    sessions[f"psq_{who}_rupture"] = [1, 0, NAN, NAN]
    sessions[f"psq_{who}_tension"] = [1, 4, 4, 2]
    panel = panel_of(sessions)
    # without an answer a session is not testable, and the first session can be tested
    assert told(apply(panel, chosen(f"psq_{who}"), {})) == [YES, NO, *["missing_score"] * 2]
    tense = apply(panel, chosen(f"psq_{who}", tension=4), {})
    assert told(tense) == [YES, YES, YES, "missing_score"]


def test_tension_missing_after_a_no_is_missing_by_design() -> None:
    sessions = study({"a": [None]}, psq_patient_rupture=0.0, psq_patient_tension=NAN)
    assert told(apply(panel_of(sessions), chosen("psq_patient", tension=3), {})) == [NO]


def test_observers_ratings_keep_the_kind() -> None:
    sessions = study({"a": [None] * 6})
    sessions["observer_withdrawal"] = [3, 1, 4, 2.5, NAN, NAN]
    sessions["observer_confrontation"] = [1, 3, 3, 2.5, 2, 4]
    verdicts = apply(panel_of(sessions), chosen("observer"), {})
    assert told(verdicts) == [YES, YES, YES, NO, "missing_score", YES]
    kinds = [KINDS[k] for k in verdicts.kind[verdicts.detected]]
    assert kinds == ["withdrawal", "confrontation", "both", "confrontation"]
    assert told(apply(panel_of(sessions), chosen("observer", threshold=2.5), {}))[3] == YES
