"""A place that cannot be written ends a run in words."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rupture_outcome.pipeline import cli
from tests.unit.study.toy_study import ToyStudy


@pytest.mark.parametrize("blocked", [".snakemake", "results"])
def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path, blocked: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / blocked).write_text("a file, no folder")
    config = ToyStudy(tmp_path).write()
    ran = CliRunner().invoke(cli.app, ["run", str(config), "--directory", str(out)])
    assert ran.exit_code == 1
    assert isinstance(ran.exception, SystemExit)
    assert "a file is where a folder should be" in ran.output
    assert "What to do:" in ran.output


@pytest.mark.parametrize(
    ("coding", "words"),
    [
        ({"definitions": {"drop_sd": {}, "psq_patient": {}}}, "column 'psq_patient_rupture'"),
        ({"definitions": {"drop_sd": {"source": "nonsense"}}}, "column 'nonsense'"),
        ({"definitions": {"drop_sd": {}, "drop_rci": {}}}, "needs a reliability"),
        (
            {
                "repair_rules": {"psq_resolved": {}},
                "primary": {"repair_rule": "psq_resolved"},
            },
            "'psq_resolved' needs this column",
        ),
    ],
)
def test_what_nobody_rated_is_told_before_anything_runs(
    tmp_path: Path, coding: dict, words: str
) -> None:
    toy = ToyStudy(tmp_path)
    toy.config["coding"] = coding
    ran = CliRunner().invoke(cli.app, ["check", str(toy.write())])
    assert ran.exit_code == 1
    assert words in ran.output


def test_a_table_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, resource: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("rupture_outcome.study.read.read_text", refuse)
    ran = CliRunner().invoke(cli.app, ["check", str(ToyStudy(tmp_path).write())])
    assert ran.exit_code == 1
    assert isinstance(ran.exception, SystemExit)
    assert "patients.csv: this place may not be read or written" in ran.output


def test_a_home_that_cannot_be_written_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nowhere" / "cache"))
    found = cli.environment(tmp_path / "out")
    assert Path(found["HOME"]).is_dir()
    assert (tmp_path / "out") in Path(found["HOME"]).parents
    assert "XDG_CACHE_HOME" not in found
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli.environment(tmp_path / "out")["HOME"] == str(tmp_path)
