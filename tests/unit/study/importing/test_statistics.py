"""Files of SPSS and Stata: labels say what columns and codes are, declared codes are missing."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from rupture_outcome.study.importing.formats import read_file
from tests.unit.study.importing.exports import imported, read


def labelled() -> tuple[pd.DataFrame, dict[str, str]]:
    """Five patients of three sessions under names that say nothing."""
    rows = [(p, s, 3.0 + s, 2.0) for p in range(1, 6) for s in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["V1", "V2", "V3", "V4"], dtype=float)
    frame.loc[0, "V3"], frame.loc[4, "V3"], frame.loc[7, "V3"] = 99, -5, -9
    said = {"V1": "Patient ID", "V2": "Session number", "V3": "Working alliance", "V4": "Ending"}
    return frame, said


ENDINGS = {1.0: "completed", 2.0: "dropped out"}


@pytest.mark.parametrize("name", ["plain.sav", "packed.zsav"])
def test_labels_and_missing_codes_of_spss(tmp_path: Path, name: str) -> None:
    frame, said = labelled()
    pyreadstat.write_sav(
        frame,
        str(tmp_path / name),
        column_labels=said,
        variable_value_labels={"V4": ENDINGS, "V3": {1.0: "never", 7.0: "always"}},
        missing_ranges={"V3": [{"lo": -10, "hi": -1}, 99]},
        compress=name.endswith("zsav"),
    )
    proposal = read(tmp_path / name)
    assert proposal.tables[0].blanked == {"V3": 3}
    became = {one.column: (one.became, one.why) for one in proposal.understood[0].decisions}
    assert became["V3"] == ("alliance_patient", "label")
    scale = proposal.instruments[0]
    assert (scale.range, scale.direction) == ((1.0, 7.0), 1)
    study = imported(tmp_path / name)
    assert study.sessions["alliance_patient"].isna().sum() == 3
    assert study.sessions["patient_id"].unique().tolist() == ["1", "2", "3", "4", "5"]
    assert set(study.endings["ending"]) == {"dropout"}


def test_labels_and_letters_of_stata(tmp_path: Path) -> None:
    frame, said = labelled()
    frame["V3"] = frame["V3"].astype("object")
    frame.loc[0, "V3"] = "a"
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "s.dta"),
        column_labels=said,
        variable_value_labels={"V4": {1: "completed", 2: "dropped out"}},
        missing_user_values={"V3": ["a"]},
    )
    table = read_file(tmp_path / "s.dta")[0]
    assert table.blanked == {"V3": 1}
    assert table.frame["V3"].isna().tolist() == [True] + [False] * 14
    study = imported(tmp_path / "s.dta")
    assert study.sessions["alliance_patient"].isna().sum() == 1


def test_dates_become_days_and_are_not_kept(tmp_path: Path) -> None:
    frame, said = labelled()
    frame["V5"] = pd.Timestamp("2024-03-01") + pd.to_timedelta(frame["V2"] * 7, unit="D")
    pyreadstat.write_sav(
        frame.drop(columns="V2"),
        str(tmp_path / "d.sav"),
        column_labels={**{k: v for k, v in said.items() if k != "V2"}, "V5": "Date of session"},
    )
    study = imported(tmp_path / "d.sav")
    assert study.sessions["session"].tolist() == [1, 2, 3] * 5
    assert study.sessions["day"].tolist() == [0, 7, 14] * 5
    assert "date" not in study.sessions
