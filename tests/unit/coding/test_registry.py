from pathlib import Path

import numpy as np
import pytest

from rupture_outcome.coding import registry
from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.registry import (
    definition,
    definitions,
    get_definition,
    repair_rules,
    require_prospective,
)
from rupture_outcome.coding.verdicts import NONE, Verdicts
from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline.provenance import import_closure
from tests.unit.coding.toy_series import INSTRUMENTS, study


def config(**definitions) -> dict:
    return {"definitions": definitions, "repair_rules": {}}


@pytest.fixture
def own_definition(monkeypatch):
    monkeypatch.setattr(registry, "_definitions", dict(definitions()))

    @definition(
        id="ours",
        kind_class="retrospective",
        provenance="project",
        source="a test",
        needs=("{source}",),
    )
    def ours(panel, constants, *, source="alliance_patient", below=30.0):
        """Score below a line."""
        return Verdicts.of(panel[source] < below, np.full(len(panel), NONE, np.int8))

    return ours


def test_the_package_brings_its_definitions() -> None:
    prospective = {
        "drop_sd",
        "drop_rci",
        "running_chart",
        "psq_patient",
        "psq_therapist",
        "observer",
    }
    assert prospective <= set(definitions())
    assert {"return_to_baseline", "half_recovery", "psq_resolved"} <= set(repair_rules())


@pytest.mark.parametrize(
    "rule", [*definitions().values(), *repair_rules().values()], ids=lambda r: r.id
)
def test_every_rule_says_what_it_is(rule) -> None:
    assert rule.summary
    assert rule.source
    assert rule.columns(
        rule.resolve({"source": "alliance_patient"} if "source" in rule.parameters else {})
    )


def test_a_users_definition_is_coded_like_any_other(own_definition) -> None:
    ruptures, _ = code_ruptures(
        study({"a": [50, 20]}), None, INSTRUMENTS, config(ours={"below": 25})
    )
    assert list(ruptures["verdict"]) == ["not_detected", "detected"]


def test_a_retrospective_definition_is_refused_with_the_reason(own_definition) -> None:
    with pytest.raises(StudyError, match="later sessions"):
        require_prospective("ours")
    assert require_prospective("drop_rci").id == "drop_rci"


def test_a_name_is_taken_once(own_definition) -> None:
    with pytest.raises(ValueError, match="registered already"):
        definition(id="ours", kind_class="prospective", provenance="project", source="", needs=())(
            lambda panel, constants: None
        )


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"drop_rcl": {}}, "did you mean 'drop_rci'"),
        ({"drop_sd": {"kk": 1}}, "did you mean 'k'"),
    ],
)
def test_misspellings_are_met_with_the_nearest_name(asked, hint) -> None:
    with pytest.raises(StudyError, match=hint):
        code_ruptures(study({"a": [50, 40]}), None, INSTRUMENTS, config(**asked))


def test_every_column_that_is_lacking_is_named_at_once() -> None:
    asked = config(psq_patient={}, psq_therapist={}, drop_sd={})
    with pytest.raises(StudyError) as error:
        code_ruptures(study({"a": [50, 40]}), None, INSTRUMENTS, asked)
    told = str(error.value)
    assert "psq_patient_rupture" in told
    assert "psq_therapist_rupture" in told
    assert "drop_sd" not in told


def test_observer_coding_needs_ratings() -> None:
    with pytest.raises(StudyError, match="ratings, column 'withdrawal'"):
        code_ruptures(study({"a": [50, 40]}), None, INSTRUMENTS, config(observer={}))


def test_parameters_come_from_the_signature() -> None:
    assert get_definition("drop_sd").parameters == {
        "source": "alliance_patient",
        "k": 1.0,
        "sd": "stricter",
    }


def test_a_rule_runs_again_when_a_definition_is_changed() -> None:
    script = Path(registry.__file__).parents[3] / "workflow" / "scripts" / "code_ruptures.py"
    names = {path.name for path in import_closure(script)}
    assert {"drop_sd.py", "psq.py", "return_to_baseline.py"} <= names


def test_an_installed_package_brings_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(registry, "_definitions", dict(definitions()))
    (tmp_path / "clinic_rules.py").write_text(
        "from rupture_outcome.coding.registry import definition\n"
        "@definition(id='clinic', kind_class='prospective', provenance='project',\n"
        "            source='', needs=())\n"
        "def clinic(panel, constants, *, level=3):\n"
        "    'Our own.'\n"
    )
    installed = tmp_path / "clinic_rules-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-rules\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[rupture_outcome.definitions]\nclinic = clinic_rules\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry._discover.__wrapped__()
    assert get_definition("clinic").parameters == {"level": 3}
