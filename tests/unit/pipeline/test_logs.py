import warnings
from pathlib import Path

import pytest

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.logs import logged


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
