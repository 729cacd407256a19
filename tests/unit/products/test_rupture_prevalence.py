"""Prevalence of ruptures: rates follow from rounded counts, and rules not read are named."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.rupture_prevalence import prevalence_table
from tests.unit.products.looks import REAL, SIMULATED, words

RAW = pd.DataFrame(
    {
        "definition": ["psq_patient", "observer"], "class": "prospective",
        "provenance": ["recalled", "verified"], "sessions_testable": [4996, 320],
        "sessions_detected": [1503, 7], "patients_testable": [498, 60],
        "patients_detected": [5, 6], "rate": [0.30084, 0.021875],
        "expected_by_chance": [np.nan, 12.345], "ci_low": [0.28, 0.01], "ci_high": [0.32, 0.04],
        "expected_without_change": np.nan,
    }
)  # fmt: skip


def test_a_rate_is_that_of_the_rounded_counts_within_an_interval_that_is_no_narrower(publish):
    first, second = publish("rupture_prevalence", REAL, prevalence=RAW).to_dict("records")
    assert first["rate"] == pytest.approx(1500 / 5000)
    assert first["ci_low"] <= 0.28
    assert first["ci_high"] >= 0.32
    assert np.isnan([second["rate"], second["ci_low"], second["ci_high"]]).all()


def test_a_simulated_study_is_exact(publish):
    exact = publish("rupture_prevalence", SIMULATED, prevalence=RAW)
    pd.testing.assert_frame_equal(exact, RAW, check_dtype=False)


def test_the_table_says_which_rules_are_recalled_and_shows_no_small_count(publish):
    shown = publish("rupture_prevalence", REAL, prevalence=RAW)
    text = words(prevalence_table({"rupture_prevalence": shown}, REAL))
    assert "recalled, not read in a source" in text
    assert "≤10" in text
    assert "30.0%" in text
    assert "Simulated" not in text
