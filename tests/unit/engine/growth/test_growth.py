import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.base.model import LikelihoodModel, LikelihoodModelResults

from rupture_outcome import NestedGrowth
from rupture_outcome.engine.growth.model import ModelError

FORMULA = "symptom ~ session + C(state, contr.treatment('intact'))"
NESTED = {"patient": "patient", "slope": "session", "therapist": "therapist"}


def sessions(seed=4, patients=150, per=8, therapists=15, therapist_sd=1.0, slope_sd=0.4):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"patient": np.repeat(np.arange(patients), per), "session": [*range(1, per + 1)] * patients}
    )
    start, pace = rng.normal(size=patients), slope_sd * rng.normal(size=patients)
    data["therapist"] = [f"T{j:02d}" for j in data["patient"] % therapists]
    of = dict(zip(sorted(set(data["therapist"])), rng.normal(size=therapists), strict=True))
    data["state"] = rng.choice(["intact", "unrepaired", "repaired"], len(data))
    y = 20 + 3 * start[data["patient"]] - (0.3 - pace[data["patient"]]) * data["session"]
    y += therapist_sd * data["therapist"].map(of) + 0.8 * (data["state"] == "unrepaired")
    return data.assign(symptom=y + 1.5 * rng.normal(size=len(data)))


DATA = sessions()


def model(data=DATA, formula=FORMULA, **other):
    return NestedGrowth.from_formula(formula, data, **(NESTED | other))


@pytest.fixture(scope="module")
def fit():
    return model().fit()


# ---- what comes out ------------------------------------------------------------------------


def test_it_is_a_statsmodels_model_with_named_results(fit) -> None:
    assert isinstance(fit.model, LikelihoodModel)
    assert isinstance(fit._results, LikelihoodModelResults)
    names = list(fit.params.index)
    for named in (fit.bse, fit.pvalues, fit.conf_int(), fit.df, fit.cov_params()):
        assert list(named.index) == names


def test_two_levels_agree_with_statsmodels(fit) -> None:
    """An independent implementation; its search stops at a gradient of 1e-5 or so."""
    theirs = smf.mixedlm(FORMULA.replace("contr.treatment", "Treatment"), DATA, groups="patient",
                         re_formula="session").fit(reml=False)  # fmt: skip
    ours = model(therapist=None).fit(reml=False)
    assert ours.llf == pytest.approx(theirs.llf, abs=1e-5)
    of_theirs = theirs.fe_params.rename(lambda name: name.replace("Treatment", "contr.treatment"))
    np.testing.assert_allclose(ours.params, of_theirs[ours.params.index], rtol=1e-4)
    np.testing.assert_allclose(ours.random_cov["patient"], theirs.cov_re, rtol=1e-3)


def test_the_order_and_the_unit_of_rows_do_not_matter(fit) -> None:
    other = DATA.sample(frac=1.0, random_state=1).assign(symptom=lambda d: 1000 + 10 * d["symptom"])
    again = model(other).fit()
    np.testing.assert_allclose(again.params.iloc[1:], 10 * fit.params.iloc[1:], rtol=1e-6)
    np.testing.assert_allclose(again.df, fit.df, rtol=1e-5)
    np.testing.assert_allclose(again.variances["variance"], 100 * fit.variances["variance"], 1e-5)
    change = (len(DATA) - len(fit.params)) * np.log(10)
    assert again.llf == pytest.approx(fit.llf - change, abs=1e-6)


def test_a_shift_of_the_clock_turns_intercepts_only(fit) -> None:
    late = model(DATA.assign(session=DATA["session"] - 8)).fit()
    assert late.llf == pytest.approx(fit.llf, abs=1e-7)
    slope = ("session", "session")
    assert late.random_cov["patient"].loc[slope] == pytest.approx(
        fit.random_cov["patient"].loc[slope], rel=1e-5
    )
    np.testing.assert_allclose(late.fittedvalues, fit.fittedvalues, atol=1e-4)


def test_ten_patients_of_balanced_data_give_the_closed_form() -> None:
    """One-way layout: between and within mean squares, of which REML is the closed form."""
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(10), 6)
    y = 2.0 * rng.normal(size=10)[patient] + rng.normal(size=60)
    means = y.reshape(10, 6).mean(axis=1)
    within = ((y - means[patient]) ** 2).sum() / 50
    between = 6 * means.var(ddof=1)
    fit = NestedGrowth(y, np.ones((60, 1)), patient).fit()
    assert fit.residual_sd**2 == pytest.approx(within, rel=1e-8)
    assert fit.random_cov["patient"].iloc[0, 0] == pytest.approx((between - within) / 6, rel=1e-7)
    assert fit.bse.iloc[0] == pytest.approx(np.sqrt(between / 60), rel=1e-7)
    assert fit.df.iloc[0] == pytest.approx(9.0, rel=1e-5)


