import pytest

from rupture_outcome.coding.detect import apply, estimate
from rupture_outcome.coding.scales import reliable_change
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import INSTRUMENTS, chosen, constants, panel_of, study, told

YES, NO, FEW = "detected", "not_detected", "too_few"
GIVEN = {"cut": 6.0, "range": 48.0}


def coded(series, given=GIVEN, bridge=None, **parameters) -> list[str]:
    panel = panel_of(study({"a": series}), **(bridge or {}))
    return told(apply(panel, chosen("sudden_loss", **parameters), given))


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        # the second session has one score before it, the last one after
        ([50, 50, 50, 44, 44, 44], ["first_session", FEW, NO, YES, NO, FEW]),
        ([50, 50, 50, 45, 45, 45], ["first_session", FEW, NO, NO, NO, FEW]),
        # a dip that is mended
        ([50, 50, 50, 40, 50, 50], ["first_session", FEW, NO, NO, NO, FEW]),
        # the step is not taken over a missed session; the mean before reaches beyond it
        ([50, 50, "missed", 40, 40, 40], ["first_session", FEW, "gap", NO, FEW]),
        ([50, 50, None, 40, 40], ["first_session", FEW, "missing_score", YES, FEW]),
        ([44, 44, 44, 50, 50, 50], ["first_session", FEW, NO, NO, NO, FEW]),
    ],
)
def test_losses_by_hand(series, expected) -> None:
    assert coded(series) == expected


def test_the_share_is_of_the_range_wherever_on_it_the_fall_is() -> None:
    # 6 of 48 points; of a score of 16 they would be more than a quarter
    for high in (50, 20, 18):
        fall = [high] * 3 + [high - 6] * 3
        assert coded(fall, share=0.125)[3] == YES
        assert coded(fall, share=0.25)[3] == NO


def test_stability_in_both_variants() -> None:
    series = [52, 48, 50, 45, 47, 43]  # means differ by 5; limits 4.53 and 5.55
    given = {"cut": 4.0, "range": 48.0}
    assert coded(series, given, stability="t")[3] == YES
    assert coded(series, given, stability="package")[3] == NO


def test_without_a_cut_change_must_be_reliable() -> None:
    panel = panel_of(study({"a": [40, 10], "b": [50, 20]}))
    found = constants(panel, chosen("sudden_loss"))
    assert found == {"cut": pytest.approx(reliable_change(50**0.5, 0.92)), "range": 48}
    assert constants(panel, chosen("sudden_loss", cut=7))["cut"] == 7
    one = panel_of(study({"a": [50] * 4}))
    definition = chosen("sudden_loss")
    assert told(apply(one, definition, constants(one, definition)))[2] == "no_scale"


def test_a_symptom_gets_worse_by_rising() -> None:
    sessions = study({"a": [None] * 6}).assign(symptom=[8, 8, 8, 16, 16, 16])
    panel = panel_of(sessions)
    panel = panel.with_column("symptom", -panel["symptom"])
    verdicts = apply(panel, chosen("sudden_loss", source="symptom"), {"cut": 5.0, "range": 27.0})
    assert told(verdicts)[3] == YES


@pytest.mark.parametrize(
    ("parameters", "wai", "word"),
    [
        ({}, {"range": None}, "sudden_loss.*range"),
        ({}, {"reliability": None}, "sudden_loss.*reliability"),
        ({"stability": "z"}, {}, "package"),
    ],
)
def test_what_is_lacking_is_said(parameters, wai, word) -> None:
    instruments = {"wai": {**INSTRUMENTS["wai"], **wai}}
    with pytest.raises(StudyError, match=word):
        estimate(panel_of(study({"a": [50, 40]})), chosen("sudden_loss", **parameters), instruments)
