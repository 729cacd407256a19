"""Who is at risk with which therapist, and what is said of how therapists differ."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.baseline import baseline_bands
from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.therapists.therapist_effects import (
    EFFECT_COLUMNS,
    latent_share,
    median_ratio,
    mixture_pvalue,
    therapist_effects,
    therapist_variances,
)
from rupture_outcome.estimates.therapists.therapist_hazards import (
    OUTCOMES,
    rows_at_risk,
    therapist_audits,
    therapist_hazards,
)
from rupture_outcome.estimates.therapists.therapist_relation import therapist_relation
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
ROWS = toy_sessions(seed=3, patients=500, base=-2.6).assign(testable=True)
HAZARDS = therapist_hazards(ROWS, SETTINGS)
STATES = ["intact", "unrepaired", "repaired"]


def course(patient, states, therapists, testable=None):
    n = len(states)
    return pd.DataFrame(
        {
            "patient_id": patient,
            "therapist_id": list(therapists),
            "state": pd.Categorical([STATES["iur".index(s)] for s in states], categories=STATES),
            "testable": testable or [True] * n,
            "at_risk": [True] * n,
            "dropout": [0] * (n - 1) + [1],
        }
    )


def test_a_session_counts_for_the_therapist_who_held_it():
    rows = pd.concat([course("a", "iuur", "AABB"), course("b", "uuii", "CCCC")], ignore_index=True)
    at_risk = rows_at_risk(rows)
    repair = at_risk["repair"]
    assert repair.loc[:3, "therapist_id"].tolist() == ["B", "B"]
    assert repair.loc[:3, "happened"].tolist() == [0, 1]
    rupture = at_risk["rupture"]
    assert rupture["therapist_id"].tolist() == ["A", "A", "C", "C"]
    # The first session of a patient follows no session, whoever stands in the row above.
    assert rupture["happened"].tolist() == [0, 1, 1, 0]
    assert at_risk["dropout"]["happened"].tolist() == [0, 0, 0, 1] * 2


def test_only_testable_sessions_show_ruptures_and_repairs():
    rows = course("a", "iuur", "AAAA", [True, False, True, True])
    at_risk = rows_at_risk(rows)
    assert at_risk["rupture"].index.tolist() == [0]
    assert at_risk["repair"].index.tolist() == [2, 3]
    assert len(at_risk["dropout"]) == 4


def test_sessions_without_a_therapist_are_left_out_and_that_is_said():
    unnamed = ROWS.assign(therapist_id=ROWS["therapist_id"].astype(object).mask(ROWS.index < 50))
    hazards = therapist_hazards(unnamed, SETTINGS)
    assert len(hazards["dropout"].rows) < len(HAZARDS["dropout"].rows)
    assert all("unnamed_left_out" in hazard.reason for hazard in hazards.values())
    assert all(hazard.fit is not None for hazard in hazards.values())


def test_the_fit_is_that_of_the_engine():
    rows = HAZARDS["repair"].rows
    band = baseline_bands(rows["time"], rows["happened"], SETTINGS.min_events)
    direct = MultilevelHazard.from_formula(
        "happened ~ C(band) + x_severity", rows.assign(band=band), groups="therapist_id"
    ).fit()
    variances = therapist_variances(HAZARDS, "logit", 0.95).set_index("outcome")
    assert variances.loc["repair", "group_sd"] == pytest.approx(direct.group_sd)
    low, high = direct.group_sd_conf_int()
    assert variances.loc["repair", "ci_high"] == pytest.approx(high)
    assert variances.loc["repair", "share_high"] == pytest.approx(latent_share(high, "logit"))
    assert variances.loc["repair", "ci_low"] == pytest.approx(low)


def test_the_state_enters_the_last_model_only():
    formulas = {outcome: HAZARDS[outcome].fit.model.formula for outcome in OUTCOMES}
    assert [("state" in formulas[outcome]) for outcome in OUTCOMES] == [False, False, False, True]


def test_published_values_of_share_and_median_odds_ratio():
    # σ² = 0.202 gives a median odds ratio of 1.54 by the formula of Larsen and Merlo (2005).
    assert median_ratio(np.sqrt(0.202)) == pytest.approx(np.exp(0.9539 * np.sqrt(0.202)), rel=1e-4)
    assert latent_share(np.pi / np.sqrt(3), "logit") == pytest.approx(0.5)
    assert latent_share(np.pi / np.sqrt(6), "cloglog") == pytest.approx(0.5)
    assert latent_share(0.0, "logit") == 0.0
    # 12.6% of the variance, the benchmark, is an SD of 0.69.
    assert latent_share(0.6887, "logit") == pytest.approx(0.126, abs=1e-4)


def test_the_boundary_test_halves_the_p_value():
    assert mixture_pvalue(-10.0, -10.0) == 1.0
    assert mixture_pvalue(-10.0 + 2.705543 / 2, -10.0) == pytest.approx(0.05, abs=1e-6)


def test_effects_are_in_order_and_average_to_the_overall_rate():
    effects = therapist_effects(HAZARDS, 0.95)
    assert list(effects.columns) == EFFECT_COLUMNS
    dropout = effects[effects["outcome"].eq("dropout")]
    assert dropout["rank"].tolist() == list(range(1, 21))
    assert dropout["estimate"].is_monotonic_increasing
    assert dropout["chance"].is_monotonic_increasing
    assert (dropout["ci_low"] < dropout["estimate"]).all()
    assert dropout["events"].sum() == HAZARDS["dropout"].rows["happened"].sum()
    weighted = np.average(dropout["chance"], weights=dropout["sessions"])
    assert weighted == pytest.approx(HAZARDS["dropout"].rows["happened"].mean(), rel=0.05)
    spread = effects["outcome"].eq("dropout") & effects["rank"].eq(1)
    own = HAZARDS["dropout"].fit.group_effects["effect"].min()
    assert effects.loc[spread, "estimate"].item() == pytest.approx(own)


def test_the_median_therapist_stands_between_the_percentiles():
    variances = therapist_variances(HAZARDS, "logit", 0.95)
    estimated = variances[variances["converged"]]
    assert len(estimated) == 4
    assert estimated["chance_low"].le(estimated["chance"]).all()
    assert estimated["chance"].le(estimated["chance_high"]).all()


def test_audits_are_json():
    fits = therapist_audits(HAZARDS, "d", "r")
    assert next(fit["model"] for fit in fits) == "therapists:rupture"
    json.dumps(fits, allow_nan=False)


def everything(rows, settings=SETTINGS):
    hazards = therapist_hazards(rows, settings)
    relation, fits = therapist_relation(hazards, 0.95, "d", "r")
    json.dumps([*fits, *therapist_audits(hazards, "d", "r")], allow_nan=False)
    variances = therapist_variances(hazards, settings.link, 0.95).set_index("outcome")
    return variances, therapist_effects(hazards, 0.95), relation


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS.assign(therapist_id="x"), "one_therapist"),
        (ROWS.assign(therapist_id=pd.Categorical([None] * len(ROWS))), "no_therapists"),
        (ROWS.assign(dropout=0), "never_happened"),
        (ROWS.assign(at_risk=False), "no_named_session"),
    ],
)
def test_what_cannot_be_fitted_is_a_marked_row(rows, reason):
    variances, effects, relation = everything(rows)
    assert np.isnan(variances.loc["dropout", "group_sd"])
    assert not variances.loc["dropout", "converged"]
    assert reason in variances.loc["dropout", "reason"]
    row = effects[effects["outcome"].eq("dropout")]
    assert row["therapist_id"].isna().all()
    assert reason in row["reason"].item()
    joint = relation[relation["method"].eq("joint")]
    assert joint["estimate"].isna().all()
    assert joint["reason"].str.contains(reason).all()


def test_nobody_repaired_or_nothing_tested_touches_dropout_not():
    never = ROWS.assign(state=ROWS["state"].astype(object).replace("repaired", "unrepaired"))
    variances, _, _ = everything(never)
    assert "never_happened" in variances.loc["repair", "reason"]
    assert variances.loc["dropout", "converged"]
    variances, _, _ = everything(ROWS.assign(testable=False))
    assert "hardly_tested:0" in variances.loc["repair", "reason"]
    assert variances.loc["dropout", "converged"]


@pytest.mark.parametrize("therapists", [2, 5])
@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_few_therapists_give_a_result_or_a_reason(therapists, link):
    rows = toy_sessions(seed=5, patients=120, therapists=therapists, base=-2.0)
    variances, effects, relation = everything(
        rows.assign(testable=True), replace(SETTINGS, link=link)
    )
    assert (variances["group_sd"].notna() | variances["reason"].ne("")).all()
    assert variances["reason"].str.contains("poor_sd:5").all() == (therapists < 5)
    assert (effects["estimate"].notna() | effects["reason"].ne("")).all()
    joint = relation[relation["method"].eq("joint")]
    assert (joint["estimate"].notna() | joint["reason"].ne("")).all()


def test_no_difference_between_therapists_is_said_and_leaves_the_correlation_open():
    rng = np.random.default_rng(8)
    mixed = ROWS.assign(therapist_id=rng.integers(0, 12, len(ROWS)).astype(str))
    variances, effects, relation = everything(mixed)
    on_boundary = variances[variances["boundary"]]
    assert len(on_boundary)
    assert on_boundary["reason"].str.contains("no_difference").all()
    assert on_boundary["p"].eq(1).all()
    shown = effects[effects["outcome"].isin(on_boundary.index)]
    assert shown["estimate"].isna().all()
    joint = relation[relation["method"].eq("joint")]
    assert joint["estimate"].isna().all()
    assert joint["reason"].str.contains("sd_of_0").all()


def test_naive_correlations_are_labelled_as_such():
    _, _, relation = everything(ROWS)
    naive = relation[relation["method"].ne("joint")]
    assert naive["reason"].str.startswith("misleading_").all()
    assert naive["ci_low"].isna().all()
