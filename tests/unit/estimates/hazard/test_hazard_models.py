import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from formulaic import model_matrix

from rupture_outcome.cohort.rupture_history import rupture_history
from rupture_outcome.engine.baseline import baseline_bands, spline_knots
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from rupture_outcome.estimates.hazard.hazard_models import (
    MODELS,
    NO_KINDS,
    ONE_EVENT,
    WINDOW_PAIRS,
    by_time_of_repair,
    events_beside,
    fit_reports,
    hazard_models,
    prepared_rows,
)
from rupture_outcome.estimates.hazard.hazard_rows import MODEL_COLUMNS
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
PRIMARY = {"definition": "drop_rci", "repair_rule": "psq_resolved"}
HEADLINE = "repaired vs unrepaired"
SPLIT = (
    "kind_of_rupture",
    "repair_window",
    "time_of_repair",
)  # which the toy study cannot tell apart
LEVELS = "C(state, contr.treatment('intact'))"


def sessions_with_agreed_endings(seed=4):
    """Sessions of the toy study, with agreed endings drawn where dropout is possible too."""
    rows = toy_sessions(patients=600)
    drawn = np.random.default_rng(seed).random(len(rows)) < 0.1
    return rows.assign(agreed_ending=drawn.astype(int))


ROWS = sessions_with_agreed_endings()


def patients_of(rows, format="individual", unit=None):
    ids = rows["patient_id"].cat.categories
    return pd.DataFrame({"patient_id": ids, "format": format, "unit_id": unit})


def ruptures_of(rows, kinds=("unknown",)):
    found = rows.loc[rows["state"].eq("unrepaired"), ["patient_id", "session", "definition"]]
    kind = np.resize(np.array(kinds), len(found))
    return found.assign(verdict="detected", kind=kind)


def fitted(rows=ROWS, kinds=("unknown",), settings=SETTINGS, only=None, **units):
    models = [m for m in MODELS if only is None or m.id in only]
    prepared = prepared_rows(rows, ruptures_of(rows, kinds), patients_of(rows, **units))
    return hazard_models(prepared, settings, models)


@pytest.fixture(scope="module")
def everything():
    return fitted()


@pytest.fixture(scope="module")
def without_therapists():
    """Rows whose therapists are drawn at random, so that the SD between them comes out as 0."""
    rng = np.random.default_rng(7)
    drawn = pd.Categorical([f"t{i}" for i in rng.integers(0, 20, len(ROWS))])
    return ROWS.assign(therapist_id=drawn)


def test_every_model_has_its_rows(everything):
    effects, fits = everything
    assert list(effects.columns) == list(MODEL_COLUMNS)
    assert list(fits) == [model.id for model in MODELS]
    assert effects.groupby("model")["contrast"].apply(lambda c: HEADLINE in set(c)).all()
    np.testing.assert_allclose(effects["ratio"], np.exp(effects["estimate"]))
    failed = effects[~effects["converged"]]
    assert dict(failed[["model", "reason"]].to_numpy()) == {
        "kind_of_rupture": NO_KINDS,
        "repair_window": "none_beyond_window",
        "time_of_repair": "no_repair_at_once",
    }
    json.dumps(fit_reports(fits, PRIMARY, 0.95), allow_nan=False)


def test_dropouts_of_an_arm_that_a_part_of_it_lacks_are_counted(everything):
    effects, fits = everything
    rest = effects.set_index(["model", "state_a", "state_b"])["fewest_rest"]
    assert rest["main", "repaired", "unrepaired"] == 0
    states = ("repaired", "unrepaired")
    main, tested = fits["main"].rows, fits["tested_sessions"].rows
    lost = [
        int(main.loc[main["state"].eq(s), "dropout"].sum())
        - int(tested.loc[tested["state"].eq(s), "dropout"].sum())
        for s in states
    ]
    assert rest["tested_sessions", *states] == min((n for n in lost if n), default=0)
    rows = pd.DataFrame(
        {"at_risk": True, "state": ["repaired"] * 3, "state_by_repair": ["repaired_later"] * 3,
         "dropout": [1, 1, 0]}
    )  # fmt: skip
    model = next(m for m in MODELS if m.id == "time_of_repair")
    assert events_beside(rows, rows.iloc[1:], model) == {"repaired_later": 1}


