"""Copies of files in which persons have pseudonyms."""

import stat
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from rupture_outcome.pipeline import cli

SESSIONS = "Chiffre;Behandler;nr;wai\nMeier;Dr. Alt;1;3,5\nMeier;Dr. Alt;2;4\n007;Dr. Neu;1;2,5\n"
PEOPLE = "Chiffre;age;postcode;note\nMeier;44;10115;a\n007;93;01067;anna.meier@clinic.org\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sitzungen.csv").write_text(SESSIONS, encoding="utf-8")
    (tmp_path / "data" / "personen.csv").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


def run(folder: Path, *more: str, code: int = 0) -> str:
    given = [str(folder / "data" / name) for name in ("sitzungen.csv", "personen.csv")]
    own = ["--key", str(folder / "safe" / "key"), "--patient", "Chiffre", *more]
    ran = CliRunner().invoke(cli.app, ["pseudonymise", *given, *own])
    assert ran.exit_code == code, ran.output
    return ran.output


ALL = ("--therapist", "Behandler", "--age", "age", "--postcode", "postcode")


def test_persons_have_the_same_pseudonym_in_every_file(folder: Path) -> None:
    said = run(folder, *ALL)
    read = {p.stem: pd.read_csv(p, dtype=str) for p in folder.glob("data/pseudonymised/*.csv")}
    sessions, people = read["sitzungen"], read["personen"]
    assert set(sessions["Chiffre"]) == set(people["Chiffre"])
    assert sessions.groupby("Chiffre").size().sort_values().tolist() == [1, 2]
    assert sessions["Behandler"].nunique() == 2
    assert set(people["age"]) == {"30-44", "90+"}
    assert set(people["postcode"]) == {"10", "01"}
    assert sessions["Chiffre"].is_monotonic_increasing
    whole = "".join(frame.to_csv() for frame in read.values())
    for text in ("Meier", "007", "Dr. Alt", "Dr. Neu"):
        assert text not in whole
        assert text not in said
    assert "Still to look at: personen.csv, column 'note'" in said
    assert "clinic.org" not in said


def test_the_key_is_its_owners_and_makes_the_pseudonyms(folder: Path) -> None:
    run(folder)
    key = folder / "safe" / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    first = (folder / "data" / "pseudonymised" / "personen.csv").read_text()
    run(folder, "--out", str(folder / "again"))
    assert (folder / "again" / "personen.csv").read_text() == first
    key.unlink()
    said = run(folder, "--out", str(folder / "other"))
    assert (folder / "other" / "personen.csv").read_text() != first
    assert key.read_text().strip() not in said


def test_nothing_is_overwritten(folder: Path) -> None:
    run(folder)
    before = (folder / "data" / "pseudonymised" / "personen.csv").read_bytes()
    assert "is there already" in run(folder, "--therapist", "Behandler", code=1)
    assert (folder / "data" / "pseudonymised" / "personen.csv").read_bytes() == before
    assert (folder / "data" / "sitzungen.csv").read_text(encoding="utf-8") == SESSIONS


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--therapist", "Behandlr"), "did you mean 'Behandler'?"),
        (("--key", "{}/data/pseudonymised/key"), "must not lie"),
    ],
)
def test_what_cannot_be_done_writes_nothing(folder: Path, more: tuple, said: str) -> None:
    out = run(folder, *(one.format(folder) for one in more), code=1)
    assert said in out
    assert not (folder / "data" / "pseudonymised").exists()


def test_a_file_without_persons_is_told(folder: Path) -> None:
    (folder / "data" / "personen.csv").write_text("x;y\n1;2\n", encoding="utf-8")
    assert "personen.csv: no column is known to hold" in run(folder, code=1)
