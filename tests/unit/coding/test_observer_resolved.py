import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.errors import StudyError
from tests.unit.coding.toy_series import INSTRUMENTS, study

CODING = {
    "definitions": {"observer": {}},
    "repair_rules": {"observer_resolved": {"within": 2}},
}


def repaired(resolution: list[float], salience: list[float]) -> pd.Series:
    sessions = study({"a": [50] * len(resolution)})
    ratings = sessions[["patient_id", "session"]].assign(
        rater_id="r", withdrawal=salience, confrontation=1.0, resolution=resolution
    )
    ruptures, _ = code_ruptures(sessions, ratings, INSTRUMENTS, CODING)
    episodes, _ = code_episodes(ruptures, sessions, INSTRUMENTS, CODING, ratings)
    return episodes[["onset", "repair", "sessions_to_repair", "censoring"]].iloc[0]


@pytest.mark.parametrize(
    ("resolution", "repair", "sessions"),
    [
        ([1, 4, 1, 1, 1], "repaired", 0),  # in the session of the rupture
        ([1, 2, 3, 4, 1], "repaired", 2),
        ([1, 2, 3, 3, 5], "not_repaired", None),  # after the window
        ([1, 2, np.nan, np.nan, 5], "censored", None),
    ],
)
def test_repair_by_observers(resolution, repair, sessions) -> None:
    found = repaired(resolution, [1, 4, 1, 1, 1])
    assert found["onset"] == 2
    assert found["repair"] == repair
    assert (
        None if pd.isna(found["sessions_to_repair"]) else found["sessions_to_repair"]
    ) == sessions


def test_without_ratings_the_rule_says_what_it_needs() -> None:
    sessions = study({"a": [50, 40]}, psq_patient_rupture=1.0)
    coding = {**CODING, "definitions": {"psq_patient": {}}}
    ruptures, _ = code_ruptures(sessions, None, INSTRUMENTS, coding)
    with pytest.raises(StudyError, match="ratings, column 'resolution'"):
        code_episodes(ruptures, sessions, INSTRUMENTS, coding)
