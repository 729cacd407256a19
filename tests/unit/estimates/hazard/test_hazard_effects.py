import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from formulaic import model_matrix

from rupture_outcome.coding import registry
from rupture_outcome.engine.baseline import baseline_bands
from rupture_outcome.engine.reasons import parsed
from rupture_outcome.errors import StudyError
from rupture_outcome.estimates.effect_rows import EFFECT_COLUMNS
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
ROWS = toy_sessions()


def by_contrast(rows, settings=SETTINGS):
    effects, fits = hazard_effects(rows, "recorded_ending", settings)
    return effects.set_index("contrast"), fits


def test_three_contrasts_that_add_up():
    effects, fits = by_contrast(ROWS)
    assert effects["converged"].all()
    estimate = effects["estimate"]
    assert estimate["repaired vs unrepaired"] == pytest.approx(
        estimate["repaired vs intact"] - estimate["unrepaired vs intact"]
    )
    np.testing.assert_allclose(effects["ratio"], np.exp(estimate))
    at_risk = ROWS[ROWS["at_risk"]]
    assert (effects["sessions"] == len(at_risk)).all()
    assert (effects["events"] == at_risk["dropout"].sum()).all()
    assert fits[0]["definition"] == "drop_rci"
    json.dumps(fits, allow_nan=False)


def test_true_effects_are_within_reach():
    effects, _ = by_contrast(toy_sessions(seed=2, patients=3000))
    truth = {
        "unrepaired vs intact": 0.8,
        "repaired vs intact": -0.1,
        "repaired vs unrepaired": -0.9,
    }
    for contrast, expected in truth.items():
        row = effects.loc[contrast]
        assert abs(row["estimate"] - expected) < 3.5 * row["se"]


def test_the_interval_has_the_level_of_the_config():
    wide, _ = by_contrast(ROWS)
    narrow, fits = by_contrast(ROWS, replace(SETTINGS, confidence=0.8))
    row = narrow.loc["repaired vs unrepaired"]
    assert row["ci_high"] - row["estimate"] == pytest.approx(1.2815515655 * row["se"])
    assert row["se"] == pytest.approx(wide.loc["repaired vs unrepaired", "se"])
    assert fits[0]["confidence"] == pytest.approx(0.8)


def test_every_definition_and_rule_is_fitted():
    both = pd.concat([ROWS, ROWS.assign(definition="drop_sd")], ignore_index=True)
    effects, fits = hazard_effects(both, "recorded_ending", SETTINGS)
    assert list(effects.columns) == list(EFFECT_COLUMNS)
    assert effects.groupby("definition").size().to_dict() == {"drop_rci": 3, "drop_sd": 3}
    assert [fit["definition"] for fit in fits] == ["drop_rci", "drop_sd"]


def test_a_state_without_dropout_leaves_the_others_as_they_are():
    spared = ROWS.assign(dropout=ROWS["dropout"].where(ROWS["state"] != "repaired", 0))
    effects, fits = by_contrast(spared)
    alone, _ = by_contrast(spared[spared["state"] != "repaired"])
    for contrast in ("repaired vs intact", "repaired vs unrepaired"):
        assert np.isnan(effects.loc[contrast, "estimate"])
        assert not effects.loc[contrast, "converged"]
        assert "no_event:dropout:repaired" in effects.loc[contrast, "reason"]
    kept = "unrepaired vs intact"
    assert effects.loc[kept, "estimate"] == pytest.approx(alone.loc[kept, "estimate"])
    assert effects.loc[kept, "converged"]
    assert "no_event:dropout:repaired" in fits[0]["reason"]


def test_without_dropout_in_the_reference_the_headline_is_kept():
    effects, _ = by_contrast(
        ROWS.assign(dropout=ROWS["dropout"].where(ROWS["state"] != "intact", 0))
    )
    assert effects.loc["repaired vs unrepaired", "converged"]
    assert not effects.loc["repaired vs intact", "converged"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS.assign(dropout=0), "no_event:dropout:intact"),
        (ROWS[ROWS["state"] == "intact"], "nobody_at_risk:repaired"),
    ],
)
def test_what_cannot_be_fitted_is_a_marked_row(rows, reason):
    effects, fits = by_contrast(rows)
    assert effects["estimate"].isna().all()
    assert not effects["converged"].any()
    assert effects["reason"].str.contains(reason).all()
    assert fits[0]["converged"] is False
    assert reason in fits[0]["reason"]


def test_a_covariate_that_does_not_vary_is_left_out_and_named():
    effects, fits = by_contrast(ROWS.assign(x_severity=np.nan))
    assert effects["reason"].str.contains("left_out:severity").all()
    assert "severity" not in fits[0]["formula"]
    assert effects["converged"].all()


def test_a_separated_covariate_does_not_touch_the_contrasts():
    rows = ROWS.assign(site=np.where(ROWS["patient_id"].cat.codes % 7 == 0, "b", "a"))
    rows["dropout"] = rows["dropout"].where(rows["site"] == "a", 0)
    effects, fits = by_contrast(rows, replace(SETTINGS, covariates=["x_severity", "site"]))
    alone, _ = by_contrast(rows[rows["site"] == "a"])
    np.testing.assert_allclose(effects["estimate"], alone["estimate"], atol=1e-5)
    assert not fits[0]["converged"]