def test_the_main_model_is_the_primary_analysis(everything):
    effects, _ = everything
    primary, _ = hazard_effects(ROWS, "recorded_ending", SETTINGS)
    main = effects[effects["model"].eq("main")]
    for column in ("estimate", "se", "ci_low", "patients", "sessions", "events"):
        np.testing.assert_allclose(main[column], primary[column])


def test_other_models_differ_from_it_in_what_they_say(everything):
    effects, fits = everything
    row = effects[effects["contrast"].eq(HEADLINE)].set_index("model")
    assert row.loc["other_link", "link"] == "cloglog"
    assert row.loc["quadrature", "nodes"] == 15
    assert "severity" not in fits["no_covariates"].fit.params.index
    assert row.loc["tested_sessions", "sessions"] == (ROWS["at_risk"] & ROWS["testable"]).sum()
    assert row.loc["agreed_ending", "sessions"] == len(ROWS)
    assert row.loc["agreed_ending", "events"] == ROWS["agreed_ending"].sum()
    assert row.loc["patient_intercept", "groups"] == "patient_id"
    assert row.loc["patient_intercept", "reason"] == ONE_EVENT
    assert fits["patient_intercept"].fit.n_groups == ROWS["patient_id"].nunique()


def glm(formula, rows):
    y, X = model_matrix(formula, rows)
    return sm.GLM(np.asarray(y).ravel(), X, family=sm.families.Binomial()).fit(tol=1e-12)


def agree(effects, fits, model, theirs):
    assert fits[model].fit.boundary
    row = effects[effects["model"].eq(model)].set_index("contrast")
    for state in ("unrepaired", "repaired"):
        name = f"{LEVELS}[T.{state}]"
        assert row.loc[f"{state} vs intact", "estimate"] == pytest.approx(
            theirs.params[name], abs=1e-6
        )
        assert row.loc[f"{state} vs intact", "se"] == pytest.approx(theirs.bse[name], rel=1e-5)
    assert fits[model].fit.llf == pytest.approx(theirs.llf, abs=1e-6)


def test_the_spline_model_is_that_of_formulaic_and_statsmodels(without_therapists):
    at_risk = without_therapists[without_therapists["at_risk"]]
    low, *inner, high = spline_knots(at_risk["time"], at_risk["dropout"])
    spline = f"cr(time, knots={inner}, lower_bound={low}, upper_bound={high}, constraints='center')"
    theirs = glm(f"dropout ~ {spline} + {LEVELS} + x_severity", at_risk)
    agree(*fitted(without_therapists, only=["spline_baseline"]), "spline_baseline", theirs)


def test_agreed_endings_are_those_of_statsmodels(without_therapists):
    rows = without_therapists
    rows = rows.assign(band=baseline_bands(rows["time"], rows["agreed_ending"], 5))
    formula = f"agreed_ending ~ C(band) + {LEVELS} + x_severity"
    effects, fits = fitted(rows, only=["agreed_ending", "early_agreed_ending"])
    agree(effects, fits, "agreed_ending", glm(formula, rows))
    early = rows[rows["at_risk"]]
    early = early.assign(band=baseline_bands(early["time"], early["agreed_ending"], 5))
    agree(effects, fits, "early_agreed_ending", glm(formula, early))


def test_the_joint_test_is_that_of_statsmodels(everything):
    effects, fits = everything
    fit = fits["main"].fit
    names = [f"state[T.{state}]" for state in ("unrepaired", "repaired")]
    L = np.array([[float(n == one) for n in fit.params.index] for one in names])
    theirs = fit.wald_test(L, scalar=True, use_f=False)
    row = effects[effects["model"].eq("main")].iloc[0]
    assert (row["joint_df"], row["joint_p"]) == (2, pytest.approx(float(theirs.pvalue)))
    one_df = effects[effects["contrast"].eq("one_more_earlier_rupture")]
    assert one_df["joint_p"].isna().all()


