"""Who was in the study, without giving anyone away."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.sample_description import sample_table
from tests.unit.products.looks import REAL, SIMULATED, words


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    n = 104
    patients = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(n)],
            "therapist_id": [f"T{i % 26}" for i in range(n)],
            "gender": ["female"] * 60 + ["male"] * 33 + ["diverse"] * 7 + [None] * 4,
            "format": ["individual"] * 85 + ["couple"] * 19,
            "treatment": ["cbt"] * 100 + [f"p{i}@example.org" for i in range(4)],
            "severity": [*np.linspace(5, 25, 80), *[np.nan] * 24],
        }
    )
    sessions = pd.DataFrame(
        {"patient_id": patients["patient_id"].repeat(4), "attended": [1, 1, 0, 1] * n}
    )
    endings = pd.DataFrame({"patient_id": patients["patient_id"], "ending": "completed"})
    return {"patients": patients, "sessions": sessions, "endings": endings}


def test_small_categories_lose_their_label_and_shares_are_of_rounded_counts(publish, tables):
    frame = publish("sample_description", REAL, **tables)
    shown = frame[frame["category"].notna()].set_index(["variable", "category"])
    assert shown.loc["gender", "n"].to_dict() == {"female": 60, "male": 30, "other": 10}
    assert shown.loc["treatment", "n"].to_dict() == {"cbt": 100, "other": -10}
    assert shown.loc[("format", "couple"), "percent"] == pytest.approx(20)
    assert np.isnan(shown.loc[("treatment", "other"), "percent"])
    assert "example.org" not in frame.to_csv()


def test_numbers_have_a_mean_over_those_known_and_no_share(publish, tables):
    frame = publish("sample_description", REAL, **tables)
    frame = frame[frame["category"].isna()].set_index("variable")
    assert frame.loc["patients", "n"] == 100
    assert frame.loc["severity", ["n", "mean"]].tolist() == [80, pytest.approx(15)]
    assert frame.loc["sessions_attended", "mean"] == pytest.approx(3)
    assert frame.loc["patients_per_therapist", ["n", "mean"]].tolist() == [30, pytest.approx(4)]
    assert frame["percent"].isna().all()


def test_a_simulated_study_is_exact(publish, tables):
    frame = publish("sample_description", SIMULATED, **tables)
    shown = frame[frame["category"].notna()].set_index(["variable", "category"])
    assert shown.loc[("gender", "not_recorded"), "n"] == 4
    assert shown.loc[("format", "couple"), "percent"] == pytest.approx(100 * 19 / 104)


def test_the_table_gives_the_number_of_patients_and_explains_the_others(publish, tables):
    frame = publish("sample_description", REAL, **tables)
    text = words(sample_table({"sample_description": frame}, REAL))
    assert "n = 100 patients" in text
    assert "Other: categories of 1 to 10 patients" in text
    exact = publish("sample_description", SIMULATED, **tables)
    assert "Other:" not in words(sample_table({"sample_description": exact}, SIMULATED))
