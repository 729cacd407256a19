"""One definition on several scores: aliases in the config, and the discrepancy of two raters."""

import numpy as np
import pytest

from rupture_outcome.coding.detect import apply, code_ruptures
from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.coding.inputs import build_panel, chosen_definitions
from rupture_outcome.coding.registry import require_prospective
from rupture_outcome.coding.scales import DISCREPANCY
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import INSTRUMENTS, chosen, constants, panel_of, study, told

YES, NO = "detected", "not_detected"
TWO = study(
    {"a": [50, 52, 30, 51], "b": [40, 40, 41, 40]},
    alliance_therapist=[50.0, 51, 52, 20, 45, 46, 44, np.nan],
)


def config(**definitions) -> dict:
    return {"definitions": definitions, "repair_rules": {"return_to_baseline": {}}}


def verdicts(ruptures, name, patient="a"):
    rows = (ruptures["definition"] == name) & (ruptures["patient_id"] == patient)
    return list(ruptures.loc[rows, "verdict"])


def test_one_definition_on_two_scores() -> None:
    therapist = {"definition": "drop_rci", "source": "alliance_therapist"}
    coding = config(drop_rci={}, drop_rci_therapist=therapist)
    ruptures, scales = code_ruptures(TWO, None, INSTRUMENTS, coding)
    assert verdicts(ruptures, "drop_rci") == ["not_testable", NO, YES, NO]
    assert verdicts(ruptures, "drop_rci_therapist") == ["not_testable", NO, NO, YES]
    reliability = scales.query("constant == 'reliability'").set_index("definition")["value"]
    assert reliability.to_dict() == {"drop_rci": 0.92, "drop_rci_therapist": 0.9}
    episodes, _ = code_episodes(ruptures, TWO, INSTRUMENTS, coding)
    depth = episodes.query("patient_id == 'a'").set_index("definition")["depth"]
    assert depth.to_dict() == {"drop_rci": 22, "drop_rci_therapist": 32}


def test_an_alias_keeps_what_its_definition_is() -> None:
    coding = config(strict={"definition": "drop_sd", "k": 2}, v={"definition": "v_shape"})
    strict, v = chosen_definitions(coding)
    assert (strict.rule.id, strict.rule.base, strict.parameters["k"]) == ("strict", "drop_sd", 2)
    assert (v.rule.kind_class, v.rule.provenance) == ("retrospective", "recalled")
    with pytest.raises(StudyError, match="later sessions"):
        require_prospective(v.rule.base)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("mine", {"definition": "drop_rcl"}, "did you mean 'drop_rci'"),
        ("mine", {"definition": "drop_sd", "kk": 1}, r"definitions\.mine: .*\n.*did you mean 'k'"),
        ("mine", {"definition": "drop_sd", "sd": "both"}, r"definitions\.mine: .*\n.*stricter"),
        ("mine", {"definition": "drop_rci", "source": "wai_bond"}, r"definitions\.mine: reliable"),
        ("mine", {"definition": "observer", "kind": "all"}, r"definitions\.mine: 'kind' should be"),
        ("drop_sd", {"definition": "drop_rci"}, "'drop_sd' is the id of another definition"),
    ],
)
def test_mistakes_in_an_alias_are_told_under_its_name(name, given, message) -> None:
    with pytest.raises(StudyError, match=message):
        code_ruptures(TWO.assign(wai_bond=10.0), None, INSTRUMENTS, config(**{name: given}))


def test_the_discrepancy_compares_shares_of_ranges() -> None:
    sessions = study({"a": [36, 60, 12, None, 40]})
    sessions["alliance_therapist"] = [0.0, 10, 10, 5, np.nan]
    instruments = {
        "wai": INSTRUMENTS["wai"],  # twelve items of 1–5: sums of 12–60
        "own": {"measures": "alliance_therapist", "range": [0, 10], "direction": -1},
    }
    panel = build_panel(sessions, None, instruments, {}, [DISCREPANCY])
    # the therapist's 0 is the best value: his scale is turned round
    np.testing.assert_allclose(panel[DISCREPANCY], [-0.5, 1, 0, np.nan, np.nan])


def test_the_discrepancy_is_a_source_like_any_other() -> None:
    apart = {"definition": "drop_sd", "source": DISCREPANCY}
    ruptures, scales = code_ruptures(TWO, None, INSTRUMENTS, config(apart=apart))
    assert verdicts(ruptures, "apart") == ["not_testable", NO, YES, NO]
    assert scales["definition"].eq("apart").all()
    chart = {"definition": "running_chart", "source": DISCREPANCY, "floor": 0.1}
    _, scales = code_ruptures(TWO, None, INSTRUMENTS, config(chart=chart))
    assert scales["value"].item() == pytest.approx(0.2)


def test_the_discrepancy_asks_for_both_scores_and_their_ranges() -> None:
    apart = config(discrepancy={})
    with pytest.raises(StudyError, match="none is known for 'alliance_therapist'"):
        code_ruptures(TWO, None, {"wai": INSTRUMENTS["wai"]}, apart)
    with pytest.raises(StudyError, match="alliance_patient and alliance_therapist"):
        code_ruptures(TWO.drop(columns="alliance_therapist"), None, INSTRUMENTS, apart)


def test_discrepancy_by_hand() -> None:
    panel = panel_of(study({"a": [None] * 5}, alliance_discrepancy=[0.1, -0.2, 0, np.nan, -0.3]))
    given = {"mean": 0.0, "threshold": 0.2}
    assert told(apply(panel, chosen("discrepancy"), given)) == [NO, YES, NO, "missing_score", YES]
    found = constants(panel, chosen("discrepancy", k=2))
    assert found["mean"] == pytest.approx(-0.1)
    assert found["threshold"] == pytest.approx(2 * np.std([0.1, -0.2, 0, -0.3], ddof=1))


def test_agreement_throughout_is_no_rupture() -> None:
    panel = panel_of(study({"a": [None] * 3}, alliance_discrepancy=0.1))
    given = constants(panel, chosen("discrepancy"))
    assert told(apply(panel, chosen("discrepancy"), given)) == [NO] * 3
