import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from formulaic import model_matrix
from scipy.special import expit, logit

from rupture_outcome.engine.baseline import baseline_bands
from rupture_outcome.estimates.effect_rows import label
from rupture_outcome.estimates.hazard.exposure_hazard import Form, HazardSettings, fit_exposure
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, STATES
from rupture_outcome.estimates.hazard.hazard_margins import (
    MARGIN_COLUMNS,
    average_hazards,
    hazard_margins,
)
from tests.unit.toy_sessions import toy_sessions

ROWS = toy_sessions(patients=800, therapists=30)
Z = 1.959963984540054


def fitted(rows=ROWS, baseline="bands", link="logit"):
    settings = HazardSettings(link=link)
    return fit_exposure(rows, "state", STATES, CONTRASTS, settings, Form(baseline=baseline))


@pytest.fixture(scope="module", params=["logit", "cloglog"])
def model(request):
    result = fitted(link=request.param)
    table = hazard_margins({"main": result}, request.param, 10, 0.95)
    return result, by_states(table)


def by_states(table):
    pairs = table[["state_a", "state_b"]].to_numpy()
    states = [label([state for state in pair if state]) for pair in pairs]
    return table.assign(state=states).set_index(["quantity", "state"])


def settings_of(result):
    """Columns of the states, set to one state after the other."""
    names = list(result.fit.params.index)
    column = {s: j for s in STATES[1:] for j, n in enumerate(names) if n.endswith(f"[T.{s}]")}
    return [{j: float(s == state) for s, j in column.items()} for state in STATES]


def chances(eta, sd, link, nodes):
    """Average over therapists of the chance at each linear predictor."""
    places, weights = np.polynomial.hermite_e.hermegauss(nodes)
    shifted = [eta + sd * place for place in places]
    chance = [expit(e) if link == "logit" else -np.expm1(-np.exp(e)) for e in shifted]
    return np.average(chance, axis=0, weights=weights)


def test_hazards_are_averages_of_predictions(model):
    result, table = model
    band = baseline_bands(result.rows["time"], result.rows["dropout"], HazardSettings().min_events)
    rows = result.rows.assign(band=band)
    for state in STATES:
        new = rows.assign(state=pd.Categorical([state] * len(rows), STATES))
        X = model_matrix("C(band) + C(state, contr.treatment('intact')) + x_severity", new)
        mean = result.fit.predict(X, group_effect="marginal").mean()
        assert table.loc[("hazard", state), "estimate"] == pytest.approx(mean, rel=1e-6)


def test_the_delta_method_agrees_with_drawing_parameters(model):
    """Against the SD over 2,000 draws of (β, σ); the error of such an SD is about 1.6 %."""
    result, _ = model
    fit, rng = result.fit, np.random.default_rng(1)
    assert not fit.boundary
    theta = np.append(fit.fitted.beta, fit.fitted.sd)
    draws = rng.multivariate_normal(theta, fit.fitted.cov, 2000)
    X = fit.model.exog[rng.choice(len(result.rows), 200, replace=False)]
    drawn = []
    for fixed in settings_of(result):
        there = X.copy()
        there[:, list(fixed)] = list(fixed.values())
        chance = chances(draws[:, :-1] @ there.T, draws[:, -1:], fit.model.link, 9)
        drawn.append(chance.mean(axis=1))
    found, cov = average_hazards(fit, X, settings_of(result))
    drawn = np.column_stack(drawn)
    np.testing.assert_allclose(found, drawn.mean(axis=0), rtol=0.05)  # curvature of the chance
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), drawn.std(axis=0), rtol=0.08)
    difference = np.array([0.0, -1.0, 1.0])
    assert np.sqrt(difference @ cov @ difference) == pytest.approx(
        (drawn @ difference).std(), rel=0.08
    )


def test_the_gradient_is_that_of_finite_differences(model):
    fit = model[0].fit
    X, theta, step = fit.model.exog, np.append(fit.fitted.beta, fit.fitted.sd), 1e-5
    _, [[variance]] = average_hazards(fit, X, [{}])

    def average(at):
        return chances(X @ at[:-1], at[-1], fit.model.link, 31).mean()

    steps = step * np.eye(len(theta))
    gradient = [(average(theta + s) - average(theta - s)) / (2 * step) for s in steps]
    assert variance == pytest.approx(gradient @ fit.fitted.cov @ gradient, rel=1e-6)


