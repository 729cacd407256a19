"""Decisions are kept as import.yaml says them, and nothing else is accepted."""

from pathlib import Path

import pytest
import yaml

from rupture_outcome.errors import StudyError
from rupture_outcome.study.importing.folder import plan_text
from rupture_outcome.study.importing.mapping import from_dict, to_dict
from tests.unit.study.importing.exports import WRITERS, read, wide


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    WRITERS["german.csv"](wide(), tmp_path / "german.csv")
    plan = read(tmp_path / "german.csv").plan
    assert from_dict(yaml.safe_load(plan_text(plan))) == plan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"session_nummer": "dates"}, "session_nummer: nobody knows this key"),
        ({"session_number": "guess"}, "session_number: expected one of column, dates, order"),
        ({"sources": []}, "sources: expected a list"),
        ({"sources": [{"file": "a.csv"}]}, "expected at least file and rows"),
        ({"sources": [{"file": "a.csv", "rows": "page"}]}, "rows: expected one of"),
        (
            {"sources": [{"file": "a.csv", "rows": "patient", "columns": {"allianz": "x"}}]},
            "allianz",
        ),
        (
            {"sources": [{"file": "a.csv", "rows": "patient", "codes": {"x": {1: "y"}}}]},
            "in quotes",
        ),
        (
            {"sources": [{"file": "a.csv", "rows": "patient", "missing": {"x": 99}}]},
            "a list of codes",
        ),
    ],
)
def test_what_nobody_knows_is_refused(tmp_path: Path, change: dict, words: str) -> None:
    WRITERS["plain.csv"](wide(), tmp_path / "plain.csv")
    with pytest.raises(StudyError, match=r"import\.yaml") as told:
        from_dict(to_dict(read(tmp_path / "plain.csv").plan) | change)
    assert words in str(told.value)
