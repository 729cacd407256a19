"""What a run reads and writes is known by its checksum, whatever its time says."""

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from typer.testing import CliRunner

from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline import cli
from rupture_outcome.pipeline.integrity import (
    INPUTS,
    OWNER,
    RECORDS,
    checksums,
    claim,
    damaged,
    damaged_among,
    differing,
    inputs_read,
    record,
    stop_if_anothers,
    stop_if_changed,
)
from rupture_outcome.study.dictionary import study_files
from rupture_outcome.study.writing import write_json, write_parquet
from tests.unit.study.toy_study import ToyStudy

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"


def edit_unseen(file: Path, content: bytes) -> None:
    """Change a file and give it back its time."""
    before = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results of two jobs, with their records."""
    folder = tmp_path / "results" / "s"
    for name in ("logs", "coding", "tables"):
        (folder / name).mkdir(parents=True)
    write_parquet(pd.DataFrame({"state": range(1000)}), folder / "coding" / "states.parquet")
    (folder / "tables" / "rates.csv").write_text("rate\n0.1\n")
    record([folder / "coding" / "states.parquet"], folder / "logs" / "code_episodes.log")
    record([folder / "tables" / "rates.csv"], folder / "logs" / "draw" / "rates.log")
    return folder


def test_nothing_is_damaged_after_a_run(results: Path) -> None:
    assert damaged(results) == []


def test_a_truncated_file_with_its_old_time_is_damaged(results: Path) -> None:
    states = results / "coding" / "states.parquet"
    edit_unseen(states, states.read_bytes()[:-100])
    assert damaged(results) == ["coding/states.parquet"]


def test_an_edited_and_a_missing_file_are_damaged(results: Path) -> None:
    edit_unseen(results / "tables" / "rates.csv", b"rate\n0.2\n")
    (results / "coding" / "states.parquet").unlink()
    assert damaged(results) == ["coding/states.parquet", "tables/rates.csv"]
    log = results / "logs" / "report.log"
    assert damaged_among([results / "tables" / "rates.csv", "other.csv"], log) == [
        "tables/rates.csv"
    ]


def test_a_job_that_runs_again_makes_its_record_anew(results: Path) -> None:
    file = results / "tables" / "rates.csv"
    file.write_text("rate\n0.3\n")
    record([file], results / "logs" / "draw" / "rates.log")
    assert damaged(results) == []


def test_a_file_that_no_job_wrote_is_nobodys_business(results: Path) -> None:
    (results / "my_notes.txt").write_text("mine")
    assert damaged(results) == []


def test_records_hold_no_times_and_no_place(results: Path) -> None:
    texts = [file.read_text() for file in sorted((results / RECORDS).rglob("*.json"))]
    assert [list(json.loads(text)) for text in texts] == [
        ["coding/states.parquet"],
        ["tables/rates.csv"],
    ]


@pytest.mark.parametrize("content", ["", '{"tables', "[]"])
def test_a_record_that_cannot_be_read_is_said(results: Path, content: str) -> None:
    (results / RECORDS / "code_episodes.json").write_text(content)
    with pytest.raises(StudyError, match=r"code_episodes\.json.*cannot be read"):
        damaged(results)


def test_a_changed_or_missing_input_is_named(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text(name)
    read = checksums(tmp_path.iterdir(), tmp_path)
    stop_if_changed(read, tmp_path)
    edit_unseen(tmp_path / "b.csv", b"c.csv")
    (tmp_path / "c.csv").unlink()
    assert differing(read, tmp_path) == ["b.csv", "c.csv"]
    with pytest.raises(StudyError, match="run again") as stopped:
        stop_if_changed(read, tmp_path)
    assert [problem.file for problem in stopped.value.problems] == ["b.csv", "c.csv"]


@pytest.fixture
def study(tmp_path: Path) -> ToyStudy:
    return ToyStudy(tmp_path)


def change(study: ToyStudy) -> None:
    file = study.folder / "data" / "patients.csv"
    edit_unseen(file, file.read_bytes().replace(b"\n", b" \n", 1))


def test_a_file_that_changes_while_it_is_read_stops_the_step(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = cli._load(study.write())
    step = script("read_study")
    out = study.folder / "out"
    out.mkdir()
    files = [str(file) for file in study_files(config["study"]["data"])]
    step.read(config, files, [], out)
    assert inputs_of(out) == checksums(files, config["study"]["data"])
    assert {"patients.csv", "datapackage.json"} <= set(inputs_of(out))
    honest = step.read_study

    def meanwhile(config: dict) -> object:
        tables = honest(config)
        change(study)
        return tables

    monkeypatch.setattr(step, "read_study", meanwhile)
    with pytest.raises(StudyError, match=r"patients\.csv"):
        step.read(config, files, [], out)


def inputs_of(folder: Path) -> dict[str, str]:
    return json.loads((folder / "inputs.json").read_text())


def test_the_manifest_takes_checksums_of_what_was_read(study: ToyStudy, tmp_path: Path) -> None:
    config = cli._load(study.write())
    read = checksums(study_files(config["study"]["data"]), config["study"]["data"])
    write_json(read, tmp_path / "inputs.json")
    step = script("write_manifest")
    made = step.describe(str(tmp_path / "inputs.json"), [], tmp_path, config)
    assert made["inputs"] == read
    change(study)
    with pytest.raises(StudyError, match=r"patients\.csv"):
        step.describe(str(tmp_path / "inputs.json"), [], tmp_path, config)


def run_with(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch, meanwhile: object
) -> tuple[int, str, list[str]]:
    """Call `rupture-outcome run` with a workflow that only reads; gives code, words, options."""
    config = study.write()
    data = study.folder / "data"
    results = study.folder / "out" / "results" / study.config["study"]["name"]
    called: list[str] = []

    def workflow(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        called.extend(command)
        (results / INPUTS).parent.mkdir(parents=True, exist_ok=True)
        write_json(checksums(study_files(data), data), results / INPUTS)
        meanwhile(config)  # type: ignore[operator]
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(cli.subprocess, "run", workflow)
    ran = CliRunner().invoke(
        cli.app, ["run", str(config), "--directory", str(study.folder / "out")]
    )
    assert inputs_read(results)
    return ran.exit_code, ran.output, called


def test_a_run_during_which_nothing_changes_is_ready(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, called = run_with(study, monkeypatch, lambda config: None)
    assert code == 0, said
    assert "--forcerun" not in called


def test_an_input_that_changes_during_a_run_is_noticed_at_its_end(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, _ = run_with(study, monkeypatch, lambda config: change(study))
    assert code == 1
    assert "patients.csv: the file changed while the run went on" in said
    assert "run again" in said
    assert "Ready" not in said


def test_an_input_that_is_not_what_was_read_is_read_again(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_with(study, monkeypatch, lambda config: None)
    study.tables["patients"][1:] = study.tables["patients"][:0:-1]
    code, said, called = run_with(study, monkeypatch, lambda config: None)
    assert code == 0, said
    assert called[-2:] == ["--forcerun", f"results/{study.config['study']['name']}/{INPUTS}"]


def test_a_config_that_changes_during_a_run_is_noticed(
    study: ToyStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(config: Path) -> None:
        config.write_text(config.read_text() + "seed: 3\n")

    code, said, _ = run_with(study, monkeypatch, edit)
    assert code == 1
    assert "config.yaml: the config changed while the run went on" in said


def test_results_of_another_study_of_the_same_name_are_refused(tmp_path: Path) -> None:
    results = tmp_path / "results" / "toy"
    results.mkdir(parents=True)
    here, there = tmp_path / "a" / "data", tmp_path / "b" / "data"
    stop_if_anothers(results, here)  # nobody's yet
    claim(results, here)
    stop_if_anothers(results, here)
    with pytest.raises(StudyError) as told:
        stop_if_anothers(results, there)
    assert "another study called 'toy'" in str(told.value)
    assert "study.name" in str(told.value)
    assert str(tmp_path) not in (results / OWNER).read_text()


def test_a_study_that_moves_with_its_results_is_the_same(tmp_path: Path) -> None:
    for place in ("old", "new"):
        (tmp_path / place / "results" / "toy").mkdir(parents=True)
    claim(tmp_path / "old/results/toy", tmp_path / "old/data")
    note = (tmp_path / "old/results/toy" / OWNER).read_text()
    (tmp_path / "new/results/toy" / OWNER).write_text(note)
    stop_if_anothers(tmp_path / "new/results/toy", tmp_path / "new/data")


def test_a_run_does_not_overwrite_the_results_of_another_study(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "results" / "toy").mkdir(parents=True)
    claim(out / "results" / "toy", tmp_path / "elsewhere")
    (tmp_path / "mine").mkdir()
    config = ToyStudy(tmp_path / "mine").write()
    ran = CliRunner().invoke(cli.app, ["run", str(config), "--directory", str(out)])
    assert ran.exit_code == 1
    assert "another study called 'toy'" in ran.output
    assert [file.name for file in (out / "results" / "toy").iterdir()] == [OWNER]
