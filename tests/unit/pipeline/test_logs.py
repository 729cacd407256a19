import errno
import json
import os
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_csv, write_csv, write_json, write_parquet


def test_what_is_printed_and_warned_goes_to_the_log(tmp_path: Path, capsys) -> None:
    with logged(tmp_path / "a.log"):
        print("12 sessions")
        for _ in range(2):
            warnings.warn("thin cells", stacklevel=1)
    assert (tmp_path / "a.log").read_text() == "12 sessions\nUserWarning: thin cells\ndone\n"
    assert capsys.readouterr() == ("", "")


def test_an_error_of_the_study_is_told_without_a_traceback(tmp_path: Path, capsys) -> None:
    problem = Problem("sessions.csv", "scores from 1 to 5", "correct them", "wai_01", [3, 9])
    with pytest.raises(SystemExit) as stop, logged(tmp_path / "a.log"):
        raise StudyError([problem])
    assert stop.value.code == 1
    told = capsys.readouterr().err
    assert told == (tmp_path / "a.log").read_text()
    assert "sessions.csv, column 'wai_01', lines 3, 9: scores from 1 to 5" in told
    assert "Traceback" not in told


def test_a_defect_names_places_in_the_code_and_quotes_no_data(tmp_path: Path, capsys) -> None:
    patient = "P" + "0001"  # not in the source line that the log shows
    with pytest.raises(SystemExit) as stop, logged(tmp_path / "a.log"):
        raise KeyError(patient)
    assert stop.value.code == 1
    log = (tmp_path / "a.log").read_text()
    told = capsys.readouterr().err
    assert "test_logs.py" in log
    assert "KeyError" in told
    assert patient not in log + told


PLACES = {
    "full disk": (errno.ENOSPC, "the disk is full"),
    "quota": (errno.EDQUOT, "the disk is full"),
    "read-only": (errno.EROFS, "may not be read or written"),
    "not allowed": (errno.EACCES, "may not be read or written"),
    "file for folder": (errno.ENOTDIR, "a file is where a folder should be"),
    "gone": (errno.ENOENT, "not there"),
    "broken disk": (errno.EIO, "cannot be read or written"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_fault_of_the_place_is_no_defect(tmp_path: Path, capsys, kind: str) -> None:
    number, words = PLACES[kind]
    with pytest.raises(SystemExit) as stop, logged(tmp_path / "a.log"):
        raise OSError(number, os.strerror(number), "results/s/a.parquet")
    assert stop.value.code == 1
    told = capsys.readouterr().err
    assert told == (tmp_path / "a.log").read_text()
    assert told.startswith("results/s/a.parquet: ")
    assert words in told
    assert "What to do:" in told
    assert "defect" not in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_on_a_full_disk_is_told(capsys) -> None:
    with pytest.raises(SystemExit) as stop, logged("/dev/full"):
        print("done something")
    assert stop.value.code == 1
    assert capsys.readouterr().err.startswith("The disk is full.")


def test_a_log_that_cannot_be_made_is_told(tmp_path: Path, capsys) -> None:
    (tmp_path / "logs").write_text("a file, no folder")
    with pytest.raises(SystemExit) as stop, logged(tmp_path / "logs" / "a.log"):
        pass
    assert stop.value.code == 1
    told = capsys.readouterr().err
    assert "a file is where a folder should be" in told
    assert "Traceback" not in told


def job(monkeypatch: pytest.MonkeyPatch, **files: list[Path]) -> None:
    """Be a script that Snakemake runs, with these input and output files."""
    given = SimpleNamespace(**{"input": [], "output": []} | files)
    monkeypatch.setattr(sys.modules["__main__"], "snakemake", given, raising=False)


FRAME = pd.DataFrame({"state": ["intact", "repaired"] * 50})
DAMAGED = {
    "states.parquet": (lambda file: write_parquet(FRAME, file), pd.read_parquet),
    "scales.csv": (lambda file: write_csv(FRAME, file), lambda file: read_csv(file).loc[99]),
    "fits.json": (lambda file: write_json([1, 2, 3], file), lambda f: json.loads(f.read_text())),
}


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_truncated_result_of_an_earlier_step_is_named(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch, name: str, share: float
) -> None:
    write, read = DAMAGED[name]
    file, logs = tmp_path / "coding" / name, tmp_path / "logs"
    file.parent.mkdir()
    logs.mkdir()
    job(monkeypatch, output=[file])
    with logged(logs / "earlier.log"):
        write(file)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    job(monkeypatch, input=[file])
    with pytest.raises(SystemExit) as stop, logged(logs / "later.log"):
        read(file)
    assert stop.value.code == 1
    told = capsys.readouterr().err
    assert f"Damaged since an earlier step wrote it: coding/{name}." in told
    assert "`rupture-outcome run` again" in told
    assert "defect" not in told


def test_an_error_with_sound_input_stays_a_defect(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").mkdir()
    job(monkeypatch, output=[tmp_path / "a.csv"])
    with logged(tmp_path / "logs" / "a.log"):
        write_csv(FRAME, tmp_path / "a.csv")
    job(monkeypatch, input=[tmp_path / "a.csv"])
    with pytest.raises(SystemExit), logged(tmp_path / "logs" / "b.log"):
        raise ValueError("no")
    assert "defect of the pipeline" in capsys.readouterr().err


def test_a_job_that_fails_leaves_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    job(monkeypatch, output=[tmp_path / "a.csv"])
    with pytest.raises(SystemExit), logged(tmp_path / "logs" / "a.log"):
        raise ValueError("no")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
