"""Tables of coding name their unit, mark what was rounded, and say why they are empty."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.publishable.coding import (
    publishable_accuracy,
    publishable_definition_agreement,
    publishable_detected_by,
    publishable_onset_agreement,
    publishable_sweep,
)
from rupture_outcome.publishable.raters import (
    publishable_rater_agreement,
    publishable_strategies,
)
from rupture_outcome.tables.cases import cases_table
from rupture_outcome.tables.definition_accuracy import accuracy_table
from rupture_outcome.tables.definition_agreement import agreement_table
from rupture_outcome.tables.detected_by import sets_table
from rupture_outcome.tables.onset_agreement import onsets_table
from rupture_outcome.tables.rater_agreement import rater_table
from rupture_outcome.tables.strategy_resolution import strategies_table
from rupture_outcome.tables.threshold_sweep import sweep_table

T = 10
PAIR = {"definition_a": ["drop_sd"], "definition_b": ["psq_patient"]}
AGREEMENT = pd.DataFrame(
    PAIR | {
        "n": 5000, "kappa": 0.1234, "ci_low": 0.1, "ci_high": 0.2, "prevalence_a": 0.05,
        "prevalence_b": 0.254, "ac1": 0.6, "both": 5, "only_a": 245, "only_b": 1265,
        "neither": 3485, "patients": 550, "note": "",
    }
)  # fmt: skip
RATERS = pd.DataFrame(
    {
        "measure": "withdrawal", "model": ["one-way random", "two raters", "one-way random"],
        "type": ["absolute agreement", "present at ≥ 2", "absolute agreement"],
        "unit": ["average", "single", "single"], "n": [600, 120, 300], "raters": [5, 2, 5],
        "estimate": [0.8, 0.5, 0.7], "ci_low": 0.4, "ci_high": 0.9, "patients": [150, 80, 120],
        "statistic": ["ICC(1,k)", "Cohen's kappa", "ICC(1,1)"], "half": ["all", "all", "early"],
        "present_low": [np.nan, 0.2, np.nan], "present_high": [np.nan, 0.3, np.nan],
        "fewest": [np.nan, 20.0, np.nan], "note": ["", "sessions of raters X7, Y8 of 5", ""],
    }
)  # fmt: skip
SETS = pd.DataFrame(
    {
        "detected_by": ["none", "drop_sd + psq_patient", "psq_patient"], "definitions": [0, 2, 1],
        "sessions": [800, 150, 12], "patients": [300, 90, 9], "share": [0.83, 0.156, 0.014],
        "n": 962, "drop_sd": [0, 1, 0], "psq_patient": [0, 1, 1],
    }
)  # fmt: skip
ONSETS = pd.DataFrame(
    PAIR | {
        "tolerance": 1, "onsets_a": 300, "onsets_b": 800, "matched": 160, "sensitivity": 0.2,
        "precision": 0.533, "positive_agreement": 0.29, "lag_mean": 0.11, "patients": 400,
    }
)  # fmt: skip
ACCURACY = pd.DataFrame(
    {
        "definition": ["drop_sd"], "n": 5000, "onsets": 600, "sensitivity": 0.33,
        "sensitivity_low": 0.3, "sensitivity_high": 0.37, "negatives": 3500, "specificity": 0.994,
        "specificity_low": 0.99, "specificity_high": 0.996, "detections": 236, "ppv": 0.9,
        "found": 200, "delay_mean": 0.14,
    }
)  # fmt: skip
STRATEGIES = pd.DataFrame(
    {
        "marker_kind": "withdrawal", "strategy": ["none", "own_part"], "sessions": [250, 6],
        "patients": [120, 6], "resolution_mean": [1.7, 2.5], "resolution_n": [250, 6],
        "resolved": [13, 2], "n": 300, "share": [250 / 300, 0.02],
    }
)  # fmt: skip
SWEEP = pd.DataFrame(
    {
        "definition": "drop_sd", "parameter": "k", "value": [1.0, np.nan],
        "sessions_testable": 5000, "sessions_detected": [236, 7], "rate": [0.0472, 0.0014],
        "expected_by_chance": 398.1, "expected_without_change": 27.8, "sensitivity": np.nan,
        "specificity": np.nan, "in_use": [True, False],
    }
)  # fmt: skip
ALL = [
    (AGREEMENT, publishable_definition_agreement, agreement_table),
    (RATERS, publishable_rater_agreement, rater_table),
    (SETS, publishable_detected_by, sets_table),
    (ONSETS, publishable_onset_agreement, onsets_table),
    (ACCURACY, publishable_accuracy, accuracy_table),
    (STRATEGIES, publishable_strategies, strategies_table),
    (SWEEP, publishable_sweep, sweep_table),
]


def texts(page: str) -> str:
    """Cells and notes of a table, without its style."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "|", body))


