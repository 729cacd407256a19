"""The table of error rates: what is shown of a simulated study, and of a real one."""

import html

import pandas as pd
import pytest

from rupture_outcome.estimates.hidden_states.hidden_states import REPORT_COLUMNS
from rupture_outcome.look.look import Look
from rupture_outcome.products.hidden_state_reports import EMPTY, PRODUCT, reports_table
from rupture_outcome.products.tables import published

KNOWN = {
    "report": "patient_rupture", "sees": "open", "patients": 575, "sessions": 6111,
    "sensitivity": 0.6858, "sensitivity_low": 0.661, "sensitivity_high": 0.709,
    "true_sensitivity": 0.667, "specificity": 0.9169, "specificity_low": 0.906,
    "specificity_high": 0.927, "true_specificity": 0.927,
    "events": 119, "least_cell": 17.0, "reason": "",
}  # fmt: skip
RAW = pd.DataFrame([KNOWN], columns=list(REPORT_COLUMNS))


def page(raw, look):
    shown = published(PRODUCT, {"reports": raw}, look)
    return shown, html.unescape(reports_table({"hidden_state_reports": shown}, look))


def test_the_truth_stands_beside_the_estimate_of_a_simulated_study_only():
    _, simulated = page(RAW, Look(simulated=True))
    assert "Rupture, patient" in simulated
    assert all(part in simulated for part in ("68.6%", "66.7%", "In truth"))
    shown, real = page(RAW, Look(threshold=10))
    assert "In truth" not in real
    assert shown["patients"].tolist() == [580]


def test_rates_that_rest_on_few_are_withheld():
    shown, _ = page(RAW.assign(least_cell=4.0), Look(threshold=10))
    assert shown[["sensitivity", "specificity_low", "true_sensitivity"]].isna().all(axis=None)


@pytest.mark.parametrize("look", [Look(simulated=True), Look(threshold=10)])
def test_a_study_without_reports_says_so(look):
    assert EMPTY in page(RAW.iloc[:0], look)[1]