@pytest.mark.parametrize(
    ("model", "truth"),
    [
        (
            "time_since_rupture",
            {"later_while_unrepaired": 0.4, "later_while_repaired": -0.2},
        ),
        ("earlier_ruptures", {"one_more_earlier_rupture": -0.5}),
    ],
)
def test_slopes_are_found_where_they_are(model, truth):
    rows = toy_sessions(seed=8, patients=4000, effects=(0.0, 0.0, 0.0))
    rows = rows.assign(event="none", agreed_ending=0)
    history = prepared_rows(rows, ruptures_of(rows), patients_of(rows))
    terms = next(each for each in MODELS if each.id == model).slopes
    odds = -3 + sum(truth[words] * history[column] for column, words in terms.items())
    drawn = np.random.default_rng(8).random(len(rows)) < 1 / (1 + np.exp(-odds))
    dropout = (drawn & rows["at_risk"]).astype(int)
    effects, _ = fitted(rows.assign(dropout=dropout), only=[model])
    row = effects.set_index("contrast")
    for contrast, expected in truth.items():
        found = row.loc[contrast]
        assert abs(found["estimate"] - expected) < 3.5 * found["se"] < 0.5
    assert row["joint_p"][list(truth)].dropna().lt(1e-3).all()


def test_kinds_are_levels_of_open_ruptures():
    effects, _ = fitted(kinds=("withdrawal", "confrontation", "both"), only=["kind_of_rupture"])
    assert effects["converged"].all()
    assert effects["contrast"].tolist() == [
        *(f"repaired vs unrepaired_{k}" for k in ("withdrawal", "confrontation", "both")),
        *(f"unrepaired_{k} vs intact" for k in ("withdrawal", "confrontation", "both")),
        *(f"unrepaired_{k} vs unrepaired_withdrawal" for k in ("confrontation", "both")),
    ]
    assert effects["joint_df"].eq(4).all()
    value = effects.set_index("contrast")["estimate"]
    assert value["unrepaired_both vs unrepaired_withdrawal"] == pytest.approx(
        value["unrepaired_both vs intact"] - value["unrepaired_withdrawal vs intact"]
    )


def test_open_ruptures_are_split_at_the_end_of_their_window():
    is_open = ROWS["state"].eq("unrepaired")
    beyond = is_open & (np.arange(len(ROWS)) % 3 == 0)
    effects, _ = fitted(ROWS.assign(beyond_window=beyond), only=["repair_window"])
    assert effects["converged"].all()
    assert effects[["state_a", "state_b"]].apply(tuple, axis=1).tolist() == list(WINDOW_PAIRS)
    share = beyond[ROWS["at_risk"]].sum() / is_open[ROWS["at_risk"]].sum()
    assert effects["reason"].eq(f"share_beyond_window:{share:.2f}".rstrip("0")).all()
    # which third is beyond was drawn by lot: both are near all open ruptures, by their own errors
    whole = fitted(only=["main"])[0].set_index("contrast").loc["unrepaired vs intact"]
    for _, row in effects[effects["state_b"].eq("intact")].iterrows():
        assert abs(row["estimate"] - whole["estimate"]) < 3 * row["se"]


def test_repairs_in_the_session_of_the_rupture_stand_apart_from_later_ones():
    state = ["intact", "repaired", "repaired", "unrepaired", "unrepaired", "repaired", "repaired"]
    rows = pd.DataFrame({"patient_id": list("aaaaaab"), "definition": "d", "state": state})
    rows["session"] = rows["time"] = [1, 2, 3, 4, 5, 6, 1]
    none = pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"])
    assert by_time_of_repair(rows, rupture_history(rows, none)).tolist() == [
        "intact",
        *["repaired_at_once"] * 2,
        *["unrepaired"] * 2,
        "repaired_later",
        "repaired_at_once",
    ]
    seen = none.assign(patient_id=["a"], session=[3], definition=["d"], verdict=["detected"])
    again = rows.assign(state=["unrepaired", "repaired", "repaired", *["intact"] * 4]).iloc[:3]
    told = by_time_of_repair(again, rupture_history(again, seen.assign(kind="unknown")))
    assert told.tolist() == ["unrepaired", "repaired_later", "repaired_at_once"]


