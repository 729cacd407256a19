import pytest

from rupture_outcome.cohort.specifications import prospective_filter
from rupture_outcome.errors import StudyError

DEFINITIONS = {
    "drop_rci": {},
    "sudden_loss": {},
    "therapist": {"definition": "drop_rci", "source": "alliance_therapist"},
    "late": {"definition": "control_chart"},
}


def coding(primary: str) -> dict:
    return {
        "definitions": DEFINITIONS,
        "repair_rules": {},
        "primary": {"definition": primary},
    }


def test_definitions_that_look_ahead_serve_description_only() -> None:
    [(_, _, kept)] = prospective_filter(coding("therapist"))
    assert kept == ["drop_rci", "therapist"]


@pytest.mark.parametrize("primary", ["sudden_loss", "late"])
def test_a_primary_definition_that_looks_ahead_is_refused(primary: str) -> None:
    with pytest.raises(StudyError, match="retrospective: whether it detects"):
        prospective_filter(coding(primary))
