"""What reading a valid study gives."""

import json
import os
from pathlib import Path

import pandas as pd
import pandas.testing as pdt
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline.config import load
from rupture_outcome.study import contract
from rupture_outcome.study.dictionary import study_files
from rupture_outcome.study.dropout_data import DROPOUT_DATA
from rupture_outcome.study.read import read_study
from rupture_outcome.study.tables import StudyTables, read_tables, write_tables
from tests.unit.study.toy_study import ToyStudy

ROOT = Path(__file__).parents[3]
TAGEBUCH = ROOT / "tests" / "workflow" / "studies" / "tagebuch" / "config.yaml"


@pytest.fixture
def study(toy: ToyStudy) -> StudyTables:
    return read_study(load(toy.write()))


def test_names_codes_and_missing_values_are_those_of_the_contract(study: StudyTables) -> None:
    assert study.patients["severity"].tolist()[::2] == [12.5, 8.0]
    assert study.patients["severity"].isna().tolist() == [False, True, False]
    assert study.endings["ending"].tolist() == ["completed", "dropout", "ongoing"]
    assert study.sessions["symptom"].isna().sum() == 2
    assert study.sessions["i2"].isna().tolist() == [False, True, True, False, False, False]


def test_every_column_of_the_contract_is_there_with_its_type(study: StudyTables) -> None:
    for table, frame in study.frames().items():
        types = {name: contract.DTYPES[f["type"]] for name, f in contract.fields(table).items()}
        assert frame.iloc[:, : len(types)].dtypes.astype(str).to_dict() == types
    assert list(study.sessions.columns[-4:]) == ["i1", "i2", "i3", "i4"]
    assert len(study.markers) == 0


def test_the_flow_begins_with_all_rows(study: StudyTables) -> None:
    assert study.flow.to_dict("records") == [
        {
            "step": "read",
            "reason": "in_tables",
            "patients": 3,
            "sessions": 6,
            "removed_patients": 0,
            "removed_sessions": 0,
        }
    ]


def test_tables_survive_being_written(study: StudyTables, tmp_path: Path) -> None:
    write_tables(study, tmp_path)
    for table, frame in read_tables(tmp_path).frames().items():
        pdt.assert_frame_equal(frame, getattr(study, table))


def test_exact_copies_and_conflicts_that_the_config_settles_pass(toy: ToyStudy) -> None:
    toy.tables["sessions"].append(list(toy.tables["sessions"][-1]))
    assert len(read_study(load(toy.write())).sessions) == 7
    toy.set("sessions", 8, "i1", "1")
    toy.config["cleaning"] = {"conflicting_sessions": "last"}
    assert len(read_study(load(toy.write())).sessions) == 7


@pytest.mark.parametrize("cell", ["99", "99.0", "99,00", "099"])
def test_equal_numbers_are_the_same_missing_code(toy: ToyStudy, cell: str) -> None:
    toy.field("sessions", "symptom").update(type="number", decimalChar=",", missingValues=["99"])
    toy.set("sessions", 2, "symptom", cell)
    toy.set("sessions", 4, "symptom", "")
    symptom = read_study(load(toy.write())).sessions["symptom"]
    assert symptom.isna().tolist() == [True, True, True, False, False, False]


def test_equal_numbers_are_the_same_code_of_the_study(toy: ToyStudy) -> None:
    toy.field("endings", "ending").update(type="integer")
    toy.config["values"]["endings"] = {"ending": {1: "completed", 2: "dropout", 3: "ongoing"}}
    for line, code in ((2, "1.0"), (3, "2"), (4, "03")):
        toy.set("endings", line, "ending", code)
    assert read_study(load(toy.write())).endings["ending"].tolist() == [
        "completed",
        "dropout",
        "ongoing",
    ]


def test_identifiers_that_are_digits_stay_texts(toy: ToyStudy) -> None:
    toy.resource("patients")["schema"]["missingValues"] = ["", "7"]
    toy.set("patients", 2, "therapist_id", "007")
    assert read_study(load(toy.write())).patients["therapist_id"].iloc[0] == "007"


