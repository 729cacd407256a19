"""E-values against published numbers, and how the main estimates are read."""

import numpy as np
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.sensitivity.e_value import (
    e_value,
    e_value_of_interval,
    e_value_rows,
    risk_ratio,
)
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS
from tests.unit.toy_sessions import STATES, toy_sessions


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected", "of_limit"),
    [
        # Hammond and Horn, as in the vignette of the R package EValue
        (10.73, 8.02, 14.36, 20.94777, 15.52336),
        # breast-feeding and death from respiratory infection, VanderWeele and Ding (2017), recalled
        (3.9, 1.8, 8.7, 7.26, 3.0),
    ],
)
def test_published_e_values(ratio, low, high, expected, of_limit):
    digits = 5e-6 if expected > 10 else 5e-3  # as many as are printed
    assert e_value(ratio) == pytest.approx(expected, abs=digits)
    assert e_value_of_interval(low, high) == pytest.approx(of_limit, abs=digits)
    assert e_value_of_interval(1 / high, 1 / low) == pytest.approx(of_limit, abs=digits)


def test_no_ratio_has_no_e_value():
    assert np.isnan(e_value(np.nan))
    assert np.isnan(e_value_of_interval(np.nan, 2.0))
    assert e_value_of_interval(0.5, 1.0) == 1.0


@pytest.mark.parametrize("measure", ["odds", "hazard"])
@pytest.mark.parametrize("rare", [True, False])
def test_converted_ratios_are_symmetric_and_nearer_one(measure, rare):
    converted = risk_ratio(3.0, measure, rare=rare)
    assert risk_ratio(1 / 3.0, measure, rare=rare) == pytest.approx(1 / converted)
    assert converted == 3.0 if rare else 1.0 < converted < 3.0


def test_main_estimates_are_read_per_session_and_over_treatment():
    rows = toy_sessions()
    main = fit_exposure(rows, "state", STATES, CONTRASTS, HazardSettings())
    found = {(r["setting"], r["contrast"]): r for r in e_value_rows(main, "logit", 0.95)}
    short = found["per_session", "repaired vs unrepaired"]
    long = found["over_treatment", "repaired vs unrepaired"]
    assert short["e_value"] == pytest.approx(e_value(short["ratio"]))
    assert "ratio_kept:" in short["reason"]
    assert "ratio_converted:" in long["reason"]  # a third of the toy patients drop out
    assert 1.0 <= long["e_value_limit"] <= long["e_value"] < short["e_value"]
    assert short["e_value_limit"] <= short["e_value"]


def test_without_an_estimate_there_is_a_row_that_says_so():
    main = fit_exposure(
        toy_sessions().assign(dropout=0), "state", STATES, CONTRASTS, HazardSettings()
    )
    rows = e_value_rows(main, "logit", 0.95)
    assert len(rows) == 4
    assert all(np.isnan(row["e_value"]) and "no_event:dropout" in row["reason"] for row in rows)
