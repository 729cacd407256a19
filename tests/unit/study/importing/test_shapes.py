"""Shapes of exports beyond one row a session: each is seen, and nothing is silently attended."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.errors import StudyError
from rupture_outcome.study.importing.recognise.decision import Hints
from tests.unit.study.importing.exports import ITEMS, build, clinic, imported, read, scored
from tests.unit.study.importing.test_round_trip import KEY, coded, expected

START = pd.Timestamp("2023-05-02")


def export(tmp_path: Path, name: str = "export.csv", **columns: Any) -> Path:
    pd.DataFrame(columns).to_csv(tmp_path / name, index=False)
    return tmp_path / name


def test_one_row_an_answer(tmp_path: Path) -> None:
    asked = clinic().sessions.melt(["patient_id", "session"], ITEMS, "item", "value").dropna()
    asked.sample(frac=1, random_state=3).to_csv(tmp_path / "answers.csv", index=False)
    proposal = read(tmp_path / "answers.csv")
    assert proposal.understood[0].shape == "one_row_an_answer"
    assert (proposal.instruments[0].use, len(proposal.instruments[0].items)) == ("WAI-SR", 12)
    study = build(proposal.tables, proposal.plan)
    given = clinic().sessions.dropna(subset=ITEMS, how="all").sort_values(KEY)
    kept = study.sessions.sort_values(KEY)
    for item in ITEMS:
        np.testing.assert_array_equal(
            kept[item].to_numpy(dtype=float, na_value=np.nan),
            given[item].to_numpy(dtype=float, na_value=np.nan),
        )


def test_an_item_that_is_answered_twice_stops(tmp_path: Path) -> None:
    item = ["wai_01", "wai_02", "wai_03", "wai_03"]
    file = export(tmp_path, patient_id="P1", session=1, item=item, value=[1, 2, 3, 4])
    with pytest.raises(StudyError, match="lines 4, 5: the same item"):
        imported(file)


def test_visits_with_dates_are_numbered_and_dates_are_not_kept(tmp_path: Path) -> None:
    visits = scored()
    began = pd.Series(START, visits.index) + pd.to_timedelta(visits["patient_id"].rank(), unit="D")
    days = pd.to_timedelta(visits["day"].astype(float), unit="D")
    visits["Datum"] = (began + days).dt.strftime("%d.%m.%Y")
    visits["Aufnahmedatum"] = began.dt.strftime("%d.%m.%Y")
    table = visits.drop(columns=["session", "day"]).sample(frac=1, random_state=1)
    table.to_csv(tmp_path / "visits.csv", index=False)
    proposal = read(tmp_path / "visits.csv")
    assert proposal.understood[0].shape == "one_row_a_visit"
    study = build(proposal.tables, proposal.plan)
    pd.testing.assert_frame_equal(coded(study.sessions), expected("long"), check_dtype=False)
    given = scored().sort_values(KEY)["day"].astype("int64")
    assert study.sessions.sort_values(KEY)["day"].astype("int64").tolist() == given.tolist()
    cells = [*study.sessions.astype("str").to_numpy().ravel(), *study.patients.to_numpy().ravel()]
    assert not any("2023" in str(cell) or "2024" in str(cell) for cell in cells)


def test_a_wide_table_with_dates_and_items(tmp_path: Path) -> None:
    rows: dict[str, Any] = {"ID": [f"P{i}" for i in range(1, 31)], "Abbruch": [0, 1] * 15}
    for s in range(1, 4):
        rows[f"Datum_S{s}"] = [f"{1 + s * 7:02d}.01.2024"] * 30
        for i in range(1, 13):
            rows[f"WAI{i}_S{s}"] = [(i + s + p) % 5 + 1 for p in range(30)]
    rows["WAI1_S3"][4] = 99
    proposal = read(export(tmp_path, **rows))
    source = proposal.plan.sources[0]
    assert source.wide["wai1"] == "WAI1_S{session}"
    assert source.wide["date"] == "Datum_S{session}"
    assert source.missing["WAI1_S3"] == ["99"]
    study = build(proposal.tables, proposal.plan)
    assert len(study.sessions) == 90
    assert study.sessions["day"].tolist() == [0, 7, 14] * 30
    assert study.sessions["wai1"].isna().sum() == 1
    assert study.endings["ending"].tolist() == ["completed", "dropout"] * 15
    assert study.counts["endings_from_flag"] == 30


def test_items_of_one_form_are_not_taken_for_sessions(tmp_path: Path) -> None:
    answers = {f"bdi_{i}": [1, 2, 0] for i in range(1, 22)}
    file = export(tmp_path, patient_id=["a", "b", "c"], **answers)
    with pytest.raises(StudyError, match=r"--wide 'alliance_s\{session\}'"):
        imported(file)


STATUS = {
    "attended": 1,
    "erschienen": 1,
    "no show": 0,
    "nicht erschienen": 0,
    "abgesagt durch Klinik": 0,
    "cancelled by clinic": 0,
    "cancelled by client": 0,
    "nein": 0,
    "0": 0,
    "1": 1,
    "ja": 1,
}


@pytest.mark.parametrize("status", STATUS)
def test_a_missed_session_is_never_silently_attended(tmp_path: Path, status: str) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "a", "b"],
        session=[1, 2, 1],
        status=["1" if status in "01" else "attended", status, status],
        wai_sr=[30, 31, 32],
    )
    held = imported(file).sessions["attended"].tolist()
    assert held == [1, STATUS[status], STATUS[status]]


def test_who_stayed_away_last_is_told_from_what_the_clinic_cancelled(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "a", "b", "b", "c", "c"],
        session=[1, 2] * 3,
        status=["attended", "no show", "attended", "cancelled by clinic", "no show", "attended"],
        wai_sr=[30, None, 31, None, None, 33],
    )
    study = imported(file)
    assert study.endings["missed_last_appointment"].tolist() == [1, 0, 0]
    assert study.counts["cancelled_by_clinic"] == 1


def test_a_status_that_nobody_knows_stays_and_is_left_to_decide(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "a", "b"],
        session=[1, 2, 1],
        status=["attended", "X7", "no show"],
        wai_sr=[30, 31, 32],
    )
    proposal = read(file)
    assert [(o.key, o.what) for o in proposal.understood[0].undecided] == [
        ("values.sessions.attended", "X7")
    ]
    study = build(proposal.tables, proposal.plan)
    assert study.sessions["attended"].tolist() == ["1", "X7", "0"]
    assert "missed_last_appointment" not in study.endings


def test_the_last_status_is_the_ending(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "a", "b", "b"],
        session=[1, 2, 2, 1],
        treatment_status=["in treatment", "dropped out", "completed", "in treatment"],
        wai_sr=[30, 31, 32, 33],
    )
    assert imported(file).endings["ending"].tolist() == ["dropout", "completed"]


def test_numbering_that_begins_again_is_a_second_course(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a"] * 5 + ["b"] * 2,
        session=[1, 2, 3, 1, 2, 1, 2],
        therapist_id=["t"] * 7,
        ending=["dropout"] * 7,
        wai_sr=[30, 31, 32, 40, 41, 50, 51],
    )
    proposal = read(file)
    assert proposal.plan.second_courses == "split"
    study = build(proposal.tables, proposal.plan)
    assert study.counts["second_courses"] == 1
    assert sorted(study.patients["patient_id"]) == ["a", "a-2", "b"]
    ends = study.endings.set_index("patient_id")["ending"]
    assert ends.isna().to_dict() == {"a": True, "a-2": False, "b": False}
    assert study.patients["therapist_id"].tolist() == ["t"] * 3


def test_blank_cells_of_a_wide_table_are_no_sessions(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "b"],
        last_session=[4, 2],
        **{"wai_s1": [30, 31], "wai_s2": [32, 33], "wai_s3": [None, None], "wai_s4": [None, None]},
    )
    study = imported(file)
    held = study.sessions[["patient_id", "session"]].to_numpy().tolist()
    assert held == [["a", 1], ["a", 2], ["a", 4], ["b", 1], ["b", 2]]
    assert study.counts["last_sessions_added"] == 1


def test_two_rows_of_headers(tmp_path: Path) -> None:
    rows = [
        [None, "WAI-SR", None, None, "PHQ-9", None, None],
        ["Chiffre", "S1", "S2", "S3", "S1", "S2", "S3"],
        ["a", 30, 31, 32, 9, 8, 7],
        ["b", 40, 41, None, 6, 5, None],
    ]
    pd.DataFrame(rows).to_excel(tmp_path / "two.xlsx", index=False, header=False)
    proposal = read(tmp_path / "two.xlsx")
    assert proposal.plan.sources[0].wide == {
        "alliance_patient": "WAI-SR S{session}",
        "symptom": "PHQ-9 S{session}",
    }
    study = build(proposal.tables, proposal.plan)
    assert study.sessions["alliance_patient"].tolist() == [30, 31, 32, 40, 41]


@pytest.mark.parametrize("code", [99, -99, 999])
def test_a_code_far_off_all_scores_is_missing(tmp_path: Path, code: int) -> None:
    score = [3.5, code, 4.0, 5.5]
    file = export(tmp_path, patient_id=["a", "a", "b", "b"], session=[1, 2, 1, 2], alliance=score)
    proposal = read(file)
    assert proposal.plan.sources[0].missing == {"alliance": [str(code)]}
    study = build(proposal.tables, proposal.plan)
    assert study.sessions["alliance_patient"].isna().tolist() == [False, True, False, False]


def test_codes_that_are_told_are_missing_everywhere(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "a"],
        session=[1, 2],
        wai_sr=[30, 7],
        phq9=[7, 8],
        gender=["7", "f"],
    )
    study = imported(file, hints=Hints(missing=("7",)))
    assert study.sessions["alliance_patient"].isna().tolist() == [False, True]
    assert study.sessions["symptom"].isna().tolist() == [True, False]
    assert study.patients["gender"].tolist() == ["f"]


def test_days_as_spreadsheets_count_them_are_dates(tmp_path: Path) -> None:
    file = export(tmp_path, patient_id=["a", "a"], session=[45000, 45007], wai_sr=[30, 31])
    study = imported(file)
    assert study.sessions["session"].tolist() == [1, 2]
    assert study.sessions["day"].tolist() == [0, 7]


def test_ages_are_banded_and_names_of_persons_are_left_out(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        patient_id=["a", "b"],
        surname=["Xyz", "Abc"],
        Geburtsdatum=["01.02.1980", "03.04.1990"],
        age=[41, 93],
        session=[1, 1],
        wai_sr=[30, 31],
    )
    proposal = read(file)
    left = {d.column: d.why for d in proposal.understood[0].decisions if d.left_out}
    assert left == {"surname": "identifying", "Geburtsdatum": "identifying"}
    bands = build(proposal.tables, proposal.plan).patients["age_band"].tolist()
    assert bands == ["30-44", "90+"]
