"""Cleaning: what is removed, what is changed, and that both are counted."""

import pandas as pd
import pytest

from rupture_outcome.pipeline.config import load
from rupture_outcome.study.clean import clean_study
from rupture_outcome.study.contract import key
from rupture_outcome.study.flow import FLOW_COLUMNS, flow_frame, flow_row
from rupture_outcome.study.read import read_study
from rupture_outcome.study.tables import StudyTables
from tests.unit.study.toy_study import ToyStudy

STOP = {"conflicting_sessions": "stop"}


@pytest.fixture
def untidy(toy: ToyStudy) -> StudyTables:
    """Q71's first session twice, answers on a missed session, a patient who never came."""
    toy.tables["sessions"].append(list(toy.tables["sessions"][1]))
    toy.set("sessions", 3, "i1", "4")
    toy.tables["patients"].append(["Q74", "HH2", "20"])
    toy.tables["sessions"].append(["Q74", "1", "4", "0", "", "", "", "", ""])
    toy.tables["endings"].append(["Q74", "", "dropout"])
    return read_study(load(toy.write()))


def removed(study: StudyTables, step: str) -> tuple[int, int]:
    row = study.flow.set_index("step").loc[step]
    return int(row["removed_patients"]), int(row["removed_sessions"])


def changed(study: StudyTables, column: str) -> int:
    return int(study.changes.set_index("columns").loc[column, "rows"])


def test_every_removal_is_in_the_flow(untidy: StudyTables) -> None:
    clean = clean_study(untidy, STOP)
    assert removed(clean, "entered_twice") == (0, 1)
    assert removed(clean, "began_treatment") == (1, 1)
    assert removed(clean, "attended") == (0, 1)
    for table, frame in clean.frames().items():
        assert "Q74" not in set(frame["patient_id"]), table


def test_the_flow_adds_up(untidy: StudyTables) -> None:
    flow = pd.concat([untidy.flow, clean_study(untidy, STOP).flow], ignore_index=True)
    for unit in ("patients", "sessions"):
        assert flow[unit].diff().dropna().eq(-flow[f"removed_{unit}"].iloc[1:]).all()


def test_missed_sessions_stay_without_answers(untidy: StudyTables) -> None:
    clean = clean_study(untidy, STOP)
    missed = clean.sessions[clean.sessions["attended"].eq(0)]
    assert missed[["patient_id", "session"]].to_numpy().tolist() == [["Q71", 2]]
    assert missed["i1"].isna().all()
    assert changed(clean, "all answers") == 1


def test_what_is_not_given_is_filled_in(untidy: StudyTables) -> None:
    clean = clean_study(untidy, STOP)
    assert clean.sessions["attended"].notna().all()
    assert clean.sessions["therapist_id"].tolist() == ["HH1"] * 3 + ["HH2"] * 2 + ["HH1"]
    assert clean.endings["last_session"].tolist() == [3, 2, 1]
    assert changed(clean, "last_session") == 1


def test_keys_are_unique_and_rows_sorted(untidy: StudyTables) -> None:
    clean = clean_study(untidy, STOP)
    for table, frame in clean.frames().items():
        keys = frame[key(table)]
        assert not keys.duplicated().any()
        pd.testing.assert_frame_equal(keys, keys.sort_values(key(table), ignore_index=True))


def test_cleaning_twice_changes_nothing(untidy: StudyTables) -> None:
    once = clean_study(untidy, STOP)
    twice = clean_study(once, STOP)
    for table, frame in once.frames().items():
        pd.testing.assert_frame_equal(frame, getattr(twice, table))


@pytest.mark.parametrize(("choice", "kept"), [("first", 5), ("last", 2)])
def test_conflicts_keep_the_values_that_the_config_names(
    choice: str, kept: int, toy: ToyStudy
) -> None:
    toy.tables["sessions"].append(["Q73", "1", "2", "1", "2", "5", "5", "5", "9"])
    toy.config["cleaning"] = {"conflicting_sessions": choice}
    config = load(toy.write())
    clean = clean_study(read_study(config), config["cleaning"])
    assert clean.sessions["i1"].iloc[-1] == kept
    assert removed(clean, "conflicting") == (0, 1)


