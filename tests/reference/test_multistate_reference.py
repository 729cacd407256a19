"""State occupancy against the multistate curves of R's survival on simulated person-sessions."""

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


def test_occupancy_is_that_of_survfit(study):
    data, fits = study
    expected = fits["multistate"]
    rows = data.rename(columns={"session": "time"}).replace({"event": ENDINGS})
    course = courses(rows)
    found = occupancy(course.initial(), transition_matrices(course.counts()))
    curves = pd.DataFrame(found, index=course.times, columns=list(ALL))
    points = [expected["initial"], *expected["pstate"]]
    for time, point in zip([0, *expected["times"]], points, strict=True):
        for state, share in point.items():
            assert curves.loc[time, ENDINGS.get(state, state)] == pytest.approx(
                share, abs=TOLERANCE
            )