@pytest.mark.parametrize(("frame", "publish", "lay_out"), ALL)
def test_every_table_names_its_unit_and_marks_simulated_data(frame, publish, lay_out) -> None:
    text = texts(lay_out(publish(frame, T), simulated=True))
    assert "Simulated data" in text
    assert "Unit: " in text
    assert "Simulated" not in texts(lay_out(publish(frame, T)))


@pytest.mark.parametrize(("frame", "publish", "lay_out"), ALL)
def test_a_table_read_back_from_its_csv_says_the_same(frame, publish, lay_out, tmp_path) -> None:
    published = publish(frame, T)
    published.to_csv(tmp_path / "table.csv", index=False)
    assert lay_out(pd.read_csv(tmp_path / "table.csv")) == lay_out(published)


@pytest.mark.parametrize(("frame", "publish", "lay_out"), ALL)
def test_without_rows_a_table_stands(frame, publish, lay_out) -> None:
    assert "<table" in lay_out(publish(frame.iloc[:0], T))


def test_empty_tables_say_why() -> None:
    assert "Nothing was coded by observers" in rater_table(RATERS.iloc[:0])
    assert "No rupture marker was coded" in strategies_table(STRATEGIES.iloc[:0])
    assert "in simulated studies only" in accuracy_table(ACCURACY.iloc[:0])


def test_rounded_coefficients_are_marked() -> None:
    text = texts(agreement_table(publishable_definition_agreement(AGREEMENT, T)))
    assert "≈0.12" in text
    assert "≈25%" in text
    assert "≤10" in text
    assert "0.1234" not in text


def test_icc_is_named_in_words_and_raters_are_not_named() -> None:
    text = texts(rater_table(publishable_rater_agreement(RATERS, T)))
    for words in ("one-way random", "absolute agreement", "mean of k ratings", "20% to 30%"):
        assert words in text
    assert "ICC(1,1), earlier half" in text
    assert "present at ≥ 2" in text
    assert "X7" not in text
    assert "sessions that the same 2 of 5 raters rated" in text


def test_small_sets_and_strategies_are_withheld() -> None:
    sets = texts(sets_table(publishable_detected_by(SETS, T)))
    assert "Fall in alliance of at least k SD + rupture reported by patient" in sets
    assert "Other sets" in sets
    strategies = texts(strategies_table(publishable_strategies(STRATEGIES, T)))
    assert "Own one's part" in strategies
    assert "2.50" not in strategies


def test_the_value_in_use_is_marked() -> None:
    text = texts(sweep_table(publishable_sweep(SWEEP, T)))
    assert "1 *" in text
    assert "not used" in text
    assert "Sensitivity" not in text


def test_cases_list_the_sessions_of_each_definition() -> None:
    cases = pd.DataFrame(
        {
            "case": 1, "role": "clear_v", "session": [1, 2, 3, 2], "definition": "drop_rci",
            "parameter": ["", "", "", "points"],
            "verdict": ["not_testable", "detected", np.nan, "not_detected"],
        }
    )  # fmt: skip
    text = texts(cases_table(cases, simulated=True))
    assert "Case 1: a clear V" in text
    assert re.search(r"beyond reliable change\|+\s*\|*2\|", text)
    assert "Single courses are shown only" in texts(cases_table(cases.iloc[:0]))
