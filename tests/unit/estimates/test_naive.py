import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.naive import naive_effects, ruptured_patients
from tests.unit.toy_sessions import toy_sessions

ROWS = toy_sessions()
PATIENT = ROWS["patient_id"].cat.codes


def naive(rows, covariates=()):
    return naive_effects(rows, "recorded_ending", covariates, 0.95)[0].iloc[0]


def test_patients_with_a_rupture_whose_treatment_ended():
    people = ruptured_patients(ROWS)
    ruptured = set(ROWS.loc[ROWS["state"] != "intact", "patient_id"])
    assert set(people["patient_id"]) == ruptured
    ongoing = ROWS.assign(event="none")
    assert len(ruptured_patients(ongoing)) == 0


def test_without_covariates_it_is_the_odds_ratio_of_the_table():
    people = ruptured_patients(ROWS)
    cells = pd.crosstab(people["ever_repaired"], people["dropout"])
    odds_ratio = cells.loc[True, 1] * cells.loc[False, 0] / cells.loc[True, 0] / cells.loc[False, 1]
    assert naive(ROWS)["estimate"] == pytest.approx(np.log(odds_ratio))


def test_one_patient_a_therapist_gives_the_usual_robust_error():
    """HC0 of a two-by-two table is Woolf's √Σ1/n; HC2 has a factor n/(n − 1) for each row of it."""
    people = ruptured_patients(ROWS)
    cells = pd.crosstab(people["ever_repaired"], people["dropout"]).to_numpy()
    n = cells.sum(axis=1)
    expected = np.sqrt(((1 / cells).sum(axis=1) * n / (n - 1)).sum())
    assert naive(ROWS.assign(therapist_id=PATIENT))["se"] == pytest.approx(expected)


@pytest.mark.parametrize("therapist", ["x", None])
def test_without_two_therapists_each_patient_is_a_cluster(therapist):
    apart, found = (naive(ROWS.assign(therapist_id=each)) for each in (PATIENT, therapist))
    assert found["se"] == pytest.approx(apart["se"], rel=1e-12)
    assert "no_clusters" in found["reason"]


def test_the_row_is_labelled_as_biased():
    row = naive(ROWS, ["x_severity"])
    assert row["reason"] == "biased_by_immortal_time"
    assert (row["state_a"], row["state_b"]) == ("ever_repaired", "never_repaired")
    assert row["converged"]
    people = ruptured_patients(ROWS)
    assert (row["patients"], row["sessions"]) == (len(people), people["sessions"].sum())


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS[ROWS["state"] != "repaired"], "empty_cell:ever_repaired:dropout"),
        (ROWS.assign(dropout=0), "empty_cell:ever_repaired:dropout"),
        (ROWS[ROWS["state"] == "intact"], "empty_cell:ever_repaired:dropout"),
    ],
)
def test_what_cannot_be_estimated_is_a_marked_row(rows, reason):
    row = naive(rows, ["x_severity"])
    assert np.isnan(row["estimate"])
    assert not row["converged"]
    assert reason in row["reason"]


def test_a_covariate_that_separates_is_a_marked_row():
    dropped = ROWS.groupby("patient_id", observed=True)["dropout"].transform("max")
    row = naive(ROWS.assign(x_severity=dropped * 2.0 - 1.0), ["x_severity"])
    assert np.isnan(row["estimate"])
    assert "not_estimable" in row["reason"]


def test_a_definition_that_was_hardly_tested_is_a_marked_row():
    row = naive(ROWS.assign(testable=False))
    assert np.isnan(row["estimate"])
    assert not row["converged"]
    assert "hardly_tested:0" in row["reason"]


def test_each_fit_comes_with_what_an_audit_needs():
    effects, fits = naive_effects(ROWS, "recorded_ending", [], 0.95)
    assert len(fits) == len(effects)
    assert fits[0]["converged"]
    assert fits[0]["gradient_norm"] < 1e-6
    assert fits[0]["events_per_parameter"] == effects["events"].iloc[0] / 2