def test_intervals(model):
    _, table = model
    hazard = table.loc["hazard"]
    for row in hazard.to_dict("records"):
        half = Z * row["se"] / (row["estimate"] * (1 - row["estimate"]))
        assert row["ci_low"] == pytest.approx(expit(logit(row["estimate"]) - half))
        assert row["ci_high"] == pytest.approx(expit(logit(row["estimate"]) + half))
    for pair in CONTRASTS:
        first, second = (hazard.loc[state, "estimate"] for state in pair)
        difference = table.loc[("difference", label(pair))]
        ratio = table.loc[("risk_ratio", label(pair))]
        assert difference["estimate"] == pytest.approx(first - second)
        assert difference["ci_high"] == pytest.approx(first - second + Z * difference["se"])
        assert ratio["estimate"] == pytest.approx(first / second)
        assert ratio["ci_low"] == pytest.approx(first / second * np.exp(-Z * ratio["se"]))


def test_without_differences_between_therapists_it_is_get_margeff():
    """Two states only: with three, `get_margeff` leaves the other state as it is."""
    rng = np.random.default_rng(2)
    two = ROWS[ROWS["state"] != "repaired"]
    two = two.assign(therapist_id=pd.Categorical([f"t{i}" for i in rng.integers(0, 9, len(two))]))
    result = fitted(two)
    assert result.fit.boundary
    names = [str(n) for n in result.fit.params.index]
    X = pd.DataFrame(result.fit.model.exog, columns=names)
    theirs = sm.Logit(result.fit.model.endog, X).fit(disp=False, tol=1e-12)
    effects = theirs.get_margeff(at="overall", dummy=True)
    place = [n for n in names if n != "Intercept"].index(
        next(n for n in names if n.endswith("[T.unrepaired]"))
    )
    table = by_states(hazard_margins({"main": result}, "logit", 10, 0.95))
    mine = table.loc[("difference", "unrepaired vs intact")]
    assert mine["estimate"] == pytest.approx(effects.margeff[place], rel=1e-6)
    assert mine["se"] == pytest.approx(effects.margeff_se[place], rel=1e-5)
    missing = table.loc[("hazard", "repaired")]
    assert not missing["converged"]
    assert "nobody_at_risk:repaired" in missing["reason"]


def test_hazards_over_sessions():
    result = fitted(baseline="spline")
    table = hazard_margins({"spline_baseline": result}, "logit", 8, 0.95)
    assert list(table.columns) == list(MARGIN_COLUMNS)
    curve = table[table["quantity"].eq("hazard_by_session")]
    assert curve["session"].max() == 8
    assert set(curve.loc[curve["session"].eq(1), "state_a"]) == {"intact"}
    first = result.rows.drop_duplicates("patient_id")
    at_three = curve[curve["session"].eq(3) & curve["state_a"].eq("repaired")].iloc[0]
    here = result.rows[result.rows["time"].eq(3)]
    design = pd.DataFrame(result.fit.model.exog, index=result.rows.index)
    X = design.loc[first.index].to_numpy(copy=True)
    names = list(result.fit.params.index)
    spline = [j for j, n in enumerate(names) if n.startswith("spline_")]
    X[:, spline] = design.loc[here.index[0], spline].to_numpy()
    for j, n in enumerate(names):
        X[:, j] = 1.0 if n.endswith("[T.repaired]") else 0.0 if "[T." in n else X[:, j]
    chance = chances(X @ result.fit.params.to_numpy(), result.fit.group_sd, "logit", 41)
    assert at_three["estimate"] == pytest.approx(chance.mean(), rel=1e-6)
    there = here["state"].eq("repaired")
    assert at_three["fewest_patients"] == there.sum()


def test_what_cannot_be_predicted_is_marked():
    result = fitted(ROWS.assign(dropout=0))
    table = hazard_margins({"main": result, "spline_baseline": result}, "logit", 8, 0.95)
    assert table["estimate"].isna().all()
    assert not table["converged"].any()
    assert table["reason"].str.contains("no_event:dropout").all()
    assert not table["quantity"].eq("hazard_by_session").any()
