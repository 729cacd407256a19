"""What is exported comes back from each kind of file, with its labels."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from typer.testing import CliRunner

from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline import cli, export
from rupture_outcome.pipeline.config import load
from rupture_outcome.study.writing import read_csv
from tests.running import EXAMPLE, TAGEBUCH
from tests.unit.study.toy_study import ToyStudy

READERS = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}
Tables = dict[str, export.Table]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return export.export_tables(load(TAGEBUCH))


@pytest.mark.parametrize("kind", ["sav", "dta"])
@pytest.mark.parametrize("name", ["sessions", "persons"])
def test_spss_and_stata_files_come_back_with_labels(
    tables: Tables, tmp_path: Path, kind: str, name: str
) -> None:
    export.write_export(tables, tmp_path, kind, force=False)
    frame, described = tables[name]
    found, about = READERS[kind](tmp_path / f"{name}.{kind}")
    labelled, _ = READERS[kind](tmp_path / f"{name}.{kind}", apply_value_formats=True)
    assert list(found) == list(frame)
    assert len(found) == len(frame)
    for column, one in zip(frame, described, strict=True):
        shown = one.label[:80] if kind == "dta" else one.label
        assert about.column_names_to_labels[column] == shown
        if one.meanings:
            assert about.variable_value_labels[column] == one.meanings
        values, back = frame[column], found[column]
        if one.codes:
            words = values.astype("str").map({c: one.meanings[n] for c, n in one.codes.items()})
            assert labelled[column].astype("str").tolist() == words.astype("str").tolist()
        elif pd.api.types.is_numeric_dtype(values):
            numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_array_equal(back.to_numpy(float), numbers)  # also where missing
        else:
            assert back.fillna("").tolist() == values.astype("object").fillna("").tolist()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["sessions", "persons"])
def test_tables_come_back_with_a_codebook(
    tables: Tables, tmp_path: Path, kind: str, name: str
) -> None:
    export.write_export(tables, tmp_path, kind, force=False)
    frame, described = tables[name]
    path = tmp_path / f"{name}.{kind}"
    texts = {str(c): "str" for c in frame if not pd.api.types.is_numeric_dtype(frame[c])}
    found = read_csv(path, dtype=texts) if kind == "csv" else pd.read_parquet(path)
    assert list(found) == list(frame)
    for column in frame:
        left, right = found[column], frame[column]
        if column in texts:
            assert left.astype("object").fillna("").tolist() == (
                right.astype("object").fillna("").tolist()
            )
        else:
            np.testing.assert_array_equal(
                left.to_numpy(float, na_value=np.nan), right.to_numpy(float, na_value=np.nan)
            )
    book = read_csv(tmp_path / "codebook.csv", keep_default_na=False)
    own = book[book["table"].eq(name)].drop_duplicates("variable").set_index("variable")["label"]
    assert own.to_dict() == dict(zip(frame, [one.label for one in described], strict=True))


def test_states_and_ruptures_are_those_of_the_pipeline() -> None:
    config = load(EXAMPLE)
    coded = export.code_study(config)
    frame, described = export.export_tables(config)["sessions"]
    labels = dict(zip(frame, [one.label for one in described], strict=True))
    own = coded.ruptures[coded.ruptures["definition"].eq("drop_rci")]
    assert frame["rupture_drop_rci"].sum() == own["verdict"].eq("detected").sum()
    assert frame["rupture_drop_rci"].notna().sum() == own["verdict"].ne("not_testable").sum()
    assert "state_v_shape" not in frame  # knows what comes later
    assert "looks ahead" in labels["rupture_v_shape"]
    assert labels["wai_01"] == "WAI-SR item 1"
    assert (
        frame["dropout"].sum()
        == coded.person_sessions.groupby(["definition", "repair_rule"])["dropout"].sum().max()
    )


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    config = str(ToyStudy(tmp_path).write())
    out = tmp_path / "out"
    command = ["export", config, "--out", str(out), "--to", "csv"]
    assert CliRunner().invoke(cli.app, command).exit_code == 0
    (out / "sessions.csv").write_text("mine")
    again = CliRunner().invoke(cli.app, command)
    assert again.exit_code == 1
    assert "--force" in again.output
    assert (out / "sessions.csv").read_text() == "mine"
    forced = CliRunner().invoke(cli.app, [*command, "--force"])
    assert forced.exit_code == 0
    assert "not for passing on" in forced.output
    assert "not for passing on" in (out / export.NOTICE_FILE).read_text()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Größe", "groesse"], ["Gr__e", "groesse"]),
        (["a" * 40, "a" * 41], ["a" * 32, "a" * 30 + "_2"]),
        (["Int", "INT"], ["Int_", "INT__2"]),
    ],
)
def test_names_fit_spss_and_stata(names: list[str], expected: list[str]) -> None:
    assert export.unique_names(names) == expected


@pytest.mark.parametrize("name", ["sessions", "persons"])
def test_what_mplus_reads_is_what_the_table_holds(
    tables: Tables, tmp_path: Path, name: str
) -> None:
    export.write_export(tables, tmp_path, "mplus", force=False)
    frame, described = tables[name]
    given = (tmp_path / f"{name}.inp").read_text()
    names = re.search(r"NAMES ARE\s+([^;]*);", given)[1].split()
    assert len(names) == len(frame.columns)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,7}", one) for one in names)
    assert len({one.lower() for one in names}) == len(names)
    assert f"FILE IS {name}.dat;" in given
    assert "MISSING ARE .;" in given
    assert given.isascii()
    assert max(map(len, given.splitlines())) <= 90
    lines = (tmp_path / f"{name}.dat").read_text().splitlines()
    read = pd.DataFrame([line.split(" ") for line in lines], columns=names)
    read = read.replace(".", None).astype("float64")
    numbers = read_csv(tmp_path / "numbers.csv", dtype={"text": "str"})
    for short, column, one in zip(names, frame, described, strict=True):
        values = frame[column]
        if one.codes:
            wanted = values.astype("str").map(one.codes).astype("float64")
        elif pd.api.types.is_numeric_dtype(values):
            wanted = values.astype("Float64")
        else:
            own = numbers[numbers["variable"].eq(short)].set_index("text")["number"]
            wanted = values.astype("object").map(own).astype("float64")
        found = wanted.to_numpy(float, na_value=np.nan)
        np.testing.assert_array_equal(read[short].to_numpy(), found)
        assert f"! {short}: " in given


def test_a_patient_has_one_number_in_both_tables_for_mplus(tables: Tables, tmp_path: Path) -> None:
    export.write_export(tables, tmp_path, "mplus", force=False)
    with pytest.raises(StudyError, match="already there"):
        export.write_export(tables, tmp_path, "mplus", force=False)
    first = [(tmp_path / f"{name}.dat").read_text().split() for name in ("sessions", "persons")]
    assert first[0][0] == first[1][0] == "1"
    numbers = read_csv(tmp_path / "numbers.csv")
    patients = tables["persons"][0]["patient_id"]
    assert set(numbers.loc[numbers["text"].isin(patients), "text"]) == set(patients)
