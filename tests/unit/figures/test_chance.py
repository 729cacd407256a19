"""Observed against expected by chance."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.chance import NOTHING, alt_text, chance_figure, expected_rates
from rupture_outcome.publishable.suppress import publishable_prevalence
from tests.unit.figures.figure_texts import NAMES, overlapping, texts


@pytest.fixture
def prevalence() -> pd.DataFrame:
    found = np.array([240, 380, 200, 1600, 960, 110, 81, 83, 61, 118, 5])
    scored = ~np.isin(NAMES, ["psq_patient", "psq_therapist", "observer"])
    raw = pd.DataFrame(
        {
            "definition": NAMES,
            "sessions_testable": 5000 + 100 * np.arange(len(NAMES)),
            "sessions_detected": found,
            "patients_testable": 400 + 20 * np.arange(len(NAMES)),
            "patients_detected": 100 + 20 * np.arange(len(NAMES)),
            "expected_by_chance": np.where(scored, 1.5 * found, np.nan),
            "expected_without_change": np.where(scored, 0.001 * found, np.nan),
        }
    )
    rate = raw["sessions_detected"] / raw["sessions_testable"]
    raw = raw.assign(rate=rate, ci_low=0.8 * rate, ci_high=1.2 * rate)
    return publishable_prevalence(raw, 10)


def test_expected_detections_become_rates(prevalence):
    rates = expected_rates(prevalence)
    assert rates["by_chance"].iloc[0] == pytest.approx(1.5 * rates["rate"].iloc[0])


def test_a_count_close_to_another_stands_in_for_a_withheld_one(prevalence):
    prevalence.loc[0, "sessions_testable"] = pd.NA
    prevalence.loc[0, "withheld"] = "sessions_testable ≈5000"
    assert expected_rates(prevalence)["by_chance"].iloc[0] == pytest.approx(0.072)


def test_no_text_overlaps_and_small_counts_are_not_shown(prevalence):
    figure = chance_figure(prevalence, simulated=True)
    shown = texts(figure)
    assert overlapping(figure) == []
    assert shown.count("not of scores") == 3
    assert "≤10" in shown
    assert "5" not in shown


def test_what_lies_below_the_axis_is_an_arrow(prevalence):
    axes = chance_figure(prevalence).axes[0]
    assert sum(line.get_marker() == "<" for line in axes.lines) == 8


def test_a_study_without_the_simulation_is_drawn(prevalence):
    figure = chance_figure(prevalence.drop(columns="expected_without_change"))
    assert "Simulated data" not in texts(figure)


def test_alt_text_says_found_and_expected(prevalence):
    assert "at least k SD 4.8% (expected 7.2% by order" in alt_text(prevalence)


def test_nothing_to_show_is_said(prevalence):
    assert NOTHING in texts(chance_figure(prevalence.iloc[:0]))
    assert alt_text(prevalence.iloc[:0]) == NOTHING
