import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.base.model import LikelihoodModel, LikelihoodModelResults

from rupture_outcome import MultilevelHazard
from rupture_outcome.engine.hazard import ModelError

FORMULA = "dropout ~ C(session) + C(state, contr.treatment('intact')) + severity"
REPAIRED = "C(state, contr.treatment('intact'))[T.repaired]"
UNREPAIRED = "C(state, contr.treatment('intact'))[T.unrepaired]"
# Two searches of the same likelihood end within this of each other.
SAME = {"rtol": 1e-7, "atol": 1e-8}


def person_sessions(seed=5, rows=1500, groups=20, sd=0.8):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "therapist": [f"T{g:02d}" for g in rng.integers(0, groups, rows)],
            "session": rng.integers(1, 6, rows),
            "state": rng.choice(["intact", "unrepaired", "repaired"], rows),
            "severity": rng.normal(size=rows),
        }
    )
    of_group = dict(zip(sorted(set(data["therapist"])), rng.normal(size=groups), strict=True))
    eta = -1.8 + 0.7 * (data["state"] == "unrepaired") + 0.3 * data["severity"]
    eta += sd * data["therapist"].map(of_group)
    return data.assign(dropout=(rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(int))


DATA = person_sessions()


def model(data=DATA, formula=FORMULA, **kwargs):
    return MultilevelHazard.from_formula(formula, data, **({"groups": "therapist"} | kwargs))


@pytest.fixture(scope="module", params=["logit", "cloglog"])
def fit(request):
    return model(link=request.param).fit()


def no_difference_between_groups():
    """Every group holds the same rows, so that the SD is estimated as 0."""
    block = DATA.head(60)
    return pd.concat([block.assign(therapist=f"T{g}") for g in range(12)], ignore_index=True)


# ---- what comes out ------------------------------------------------------------------------


def test_it_is_a_statsmodels_model_with_named_results(fit):
    assert isinstance(fit.model, LikelihoodModel)
    assert isinstance(fit._results, LikelihoodModelResults)
    assert list(fit.params.index) == list(fit.bse.index) == list(fit.cov_params().index)
    assert {"Intercept", "C(session)[T.5]", REPAIRED, "severity"} <= set(fit.params.index)
    np.testing.assert_allclose(fit.bse**2, np.diag(fit.cov_params()))
    np.testing.assert_allclose(fit.tvalues, fit.params / fit.bse)
    half = 1.959963984540054 * fit.bse
    np.testing.assert_allclose(fit.conf_int()[1], fit.params + half)


def test_the_estimate_is_a_maximum_and_se_are_from_the_observed_information(fit):
    theta = np.append(fit.params, fit.group_sd)
    assert fit.converged
    assert fit.gradient_norm < 1e-5
    np.testing.assert_allclose(fit.model.score(theta), 0.0, atol=1e-4)
    assert fit.model.loglike(theta) == pytest.approx(fit.llf, rel=1e-12)
    inverse = np.linalg.inv(fit.model.information(theta))
    np.testing.assert_allclose(fit.cov_params_full, inverse, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(fit.cov_params(), inverse[:-1, :-1], rtol=1e-6, atol=1e-10)


def test_information_criteria_count_the_sd(fit):
    k = len(fit.params) + 1
    assert fit.aic == pytest.approx(2 * k - 2 * fit.llf)
    assert fit.bic == pytest.approx(np.log(len(DATA)) * k - 2 * fit.llf)


def test_profile_interval_ends_where_the_likelihood_has_fallen_by_half_the_quantile():
    fit = model().fit()
    low, high = fit.group_sd_conf_int()
    assert 0 < low < fit.group_sd < high
    # A likelihood with the SD held at an end is that of an offset model: check by a fine search.
    fall = 3.841458820694124 / 2
    for end in (low, high):
        theta = np.append(fit.params, end)
        for _ in range(20):
            gradient, hessian = fit.model.score(theta)[:-1], fit.model.hessian(theta)[:-1, :-1]
            theta[:-1] -= np.linalg.solve(hessian, gradient)
        assert fit.llf - fit.model.loglike(theta) == pytest.approx(fall, abs=1e-3)


def test_contrast_equals_t_test_and_the_other_reference_category(fit):
    found = fit.contrast({REPAIRED: 1, UNREPAIRED: -1})
    test = fit.t_test(f"`{REPAIRED}` - `{UNREPAIRED}` = 0")
    assert found.estimate == pytest.approx(test.effect[0])
    assert found.se == pytest.approx(test.sd[0])
    formula = FORMULA.replace("'intact'", "'unrepaired'")
    direct = model(formula=formula, link=fit.model.link).fit()
    name = REPAIRED.replace("'intact'", "'unrepaired'")
    assert found.estimate == pytest.approx(direct.params[name], rel=1e-6)
    assert found.se == pytest.approx(direct.bse[name], rel=1e-6)
    assert found.ratio == pytest.approx(np.exp(found.estimate))
    with pytest.raises(ModelError, match="no coefficient is called"):
        fit.contrast({"state": 1})


def test_report_is_plain_json(fit):
    report = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert report["formula"] == FORMULA
    assert report["nobs"] == len(DATA)
    assert report["n_events"] == DATA["dropout"].sum()
    assert report["n_groups"] == 20
    assert report["converged"] is True
    assert report["group_sd_low"] < report["group_sd"] < report["group_sd_high"]
    assert report["params"] == pytest.approx(dict(fit.params))


def test_summary_tells_what_was_fitted(fit):
    text = str(fit.summary())
    for part in ("Laplace", fit.model.link, "therapist", UNREPAIRED, f"{fit.group_sd:.4f}"):
        assert part in text


# ---- prediction ----------------------------------------------------------------------------


def test_predictions_of_new_rows_use_the_coding_of_the_fit(fit):
    new = DATA[DATA["state"] == "repaired"].head(7)
    everything = fit.predict()
    np.testing.assert_allclose(fit.predict(new), everything.loc[new.index])
    linear = fit.predict(new, which="linear")
    np.testing.assert_allclose(linear, fit.model.exog[new.index] @ fit.params.to_numpy())


def test_marginal_chance_is_the_average_over_simulated_groups(fit):
    new, rng = DATA.head(3), np.random.default_rng(1)
    eta = fit.predict(new, which="linear").to_numpy()[:, None]
    draws = eta + fit.group_sd * rng.normal(size=400_000)
    chance = 1 / (1 + np.exp(-draws)) if fit.model.link == "logit" else -np.expm1(-np.exp(draws))
    np.testing.assert_allclose(
        fit.predict(new, group_effect="marginal"), chance.mean(axis=1), atol=5e-4
    )


def test_own_group_effects_are_shrunken_and_move_predictions(fit):
    effects = fit.group_effects
    eta = fit.predict(which="linear", group_effect="own") - fit.predict(which="linear")
    np.testing.assert_allclose(eta, effects["effect"].loc[DATA["therapist"]].to_numpy())
    assert effects["effect"].std() < fit.group_sd
    assert (effects["sd"] < fit.group_sd).all()
    np.testing.assert_allclose(fit.fittedvalues, fit.predict(DATA, group_effect="own"))


def test_missing_values_in_new_rows_give_missing_predictions(fit):
    new = DATA.head(3).assign(severity=[0.0, np.nan, 1.0])
    assert fit.predict(new).isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("change", "kwargs", "message"),
    [
        ({"session": 99}, {}, "category that was not in the data"),
        ({"therapist": "unseen"}, {"group_effect": "own"}, "not in the fit"),
        ({}, {"group_effect": "none"}, "choose one of"),
        ({}, {"which": "odds"}, "choose one of"),
    ],
)
def test_predictions_that_would_be_guesses_are_refused(fit, change, kwargs, message):
    with pytest.raises(ModelError, match=message):
        fit.predict(DATA.head(2).assign(**change), **kwargs)


def test_an_absent_column_is_named(fit):
    with pytest.raises(ModelError, match="severity"):
        fit.predict(DATA.drop(columns="severity"))


# ---- identities ----------------------------------------------------------------------------


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_order_of_rows_and_names_of_groups_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    data = person_sessions(rows=400, groups=8)
    names = dict(zip(data["therapist"].unique(), rng.permutation(8), strict=True))
    shuffled = data.sample(frac=1, random_state=rng).assign(
        therapist=lambda d: d["therapist"].map(names)
    )
    one, other = model(data).fit(), model(shuffled).fit()
    np.testing.assert_allclose(other.params, one.params, **SAME)
    np.testing.assert_allclose(other.bse, one.bse, **SAME)
    assert other.llf == pytest.approx(one.llf, rel=1e-10)


@settings(max_examples=8)
@given(st.floats(1e-4, 1e4), st.floats(-1e4, 1e4))
def test_units_of_a_covariate_do_not_matter(scale, origin):
    # Years of the calendar are some 1e3 of their SD from zero. Farther out the information loses
    # digits: at 1e6 its condition number is 1e12, and standard errors hold to 5e-4 only.
    data = person_sessions(rows=400, groups=8)
    other = model(data.assign(severity=scale * (origin + data["severity"]))).fit()
    one = model(data).fit()
    assert other.params["severity"] * scale == pytest.approx(one.params["severity"], rel=1e-4)
    assert other.bse["severity"] * scale == pytest.approx(one.bse["severity"], rel=1e-4)
    assert other.llf == pytest.approx(one.llf, rel=1e-9)
    assert other.group_sd == pytest.approx(one.group_sd, rel=1e-4)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
@pytest.mark.parametrize("nodes", [1, 5])
def test_frequency_weights_equal_repeated_rows(link, nodes):
    data = DATA.head(600).assign(n=np.arange(600) % 3 + 1)
    weighted = model(data, link=link, freq_weights="n").fit(quadrature=nodes)
    repeated = model(data.loc[data.index.repeat(data["n"])], link=link).fit(quadrature=nodes)
    np.testing.assert_allclose(weighted.params, repeated.params, **SAME)
    np.testing.assert_allclose(weighted.bse, repeated.bse, **SAME)
    assert weighted.group_sd == pytest.approx(repeated.group_sd, rel=1e-6)
    assert weighted.llf == pytest.approx(repeated.llf, rel=1e-12)
    assert (weighted.nobs, weighted.n_events) == (repeated.nobs, repeated.n_events)
    assert weighted.bic == pytest.approx(repeated.bic)


def test_logit_of_the_opposite_outcome_has_opposite_signs():
    one, other = model().fit(), model(DATA.assign(dropout=1 - DATA["dropout"])).fit()
    np.testing.assert_allclose(other.params, -one.params, **SAME)
    np.testing.assert_allclose(other.bse, one.bse, **SAME)


def test_arrays_and_formula_give_the_same_fit():
    by_formula = model(formula="dropout ~ severity").fit()
    X = np.column_stack([np.ones(len(DATA)), DATA["severity"]])
    by_arrays = MultilevelHazard(DATA["dropout"].to_numpy(), X, DATA["therapist"]).fit()
    np.testing.assert_allclose(by_arrays.params, by_formula.params, **SAME)
    np.testing.assert_allclose(by_arrays.predict(X[:3]), by_formula.predict(DATA.head(3)))


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_without_differences_between_groups_it_is_the_plain_regression(link):
    data = no_difference_between_groups()
    fit = model(data, "dropout ~ severity + state", link=link).fit()
    assert fit.boundary
    assert fit.converged
    assert fit.group_sd == 0
    assert "group SD is estimated as 0" in str(fit.summary())
    family = sm.families.Binomial(
        getattr(sm.families.links, {"logit": "Logit"}.get(link, "CLogLog"))()
    )
    plain = sm.GLM(fit.model.endog, fit.model.exog, family=family).fit(tol=1e-12)
    np.testing.assert_allclose(fit.params, plain.params, rtol=1e-6)
    if link == "logit":
        # statsmodels' GLM uses the expected information, which differs from ours under cloglog.
        np.testing.assert_allclose(fit.bse, plain.bse, rtol=1e-6)
    assert fit.llf == pytest.approx(plain.llf, rel=1e-10)
    low, high = fit.group_sd_conf_int()
    assert low == 0 < high < 1
    assert (fit.group_effects[["effect", "sd"]] == 0).all(axis=None)
    assert fit.to_dict()["boundary"] is True


# ---- separation ----------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_session_without_events_is_marked_and_leaves_the_rest_as_without_its_rows(link):
    empty = DATA["session"] == 4
    data = DATA.assign(dropout=DATA["dropout"].where(~empty, 0))
    fit, rest = model(data, link=link).fit(), model(data[~empty], link=link).fit()
    assert not fit.converged
    assert fit.finite_part_converged
    assert fit.separated == ["C(session)[T.4]"]
    assert fit.params["C(session)[T.4]"] == -np.inf
    assert np.isnan(fit.bse["C(session)[T.4]"])
    np.testing.assert_allclose(fit.params[rest.params.index], rest.params, **SAME)
    np.testing.assert_allclose(fit.bse[rest.bse.index], rest.bse, **SAME)
    assert fit.llf == pytest.approx(rest.llf)
    assert fit.contrast({REPAIRED: 1, UNREPAIRED: -1}).se > 0
    assert (fit.predict(data[empty]) == 0).all()
    report = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert report["separated"] == {"C(session)[T.4]": "-inf"}
    assert "separation" in str(fit.summary())
    with pytest.raises(ModelError, match="finite"):
        fit.wald_test(np.eye(len(fit.params)))


def test_an_empty_reference_session_leaves_the_other_sessions_comparable():
    data = DATA.assign(dropout=DATA["dropout"].where(DATA["session"] > 1, 0))
    fit, rest = model(data).fit(), model(data[data["session"] > 1]).fit()
    assert fit.params["Intercept"] == -np.inf
    assert fit.params["C(session)[T.3]"] == np.inf
    assert fit.params["severity"] == pytest.approx(rest.params["severity"], rel=1e-6)
    ours = fit.contrast({"C(session)[T.3]": 1, "C(session)[T.2]": -1})
    assert ours.estimate == pytest.approx(rest.params["C(session)[T.3]"], rel=1e-6)
    assert ours.se == pytest.approx(rest.bse["C(session)[T.3]"], rel=1e-6)
    late = data[data["session"] > 1]
    np.testing.assert_allclose(fit.predict(late), rest.predict(late), rtol=1e-6)


def test_a_state_without_events_has_no_finite_contrast():
    data = DATA.assign(dropout=DATA["dropout"].where(DATA["state"] != "repaired", 0))
    found = model(data).fit().contrast({REPAIRED: 1, UNREPAIRED: -1})
    assert found.estimate == -np.inf
    assert np.isnan([found.se, found.ci_low, found.ci_high, found.pvalue]).all()


def test_complete_separation_is_an_error():
    data = DATA.assign(severity=DATA["dropout"] + 0.001 * DATA["severity"])
    with pytest.raises(ModelError, match="without error"):
        model(data, "dropout ~ severity").fit()


def test_an_outcome_that_never_varies_within_groups_does_not_converge():
    data = DATA.assign(dropout=DATA["therapist"].isin(["T01", "T02", "T03"]).astype(int))
    fit = model(data, "dropout ~ severity").fit()
    assert not fit.converged
    assert "must not be used" in str(fit.summary())


# ---- input that no model fits --------------------------------------------------------------

BAD = {
    "constant": (DATA.assign(year=1.0), FORMULA + " + year", {}, "'year' is constant"),
    "collinear": (
        DATA.assign(twice=2 * DATA["severity"] + 1),
        FORMULA + " + twice",
        {},
        "'twice' is a linear combination of 'Intercept', 'severity'",
    ),
    "no event": (DATA.assign(dropout=0), FORMULA, {}, "no event"),
    "only events": (DATA.assign(dropout=1), FORMULA, {}, "nothing but events"),
    "one group": (DATA.assign(therapist="T00"), FORMULA, {}, "single group"),
    "group a row": (DATA.assign(therapist=range(len(DATA))), FORMULA, {}, "one row in every group"),
    "missing": (
        DATA.assign(severity=DATA["severity"].where(DATA.index > 11)),
        FORMULA,
        {},
        "'severity' 12",
    ),
    "missing group": (
        DATA.assign(therapist=DATA["therapist"].where(DATA.index > 0)),
        FORMULA,
        {},
        "'therapist' 1",
    ),
    "infinite": (DATA.assign(severity=np.inf), FORMULA, {}, "'severity' is infinite"),
    "undefined term": (DATA, "dropout ~ np.log(severity)", {}, r"'np.log\(severity\)'"),
    "outcome 0/2": (DATA.assign(dropout=2 * DATA["dropout"]), FORMULA, {}, "must be 0 or 1"),
    "outcome in words": (
        DATA.assign(dropout=DATA["dropout"].map({0: "no", 1: "yes"})),
        FORMULA,
        {},
        "holds words",
    ),
    "negative weight": (DATA.assign(n=-1.0), FORMULA, {"freq_weights": "n"}, "positive"),
    "missing weight": (DATA.assign(n=np.nan), FORMULA, {"freq_weights": "n"}, "'n' 1500"),
    "link": (DATA, FORMULA, {"link": "probit"}, "'probit' is not known"),
    "missing option": (DATA, FORMULA, {"missing": "ignore"}, "'ignore' is not known"),
    "no such group": (DATA, FORMULA, {"groups": "clinic"}, r"\['clinic'\] are not in the data"),
    "no such column": (DATA, "dropout ~ age", {}, r"\['age'\] are not in the data"),
    "no outcome": (DATA, "~ severity", {}, "no outcome"),
    "not a formula": (DATA, "dropout ~ severity +* 2", {}, "cannot be read"),
    "no rows": (DATA.head(0), FORMULA, {}, "no row"),
    "empty category": (
        DATA.assign(
            state=pd.Categorical(DATA["state"], ["intact", "odd", "repaired", "unrepaired"])
        ),
        FORMULA,
        {},
        "zero in every row",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_what_and_where(case):
    data, formula, kwargs, message = BAD[case]
    with pytest.raises(ModelError, match=message):
        model(data, formula, **kwargs)


def test_errors_name_no_group():
    data = DATA.assign(therapist="Dr Smith")
    with pytest.raises(ModelError) as raised:
        model(data)
    assert "Smith" not in str(raised.value)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ModelError, match="differ in length"):
        MultilevelHazard(np.array([0, 1, 0]), np.ones((3, 1)), [1, 1])


def test_words_in_an_array_design_are_refused():
    with pytest.raises(ModelError, match="other than numbers"):
        MultilevelHazard(DATA["dropout"], DATA[["state"]], DATA["therapist"])


@pytest.mark.parametrize("nodes", [-1, -3, 2.5])
def test_a_number_of_nodes_must_be_a_whole_number(nodes):
    with pytest.raises(ModelError, match="quadrature"):
        model().fit(quadrature=nodes)


def test_missing_rows_can_be_dropped_and_are_counted():
    data = DATA.assign(
        severity=DATA["severity"].where(DATA.index % 50 > 0),
        therapist=DATA["therapist"].where(DATA.index % 100 != 7),
    )
    fit = model(data, missing="drop").fit()
    complete = data.dropna()
    assert fit.dropped == len(data) - len(complete) == 45
    assert fit.nobs == len(complete)
    np.testing.assert_allclose(fit.params, model(complete).fit().params, **SAME)
    assert fit.predict().index.equals(complete.index)


def test_few_groups_are_fitted_and_noted():
    fit = model(DATA[DATA["therapist"].isin(["T00", "T01", "T02"])], "dropout ~ severity").fit()
    assert fit.converged
    assert any("Fewer than 5 groups" in note for note in fit.notes)


def test_nullable_columns_and_yes_no_outcomes_are_read():
    data = DATA.assign(
        dropout=DATA["dropout"].astype("boolean"),
        severity=DATA["severity"].astype("Float64"),
        session=DATA["session"].astype("Int64"),
        therapist=DATA["therapist"].astype("category"),
    )
    np.testing.assert_allclose(model(data).fit().params, model().fit().params, **SAME)


def test_without_groups_it_is_a_plain_regression():
    fit = MultilevelHazard.from_formula(FORMULA, DATA, groups=None).fit()
    plain = sm.GLM(fit.model.endog, fit.model.exog, family=sm.families.Binomial()).fit(tol=1e-12)
    np.testing.assert_allclose(fit.params, plain.params, atol=1e-7)
    np.testing.assert_allclose(fit.bse, plain.bse, rtol=1e-6)
    assert fit.llf == pytest.approx(plain.llf)
    assert fit.aic == pytest.approx(plain.aic)
    assert (fit.converged, fit.group_sd) == (True, 0.0)
    assert np.isnan(fit.group_sd_conf_int()).all()
    assert fit.to_dict()["boundary"] is None
    assert "No groups were given" in " ".join(fit.notes)
    assert fit.predict(group_effect="marginal").equals(fit.predict(group_effect="own"))
