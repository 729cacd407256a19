"""Tables of coding name their unit, round what is real, and say why they are empty."""

import re

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.registry import products
from tests.unit.products.looks import REAL, SIMULATED, words

PAIR = {"definition_a": ["drop_sd"], "definition_b": ["psq_patient"]}
AGREEMENT = pd.DataFrame(
    PAIR | {
        "n": 5000, "kappa": 0.1234, "ci_low": 0.1, "ci_high": 0.2, "prevalence_a": 0.05,
        "prevalence_b": 0.254, "ac1": 0.6, "both": 5, "only_a": 245, "only_b": 1265,
        "neither": 3485, "patients": 550, "reason": "",
    }
)  # fmt: skip
RATERS = pd.DataFrame(
    {
        "measure": "withdrawal", "model": ["one_way_random", "two_raters", "one_way_random"],
        "type": ["absolute_agreement", "present_at_2", "absolute_agreement"],
        "unit": ["average", "single", "single"], "n": [600, 120, 300], "raters": [5, 2, 5],
        "estimate": [0.8, 0.5, 0.7], "ci_low": 0.4, "ci_high": 0.9, "patients": [150, 80, 120],
        "statistic": ["ICC(1,k)", "cohen_kappa", "ICC(1,1)"], "half": ["all", "all", "early"],
        "present_low": [np.nan, 0.2, np.nan], "present_high": [np.nan, 0.3, np.nan],
        "fewest": [np.nan, 20.0, np.nan], "reason": ["", "sessions_of_raters:5:X7:Y8", ""],
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
RAW = {
    "definition_agreement": {"agreement": AGREEMENT},
    "rater_agreement": {"agreement": RATERS},
    "detected_by": {"sets": SETS},
    "onset_agreement": {"agreement": ONSETS},
    "definition_accuracy": {"accuracy": ACCURACY},
    "strategy_resolution": {"strategies": STRATEGIES},
    "threshold_sweep": {"sweep": SWEEP},
}


@pytest.fixture
def text_of(publish):
    """Words of the table of a product, of these raw frames or none of their rows."""

    def text(name, look=REAL, rows=None):
        frames = {key: frame.iloc[:rows] for key, frame in RAW[name].items()}
        table = publish(name, look, **frames)
        return words(products()[name].lay_out({name: table}, look))

    return text


@pytest.mark.parametrize("name", RAW)
def test_every_table_names_its_unit_and_marks_simulated_data(text_of, name) -> None:
    assert "Simulated data" in text_of(name, SIMULATED)
    real = text_of(name)
    assert "Unit: " in real
    assert "Simulated" not in real
    assert "Counts are rounded to the nearest 10" in real


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rater_agreement", "Nothing was coded by observers"),
        ("strategy_resolution", "No rupture marker was coded"),
        ("definition_accuracy", "in simulated studies only"),
        ("definition_agreement", "Agreement between definitions"),
        ("detected_by", "n = 0 sessions"),
        ("onset_agreement", "at most 1 session apart"),
        ("threshold_sweep", "Ruptures as the threshold"),
    ],
)
def test_without_rows_a_table_stands_and_says_why(text_of, name, reason) -> None:
    assert reason in text_of(name, rows=0)


def test_kappa_is_withheld_where_a_cell_is_small(publish, text_of) -> None:
    published = publish("definition_agreement", REAL, agreement=AGREEMENT)
    assert published[["kappa", "ci_low", "ci_high", "ac1"]].isna().all(axis=None)
    text = text_of("definition_agreement")
    assert "withheld: too few persons or events in one arm" in text
    assert "|≤10|" in text
    assert "|25.4%|" in text
    assert "|0.12|" in text_of("definition_agreement", SIMULATED)


def test_kappa_of_many_has_the_digits_that_its_interval_supports(publish) -> None:
    many = AGREEMENT.assign(both=50)
    published = publish("definition_agreement", REAL, agreement=many)
    assert published["kappa"].tolist() == [0.123]


def test_icc_is_named_in_words_and_raters_are_not_named(text_of) -> None:
    text = text_of("rater_agreement")
    for phrase in ("one-way random", "absolute agreement", "mean of k ratings", "20% to 30%"):
        assert phrase in text
    assert "ICC(1,1), earlier half" in text
    assert "present at ≥ 2" in text
    assert "sessions that the same 2 of 5 raters rated" in text
    for shown in (text, text_of("rater_agreement", SIMULATED)):
        assert "X7" not in shown


def test_presence_that_gives_a_small_count_away_is_withheld(publish) -> None:
    few = RATERS.assign(fewest=[np.nan, 3.0, np.nan])
    published = publish("rater_agreement", REAL, agreement=few)
    assert published["estimate"].isna().tolist() == [False, True, False]
    assert published["present_low"].isna().all()
    assert "fewest" not in published


def test_sets_of_few_patients_join_the_others(publish, text_of) -> None:
    published = publish("detected_by", REAL, sets=SETS)
    assert published["detected_by"].tolist() == ["none", "drop_sd + psq_patient", "other"]
    assert published["n"].tolist() == [960, 960, 960]
    assert published["compared"].eq("drop_sd + psq_patient").all()
    text = text_of("detected_by")
    assert "Fall in alliance of at least k SD + rupture reported by patient" in text
    assert "Other sets" in text
    assert "Other sets" not in text_of("detected_by", SIMULATED)


def test_strategies_of_few_patients_lose_their_name_and_their_mean(text_of) -> None:
    text = text_of("strategy_resolution")
    assert "Own one's part" not in text
    assert "2.50" not in text
    assert "Other: strategies seen with 1 to 10 patients" in text
    assert "Own one's part" in text_of("strategy_resolution", SIMULATED)


def test_shared_onsets_are_shares_of_rounded_counts(publish) -> None:
    shown = publish("onset_agreement", REAL, agreement=ONSETS.assign(matched=157)).iloc[0]
    assert shown["matched"] == 160
    assert shown["sensitivity"] == 160 / 800
    assert shown["precision"] == 160 / 300


def test_the_value_in_use_is_marked(text_of) -> None:
    text = text_of("threshold_sweep")
    assert "1 *" in text
    assert "not used" in text
    assert "Sensitivity" not in text


def test_cases_list_the_sessions_of_each_definition(publish) -> None:
    cases = pd.DataFrame(
        {
            "case": 1, "role": "clear_v", "session": [1, 2, 3, 2], "definition": "drop_rci",
            "parameter": [None, None, None, "points"],
            "verdict": ["not_testable", "detected", np.nan, "not_detected"],
        }
    ).reindex(columns=[column.name for column in products()["cases"].columns])  # fmt: skip
    lay_out = products()["cases"].lay_out
    text = words(lay_out({"cases": publish("cases", SIMULATED, cases=cases)}, SIMULATED))
    assert "Case 1: a clear V" in text
    assert re.search(r"beyond reliable change\|+\s*\|*2\|", text)
    none = publish("cases", REAL, cases=cases.iloc[:0])
    assert "Single courses are shown only" in words(lay_out({"cases": none}, REAL))
