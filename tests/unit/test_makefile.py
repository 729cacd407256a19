"""make works in folders of any name, and takes the study of the folder that it is called in."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ODD = 'Müller\'s Praxis (2024) [x] $HOME "q" #1 & co'
ECHO = '#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one"; done\npwd\n'


@pytest.fixture(params=["plain", ODD])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the Makefile and a Python that says what it was asked to do."""
    folder = tmp_path / request.param
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").touch()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("python", "pip"):
        (folder / ".venv/bin" / name).write_text(ECHO)
        (folder / ".venv/bin" / name).chmod(0o755)
    (folder / ".venv/.ready").touch()
    later = (folder / "pyproject.toml").stat().st_mtime + 10
    os.utime(folder / ".venv/.ready", (later, later))
    return folder


def make(*arguments: str | Path, cwd: Path) -> list[str]:
    ran = subprocess.run(
        ["make", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PWD": str(cwd), "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return [line for line in ran.stdout.splitlines() if not line.startswith("make")]


def test_the_example_is_checked_without_a_study(checkout: Path) -> None:
    found = make("check", cwd=checkout)
    assert found == [
        "-m",
        "rupture_outcome.pipeline.cli",
        "check",
        "config/config.yaml",
        str(checkout),
    ]


@pytest.mark.parametrize("called", ["-C", "-f"])
def test_the_study_of_the_callers_folder_goes_before_the_example(
    checkout: Path, tmp_path: Path, called: str
) -> None:
    own = tmp_path / "my study (2)"
    (own / "config").mkdir(parents=True)
    (own / "config/config.yaml").touch()
    place = checkout if called == "-C" else checkout / "Makefile"
    found = make(called, place, "check", "STUDY=config/config.yaml", cwd=own)
    assert found[-2:] == [str(own / "config/config.yaml"), str(checkout)]


def test_a_study_in_the_checkout_is_found_from_elsewhere(checkout: Path, tmp_path: Path) -> None:
    found = make("-C", checkout, "run", "STUDY=config/config.yaml", "CORES=1", cwd=tmp_path)
    assert Path(found[3]).resolve() == (checkout / "config/config.yaml").resolve()
    assert found[4:6] == ["--cores", "1"]


def test_a_path_from_the_root_is_taken_as_it_is(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "a b.yaml"
    file.touch()
    assert str(file) in make("check", f"STUDY={file}", cwd=checkout)


def test_nothing_is_set_up_twice_and_a_newer_lock_sets_up_again(checkout: Path) -> None:
    assert "Setting up" not in "".join(make("check", cwd=checkout))
    os.utime(checkout / ".venv/.ready", (0, 0))
    assert "Setting up" in "".join(make("check", cwd=checkout))
    assert "Setting up" not in "".join(make("check", cwd=checkout))


def test_help_lists_what_can_be_made(checkout: Path) -> None:
    assert any(line.strip().startswith("make check") for line in make("help", cwd=checkout))
