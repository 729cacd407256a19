"""Observed against expected by chance."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.chance import NOTHING, alt_text, draw_chance, expected_rates
from tests.unit.figure_texts import NAMES, overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED


def figure_of(prevalence, look=REAL):
    return draw_chance({"rupture_prevalence": prevalence}, look).figure


@pytest.fixture
def prevalence(publish) -> pd.DataFrame:
    found = np.array([240, 380, 200, 1600, 960, 110, 81, 83, 61, 118, 5])
    scored = ~np.isin(NAMES, ["psq_patient", "psq_therapist", "observer"])
    raw = pd.DataFrame(
        {
            "definition": NAMES,
            "class": "prospective",
            "provenance": "verified",
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
    return publish("rupture_prevalence", REAL, prevalence=raw)


def test_expected_detections_become_rates(prevalence):
    rates = expected_rates(prevalence)
    assert rates["by_chance"].iloc[0] == pytest.approx(1.5 * rates["rate"].iloc[0])


def test_no_text_overlaps_and_small_counts_are_not_shown(prevalence):
    figure = figure_of(prevalence, SIMULATED)
    shown = texts(figure)
    assert overlapping(figure) == []
    assert shown.count("not of scores") == 3
    assert "≤10" in shown
    assert "5" not in shown


def test_what_lies_below_the_axis_is_an_arrow(prevalence):
    axes = figure_of(prevalence).axes[0]
    assert sum(line.get_marker() == "<" for line in axes.lines) == 8


def test_real_data_are_not_marked_as_simulated(prevalence):
    assert "Simulated data" not in texts(figure_of(prevalence))


def test_alt_text_says_found_and_expected(prevalence):
    assert "at least k SD 4.8% (expected 7.2% in random order" in alt_text(prevalence)


def test_nothing_to_show_is_said(prevalence):
    assert NOTHING in texts(figure_of(prevalence.iloc[:0]))
    assert alt_text(prevalence.iloc[:0]) == NOTHING
