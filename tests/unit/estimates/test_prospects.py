"""What can be answered is counted as the models count it."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.prospects import (
    definition_prospects,
    expected_precision,
    repair_prospects,
)

PRIMARY = {"definition": "drop_sd", "repair_rule": "half_recovery"}


def test_every_session_is_tested_or_says_why_not() -> None:
    ruptures = pd.DataFrame(
        {
            "definition": "drop_sd",
            "verdict": ["not_testable", "detected", "not_detected", "not_testable"],
            "reason": ["first_session", None, None, "gap"],
        }
    )
    [row] = definition_prospects(ruptures, {"definitions": {"drop_sd": {}}}).to_dict("records")
    assert (row["sessions"], row["testable"], row["detected"]) == (4, 2, 1)
    assert row["first_session"] + row["gap"] == row["sessions"] - row["testable"]
    assert row["class"] == "prospective"


def test_a_rule_without_a_rupture_is_told_as_such() -> None:
    coding = {"definitions": {"drop_sd": {}}, "repair_rules": {"half_recovery": {}, "other": {}}}
    episodes = pd.DataFrame([{**PRIMARY, "repair": "censored"}, {**PRIMARY, "repair": "repaired"}])
    found = repair_prospects(episodes, coding)
    assert found["episodes"].tolist() == [2, 0]
    assert found["censored"].tolist() == [1, 0]


def test_the_expected_error_is_that_of_a_logistic_regression() -> None:
    from statsmodels.discrete.discrete_model import Logit

    rng = np.random.default_rng(3)
    state = rng.choice(["intact", "unrepaired", "repaired"], 3000, p=[0.6, 0.25, 0.15])
    dropout = rng.random(3000) < 0.04
    rows = pd.DataFrame({"state": state, "dropout": dropout, "at_risk": True, **PRIMARY})
    two = rows[rows["state"].ne("intact")]
    X = np.column_stack([np.ones(len(two)), two["state"].eq("repaired")]).astype(float)
    se = Logit(two["dropout"].astype(float).to_numpy(), X).fit(disp=0).bse[1]
    found = expected_precision(rows, PRIMARY).set_index("first")
    own = found[found["second"].eq("unrepaired")].loc["repaired"]
    np.testing.assert_allclose(own["se"], se, rtol=1e-6)  # the same number in closed form
    np.testing.assert_allclose(own["ratio"], np.exp(2.8016 * se), rtol=1e-4)


def test_an_effect_that_cannot_be_estimated_has_no_error() -> None:
    rows = pd.DataFrame(
        {"state": ["intact", "unrepaired", "repaired"] * 10, "at_risk": True, **PRIMARY}
    )
    rows["dropout"] = (rows.index < 12) & rows["state"].ne("repaired")
    found = expected_precision(rows, PRIMARY)
    assert found["se"].isna().tolist() == [False, True, True]


def test_sessions_not_at_risk_do_not_count() -> None:
    rows = pd.DataFrame({"state": ["intact", "unrepaired"] * 50, "at_risk": True, **PRIMARY})
    rows["dropout"] = rows.index % 10 < 2
    more = pd.concat([rows, rows.assign(at_risk=False)])
    pd.testing.assert_frame_equal(
        expected_precision(more, PRIMARY), expected_precision(rows, PRIMARY)
    )