def test_predictions(fit) -> None:
    new = DATA.head(20).assign(symptom=np.nan)
    np.testing.assert_allclose(fit.predict(new, effects="patient"), fit.fittedvalues.head(20))
    none, therapist = fit.predict(new), fit.predict(new, effects="therapist")
    shift = fit.random_effects["therapist"]["Intercept"].loc[new["therapist"]].to_numpy()
    np.testing.assert_allclose(therapist - none, shift)
    assert fit.predict(new.assign(session=np.nan)).isna().all()
    np.testing.assert_allclose(fit.resid, DATA["symptom"] - fit.fittedvalues)


def test_predictions_are_refused_for_whom_the_fit_does_not_know(fit) -> None:
    new = DATA.head(3)
    with pytest.raises(ModelError, match="'therapist' that was not in the fit"):
        fit.predict(new.assign(therapist="T99"), effects="therapist")
    with pytest.raises(ModelError, match="need the column 'patient'"):
        fit.predict(new.drop(columns="patient"), effects="patient")
    with pytest.raises(ModelError, match="category"):
        fit.predict(new.assign(state="resolved"))


def test_a_contrast_and_a_joint_test(fit) -> None:
    repaired, unrepaired = (name for name in fit.params.index if "state" in name)
    found = fit.contrast({unrepaired: 1, repaired: -1})
    assert found.value == pytest.approx(fit.params[unrepaired] - fit.params[repaired])
    assert found.df > 500
    one = fit.joint_test([unrepaired])
    assert one.statistic == pytest.approx(fit.tvalues[unrepaired] ** 2)
    assert one.p_value == pytest.approx(fit.pvalues[unrepaired])
    with pytest.raises(ModelError, match="no coefficient is called"):
        fit.contrast({"age": 1})


def test_it_can_be_told(fit) -> None:
    told = json.loads(json.dumps(fit.to_dict()))
    assert told["params"]["session"] == pytest.approx(fit.params["session"])
    assert [row["level"] for row in told["variances"]] == ["patient"] * 3 + [
        "therapist",
        "residual",
    ]
    assert "therapist" in str(fit.summary())


# ---- ends of ranges -------------------------------------------------------------------------


def test_therapists_who_do_not_differ_are_marked() -> None:
    block = sessions(patients=30, therapists=1)
    data = pd.concat(
        [block.assign(therapist=j, patient=block["patient"] + 100 * j) for j in range(6)]
    )
    fit = model(data).fit()
    assert fit.converged
    assert fit.boundary
    assert fit.reason == "sd_at_zero:therapist:intercept"
    alone = model(data, therapist=None).fit()
    np.testing.assert_allclose(fit.params, alone.params, atol=1e-7)
    assert fit.llf == pytest.approx(alone.llf, abs=1e-8)
    np.testing.assert_allclose(fit.df, alone.df, rtol=1e-5)
    assert not fit.random_effects["therapist"].to_numpy().any()


def test_slopes_that_do_not_differ_are_marked() -> None:
    fits = [model(sessions(seed=seed, slope_sd=0.0)).fit() for seed in range(6)]
    assert all(fit.converged for fit in fits)
    found = {fit.reason for fit in fits}
    assert found <= {"", "sd_at_zero:patient:slope", "correlation_at_limit:patient"}
    assert len(found) > 1


def test_a_search_that_is_cut_short_says_so() -> None:
    cut = model().fit(maxiter=0)
    assert not cut.converged
    assert "not_converged" in cut.reason


# ---- autocorrelated residuals ---------------------------------------------------------------


def autocorrelated(rho=0.5, patients=300, per=10):
    rng = np.random.default_rng(9)
    noise = rng.normal(size=(patients, per))
    for t in range(1, per):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    data = sessions(seed=10, patients=patients, per=per)
    smooth = data["symptom"] - 1.5 * np.random.default_rng(0).normal(size=len(data))
    return data.assign(symptom=2.0 * noise.ravel() + 0.01 * smooth)


def test_autocorrelation_is_recovered_and_makes_errors_honest() -> None:
    data = autocorrelated()
    with_ar1, without = model(data, ar1="session").fit(), model(data).fit()
    assert with_ar1.converged
    assert with_ar1.rho == pytest.approx(0.5, abs=0.06)
    assert with_ar1.residual_sd == pytest.approx(2.0, abs=0.15)
    assert with_ar1.llf > without.llf + 100
    assert with_ar1.n_estimated == without.n_estimated + 1
    assert (with_ar1.variances["other"] == "before").sum() == 1
    assert (with_ar1.df > 1).all()
    shuffled = model(data.sample(frac=1.0, random_state=2), ar1="session").fit()
    assert shuffled.rho == pytest.approx(with_ar1.rho, abs=1e-5)
    assert without.rho is None


