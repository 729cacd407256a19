"""A clinic's database of SQLite: tables about patients are read, all others named."""

from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from rupture_outcome.errors import StudyError
from rupture_outcome.study.importing.propose import read_again
from tests.unit.study.importing.exports import build, clinic, imported, read, scored
from tests.unit.study.importing.test_round_trip import coded, expected


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three tables and a view, in a folder whose name needs quoting."""
    folder = tmp_path / "Müller's 50% [a] folder"
    folder.mkdir()
    path = folder / "clinic.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        scored().to_sql("sessions", connection, index=False)
        clinic().patients.to_sql("people", connection, index=False)
        clinic().endings.to_sql("closings", connection, index=False)
        pd.DataFrame({"room": ["a"], "floor": [1]}).to_sql("rooms", connection, index=False)
        pd.DataFrame({"patient_id": []}).to_sql("empty", connection, index=False)
    engine.dispose()
    return path


def test_coded_sessions_are_those_of_the_contract(database: Path) -> None:
    before = database.read_bytes()
    proposal = read(database)
    assert proposal.others == ("clinic.db#rooms",)
    study = build(proposal.tables, proposal.plan)
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    again = build(read_again(proposal.plan, database.parent / "clinic"), proposal.plan)
    for table, frame in study.frames().items():
        pd.testing.assert_frame_equal(again.frames()[table], frame)
    assert database.read_bytes() == before


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "none.sqlite").write_bytes(b"no database at all")
    with pytest.raises(StudyError, match="no readable database"):
        imported(tmp_path / "none.sqlite")


def test_a_sheet_without_patients_is_left_out_and_named(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        scored().to_excel(book, sheet_name="scores", index=False)
        pd.DataFrame({"word": ["a", "b"], "meaning": [1, 2]}).to_excel(book, sheet_name="codes")
    assert read(tmp_path / "book.xlsx").others == ("book.xlsx#codes",)
    pd.DataFrame({"word": ["a", "b"], "meaning": [1, 2]}).to_csv(tmp_path / "c.csv")
    with pytest.raises(StudyError, match="no column is recognised"):
        read(tmp_path / "c.csv")
