"""Data frames in, tidy frames out: whatever the shape, the names and the identifiers."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rupture_outcome as ro

ROOT = Path(__file__).parents[2]
WHO = {"score": "alliance_patient", "definition": "drop_rci", "reliability": 0.92}


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame]:
    return ro.simulated_study(patients=80, seed=3)


@pytest.fixture(scope="module")
def rated(study: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """Sessions as a wide table can hold them: those that were rated."""
    sessions = study[0]
    return sessions[sessions["alliance_patient"].notna()].reset_index(drop=True)


def quick_start() -> str:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_the_quick_start_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    scope: dict[str, Any] = {}
    exec(quick_start(), scope)
    fit = scope["model"].fit()
    assert fit.converged
    assert fit.params["state[T.unrepaired]"] > 0  # what the simulation puts in
    assert "state[T.repaired]" in capsys.readouterr().out


def test_the_quick_start_has_ten_lines_at_most() -> None:
    assert len([line for line in quick_start().splitlines() if line.strip()]) <= 10


def test_wide_is_as_long(rated: pd.DataFrame) -> None:
    by = rated.set_index(["patient_id", "session"])["alliance_patient"]
    wide = by.unstack()  # noqa: PD010 - each session is there once
    wide = wide.rename(columns=lambda number: f"wai_s{number:02d}_end").reset_index()
    asked = {**WHO, "score": "wai", "wide": "wai_s{session}_end"}
    for make in (ro.code_ruptures, ro.episodes, ro.states):
        pd.testing.assert_frame_equal(make(wide, **asked), make(rated, **WHO))


def test_wide_attendance_says_which_blank_sessions_were_held() -> None:
    wide = pd.DataFrame({"patient_id": ["a"], "w1": [50], "w2": [None], "w3": [30]})
    given = {"score": "wai", "reliability": 0.9, "sd": 10}
    found = ro.code_ruptures(wide, wide="w{session}", **given)
    assert found["reason"].tolist()[1:] == ["gap"]
    came = wide.assign(came1=1, came2=1, came3=1)
    patterns = {"wai": "w{session}", "attended": "came{session}"}
    found = ro.code_ruptures(came, wide=patterns, **given)
    assert found["verdict"].tolist() == ["not_testable", "not_testable", "detected"]


def test_own_names_whole_numbers_as_ids_and_any_order(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    sessions, patients = study
    number = {old: 1000 + i for i, old in enumerate(sorted(sessions["patient_id"].unique()))}
    therapist = {old: 7 + i for i, old in enumerate(sorted(patients["therapist_id"].unique()))}
    own = {"patient_id": "client", "session": "nr", "alliance_patient": "wai", "attended": "came"}
    other = sessions.assign(
        patient_id=sessions["patient_id"].map(number),
        therapist_id=sessions["therapist_id"].map(therapist),
    )
    other = other.rename(columns=own).sample(frac=1, random_state=1)
    people = patients.assign(
        client=patients["patient_id"].map(number),
        therapist_id=patients["therapist_id"].map(therapist),
    ).drop(columns="patient_id")
    asked = {**WHO, "score": "wai", "patient": "client", "session": "nr", "attended": "came"}
    rows = ro.person_sessions(other, people, **asked)
    expected = ro.person_sessions(sessions, patients, **WHO)
    assert rows["client"].tolist() == expected["patient_id"].map(number).tolist()
    assert rows["therapist_id"].tolist() == expected["therapist_id"].map(therapist).tolist()
    left, right = rows.rename(columns={"client": "patient_id", "nr": "session"}), expected
    same = ["session", "time", "state", "testable", "event", "dropout", "at_risk"]
    pd.testing.assert_frame_equal(left[same], right[same])


def test_the_frames_given_are_not_changed(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    sessions, patients = (frame.copy() for frame in study)
    ro.person_sessions(sessions, patients, **WHO)
    pd.testing.assert_frame_equal(sessions, study[0])
    pd.testing.assert_frame_equal(patients, study[1])


def test_what_was_estimated_and_who_was_left_out_is_told(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    rows = ro.person_sessions(*study, **WHO)
    assert rows.attrs["scales"]["drop_rci"]["reliability"] == 0.92
    assert [row["step"] for row in rows.attrs["flow"]][-1] == "at_risk"


FRAME = pd.DataFrame({"patient_id": [1, 1, 2], "session": [1, 2, 1], "wai": [50.0, 38, 44]})
PEOPLE = pd.DataFrame({"patient_id": [1, 2], "ending": ["dropout", "agreed"]})
GIVEN = {"score": "wai", "reliability": 0.9}


@pytest.mark.parametrize(
    ("frame", "arguments", "words"),
    [
        (FRAME, {"score": "wia"}, "data, column 'wia': there is no such column, did you mean"),
        (FRAME, {"patient": "pid"}, "column 'pid': there is no such column"),
        (FRAME.assign(wai="high"), {}, "column 'wai': expected finite numbers"),
        (FRAME.assign(wai=[50, np.inf, 3]), {}, "found something else in row 1"),
        (FRAME.assign(session=[1, 1.5, 1]), {}, "column 'session': expected whole numbers"),
        (FRAME.assign(session=[1, 1, 1]), {}, "one row a patient and session, found another"),
        (FRAME.assign(patient_id=[1, None, 2]), {}, "identifiers are missing in row 1"),
        (FRAME.assign(attended=2), {}, "column 'attended': expected 1 (attended) or 0"),
        (FRAME.iloc[:0], {}, "the frame has no rows"),
        (FRAME.to_numpy(), {}, "expected a pandas DataFrame, found ndarray"),
        (FRAME, {"range": (0, 45)}, "1 values lie outside of the range 0 to 45"),
        (FRAME, {"range": (45, 0)}, "argument 'range'"),
        (FRAME, {"direction": 0}, "argument 'direction'"),
        (FRAME, {"reliability": 92}, "argument 'reliability': it should be less than 1"),
        (FRAME, {"definition": "drop_rcj"}, "did you mean 'drop_rci'?"),
        (FRAME, {"reliability": None}, "needs a reliability"),
        (FRAME, {"k": 2}, "there is no parameter 'k'"),
        (FRAME, {"definition": "drop_sd", "k": -1}, "'k' should be greater than 0"),
        (FRAME, {"definition": ["drop_sd", "drop_rci"], "k": 1}, "beside several definitions"),
        (FRAME, {"definition": []}, "nothing is named"),
        (FRAME, {"definition": "psq_patient"}, "column 'psq_patient_rupture'"),
        (FRAME.assign(wai=np.nan), {}, "column 'wai': 'drop_rci' needs this column"),
        (FRAME, {"wide": "wai"}, "should hold {session} once"),
        (FRAME, {"wide": "wai_s{session}"}, "no column of the data is called 'wai_s{session}'"),
        (FRAME, {"wide": "wa{session}"}, "no column of the data"),
        (FRAME.assign(wai_s1=1), {"wide": "wai_s{session}"}, "one row a patient, found another"),
    ],
)
def test_a_wrong_argument_is_told(frame: Any, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ro.StudyError) as told:
        ro.code_ruptures(frame, **{**GIVEN, **arguments})
    assert words in str(told.value)
    assert "What to do:" in str(told.value)


@pytest.mark.parametrize(
    ("people", "arguments", "words"),
    [
        (PEOPLE.drop(columns="ending"), {}, "patients, column 'ending'"),
        (PEOPLE.assign(ending="left"), {}, "expected dropout, completed"),
        (PEOPLE.iloc[:1], {}, "sessions have patients who are not in this frame in row 2"),
        (PEOPLE.iloc[[0, 0, 1]], {}, "expected one row a patient"),
        (PEOPLE, {"covariates": "age"}, "write ['age']"),
        (PEOPLE, {"covariates": ["age"]}, "there is no column 'age' in the table patients"),
        (PEOPLE, {"clock": "days"}, "argument 'clock'"),
        (PEOPLE, {"dropout": "recorded"}, "did you mean 'recorded_ending'?"),
        (PEOPLE, {"dropout": "fewer_than_planned"}, "column 'planned_sessions'"),
        (PEOPLE, {"repair_rule": "none"}, "Known: "),
        (PEOPLE, {"repair_rule": {"half_recovery": {"within": 0}}}, "'within' should be"),
        (PEOPLE, {"definition": "v_shape"}, "v_shape"),
    ],
)
def test_a_wrong_argument_of_the_risk_set_is_told(
    people: pd.DataFrame, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ro.StudyError) as told:
        ro.person_sessions(FRAME, people, **{**GIVEN, **arguments})
    assert words in str(told.value)


def test_a_value_is_never_repeated() -> None:
    with pytest.raises(ro.StudyError) as told:
        ro.code_ruptures(FRAME.assign(wai=["50", "Meier, Anna", "44"]), **GIVEN)
    assert "Meier" not in str(told.value)


@pytest.mark.slow
def test_a_wheel_does_it_outside_of_the_checkout(tmp_path: Path) -> None:
    import shutil

    source, place, elsewhere = (tmp_path / name for name in ("source", "place", "elsewhere"))
    elsewhere.mkdir()
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--no-cache-dir", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--quiet"]
    build = [*pip, "wheel", *offline, "--no-build-isolation", "-w", str(tmp_path), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    install = [*pip, "install", *offline, "--target", str(place), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)

    where = {"PYTHONPATH": str(place), "PATH": "", "HOME": str(elsewhere), "OMP_NUM_THREADS": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=elsewhere, env=where, capture_output=True, text=True
        )

    done = run("-c", quick_start() + "\nprint(ro.__file__)")
    assert not done.returncode, done.stderr
    assert "state[T.repaired]" in done.stdout
    assert str(place) in done.stdout
    refused = run("-m", "rupture_outcome.pipeline.cli", "check")
    assert refused.returncode == 1
    assert "import rupture_outcome as ro" in refused.stderr
    assert "Traceback" not in refused.stderr
    delivered = {p.relative_to(ROOT / "src") for p in (ROOT / "src").rglob("*") if p.is_file()}
    delivered = {p for p in delivered if "egg-info" not in str(p) and p.suffix != ".pyc"}
    assert not {p for p in delivered if not (place / p).is_file()}
