"""`new` makes a study of an export and says what it understood; `import` renews it."""

import os
import re
import stat
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from rupture_outcome.pipeline import cli
from tests.unit.study.importing.exports import WRITERS, facts, one_file, scored, wide


@pytest.fixture(autouse=True)
def _keys_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("home")))


FILES = {"patients.csv", "sessions.csv", "endings.csv", "datapackage.json"}


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def refused(ran: Result, *words: str) -> None:
    assert ran.exit_code == 1, ran.output
    assert isinstance(ran.exception, SystemExit)
    assert "What to do:" in ran.output
    for word in words:
        assert word in ran.output


@pytest.mark.parametrize("file", ["plain.csv", "german.csv", "book.xlsx"])
def test_a_wide_table_passes_the_check_as_it_was_imported(tmp_path: Path, file: str) -> None:
    WRITERS[file](wide(), tmp_path / file)
    made = call("new", tmp_path / "mystudy", "--from", tmp_path / file, "--yes")
    assert made.exit_code == 0, made.output
    assert "one row a patient, with columns for every session" in made.output
    assert "wai_sr_s{session} " in made.output
    config = tmp_path / "mystudy" / "config.yaml"
    assert f"rupture-outcome check {config}" in made.output
    assert {one.name for one in config.parent.iterdir()} == FILES | {"config.yaml", "import.yaml"}
    checked = call("check", config)
    assert checked.exit_code == 0, checked.output


def test_what_could_not_be_decided_is_marked_and_refused_until_it_is(tmp_path: Path) -> None:
    frame = one_file().rename(columns={"wai_sr": "alliance"})
    frame["ending"] = frame["ending"].replace({"agreed": "7"})
    frame["story"] = "came late, was tired and spoke little"
    frame.to_csv(tmp_path / "long.csv", index=False)
    made = call("new", tmp_path / "mystudy", "--from", tmp_path / "long.csv", "--yes")
    assert "Left out, free text: story" in made.output
    config = tmp_path / "mystudy" / "config.yaml"
    text = config.read_text()
    assert text.count(": TODO  # TODO: ") == 2
    assert "values.endings.ending: what is '7'?" in made.output
    refused(call("check", config), "instruments.alliance.range")
    config.write_text(text.replace("range: TODO", "range: [12, 60]"))
    refused(call("check", config), "values.endings.ending")
    text = text.replace("range: TODO", "range: [12, 60]").replace("'7': TODO", "'7': agreed")
    config.write_text(text)
    checked = call("check", config)
    assert checked.exit_code == 0, checked.output


def test_nothing_is_overwritten_and_nobody_is_asked_in_a_script(tmp_path: Path) -> None:
    WRITERS["plain.csv"](wide(), tmp_path / "plain.csv")
    refused(call("new", tmp_path / "a", "--from", tmp_path / "plain.csv"), "add --yes")
    assert {one.name for one in tmp_path.iterdir()} == {"plain.csv"}
    (tmp_path / "a").mkdir()
    refused(call("new", tmp_path / "a", "--from", tmp_path / "plain.csv", "--yes"), "overwritten")
    assert not list((tmp_path / "a").iterdir())
    refused(call("new", tmp_path / "b c", "--from", tmp_path / "plain.csv", "--yes"), "letters")


def test_a_renewed_export_is_imported_by_the_same_decisions(tmp_path: Path) -> None:
    scored().to_csv(tmp_path / "scores.csv", index=False)
    half = facts().head(20)
    scored().merge(half[["patient_id"]]).to_csv(tmp_path / "scores.csv", index=False)
    half.to_csv(tmp_path / "people.csv", index=False)
    files = ("--from", tmp_path / "scores.csv", "--from", tmp_path / "people.csv")
    assert call("new", tmp_path / "study", *files, "--yes").exit_code == 0
    config = tmp_path / "study" / "config.yaml"
    config.write_text(config.read_text() + "\nseed: 5\n")
    scored().to_csv(tmp_path / "scores.csv", index=False)
    facts().to_csv(tmp_path / "people.csv", index=False)
    again = call("import", tmp_path / "study")
    assert again.exit_code == 0, again.output
    assert len(pd.read_csv(tmp_path / "study" / "patients.csv")) == len(facts())
    assert yaml.safe_load(config.read_text())["seed"] == 5
    assert not [one for one in (tmp_path / "study").iterdir() if one.name.startswith(".")]


