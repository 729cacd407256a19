"""Weights for confounding by symptoms."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.sensitivity.marginal_structural import marginal_structural
from rupture_outcome.estimates.sensitivity.state_weights import state_weights
from rupture_outcome.estimates.sensitivity.symptom_history import symptom_history
from rupture_outcome.estimates.sensitivity.weight_diagnostics import diagnostics
from tests.unit.estimates.sensitivity.toy_symptoms import confounded

SETTINGS = HazardSettings()
ROWS, SCORES = confounded(seed=1, patients=400)


def test_a_missing_score_is_carried_forward_and_marked():
    rows = pd.DataFrame({"patient_id": ["b", "b", "b", "a", "a"], "session": [1, 2, 4, 1, 2]})
    sessions = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "b", "b", "b"],
            "session": [1, 2, 1, 2, 3, 4],
            "symptom": [np.nan, 4.0, 2.0, np.nan, 99.0, 6.0],
        }
    )
    found = symptom_history(rows, sessions)  # seen are 2, 6 and 4: mean 4, SD √(8/3)
    unit = np.sqrt(8 / 3)
    np.testing.assert_allclose(found["symptom"], np.array([-2, -2, 2, 0, 0]) / unit)
    np.testing.assert_allclose(found["symptom_change"], np.array([0, 0, 4, 0, 0]) / unit)
    assert found["symptom_missing"].tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("scores", [[np.nan, np.nan], [3.0, 3.0]])
def test_symptoms_that_say_nothing_are_none(scores):
    rows = pd.DataFrame({"patient_id": ["a", "a"], "session": [1, 2]})
    assert symptom_history(rows, rows.assign(symptom=scores)) is None


def test_weights_are_products_of_ratios_of_two_fits_of_statsmodels():
    symptoms = symptom_history(ROWS, SCORES)
    found = state_weights(ROWS, symptoms, ["x_severity"])
    expected = _weights_by_hand(symptoms)
    np.testing.assert_allclose(found.weights, expected, rtol=1e-5)
    assert 0 < found.least_chance < 0.5


def _weights_by_hand(symptoms):
    state = ROWS["state"].astype(str)
    before = state.groupby(ROWS["patient_id"], observed=True).shift().fillna("intact")
    lasted, run, last = [], 0, None
    for now in zip(ROWS["patient_id"], before, strict=True):
        run = run + 1 if now == last else 0
        lasted.append(run)
        last = now
    base = pd.DataFrame({"constant": 1.0, "time": ROWS["time"], "log": np.log1p(ROWS["time"])})
    base = base.assign(lasted=np.log1p(lasted), severity=ROWS["x_severity"])
    ratio = pd.Series(1.0, index=ROWS.index)
    for start, outcome in ((["intact", "repaired"], "unrepaired"), (["unrepaired"], "repaired")):
        use = before.isin(start)
        happened = state[use].eq(outcome)
        top = base[use].assign(was=before[use].eq("repaired").astype(float))
        top = top.loc[:, (top.std() > 0) | (top.columns == "constant")]
        bottom = top.join(symptoms[["symptom", "symptom_change"]])
        chances = [
            sm.GLM(happened.astype(float), X, family=sm.families.Binomial()).fit(tol=1e-12).mu
            for X in (top, bottom)
        ]
        chosen = [np.where(happened, p, 1 - p) for p in chances]
        ratio[use] = chosen[0] / chosen[1]
    return ratio.groupby(ROWS["patient_id"], observed=True).cumprod()


def test_in_a_session_that_could_not_be_tested_nothing_is_weighted():
    state = ROWS["state"].astype(str)
    before = state.groupby(ROWS["patient_id"], observed=True).shift().fillna("intact")
    stays = state.eq(before)
    some = stays & (np.arange(len(ROWS)) % 3 == 0)
    rows = ROWS.assign(testable=~some)
    weights = pd.Series(state_weights(rows, symptom_history(rows, SCORES), []).weights)
    own = weights / weights.groupby(rows["patient_id"], observed=True).shift().fillna(1.0)
    np.testing.assert_allclose(own[some], 1.0)
    assert own[~some].std() > 0.05


def test_rows_diagnostics_and_audit_of_a_plain_study():
    found = marginal_structural(ROWS, SCORES, SETTINGS)
    rows = pd.DataFrame(found.rows)
    assert rows["setting"].unique().tolist() == ["unweighted", "weighted", "weighted_truncated"]
    assert rows["converged"].all()
    table = found.diagnostics.set_index("weights")
    assert table["mean"].between(0.8, 1.2).all()
    assert table.loc["weighted", "share_truncated"] == 0
    # 1 % at each end
    assert table.loc["weighted_truncated", "share_truncated"] == pytest.approx(0.02, abs=0.002)
    assert table.loc["weighted_truncated", "largest"] < table.loc["weighted", "largest"]
    assert (table["effective_size"] < table["sessions"]).all()
    assert all(fit["converged"] for fit in found.fits)
    assert {"gradient_norm", "condition_number", "events_per_parameter"} <= set(found.fits[-1])


def test_equal_weights_have_the_size_of_the_sample():
    table = diagnostics({"weighted": np.ones(len(ROWS))}, ROWS, 0.2)
    assert table["effective_size"].tolist() == [len(ROWS)]
    assert table["reason"].eq("positivity").all()
    far = diagnostics({"weighted": np.append(np.ones(len(ROWS) - 1), 50.0)}, ROWS, 0.001)
    assert far["reason"].str.contains("large_weights:20").all()
    assert far["reason"].str.contains("small_chances:0.005").all()


@pytest.mark.parametrize(
    ("rows", "scores", "reason"),
    [
        (ROWS, SCORES.assign(symptom=np.nan), "no_symptoms"),
        (ROWS.assign(testable=False), SCORES, "hardly_tested:0"),
        (ROWS.iloc[:0], SCORES, "no_symptoms"),
        (ROWS.assign(dropout=0), SCORES, "no_event:dropout:repaired"),
        (ROWS.assign(at_risk=False), SCORES, "nobody"),
    ],
)
def test_what_cannot_be_weighted_is_a_row_with_the_reason(rows, scores, reason):
    found = marginal_structural(rows, scores, SETTINGS)
    table = pd.DataFrame(found.rows).set_index(["analysis", "setting", "contrast"])
    for analysis in ("marginal_structural", "other_endings"):
        row = table.loc[(analysis, "weighted", "repaired vs unrepaired")]
        assert np.isnan(row["estimate"])
        assert reason in row["reason"]


def test_one_therapist_is_no_obstacle():
    found = marginal_structural(ROWS.assign(therapist_id="only"), SCORES, SETTINGS)
    assert pd.DataFrame(found.rows)["se"].gt(0).all()
