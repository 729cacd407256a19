"""True values are read where a study is simulated, and only there."""

import json
from pathlib import Path

import pytest

from rupture_outcome.study.truth import true_effects, true_values

EXAMPLE = Path(__file__).parents[3] / "data" / "example"


def study(folder: Path, simulated: bool = True) -> dict:
    return {"data": str(folder), "simulated": simulated}


def test_the_example_gives_what_it_was_made_with() -> None:
    assert true_values(study(EXAMPLE))["repair_therapist_sd"] == 0.7
    assert true_effects(study(EXAMPLE))["repaired vs unrepaired"] == pytest.approx(-0.9)
    assert true_effects(study(EXAMPLE), "symptom")["unrepaired vs intact"] == 1.2


def test_what_is_not_simulated_or_not_a_number_has_no_truth(tmp_path: Path) -> None:
    assert true_values(study(EXAMPLE, simulated=False)) == {}
    assert true_values(study(tmp_path)) == {}
    told = {"truth": {"who": {"value": "me"}, "dropout_unrepaired": {"value": 1}}}
    (tmp_path / "truth.json").write_text(json.dumps(told))
    assert true_values(study(tmp_path)) == {"dropout_unrepaired": 1.0}
    assert true_effects(study(tmp_path))["repaired vs unrepaired"] == -1.0
    assert true_effects(study(tmp_path), "symptom") == {}