def test_a_renewed_export_without_a_column_changes_nothing(tmp_path: Path) -> None:
    WRITERS["plain.csv"](wide(), tmp_path / "plain.csv")
    call("new", tmp_path / "study", "--from", tmp_path / "plain.csv", "--yes")
    before = (tmp_path / "study" / "sessions.csv").read_bytes()
    wide().rename(columns={"ending": "outcome_x"}).to_csv(tmp_path / "plain.csv", index=False)
    refused(call("import", tmp_path / "study"), "plain.csv, column 'ending': the column is missing")
    assert (tmp_path / "study" / "sessions.csv").read_bytes() == before
    refused(call("import", tmp_path), "there is no import.yaml in it")


def test_it_can_be_told_which_columns_are_meant(tmp_path: Path) -> None:
    frame = wide()
    frame.columns = frame.columns.str.replace("wai_sr_s", "A", regex=False)
    again = {f"B{i}": frame[f"A{i}"] + 1 for i in range(1, 6)}
    frame.assign(**again).to_csv(tmp_path / "wide.csv", index=False)
    given = ("--from", tmp_path / "wide.csv", "--yes", "--wide", "alliance_patient=A{session}")
    made = call("new", tmp_path / "study", *given, "--leave-out", "site_id")
    assert made.exit_code == 0, made.output
    assert "A{session}               → alliance_patient (you said so)" in made.output
    assert "Left out, you said so: site_id" in made.output
    refused(call("new", tmp_path / "b", *given, "--column", "wai=A1"), "ROLE=COLUMN")
    refused(call("new", tmp_path / "b", *given, "--column", "symptom=gone"), "no such column")
    refused(call("new", tmp_path / "b", *given, "--wide", "x_{session}"), "no column is called")


def test_persons_have_pseudonyms_that_stay_the_same(tmp_path: Path) -> None:
    frame = wide()
    frame["patient_id"] = frame["patient_id"] + "@clinic.example"
    frame.to_csv(tmp_path / "wide.csv", index=False)
    made = call("new", tmp_path / "study", "--from", tmp_path / "wide.csv", "--yes")
    assert made.exit_code == 0, made.output
    key = Path(os.environ["XDG_CONFIG_HOME"]) / "rupture-outcome" / "study.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text().strip() not in made.output
    tables = {one: (tmp_path / "study" / one).read_text() for one in FILES}
    assert not any("@" in text or "T01" in text for text in tables.values())
    assert call("import", tmp_path / "study").exit_code == 0
    assert tables == {one: (tmp_path / "study" / one).read_text() for one in FILES}
    key.unlink()
    refused(call("import", tmp_path / "study"), "the key of the pseudonyms is not there")
    given = ("--from", tmp_path / "wide.csv", "--yes", "--key", tmp_path / "b" / "key")
    refused(call("new", tmp_path / "b", *given), "must not lie in the study's folder")
    assert not (tmp_path / "b").exists()


def test_the_gate_stops_what_identifies_unless_a_reason_is_written(tmp_path: Path) -> None:
    frame = one_file()
    site = frame["site_id"].astype("object").where(frame["patient_id"] != "P0003", "a.b@c.org")
    frame.assign(site_id=site).to_csv(tmp_path / "long.csv", index=False)
    given = ("--from", tmp_path / "long.csv", "--yes")
    ran = call("new", tmp_path / "study", *given)
    refused(ran, "long.csv, column 'site_id', line", "e-mail", "--leave-out")
    assert "a.b@c.org" not in ran.output
    assert not (tmp_path / "study").exists()
    refused(
        call("new", tmp_path / "study", *given, "--keep-ids", "--accept", "site_id=so"), "a reason"
    )
    reason = "site_id=addresses of our own test machines"
    made = call("new", tmp_path / "study", *given, "--accept", reason)
    assert made.exit_code == 0, made.output
    config = yaml.safe_load((tmp_path / "study" / "config.yaml").read_text())
    assert list(config["study"]["accept"]) == ["site_id"]


def conflicting(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.head(1).assign(phq9=frame["phq9"].iloc[0] + 1)])