def test_units_are_shared_by_those_treated_together():
    format = np.where(np.arange(600) < 200, "couple", "individual")
    unit = np.array([f"u{i // 2}" for i in range(600)])
    unit[:2] = [None, None] if unit.dtype == object else unit[:2]
    _, fits = fitted(only=["unit_intercept"], format=format, unit=unit)
    assert fits["unit_intercept"].fit.n_groups == 100 + 400
    _, alone = fitted(only=["unit_intercept"], format="couple", unit=None)
    assert alone["unit_intercept"].fit.n_groups == 600


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS.assign(dropout=0, agreed_ending=0), "no_event:.*:intact"),
        (ROWS[ROWS["state"].eq("intact")], "nobody_at_risk:repaired"),
        (ROWS.assign(testable=np.arange(len(ROWS)) % 4 == 0), "hardly_tested:0.25"),
    ],
)
def test_what_cannot_be_fitted_is_marked(rows, reason):
    effects, fits = fitted(rows)
    assert len(effects) == 56
    assert not effects["converged"].any()
    other = effects[~effects["model"].isin(SPLIT)]
    assert other["reason"].str.contains(reason).all()
    assert not any(report["converged"] for report in fit_reports(fits, PRIMARY, 0.95))


def test_one_therapist_leaves_the_models_without_therapists():
    effects, _ = fitted(ROWS.assign(therapist_id=pd.Categorical(["x"] * len(ROWS))))
    impossible = effects["model"].isin([*SPLIT, "within_therapists"])
    assert effects.loc[~impossible, "converged"].all()
    nested = effects["model"].isin(["unit_intercept", "patient_intercept"])
    told = effects["reason"].str.contains("no_groups:therapist")
    assert (told == ~nested)[effects["converged"]].all()


def test_the_fewest_of_the_levels_compared(everything):
    effects, _ = everything
    at_risk = ROWS[ROWS["at_risk"]]
    events = at_risk.groupby("state", observed=True)["dropout"].sum()
    row = effects[effects["model"].eq("main")].set_index("contrast").loc[HEADLINE]
    assert row["fewest_events"] == min(events["repaired"], events["unrepaired"])
    assert row["fewest_patients"] == min(
        at_risk.loc[at_risk["state"].eq(s), "patient_id"].nunique()
        for s in ("repaired", "unrepaired")
    )


def test_the_config_chooses_the_main_link():
    effects, _ = fitted(settings=replace(SETTINGS, link="cloglog"), only=["main", "other_link"])
    assert effects.drop_duplicates("model")["link"].tolist() == ["cloglog", "logit"]


def test_shares_of_a_therapist_are_of_all_sessions_at_risk():
    prepared = prepared_rows(ROWS, ruptures_of(ROWS), patients_of(ROWS))
    at_risk = prepared[prepared["at_risk"]]
    for therapist, own in at_risk.groupby("therapist_id", observed=True):
        for state in ("unrepaired", "repaired"):
            share = prepared.loc[prepared["therapist_id"].eq(therapist), f"{state}_of_therapist"]
            np.testing.assert_allclose(share, 10 * own["state"].eq(state).mean())
    nobody = ROWS.assign(therapist_id=None)
    effects, _ = fitted(nobody, only=["within_therapists"])
    assert effects["reason"].eq("one_therapist").all()
    assert effects["estimate"].isna().all()


def test_the_state_before_is_that_of_the_session_before():
    prepared = prepared_rows(ROWS, ruptures_of(ROWS), patients_of(ROWS))
    first = ~ROWS["patient_id"].duplicated()
    assert prepared.loc[first, "state_before"].isna().all()
    assert (
        prepared["state_before"]
        .iloc[1:][~first[1:]]
        .eq(ROWS["state"].astype("str").shift().iloc[1:][~first[1:]])
    ).all()
    effects, fits = fitted(only=["state_before"])
    assert effects["sessions"].eq((ROWS["at_risk"] & ~first).sum()).all()
    assert fits["state_before"].design.terms[0][0] == "state_before"
