"""The same study in every format and shape gives the same coded sessions."""

from pathlib import Path

import pandas as pd
import pytest

import rupture_outcome as ro
from tests.unit.study.importing import exports
from tests.unit.study.importing.exports import WRITERS, clinic, facts, imported, one_file, wide

KEY = ["patient_id", "session"]


def coded(sessions: pd.DataFrame) -> pd.DataFrame:
    """States by the fall of one SD, of rated sessions: a wide table knows no others."""
    found = ro.states(sessions, score="alliance_patient", definition="drop_sd")
    rated = sessions.dropna(subset="alliance_patient")[KEY]
    return found.merge(rated, on=KEY).sort_values(KEY).reset_index(drop=True)


def expected(shape: str) -> pd.DataFrame:
    sessions = exports.scored().rename(columns={"wai_sr": "alliance_patient"})
    if shape == "wide":  # blank cells are no rows
        sessions = sessions[sessions["attended"].eq(1)]
        sessions = sessions.dropna(subset=["alliance_patient", "phq9"], how="all")
    return coded(sessions)


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("shape", ["one_file", "wide"])
def test_coded_sessions_are_those_of_the_contract(tmp_path: Path, file: str, shape: str) -> None:
    frame = one_file() if shape == "one_file" else wide()
    WRITERS[file](frame, tmp_path / file)
    study = imported(tmp_path / file)
    pd.testing.assert_frame_equal(coded(study.sessions), expected(shape), check_dtype=False)
    endings = study.endings.set_index("patient_id")["ending"].reindex(facts()["patient_id"])
    assert endings.tolist() == facts()["ending"].tolist()
    people = study.patients.set_index("patient_id").loc[facts()["patient_id"]]
    assert people["severity"].equals(facts().set_index("patient_id")["severity"].astype(float))


def test_three_tables_of_three_formats_are_one_study(tmp_path: Path) -> None:
    exports.scored().to_parquet(tmp_path / "scores.parquet")
    clinic().patients.to_excel(tmp_path / "people.xlsx", index=False)
    exports.german(clinic().endings, tmp_path / "ends.csv")
    files = ("scores.parquet", "people.xlsx", "ends.csv")
    study = imported(*(tmp_path / name for name in files))
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    assert len(study.patients) == len(study.endings) == len(clinic().patients)


def test_sheets_of_a_workbook_are_tables(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "all.xlsx") as book:
        exports.scored().to_excel(book, sheet_name="Sitzungen", index=False)
        facts().to_excel(book, sheet_name="Personen", index=False)
        pd.DataFrame({"a": []}).to_excel(book, sheet_name="leer", index=False)
    study = imported(tmp_path / "all.xlsx")
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)


def test_forms_in_separate_rows_are_joined(tmp_path: Path) -> None:
    frame = one_file()
    before = frame.drop(columns="wai_sr")
    after = frame[["patient_id", "session", "wai_sr"]]
    pd.concat([before, after]).to_csv(tmp_path / "forms.csv", index=False)
    study = imported(tmp_path / "forms.csv")
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    assert study.counts["joined_rows"] == len(frame)


def test_items_are_kept_and_make_an_instrument(tmp_path: Path) -> None:
    clinic().sessions.to_csv(tmp_path / "items.csv", index=False)
    facts().to_csv(tmp_path / "people.csv", index=False)
    proposal = exports.read(tmp_path / "items.csv", tmp_path / "people.csv")
    scale = next(one for one in proposal.instruments if one.measures == "alliance_patient")
    assert (scale.use, scale.items, scale.range) == ("WAI-SR", tuple(exports.ITEMS), (1, 5))
    study = exports.build(proposal.tables, proposal.plan)
    given = clinic().sessions.sort_values(KEY)[exports.ITEMS].reset_index(drop=True)
    kept = study.sessions.sort_values(KEY)[exports.ITEMS].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, given, check_dtype=False)
