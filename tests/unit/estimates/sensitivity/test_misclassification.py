"""Correction for errors of coding that are known."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.design import hazard_design
from rupture_outcome.engine.weighted_hazard import fit_weighted
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.sensitivity.misclassification import (
    Accuracy,
    corrected_log_ratio,
    misclassification,
    state_accuracy,
    validated_accuracy,
)
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
ONE = np.array([1.0])


def coded_with_errors(truth, sensitivity, specificity):
    """Cells as they are coded, exactly as often as the errors say."""
    open_drop, repaired_drop, open_stay, repaired_stay = truth
    out = []
    for is_open, repaired in ((open_drop, repaired_drop), (open_stay, repaired_stay)):
        coded = sensitivity * is_open + (1 - specificity) * repaired
        out += [coded, is_open + repaired - coded]
    return np.array(out)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(1.0, 1.0), (0.8, 0.9), (0.92, 0.56)])
def test_exact_errors_are_undone_exactly(sensitivity, specificity):
    truth = np.array([60.0, 40.0, 900.0, 1500.0])
    cells = coded_with_errors(truth, sensitivity, specificity)
    found = corrected_log_ratio(cells, np.array([sensitivity]), np.array([specificity]))
    assert found[0] == pytest.approx(np.log((40 / 1500) / (60 / 900)))


def test_errors_draw_the_observed_ratio_towards_one():
    truth = np.array([60.0, 40.0, 900.0, 1500.0])
    cells = coded_with_errors(truth, 0.8, 0.8)
    observed = corrected_log_ratio(cells, ONE, ONE)[0]
    assert corrected_log_ratio(truth, ONE, ONE)[0] < observed < 0


def test_impossible_errors_have_no_ratio():
    cells = np.array([30.0, 10.0, 500.0, 500.0])  # three quarters coded open before dropout
    settings = np.array([0.7, 0.5, 0.9]), np.array([0.9, 0.5, 0.4])
    found = corrected_log_ratio(cells, *settings)
    assert np.isnan(found).tolist() == [True, True, True]


def test_a_known_truth_is_recovered_from_a_study_coded_with_errors():
    # The ratio that is simulated is one within therapists, with which that over all therapists
    # agrees to a few hundredths here; 3.3 errors are crossed once in a thousand.
    rows = toy_sessions(seed=5, patients=3000, effects=(0.0, 1.0, 0.0))
    rng = np.random.default_rng(8)
    state, chance = rows["state"].astype(str).to_numpy(), rng.random(len(rows))
    wrong = np.where(state == "unrepaired", chance > 0.85, chance > 0.75)
    other = np.where(state == "unrepaired", "repaired", "unrepaired")
    coded = np.where((state != "intact") & wrong, other, state)
    observed = rows.assign(state=pd.Categorical(coded, ["intact", "unrepaired", "repaired"]))
    truth = rows[["patient_id", "session"]].assign(latent_state=state)
    accuracy = state_accuracy(observed, truth)
    assert accuracy.sensitivity == pytest.approx(0.85, abs=0.03)
    assert accuracy.specificity == pytest.approx(0.75, abs=0.03)
    found = pd.DataFrame(misclassification(observed, SETTINGS, {"own": accuracy})).iloc[-1]
    crude = misclassification(rows, SETTINGS)[-1]  # sensitivity and specificity 1, states as true
    assert found["setting"] == "own"
    assert abs(found["estimate"] - crude["estimate"]) < 0.25
    assert abs(found["estimate"] + 1.0) < 3.3 * found["se"]
    as_coded = pd.DataFrame(misclassification(observed, SETTINGS)).iloc[-1]
    assert as_coded["estimate"] > found["estimate"] + 0.2  # drawn towards 1 by the errors


def test_the_grid_ends_with_the_hazard_by_the_coded_state():
    rows = toy_sessions()
    table = pd.DataFrame(misclassification(rows, SETTINGS))
    assert len(table) == 81
    last = table.iloc[-1]
    at_risk = rows[rows["at_risk"] & rows["state"].ne("intact")]
    counts = pd.crosstab(at_risk["state"].astype(str), at_risk["dropout"])
    design = hazard_design(at_risk, "dropout", covariates=SETTINGS.covariates).matrix
    repaired = at_risk["state"].eq("repaired").astype(float)
    fit = fit_weighted(design.assign(repaired=repaired), at_risk["dropout"].to_numpy(float))
    assert last["estimate"] == pytest.approx(fit.params["repaired"], abs=1e-6)
    assert (last["sensitivity"], last["specificity"]) == (1.0, 1.0)
    assert table["least_cell"].eq(counts.to_numpy().min()).all()
    assert (
        table.loc[table["estimate"].isna(), "reason"].str.contains("impossible|not_converged").all()
    )


def test_accuracy_of_few_sessions_widens_the_interval():
    rows = toy_sessions()
    known, found = (
        pd.DataFrame(misclassification(rows, SETTINGS, {"own": accuracy}))
        for accuracy in (Accuracy(0.9, 0.9, "", error, error) for error in (0.0, 0.05))
    )
    assert found["estimate"].iloc[-1] == known["estimate"].iloc[-1]
    assert found["se"].iloc[-1] > 1.02 * known["se"].iloc[-1]
    pd.testing.assert_frame_equal(found.iloc[:-1], known.iloc[:-1])


def test_a_validation_study_has_its_own_row_and_the_errors_of_its_shares():
    rows = toy_sessions()
    given = {"sensitivity": 0.9, "open_sessions": 60, "specificity": 0.85, "other_sessions": 80}
    validated = validated_accuracy(given)
    larger = validated_accuracy({**given, "open_sessions": 6000, "other_sessions": 8000})
    assert validated.sensitivity_se == pytest.approx(np.sqrt(0.9 * 0.1 / 60), rel=0.05)
    assert validated.specificity_se == pytest.approx(np.sqrt(0.85 * 0.15 / 80), rel=0.05)
    few, many = (
        misclassification(rows, SETTINGS, {"validated": each})[-1] for each in (validated, larger)
    )
    assert few["setting"] == many["setting"] == "validated"
    assert few["reason"].startswith("validated_accuracy")
    assert few["estimate"] == many["estimate"]
    assert few["se"] > many["se"]


def test_the_error_of_an_accuracy_is_that_of_clusters():
    rows = toy_sessions(patients=300)
    truth = rows[["patient_id", "session"]].assign(latent_state="repaired")
    by_therapist = rows["therapist_id"].cat.codes % 2 == 0  # right for half of the therapists
    truth.loc[~by_therapist, "latent_state"] = "unrepaired"
    found = state_accuracy(rows.assign(state="repaired"), truth)
    assert (found.sensitivity, found.specificity) == (0.0, 1.0)
    mixed = rows.assign(state=np.where(by_therapist, "repaired", "unrepaired"))
    none_open = truth.assign(latent_state="repaired")
    none_open.loc[rows["session"].eq(1), "latent_state"] = "unrepaired"
    share = state_accuracy(mixed, none_open)
    alone = np.sqrt(share.specificity * (1 - share.specificity) / len(rows))
    assert share.specificity_se > 3 * alone


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (toy_sessions(patients=60).assign(dropout=0), "empty_cell:repaired_or_open:dropout"),
        (toy_sessions(patients=60).iloc[:0], "empty_cell:repaired_or_open:dropout"),
        (toy_sessions(patients=60).assign(testable=False), "hardly_tested:0"),
    ],
)
def test_what_cannot_be_corrected_is_a_row_with_the_reason(rows, reason):
    table = pd.DataFrame(misclassification(rows, SETTINGS, {"own": Accuracy(0.9, 0.8)}))
    assert table["estimate"].isna().all()
    assert table["reason"].str.startswith(reason).all()


def test_therapists_that_are_not_known_make_no_clusters():
    rows = toy_sessions(patients=300)
    nobody = rows.assign(therapist_id=pd.Categorical([np.nan] * len(rows)))
    alone = rows.assign(therapist_id=rows["patient_id"])
    found = [misclassification(r, SETTINGS)[-1]["se"] for r in (nobody, alone)]
    assert found[0] == pytest.approx(found[1])
