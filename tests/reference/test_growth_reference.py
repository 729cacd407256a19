"""Fits by lme4 1.1-31 and lmerTest 3.1-3 of simulated person-sessions with known truth."""

import json

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.growth.model import NestedGrowth
from tests.reference.conftest import DATA

STATE = "C(state, contr.treatment('intact'))"
FORMULA = f"symptom ~ session + {STATE} + severity"
THEIRS = {"intercepts": {}, "patients": {"slope": "session"}}
THEIRS["nested"] = {"slope": "session", "therapist": "therapist_id"}
THEIRS["slopes"] = {**THEIRS["nested"], "therapist_slope": True}
THEIRS["changed"], THEIRS["changed_slopes"] = THEIRS["nested"], THEIRS["slopes"]
CHANGED_AFTER = 8
# lme4's search leaves SDs good to about 1e-5 of their size, and its derivatives for degrees of
# freedom are differences.
COEFFICIENT, SIZE, LOG_LIKELIHOOD, FREEDOM = 1e-5, 1e-4, 1e-9, 1e-4


def engine_name(name):
    if name.startswith("state"):
        return f"{STATE}[T.{name.removeprefix('state')}]"
    return {"(Intercept)": "Intercept"}.get(name, name)


def with_changes(rows):
    """As `with_changes` in growth.R."""
    therapists = np.sort(rows["therapist_id"].unique())
    number = np.searchsorted(therapists, rows["therapist_id"])
    goes = (rows["patient_id"].str.removeprefix("P").astype(int) % 5 == 0) & (
        rows["session"] > CHANGED_AFTER
    )
    number = np.where(goes, (number + 1) % len(therapists), number)
    return rows.assign(therapist_id=therapists[number])


@pytest.fixture(scope="module", params=[11, 12])
def growth(request):
    rows = pd.read_csv(DATA / f"person_sessions_{request.param}.csv")
    path = DATA / f"growth_{request.param}.reference.json"
    rows = rows.rename(columns={"patient": "patient_id", "therapist": "therapist_id"})
    return rows, json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=[*THEIRS])
def model(request, growth):
    rows, fits = growth
    rows = with_changes(rows) if request.param.startswith("changed") else rows
    made = NestedGrowth.from_formula(FORMULA, rows, patient="patient_id", **THEIRS[request.param])
    return made, fits[request.param]


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
def test_it_agrees_with_lme4(model, reml):
    made, fits = model
    theirs, fit = fits["reml" if reml else "ml"], made.fit(reml=reml)
    assert fit.converged
    assert fit.boundary == theirs["singular"]
    order = [engine_name(name) for name in theirs["names"]]
    np.testing.assert_allclose(fit.params[order], theirs["est"], atol=COEFFICIENT)
    np.testing.assert_allclose(fit.bse[order], theirs["se"], rtol=SIZE)
    np.testing.assert_allclose(sizes(fit), their_sizes(theirs), rtol=SIZE, atol=SIZE)
    assert fit.llf == pytest.approx(theirs["logLik"], rel=LOG_LIKELIHOOD)
    assert fit.llf > theirs["logLik"] - 1e-6
    if theirs["singular"]:  # lmerTest then differentiates where lme4 stopped, short of the limit
        return
    np.testing.assert_allclose(fit.df[order], theirs["df"], rtol=FREEDOM)
    test = fit.joint_test([name for name in order if name.startswith(STATE)])
    assert test.statistic == pytest.approx(theirs["state"]["F"], rel=SIZE)
    assert test.df_within == pytest.approx(theirs["state"]["df"], rel=FREEDOM)
    for level, label in (("patient", "P00007"), ("therapist", "T003")):
        if level in fit.random_effects:
            same_effects(fit.random_effects[level].loc[label], fit.terms(level), theirs[level])


def same_effects(ours, terms, theirs):
    np.testing.assert_allclose(ours[terms], np.ravel(theirs["mean"]), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(ours[[f"{t}_sd" for t in terms]], np.ravel(theirs["sd"]), rtol=1e-3)


def sizes(fit):
    found = fit.variances
    return found["size"].tolist()


def their_sizes(theirs):
    found = pd.DataFrame(theirs["random"])
    order = {"patient": 0, "therapist": 1, "Residual": 2}
    return found.sort_values("grp", key=lambda g: g.map(order), kind="stable")["size"].tolist()


def test_the_earlier_fits_of_the_same_models_agree(study):
    rows, fits = study
    made = NestedGrowth.from_formula(FORMULA, rows, patient="patient_id", **THEIRS["nested"])
    for reml in (True, False):
        theirs = fits["growth_reml" if reml else "growth_ml"]
        assert made.fit(reml=reml).llf == pytest.approx(theirs["logLik"], rel=LOG_LIKELIHOOD)


@pytest.mark.parametrize("study", [11, 12])
@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
def test_autocorrelated_residuals_agree_with_nlme(study, reml):
    """nlme 3.1-162; its search leaves ρ and σ good to about 1e-6."""
    rows = pd.read_csv(DATA / f"person_sessions_{study}.csv")
    patient = rows["patient"].str.removeprefix("P").astype(int)
    rows = rows[(rows["session"] % 5 > 0) | (patient % 3 > 0)]
    fits = json.loads((DATA / "growth_ar1.reference.json").read_text(encoding="utf-8"))
    theirs = fits[str(study)]["reml" if reml else "ml"]
    fit = NestedGrowth.from_formula(
        FORMULA, rows, patient="patient", slope="session", therapist="therapist", ar1="session"
    ).fit(reml=reml)
    assert fit.converged
    order = [engine_name(name) for name in theirs["names"]]
    np.testing.assert_allclose(fit.params[order], theirs["est"], atol=COEFFICIENT)
    np.testing.assert_allclose(fit.bse[order], theirs["se"], rtol=SIZE)
    assert fit.rho == pytest.approx(theirs["rho"], abs=1e-5)
    assert fit.residual_sd == pytest.approx(theirs["sigma"], rel=SIZE)
    assert fit.llf == pytest.approx(theirs["logLik"], rel=LOG_LIKELIHOOD)
