"""Covariates by any name are read; those that no model can use are refused with what to do."""

import pytest
from typer.testing import CliRunner

from rupture_outcome.pipeline.cli import app
from tests.unit.study.toy_study import IDS, ToyStudy

NAMES = [
    "I(__import__('pathlib').Path('written').touch())",
    *("phq-9", "age at intake", "Alter (Jahre)", "class", "state", "session", "dropout"),
    *("band", "time", "event", "1", "`"),
]
REFUSED = {
    "the same for all": (["2", "2", "2"], "integer", "all patients have the same value"),
    "nothing": (["", "", ""], "integer", "every value is missing"),
    "a text each": (["x", "y", "z"], "string", "3 different texts for 3 patients"),
    "spellings": (["Low", "low ", "low "], "string", "differ in spaces or capitals only"),
    "twice": (["5", "", "3"], "integer", "tells patients apart just as 'severity' does"),
}


def add(toy: ToyStudy, name: str, values: list[str], kind: str = "integer") -> None:
    for row, value in zip(toy.tables["patients"], [name, *values], strict=True):
        row.append(value)
    toy.resource("patients")["schema"]["fields"].append({"name": name, "type": kind})
    toy.config["models"] = {"covariates": ["severity", name]}


def check(toy: ToyStudy) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", str(toy.write())])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert not [one for one in IDS if one in result.output]
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("name", NAMES)
def test_a_column_of_any_name_is_read_and_not_run(
    name: str, toy: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy.folder)
    add(toy, name, ["1", "2", "2"])
    code, said = check(toy)
    assert (code, "nothing wrong" in said) == (0, True), said
    assert not (toy.folder / "written").exists()


@pytest.mark.parametrize("kind", REFUSED)
def test_a_column_that_no_model_can_use_is_refused(kind: str, toy: ToyStudy) -> None:
    values, type_, words = REFUSED[kind]
    add(toy, "own", values, type_)
    code, said = check(toy)
    assert code == 1
    assert words in said
    assert "patients.csv, column 'own': models.covariates in the config names this" in said
    assert "What to do:" in said


@pytest.mark.parametrize("name", ["patient_id", "therapist_id"])
def test_who_somebody_is_is_refused(name: str, toy: ToyStudy) -> None:
    toy.config["models"] = {"covariates": [name]}
    code, said = check(toy)
    assert code == 1
    assert f"config.yaml: models.covariates: '{name}' says who somebody is" in said


def test_a_text_in_place_of_a_list_is_refused(toy: ToyStudy) -> None:
    toy.config["models"] = {"covariates": "severity"}
    code, said = check(toy)
    assert code == 1
    assert "config.yaml: models.covariates: expected a list" in said