def test_whole_numbers_may_be_written_with_decimals(toy: ToyStudy) -> None:
    for row in toy.tables["sessions"][1:]:
        row[1] += ".0"
    assert read_study(load(toy.write())).sessions["session"].tolist() == [1, 2, 3, 1, 2, 1]


def test_yes_and_no_in_own_codes(toy: ToyStudy) -> None:
    toy.field("sessions", "attended").update(type="string")
    toy.config["values"]["sessions"] = {"attended": {"x": 1, "o": 0}}
    for row in toy.tables["sessions"][1:]:
        row[3] = {"1": "x", "0": "o", "": ""}[row[3]]
    attended = read_study(load(toy.write())).sessions["attended"]
    assert attended.fillna(-1).tolist() == [1, 0, 1, 1, -1, 1]


def test_a_covariate_outside_the_contract_is_read(toy: ToyStudy) -> None:
    toy.rename("patients", "severity", "hope")
    toy.config["models"] = {"covariates": ["hope"]}
    assert read_study(load(toy.write())).patients["hope"].tolist()[::2] == [12.5, 8.0]


@pytest.mark.parametrize("definition", DROPOUT_DATA)
def test_what_a_definition_of_dropout_reads_is_looked_for(toy: ToyStudy, definition: str) -> None:
    toy.config["dropout"] = {"definition": definition}
    config = load(toy.write())
    read = DROPOUT_DATA[definition]
    lacking = [(f"{table}.csv", c) for table, c in read if c not in toy.tables[table][0]]
    if not lacking:
        assert len(read_study(config).endings) == 3
        return
    with pytest.raises(StudyError, match=definition) as error:
        read_study(config)
    assert [(one.file, one.column) for one in error.value.problems] == lacking


def test_symptoms_scored_from_items_need_no_column(toy: ToyStudy) -> None:
    toy.rename("sessions", "symptom", "s1")
    toy.config["instruments"]["symptoms"]["items"] = ["s1"]
    toy.config["dropout"] = {"definition": "no_reliable_improvement"}
    assert "s1" in read_study(load(toy.write())).sessions


def test_missing_values_may_be_labelled_or_of_one_column(toy: ToyStudy) -> None:
    schema = toy.resource("sessions")["schema"]
    schema["missingValues"] = [{"value": "", "label": "blank"}, {"value": "-99", "label": "none"}]
    toy.field("sessions", "i2")["missingValues"] = ["9"]
    toy.set("sessions", 2, "i2", "9")
    toy.set("sessions", 4, "symptom", "-99")
    sessions = read_study(load(toy.write())).sessions
    assert sessions["i2"].isna().tolist()[:2] == [True, True]
    assert sessions["symptom"].isna().tolist()[2]


def test_only_files_that_exist_are_listed(toy: ToyStudy) -> None:
    toy.write()
    data = toy.folder / "data"
    (data / "endings.csv").unlink()
    assert [path.name for path in study_files(data)] == [
        "datapackage.json",
        "patients.csv",
        "sessions.csv",
        "ratings.csv",
    ]
    (data / "datapackage.json").write_text("{")
    assert [path.name for path in study_files(data)] == ["datapackage.json"]
    assert study_files(data / "nowhere") == []


def test_the_contract_is_a_valid_data_package() -> None:
    from frictionless import Package

    path = ROOT / "src" / "rupture_outcome" / "study" / "contract.json"
    assert Package.validate_descriptor(json.loads(path.read_text(encoding="utf-8"))).valid


def test_the_second_study_has_another_shape_and_the_same_contract() -> None:
    raw = (TAGEBUCH.parent / "sitzungen.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b";2,50\r\n" in raw
    study = read_study(load(TAGEBUCH))
    assert study.sessions["alliance_patient"].between(1, 5).sum() > 500
    assert study.sessions["attended"].isin([0, 1]).all()
    assert {"dropout", "completed"} <= set(study.endings["ending"])
    assert study.sessions["day"].isna().all()


def test_reading_does_not_depend_on_the_working_directory(
    toy: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.write()
    monkeypatch.chdir(toy.folder)
    config = load("config.yaml")
    assert os.path.isabs(config["study"]["data"])
    monkeypatch.chdir("/")
    assert isinstance(read_study(config).patients, pd.DataFrame)
