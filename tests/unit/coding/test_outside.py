"""A definition that another installed package brings, in one file: found, coded, explained."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = '''
"""Rules of a clinic."""

import numpy as np

from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.verdicts import MISSING_SCORE, NONE, Verdicts


@definition(
    id="clinic_low",
    kind_class="prospective",
    provenance="project",
    source="our clinic",
    needs=("{source}",),
)
def clinic_low(panel, constants, *, source="alliance_patient", below=30.0):
    """Score below a line.

    Parameters
    ----------
    below : float
        The line.
    """
    score = panel[source]
    missing = np.where(np.isnan(score), MISSING_SCORE, NONE).astype(np.int8)
    return Verdicts.of(score < below, missing)
'''

RUN = """
import json
import pandas as pd
from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.registry import definitions

sessions = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3]})
sessions["alliance_patient"], sessions["alliance_therapist"] = [40.0, 20.0, None], 10.0
therapist = {"definition": "clinic_low", "source": "alliance_therapist"}
coding = {"definitions": {"drop_sd": {}, "clinic_low": {}, "clinic_therapist": therapist}}
ruptures, _ = code_ruptures(sessions, None, {}, coding)
verdicts = ruptures.groupby("definition", observed=True)["verdict"].agg(list).to_dict()
print(json.dumps({"verdicts": verdicts, "known": list(definitions())}))
"""


@pytest.fixture
def installed(tmp_path) -> Path:
    """A folder as pip would leave it: the module, and its metadata with the entry point."""
    (tmp_path / "clinic_rules.py").write_text(MODULE, encoding="utf-8")
    info = tmp_path / "clinic_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[rupture_outcome.definitions]\nclinic_rules = clinic_rules\n"
    )
    return tmp_path


def python(folder: Path, *arguments: str) -> str:
    start = f"import sys; sys.path.append({str(folder)!r})\n"
    command = [sys.executable, "-c", start + arguments[0], *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_coded_like_any_other(installed) -> None:
    found = json.loads(python(installed, RUN))
    assert found["verdicts"]["clinic_low"] == ["not_detected", "detected", "not_testable"]
    assert found["verdicts"]["clinic_therapist"] == ["detected"] * 3
    assert {"clinic_low", "drop_rci"} <= set(found["known"])


def test_it_is_explained_like_any_other_but_not_in_this_projects_pages(installed) -> None:
    code = """
from rupture_outcome.pages.definitions.markdown import pages, rules
known, _ = rules(own=False)
own, _ = rules()
print(pages([r for r in known if r not in own], [])["clinic_low.md"])
"""
    page = python(installed, code)
    assert "| `below` | float | `30.0` | The line. |" in page
    assert "clinic_low.svg" not in page  # no toy course goes below 30
