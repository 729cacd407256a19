"""Exports of REDCap with events, repeating instruments, checkboxes and a data dictionary."""

from pathlib import Path

import pandas as pd
import pytest

from rupture_outcome.study.importing.propose import read_again
from tests.unit.study.importing.exports import build, facts, imported, read, scored
from tests.unit.study.importing.test_round_trip import coded, expected

HEAD = ["Variable / Field Name", "Form Name", "Field Type", "Field Label"]
CHOICES, MARK = "Choices, Calculations, OR Slider Labels", "Identifier?"
ENDINGS = dict(enumerate(["dropout", "completed", "agreed", "referred", "administrative"], 1))
ENDINGS[6] = "ongoing"


def dictionary(path: Path) -> None:
    rows = [
        ("record_id", "intake", "text", "Record ID", "", ""),
        ("wai_sr", "session", "text", "Working alliance, total", "", ""),
        ("kind_of_end", "closing", "radio", "Ending", _choices(), ""),
        ("nick", "intake", "text", "How they like to be called", "", "y"),
        ("tags", "intake", "checkbox", "Problems", "1, Sleep | 2, Work", ""),
    ]
    pd.DataFrame(rows, columns=[*HEAD, CHOICES, MARK]).to_csv(path, index=False)


def _choices() -> str:
    return " | ".join(f"{code}, {label.capitalize()}" for code, label in ENDINGS.items())


def people() -> pd.DataFrame:
    codes = {label: code for code, label in ENDINGS.items()}
    table = facts().rename(columns={"patient_id": "record_id"})
    table = table.assign(kind_of_end=table["ending"].map(codes)).drop(columns="ending")
    return table.assign(nick="Anni", tags___1=0, tags___2=1, intake_complete=2)


def repeating() -> pd.DataFrame:
    """One event; the forms of a session are two repeating instruments."""
    sessions = scored().rename(columns={"patient_id": "record_id", "session": "number"})
    sessions["redcap_repeat_instance"] = sessions.pop("number")
    rated = sessions[["record_id", "redcap_repeat_instance", "wai_sr"]]
    others = sessions.drop(columns=["wai_sr", "therapist_id"])
    forms = [
        people().assign(redcap_repeat_instrument=None, redcap_repeat_instance=None),
        rated.assign(redcap_repeat_instrument="after", after_complete=2),
        others.assign(redcap_repeat_instrument="before", before_complete=2),
    ]
    return pd.concat(forms).assign(redcap_event_name="therapy_arm_1")


def events() -> pd.DataFrame:
    """An event for every session, and one before."""
    sessions = scored().rename(columns={"patient_id": "record_id"}).drop(columns="therapist_id")
    names = "session_" + sessions.pop("session").astype(str) + "_arm_1"
    before = people().drop(columns="severity").assign(phq9=facts()["severity"])
    return pd.concat(
        [
            before.assign(redcap_event_name="baseline_arm_1"),
            sessions.assign(redcap_event_name=names),
        ]
    )


@pytest.mark.parametrize("shape", [repeating, events])
def test_coded_sessions_are_those_of_the_contract(tmp_path: Path, shape) -> None:
    dictionary(tmp_path / "dictionary.csv")
    frame = shape()
    order = ["record_id", *(name for name in frame if name != "record_id")]
    frame[order].to_csv(tmp_path / "export.csv", index=False)
    files = (tmp_path / "export.csv", tmp_path / "dictionary.csv")
    study = imported(*files)
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    by_id = facts().set_index("patient_id")
    assert study.endings.set_index("patient_id")["ending"].equals(by_id["ending"].astype("str"))
    severity = study.patients.set_index("patient_id")["severity"]
    assert severity.equals(by_id["severity"].astype(float))


def test_what_a_dictionary_marks_as_identifying_is_not_read_now_nor_again(tmp_path: Path) -> None:
    dictionary(tmp_path / "dictionary.csv")
    repeating().to_csv(tmp_path / "export.csv", index=False)
    proposal = read(tmp_path / "dictionary.csv", tmp_path / "export.csv")
    assert len(proposal.tables) == 1
    assert "nick" not in proposal.tables[0].columns
    left = {one.column: one.why for one in proposal.understood[0].decisions if one.left_out}
    assert left["tags___1"] == "checkbox"
    assert left["before_complete"] == "form_status"
    assert left["redcap_event_name"] == "bookkeeping"
    again = build(read_again(proposal.plan, tmp_path / "clinic"), proposal.plan)
    first = build(proposal.tables, proposal.plan)
    for table, frame in first.frames().items():
        pd.testing.assert_frame_equal(again.frames()[table], frame)


def test_codes_for_missing_data_are_missing(tmp_path: Path) -> None:
    frame = repeating()
    cells = frame["wai_sr"].astype("object").reset_index(drop=True)
    filled = cells.dropna().index[:2]
    cells[filled[0]], cells[filled[1]] = "UNK", "NASK"
    frame.assign(wai_sr=cells.to_numpy()).to_csv(tmp_path / "export.csv", index=False)
    given = scored()["wai_sr"].notna().sum()
    assert imported(tmp_path / "export.csv").sessions["alliance_patient"].notna().sum() == given - 2