@pytest.mark.parametrize(
    ("says", "changed"),
    [
        ("whole numbers", DATA.assign(session=DATA["session"] / 3)),
        ("several rows with the same", DATA.assign(session=DATA["session"] // 2)),
        ("change therapist", DATA.assign(therapist=DATA["therapist"].mask(DATA.index == 7, "T14"))),
    ],
)
def test_autocorrelation_needs_an_order(says, changed) -> None:
    with pytest.raises(ModelError, match=says):
        model(changed, ar1="session")


# ---- patients who change therapist ----------------------------------------------------------


def test_a_session_has_the_effect_of_the_therapist_who_held_it() -> None:
    moved = DATA["therapist"].where(
        (DATA["patient"] % 3 > 0) | (DATA["session"] < 5),
        DATA["therapist"].shift(-8).bfill().ffill(),
    )
    assert model(DATA).n_changed == 0
    fit = model(DATA.assign(therapist=moved)).fit()
    assert fit.n_changed == 50
    both = fit.predict(effects="therapist") - fit.predict()
    np.testing.assert_allclose(both, fit.random_effects["therapist"]["Intercept"].loc[moved])


def test_one_patient_who_changes_hardly_matters(fit) -> None:
    """Groups are then one system of equations instead of one each; nothing else is different."""
    moved = DATA.assign(therapist=DATA["therapist"].mask(DATA.index == 7, "T14"))
    other = model(moved).fit()
    np.testing.assert_allclose(other.params, fit.params, atol=0.02)
    assert other.llf == pytest.approx(fit.llf, abs=2.0)


# ---- what is refused ------------------------------------------------------------------------

TWO = DATA[DATA["session"] <= 2]
REFUSED = {
    "the same value in every row": DATA.assign(symptom=3.0),
    "'therapist' has a single value": DATA.assign(therapist="T1"),
    "'patient' has a single value": DATA.assign(patient=1),
    "to tell the random slope": TWO,
    "every person has one row": DATA[DATA["session"] == 2].assign(session=DATA["patient"]),
    "what persons differ by cannot be told": DATA.assign(therapist=DATA["patient"] + 7),
    "'session' has the same value": DATA.assign(session=2),
    "missing values: 'symptom' 1": DATA.assign(symptom=DATA["symptom"].mask(DATA.index == 3)),
    "the outcome holds words": DATA.assign(symptom="much"),
    r"columns \['symptom'\] are not in the data": DATA.drop(columns="symptom"),
    r"columns \['therapist'\] are not in the data": DATA.drop(columns="therapist"),
    "is infinite": DATA.assign(symptom=DATA["symptom"].mask(DATA.index == 3, np.inf)),
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_no_model_fits_is_refused(says) -> None:
    with pytest.raises(ModelError, match=says):
        model(REFUSED[says]).fit()


def test_an_outcome_among_the_covariates_is_refused() -> None:
    with pytest.raises(ModelError, match="predict the outcome without error"):
        model(DATA.assign(copy=2 * DATA["symptom"] + 1), "symptom ~ session + copy").fit()


def test_a_slope_of_therapists_needs_a_slope() -> None:
    with pytest.raises(ModelError, match="needs both"):
        model(slope=None, therapist_slope=True)


def test_two_sessions_do_for_random_intercepts_and_one_session_adds_a_little(fit) -> None:
    assert model(TWO, slope=None).fit().converged
    single = pd.concat([DATA, DATA.tail(1).assign(patient=999, session=1)])
    more = model(single).fit()
    assert more.converged
    assert more.n_patients == fit.n_patients + 1


def test_rows_with_gaps_are_dropped_where_that_is_asked_for(fit) -> None:
    gaps = DATA.assign(
        symptom=DATA["symptom"].mask(DATA.index == 3), session=DATA["session"].mask(DATA.index == 9)
    )
    dropped = model(gaps, missing="drop").fit()
    assert dropped.dropped == 2
    np.testing.assert_allclose(dropped.params, model(DATA.drop([3, 9])).fit().params)


def test_names_are_looked_up_never_run(tmp_path, fit) -> None:
    mark = tmp_path / "made"
    wicked = f"I(__import__('pathlib').Path({str(mark)!r}).touch())"
    renamed = DATA.rename(columns={"session": wicked, "patient": f"{wicked} ", "therapist": "a b"})
    design = pd.DataFrame({"1": 1.0, wicked: renamed[wicked]})
    made = NestedGrowth(
        renamed["symptom"], design, renamed[f"{wicked} "], renamed[wicked], renamed["a b"]
    )
    found = made.fit()
    assert list(found.params.index) == ["1", wicked]
    assert found.terms("patient") == ["Intercept", wicked]
    plain = model(formula="symptom ~ session").fit()
    np.testing.assert_allclose(found.params, plain.params)
    assert not mark.exists()