def in_pieces(toy: ToyStudy) -> dict:
    """A study in which each session has one row for the items and one for the symptoms."""
    header, *rows = toy.tables["sessions"]
    symptom = header.index("symptom")
    first = [[*row[:symptom], ""] for row in rows]
    second = [[*row[:3], "", "", "", "", "", row[symptom]] for row in rows]
    toy.tables["sessions"] = [header, *first, *second]
    return load(toy.write())


@pytest.mark.parametrize("choice", ["stop", "first", "last"])
def test_pieces_of_a_session_become_one_row_and_nothing_is_lost(choice: str, toy: ToyStudy) -> None:
    toy.config["cleaning"] = {"conflicting_sessions": choice}
    config = load(toy.write())
    whole = clean_study(read_study(config), config["cleaning"])
    pieces = clean_study(read_study(in_pieces(toy)), config["cleaning"])
    pd.testing.assert_frame_equal(pieces.sessions, whole.sessions)
    assert removed(pieces, "joined") == (0, len(whole.sessions))
    assert "joined" not in set(whole.flow["step"])


def test_a_conflict_loses_no_cell_that_only_one_row_has(toy: ToyStudy) -> None:
    toy.tables["sessions"].append(["Q73", "1", "2", "1", "2", "", "5", "5", ""])
    toy.config["cleaning"] = {"conflicting_sessions": "last"}
    config = load(toy.write())
    clean = clean_study(read_study(config), config["cleaning"])
    kept = clean.sessions.iloc[-1]
    assert kept[["i1", "i2", "symptom"]].tolist() == [2, 5, 9]


def test_a_resolution_needs_a_reported_rupture(untidy: StudyTables) -> None:
    answers = pd.DataFrame(
        {"psq_patient_rupture": [1, 0, pd.NA], "psq_patient_resolution": [4.0, 4.0, 4.0]}
    ).astype({"psq_patient_rupture": "Int64"})
    sessions = untidy.sessions.iloc[[0, 2, 3]].reset_index(drop=True).assign(**answers)
    given = StudyTables(**{**untidy.frames(), "sessions": sessions})
    clean = clean_study(given, STOP)
    assert clean.sessions["psq_patient_resolution"].isna().tolist() == [False, True, False]
    assert changed(clean, "psq_patient_resolution") == 1


def test_a_flow_without_rows_has_its_columns() -> None:
    assert list(flow_frame([]).columns) == FLOW_COLUMNS
    assert list(flow_row("a", "b", 3, 2, 1, 1)) == FLOW_COLUMNS


def test_a_patient_without_a_therapist_has_one_of_his_own(tmp_path) -> None:
    toy = ToyStudy(tmp_path)
    toy.set("patients", 2, "therapist_id", "")
    toy.set("patients", 4, "therapist_id", "")
    config = load(toy.write())
    clean = clean_study(read_study(config), config["cleaning"])
    assert clean.patients["therapist_id"].tolist() == ["unknown-1", "HH2", "unknown-2"]
    own = clean.sessions.drop_duplicates("patient_id")["therapist_id"].tolist()
    assert own == ["unknown-1", "HH2", "unknown-2"]
    counted = clean.changes[clean.changes["table"].eq("patients")]
    assert counted["rows"].tolist() == [2]


def test_a_study_needs_no_column_of_therapists(tmp_path) -> None:
    toy = ToyStudy(tmp_path)
    toy.drop("patients", "therapist_id")
    config = load(toy.write())
    clean = clean_study(read_study(config), config["cleaning"])
    assert clean.patients["therapist_id"].nunique() == len(clean.patients)
