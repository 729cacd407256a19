"""The gate stops every kind of identifier wherever it stands, and lets a usual study pass."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.study.gate import Finding, findings
from rupture_outcome.study.gate.names import is_identifying
from tests.unit.study.gate.identifiers import KINDS

ROWS = 30
CAUGHT = len(KINDS) - 2  # in each place; asked for are 43 of 45
REPOSITORY = Path(__file__).parents[4]


def table() -> pd.DataFrame:
    numbers = np.arange(1, ROWS + 1)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in numbers],
            "site_id": [f"S{i % 3}" for i in numbers],
            "severity": [str(10 + i % 15) for i in numbers],
        }
    )


def column_of(kind: str) -> list[str]:
    """As many cells as there are rows; free text is another in each."""
    three = KINDS[kind]
    own = [f" and {chr(97 + i)}" for i in range(ROWS)] if kind == "free text" else [""] * ROWS
    return [three[i % 3] + own[i] for i in range(ROWS)]


def in_patient_id(kind: str) -> list[Finding]:
    return findings(table().assign(patient_id=column_of(kind)), "patients.csv", {})


def in_a_column_not_read(kind: str) -> list[Finding]:
    return findings(table().assign(extra=column_of(kind)), "patients.csv", {})


def in_one_row_of_site_id(kind: str) -> list[Finding]:
    frame = table()
    frame.loc[7, "site_id"] = KINDS[kind][0]
    return findings(frame, "patients.csv", {})


def in_one_row_of_patient_id(kind: str) -> list[Finding]:
    frame = table()
    frame.loc[7, "patient_id"] = KINDS[kind][0]
    return findings(frame, "patients.csv", {})


def among_others_in_a_cell(kind: str) -> list[Finding]:
    cells = [f"ok – {KINDS[kind][0]} – 3", *["ok"] * (ROWS - 1)]
    return findings(table().assign(extra=cells), "patients.csv", {})


def as_name_of_a_column(kind: str) -> list[Finding]:
    return findings(table().assign(**{KINDS[kind][0]: "3"}), "patients.csv", {})


def as_name_of_the_file(kind: str) -> list[Finding]:
    return findings(table(), f"{KINDS[kind][0].replace('/', '-')}.csv", {})


PLACES: tuple[Callable[[str], list[Finding]], ...] = (
    in_patient_id,
    in_a_column_not_read,
    in_one_row_of_site_id,
    in_one_row_of_patient_id,
    among_others_in_a_cell,
    as_name_of_a_column,
    as_name_of_the_file,
)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_at_most_two_kinds_pass_in_a_place_and_no_value_is_repeated(
    place: Callable[[str], list[Finding]],
) -> None:
    found = {kind: place(kind) for kind in KINDS}
    assert sum(map(bool, found.values())) >= CAUGHT, [k for k, f in found.items() if not f]
    for kind, several in found.items():
        said = "\n".join(f"{one!r} {one.problem()}" for one in several)
        assert not any(value in said for value in KINDS[kind]), kind


@pytest.mark.parametrize(
    "name", ["Geburtsjahr", "notes", "postal_code", "Telefonnummer", "client_name", "Freitext"]
)
def test_a_name_that_announces_an_identifier(name: str) -> None:
    [found] = findings(table().assign(**{name: "1"}), "patients.csv", {})
    assert (found.column, found.kind) == (name, "name_of_column")


@pytest.mark.parametrize("name", ["site_name", "patient_id", "age_band", "zipper", "Klient"])
def test_a_name_that_announces_none(name: str) -> None:
    assert not is_identifying(name)


def test_rows_are_labelled_as_the_frame_labels_them() -> None:
    frame = table().set_index(pd.Index(range(2, ROWS + 2)))
    frame.loc[[9, 11], "site_id"] = "a.m@clinic.org"
    [found] = findings(frame, "patients.csv", {})
    assert (found.column, found.kind, list(found.rows)) == ("site_id", "e_mail", [9, 11])


def test_what_is_accepted_passes() -> None:
    frame = table().assign(region=["10115", "04109", "50667"] * (ROWS // 3))
    assert [one.column for one in findings(frame, "patients.csv", {})] == ["region"]
    assert not findings(frame, "patients.csv", {"region": "the first two digits are zeros"})


@pytest.mark.parametrize(
    "values",
    [
        range(1, 601),
        range(1001, 1601),
        range(20001, 20601),
        [1, 7] * 30,
        range(0, 2001, 7),
        [f"P{i:06d}" for i in range(1, 601)],
        [f"{s}-{i:03d}" for s in ("A", "B") for i in range(1, 60)],
        [f"AB{i}" for i in range(1990, 2100)],
        [20.5, 3.75, 40, 0],
        ["18-29", "30-44", "90+"],
        ["cbt", "Young Adult", "pre", "Wife"],
        [-99, 999, 9999, 999999999, 3, 4],
        ["cognitive behavioural therapy for adults", "short psychodynamic therapy in groups"] * 9,
    ],
    ids=str,
)
def test_what_a_study_has_passes(values: list) -> None:
    assert not findings(pd.DataFrame({"code": list(values)}), "a.csv", {})


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.csv"))


@pytest.mark.parametrize(
    "folder",
    [REPOSITORY / "data" / "example", REPOSITORY / "tests" / "workflow" / "studies" / "tagebuch"],
    ids=lambda folder: folder.name,
)
def test_the_studies_here_pass(folder: Path) -> None:
    for file in files(folder):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False, sep=None, engine="python")
        assert not findings(frame, file.name, {}), file.name


def test_files_of_other_people_pass() -> None:
    folder = os.environ.get("RUPTURE_REFERENCE")
    if not folder:
        pytest.skip("RUPTURE_REFERENCE names no folder with the public files")
    for file in files(Path(folder)):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert not findings(frame, file.name, {}), file.name
