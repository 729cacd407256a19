"""State occupancy against the multistate curves of R's survival on simulated person-sessions."""

import json
from pathlib import Path

import pandas as pd
import pytest

from rupture_outcome.estimates.multistate.aalen_johansen import (
    ALL,
    courses,
    occupancy,
    transition_matrices,
)

# Products of at most twenty fractions on both sides; the reference file keeps 11 digits.
TOLERANCE = 1e-9
ENDINGS = {"stay": "none", "completed": "agreed_ending"}


@pytest.fixture(scope="module", params=[11, 12])
def study(request, reference_dir: Path) -> tuple[pd.DataFrame, dict]:
    stem = f"person_sessions_{request.param}"
    rows = pd.read_csv(reference_dir / f"{stem}.csv")
    rows = rows.rename(columns={"patient": "patient_id", "session": "time"})
    reference = json.loads((reference_dir / f"{stem}.reference.json").read_text())
    return rows.assign(event=rows["event"].replace(ENDINGS)), reference["multistate"]


def test_occupancy_is_that_of_survfit(study):
    rows, expected = study
    course = courses(rows)
    found = occupancy(course.initial(), transition_matrices(course.counts()))
    curves = pd.DataFrame(found, index=course.times, columns=list(ALL))
    points = [expected["initial"], *expected["pstate"]]
    for time, point in zip([0, *expected["times"]], points, strict=True):
        for state, share in point.items():
            assert curves.loc[time, ENDINGS.get(state, state)] == pytest.approx(
                share, abs=TOLERANCE
            )
