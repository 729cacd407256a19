"""Input that cannot be used stops the run before anything is written, and says why."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from rupture_outcome.pipeline.cli import app
from tests.running import EXAMPLE, ROOT, run_pipeline

DATA = ROOT / "data" / "example"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the example study whose config lies beside its data; returns the config."""
    shutil.copytree(DATA, tmp_path / "study")
    config = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    config["study"] |= {"name": "broken", "data": "."}
    path = tmp_path / "study" / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def edit(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def apply(config: Path) -> None:
        path = config.parent / f"{table}.csv"
        change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)

    return apply


def put(column: str, row: int, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


def replace(config: Path, old: str, new: str) -> None:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new, 1), encoding="utf-8")


def misspell(config: Path) -> None:
    replace(config, "confidence:", "confidense:")


BROKEN = {
    "missing table": (
        lambda config: (config.parent / "endings.csv").unlink(),
        ["endings.csv"],
    ),
    "missing column": (
        edit("sessions", lambda frame: frame.drop(columns="session")),
        ["sessions.csv", "'session'"],
    ),
    "duplicate key": (
        edit("patients", lambda frame: pd.concat([frame, frame.iloc[[4]]])),
        ["patients.csv", "patient_id", "6", "602"],
    ),
    "patient in sessions but not in patients": (
        edit("sessions", put("patient_id", 9, "X-unknown")),
        ["sessions.csv", "patient_id", "11", "patients.csv"],
    ),
    "score out of range": (
        edit("sessions", put("wai_03", 7, "9")),
        ["sessions.csv", "wai_03", "line 9", "5"],
    ),
    "unknown ending": (
        edit("endings", put("ending", 3, "vanished")),
        ["endings.csv", "ending", "line 5", "dropout"],
    ),
    "empty file": (
        lambda config: (config.parent / "sessions.csv").write_text(""),
        ["sessions.csv", "empty"],
    ),
    "misspelt key": (misspell, ["config.yaml", "confidense", "confidence"]),
    "misspelt definition": (
        lambda config: replace(config, "drop_sd:", "drop_ds:"),
        ["coding.definitions", "did you mean 'drop_sd'?"],
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_it_stops_before_anything_is_written(study: Path, tmp_path: Path, kind: str) -> None:
    break_it, named = BROKEN[kind]
    break_it(study)
    run = CliRunner().invoke(app, ["run", str(study), "--directory", str(tmp_path / "out")])
    said = run.output
    assert run.exit_code == 1
    assert isinstance(run.exception, SystemExit), run.exception
    assert not (tmp_path / "out" / "results").exists()
    for word in [*named, "What to do:"]:
        assert word in said, said
    for word in ("Traceback", "X-unknown", "vanished", "P0"):
        assert word not in said, said


@pytest.mark.slow
def test_snakemake_alone_stops_too(study: Path, tmp_path: Path) -> None:
    break_it, named = BROKEN["score out of range"]
    break_it(study)
    run = run_pipeline(study, tmp_path / "out")
    assert run.returncode != 0
    assert all(word in run.stdout + run.stderr for word in named)
    assert "Traceback" not in run.stdout + run.stderr
    written = [p for p in (tmp_path / "out" / "results").rglob("*") if p.is_file()]
    assert [path.name for path in written] == ["read_study.log"]


def test_snakemake_alone_stops_at_a_misspelt_key(study: Path, tmp_path: Path) -> None:
    misspell(study)
    run = run_pipeline(study, tmp_path / "out")
    assert run.returncode != 0
    assert "did you mean 'confidence'" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert not (tmp_path / "out" / "results").exists()