def unreadable(frame: pd.DataFrame) -> pd.DataFrame:
    cells = frame["wai_sr"].astype("object")
    cells.iloc[4] = "Geheim"
    return frame.assign(wai_sr=cells)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (conflicting, ["bad.csv, lines 2, ", "hold different values"]),
        (unreadable, ["column 'wai_sr', line 6", "expected numbers"]),
        (lambda f: f.drop(columns="patient_id"), ["patient's identifier", "--column patient_id="]),
        (lambda f: f.assign(wai=f["wai_sr"]).rename(columns={"wai_sr": "srs"}), ["--column alli"]),
        (lambda f: f.assign(session=f["session"].where(f.index != 3)), ["number of the session"]),
        (lambda f: f.assign(site_id=f.index.astype(str)), ["read as 'site_id'"]),
        (lambda f: f.head(0), ["holds no rows"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_written(
    tmp_path: Path, change: object, words: list[str]
) -> None:
    change(one_file()).to_csv(tmp_path / "bad.csv", index=False)  # type: ignore[operator]
    ran = call("new", tmp_path / "study", "--from", tmp_path / "bad.csv", "--yes")
    refused(ran, *words)
    assert "Geheim" not in ran.output
    assert {one.name for one in tmp_path.iterdir()} == {"bad.csv"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv.gz", b"a,b\n1,2\n"),
        ("none.xlsx", b"no workbook"),
        ("none.parquet", b"no table"),
        ("none.sav", b"no file of SPSS"),
        ("none.dta", b"no file of Stata"),
        ("zero.csv", b""),
        ("nul.csv", b"patient_id,session,wai\nP1,1,\x003\n"),
        ("one.pdf", b"%PDF"),
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refused(call("new", tmp_path / "study", "--from", tmp_path / name, "--yes"), name)
    refused(call("new", tmp_path / "study", "--from", tmp_path / "gone.csv", "--yes"), "no such")


def test_new_columns_of_a_renewed_export_are_told(tmp_path: Path) -> None:
    wide().assign(remark="a long remark on what was said").to_csv(tmp_path / "a.csv", index=False)
    call("new", tmp_path / "study", "--from", tmp_path / "a.csv", "--yes")
    assert "New in" not in call("import", tmp_path / "study").output
    more = wide().assign(remark="x", ward=3, **{"Meier, Anna": 1})
    more.to_csv(tmp_path / "a.csv", index=False)
    again = call("import", tmp_path / "study")
    assert again.exit_code == 0, again.output
    assert f"New in a.csv, not read: ward, column {len(more.columns)}." in again.output
    assert "Meier" not in again.output


def test_a_name_that_identifies_is_shown_and_kept_as_a_position(tmp_path: Path) -> None:
    frame = wide().assign(**{"Meier, Anna": "what somebody wrote about her at length"})
    frame.to_csv(tmp_path / "a.csv", index=False)
    made = call("new", tmp_path / "study", "--from", tmp_path / "a.csv", "--yes")
    assert made.exit_code == 0, made.output
    assert f"Left out, free text: column {len(frame.columns)}" in made.output
    assert "Meier" not in made.output + (tmp_path / "study" / "import.yaml").read_text()
    assert "New in" not in call("import", tmp_path / "study").output


def test_only_what_was_said_is_told_as_such(tmp_path: Path) -> None:
    frame = wide().rename(columns={"patient_id": "Code", "gender": "mw"})
    frame.to_csv(tmp_path / "a.csv", index=False)
    made = call(
        "new", tmp_path / "study", "--from", tmp_path / "a.csv", "--yes", "--column", "gender=mw"
    )
    assert re.search(r"Code +→ patient_id \(by its name\)", made.output), made.output
    assert re.search(r"mw +→ gender \(you said so\)", made.output)


def test_a_table_too_wide_to_be_understood_is_refused(tmp_path: Path) -> None:
    for many, said in ((4_100, "beside those that repeat"), (100_000, "are not read")):
        header = ",".join(["patient_id", *(f"{'abc'[i % 3]}_{i}_x" for i in range(many))])
        rows = "".join(f"P{i}" + ",1" * many + "\n" for i in range(3))
        (tmp_path / "wide.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
        refused(call("new", tmp_path / "s", "--from", tmp_path / "wide.csv", "--yes"), said)


def test_lines_of_old_macs_and_numbers_beyond_any_score_are_no_crash(tmp_path: Path) -> None:
    text = one_file().to_csv(index=False)
    (tmp_path / "mac.csv").write_bytes(text.replace("\n", "\r").encode())
    given = ("--yes", "--keep-ids")
    made = call("new", tmp_path / "mac", "--from", tmp_path / "mac.csv", *given)
    assert made.exit_code == 0, made.output
    assert len(pd.read_csv(tmp_path / "mac" / "patients.csv")) == len(facts())
    symptoms = one_file()["phq9"].astype("float64")
    symptoms.iloc[3] = 1e308
    one_file().assign(phq9=symptoms).to_csv(tmp_path / "far.csv", index=False)
    far = call("new", tmp_path / "far", "--from", tmp_path / "far.csv", *given)
    refused(far, "column 'symptom'", "numbers of 9 digits or more")
