import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.skips import OTHER_PEOPLES_FILE

DATA = Path(__file__).parent / "data"
# Files of other people are not copied into the project.
PUBLIC = Path(os.environ.get("RUPTURE_REFERENCE", DATA.parents[3] / "shared" / "reference"))
SOURCES = {
    "dyadr_acipair.csv": "data `acipair` of the package dyadr, as CSV",
    "suddengains_sgdata.csv": "data `sgdata` of the package suddengains on CRAN, as CSV",
    "panelr_WageData.csv": "data `WageData` of the package panelr on CRAN, as CSV",
    "clinicalsignificance_claus_2020.csv": (
        "data `claus_2020` of the package clinicalsignificance on CRAN, as CSV"
    ),
}


@pytest.fixture(scope="module", params=[11, 12])
def study(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Simulated person-sessions and the fits of them by R; see data/README.md."""
    stem = DATA / f"person_sessions_{request.param}"
    rows = pd.read_csv(stem.with_suffix(".csv"))
    fits = json.loads(stem.with_suffix(".reference.json").read_text(encoding="utf-8"))
    return rows.rename(columns={"patient": "patient_id", "therapist": "therapist_id"}), fits


@pytest.fixture(scope="session")
def public_file() -> Callable[[str], Path]:
    """Give a file of other people by its name; where it is absent, the test is skipped."""

    def find(name: str) -> Path:
        path = PUBLIC / "public" / name
        if not path.is_file():
            pytest.skip(
                f"{OTHER_PEOPLES_FILE}: {name} ({SOURCES[name]}) belongs into public/ of the "
                "folder that RUPTURE_REFERENCE names"
            )
        return path

    return find
