import numpy as np
import pytest

from rupture_outcome.coding.detect import apply
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import chosen, constants, panel_of, study, told

YES, NO, FEW = "detected", "not_detected", "too_few"


def coded(series, given=6.0, bridge=None, **parameters) -> list[str]:
    panel = panel_of(study({"a": series}), **(bridge or {}))
    return told(apply(panel, chosen("strauss", **parameters), {"threshold": given}))


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([50, 44, 50, 50, 50], ["first_session", YES, FEW, FEW, FEW]),
        ([50, 44, 44, 44, 50], ["first_session", YES, FEW, FEW, FEW]),
        ([50, 44, 44, 44, 49, 50], ["first_session", NO, NO, FEW, FEW, FEW]),  # too late
        ([50, 45, 50, 50, 50], ["first_session", NO, FEW, FEW, FEW]),  # too small
        # of three sessions, one rated is too few to see a return in, two are enough
        ([50, 44, None, None, 50], ["first_session", FEW, *["missing_score"] * 2, FEW]),
        ([50, 44, None, 50, 50], ["first_session", YES, "missing_score", FEW, FEW]),
        ([50, "missed", 44, 50, 50, 50], ["first_session", "gap", FEW, FEW, FEW]),
    ],
)
def test_falls_and_returns_by_hand(series, expected) -> None:
    assert coded(series) == expected


def test_part_of_the_way_back_and_a_longer_window() -> None:
    slow = [50, 40, 41, 42, 45, 50, 50, 50]
    assert coded(slow)[1] == NO
    assert coded(slow, recovery=0.5)[1] == YES
    assert coded(slow, within=4)[1] == YES


def test_testable_does_not_depend_on_whether_the_score_comes_back() -> None:
    for last in (50, 44):
        assert coded([50, 44, last])[1] == FEW


def test_the_threshold_is_that_of_drop_sd() -> None:
    panel = panel_of(study({"a": [10, 14, 12], "b": [40, 44, 45]}))
    for sd in ("within", "sample", "stricter"):
        assert constants(panel, chosen("strauss", sd=sd)) == constants(
            panel, chosen("drop_sd", sd=sd)
        )
    with pytest.raises(StudyError, match=r"strauss.*'sd'"):
        constants(panel, chosen("strauss", sd="both"))
    assert coded([50, 44, 50, 50, 50], np.nan)[1] == "no_scale"


def test_flat_courses_have_none() -> None:
    assert YES not in coded([60] * 6, 0.0)