def test_a_definition_that_looks_ahead_is_refused(monkeypatch):
    known = registry.get_definition("drop_rci")
    ahead = replace(known, id="looks_ahead", kind_class="retrospective")
    monkeypatch.setitem(registry._definitions, "looks_ahead", ahead)
    with pytest.raises(StudyError, match="retrospective"):
        hazard_effects(ROWS.assign(definition="looks_ahead"), "recorded_ending", SETTINGS)


def test_a_definition_that_was_hardly_tested_gives_marked_rows():
    rows = ROWS.assign(testable=np.arange(len(ROWS)) % 4 == 0)
    effects, fits = by_contrast(rows)
    assert effects["estimate"].isna().all()
    assert not effects["converged"].any()
    assert effects["reason"].str.startswith("hardly_tested:0.25").all()
    assert not fits[0]["converged"]
    tolerant, _ = by_contrast(rows, replace(SETTINGS, min_testable=0.2))
    assert tolerant["converged"].all()


@pytest.mark.parametrize("therapist", ["x", None])
def test_without_several_therapists_the_model_is_a_plain_regression(therapist):
    effects, fits = by_contrast(ROWS.assign(therapist_id=therapist))
    rows = ROWS[ROWS["at_risk"]]
    band = baseline_bands(rows["time"], rows["dropout"], 5)
    design = model_matrix(
        "C(band) + C(state, contr.treatment('intact')) + x_severity", rows.assign(band=band)
    )
    plain = sm.GLM(rows["dropout"], design, family=sm.families.Binomial()).fit(tol=1e-12)
    name = next(column for column in design if column.endswith("[T.repaired]"))
    row = effects.loc["repaired vs intact"]
    assert row["estimate"] == pytest.approx(plain.params[name], abs=1e-7)
    assert row["se"] == pytest.approx(plain.bse[name], rel=1e-6)
    assert effects["reason"].str.contains("no_groups:therapist").all()
    assert fits[0]["converged"]
    assert fits[0]["boundary"] is None


def test_patients_of_an_unknown_therapist_stand_alone():
    patient = ROWS["patient_id"]
    known = ROWS["therapist_id"].astype(str)
    some = patient.isin(patient.unique()[:3])
    alone, _ = by_contrast(ROWS.assign(therapist_id=known.mask(some)))
    named, _ = by_contrast(ROWS.assign(therapist_id=known.mask(some, "own " + patient.astype(str))))
    np.testing.assert_allclose(alone["estimate"], named["estimate"], rtol=1e-9)
    assert alone["reason"].str.contains("group_not_known:therapist").all()


def test_few_events_in_a_state_are_said_with_a_penalised_estimate_beside():
    repaired = ROWS["state"].eq("repaired") & ROWS["dropout"].eq(1) & ROWS["at_risk"]
    kept = repaired & (repaired.cumsum() <= 3)
    rows = ROWS[~repaired | kept]
    found = hazard_effects(rows, "recorded_ending", SETTINGS)[0].set_index("contrast")
    note = found.loc["repaired vs unrepaired", "reason"]
    codes = dict(parsed(note))
    assert "few_events" in codes
    ratio, low, high = map(float, codes["penalised"])
    assert low < ratio < high
    # drawn towards 1 from an estimate that three events draw away from it
    assert found.loc["repaired vs unrepaired", "ratio"] < ratio < 1
    assert found.loc["unrepaired vs intact", "reason"] == ""


def test_a_state_without_an_event_has_a_penalised_estimate_and_no_other():
    """Half an event is added to each cell, so that the ratio is that of cells with it, nearly."""
    repaired = ROWS["state"].eq("repaired") & ROWS["dropout"].eq(1) & ROWS["at_risk"]
    found = hazard_effects(ROWS[~repaired], "recorded_ending", SETTINGS)[0].set_index("contrast")
    row = found.loc["repaired vs unrepaired"]
    assert np.isnan(row["estimate"])
    codes = dict(parsed(row["reason"]))
    assert codes["no_event"] == ("dropout", "repaired")
    ratio, low, high = map(float, codes["penalised"])
    assert low < ratio < high < 1
    at_risk = ROWS[ROWS["at_risk"] & ~repaired]
    open_now = at_risk["state"].eq("unrepaired")
    events = at_risk.loc[open_now, "dropout"].sum() + 0.5
    odds = events / (open_now.sum() - events + 1), 0.5 / at_risk["state"].eq("repaired").sum()
    assert ratio == pytest.approx(odds[1] / odds[0], rel=0.3)  # session and severity adjusted
    assert found.loc["unrepaired vs intact", "reason"] == ""


def test_nothing_is_penalised_where_nobody_was_or_nothing_was_tested():
    nobody = ROWS[ROWS["state"].ne("repaired")]
    untested = ROWS[~(ROWS["state"].eq("repaired") & ROWS["dropout"].eq(1))].assign(testable=False)
    for rows in (nobody, untested):
        found = hazard_effects(rows, "recorded_ending", SETTINGS)[0].set_index("contrast")
        assert "penalised" not in found.loc["repaired vs unrepaired", "reason"]
