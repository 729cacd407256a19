import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.baseline import baseline_bands
from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.estimates.effect_rows import FEWEST
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from rupture_outcome.estimates.moderators.levels import Moderator
from rupture_outcome.estimates.moderators.moderator_effects import (
    CELLS,
    COLUMNS,
    moderator_effects,
)
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
ROWS = toy_sessions(patients=900)
PATIENT = ROWS["patient_id"].cat.codes.to_numpy()
PRIMARY = ("drop_rci", "psq_resolved")
HEADLINE = "repaired vs unrepaired"
KEYS = ["moderator", "level", "nested_in", "contrast"]


def moderator(letters="abc", name="population", of_rupture=False, reason="", rows=ROWS):
    codes = rows["patient_id"].cat.codes.to_numpy()
    level = pd.Series(np.array(list(letters))[codes % len(letters)], index=rows.index)
    level = level.mask(level.eq("."))
    if of_rupture:
        level = level.mask(rows["state"].eq("intact"))
    return Moderator(name, level.astype("category"), of_rupture, reason)


def effects_of(*moderators, rows=ROWS, units=None, settings=SETTINGS):
    units = rows["patient_id"].cat.codes.to_numpy() if units is None else units
    return moderator_effects(rows, moderators, units, PRIMARY, "recorded_ending", settings)


def test_one_row_a_level_contrast_and_nesting():
    effects, fits = effects_of(moderator())
    assert list(effects.columns) == [*COLUMNS, *CELLS, *FEWEST]
    assert not effects.duplicated(KEYS).any()
    assert len(effects) == 4 * (1 + 3)
    assert [fit["model"] for fit in fits] == [
        "state_therapists",
        "state_by_moderator:population",
    ]
    json.dumps(fits, allow_nan=False)


def test_the_effect_in_all_patients_is_that_of_the_main_analysis():
    effects, _ = effects_of()
    main = hazard_effects(ROWS, "recorded_ending", SETTINGS)[0].set_index("contrast")
    own = effects[effects["nested_in"].eq("therapist")].set_index("contrast")
    for contrast in (HEADLINE, "unrepaired vs intact"):
        for column in ("estimate", "se", "ci_low", "patients", "sessions", "events"):
            assert own.loc[contrast, column] == pytest.approx(main.loc[contrast, column], rel=1e-6)


def test_levels_add_up_to_all_patients():
    effects, _ = effects_of(moderator("ab."))
    one = effects[effects["nested_in"].eq("unit") & effects["contrast"].eq(HEADLINE)]
    for column in ("patients", "sessions", "events"):
        total = one.loc[one["moderator"].eq("all"), column].sum()
        assert one.loc[one["moderator"].eq("population"), column].sum() == total
    left_out = one[one["level"].eq("not_recorded")].iloc[0]
    assert left_out["reason"].startswith("level_left_out")
    assert np.isnan(left_out["estimate"])


def by_formula(contrast):
    """The same model, written as state × level with the reference that the contrast needs."""
    data = ROWS[ROWS["at_risk"]].copy()
    data["level"] = moderator().level[ROWS["at_risk"]].astype(str)
    data["band"] = baseline_bands(data["time"], data["dropout"], SETTINGS.min_events)
    first, second = contrast.split(" vs ")
    state = f"C(state, contr.treatment('{second}'))"
    formula = f"dropout ~ C(band) + {state} * C(level) + x_severity"
    fit = MultilevelHazard.from_formula(formula, data, groups="therapist_id").fit()
    names = [n for n in fit.model.exog_names if f"[T.{first}]:" in n]
    restriction = np.array([[n == each for n in fit.model.exog_names] for each in names], float)
    return fit.wald_test(restriction, scalar=True), len(names)


@pytest.mark.parametrize("contrast", [HEADLINE, "unrepaired vs intact"])
def test_the_joint_test_is_the_wald_test_of_the_interaction(contrast):
    effects, _ = effects_of(moderator())
    chosen = effects["moderator"].eq("population") & effects["nested_in"].eq("therapist")
    own = effects[chosen & effects["contrast"].eq(contrast)].iloc[0]
    test, df = by_formula(contrast)
    assert own["joint_df"] == df == 2
    assert own["joint_statistic"] == pytest.approx(float(test.statistic), rel=1e-4)
    assert own["joint_p"] == pytest.approx(float(test.pvalue), rel=1e-3)


def test_errors_differ_between_nestings_and_estimates_do_not():
    effects, _ = effects_of(moderator("ab"), units=PATIENT // 4)
    therapist, unit = (
        effects[effects["nested_in"].eq(nesting)].set_index(["moderator", "level", "contrast"])
        for nesting in ("therapist", "unit")
    )
    np.testing.assert_allclose(unit["estimate"], therapist["estimate"])
    assert (unit["se"] != therapist["se"]).all()
    np.testing.assert_allclose(unit["se"], therapist["se"], rtol=0.5)


def test_a_level_without_dropout_in_a_state_leaves_the_rest_as_it_is():
    one = moderator()
    spared = one.level.eq("a") & ROWS["state"].eq("repaired")
    rows = ROWS.assign(dropout=ROWS["dropout"].where(~spared, 0))
    effects, _ = effects_of(one, rows=rows)
    own = effects[effects["nested_in"].eq("therapist")].set_index(["level", "contrast"])
    assert own.loc[("a", HEADLINE), "reason"].startswith("no_event:dropout:repaired")
    assert not own.loc[("a", HEADLINE), "converged"]
    assert own.loc[("a", "unrepaired vs intact"), "converged"]
    assert own.loc[("b", HEADLINE), "joint_df"] == 1
    assert own.loc[("b", "unrepaired vs intact"), "joint_df"] == 2
    # the cell itself adds nothing: the same without its rows
    alone, _ = effects_of(moderator(rows=rows[~spared]), rows=rows[~spared])
    alone = alone[alone["nested_in"].eq("therapist")].set_index(["level", "contrast"])
    expected = alone.loc[("b", HEADLINE), "estimate"]
    assert own.loc[("b", HEADLINE), "estimate"] == pytest.approx(expected, abs=1e-6)


def test_a_moderator_of_ruptures_shares_the_sessions_before_any():
    one = moderator("ab", "kind", of_rupture=True)
    effects, _ = effects_of(one)
    own = effects[effects["moderator"].eq("kind") & effects["nested_in"].eq("therapist")]
    assert own["converged"].all()
    assert own["joint_df"].eq(1).all()
    ruptured = ROWS["at_risk"] & ROWS["state"].ne("intact")
    assert own.loc[own["contrast"].eq(HEADLINE), "sessions"].sum() == ruptured.sum()
    against_none = own[own["contrast"].eq("unrepaired vs intact")]
    assert len(set(against_none["events_second"])) == 1


def test_what_is_not_known_is_a_marked_row():
    effects, fits = effects_of(moderator(name="kind", reason="kind_never_known"))
    own = effects[effects["moderator"].eq("kind")]
    assert (own["reason"] == "kind_never_known").all()
    assert own["level"].eq("all").all()
    assert own["estimate"].isna().all()
    assert len(fits) == 1


def test_a_definition_that_was_hardly_tested_is_not_modelled():
    rows = ROWS.assign(testable=np.arange(len(ROWS)) % 4 == 0)
    effects, fits = effects_of(moderator(), rows=rows)
    assert effects["estimate"].isna().all()
    assert effects["reason"].str.startswith("hardly_tested:0.25").all()
    assert fits == []


def test_holm_counts_the_moderators_that_were_tested():
    many = [moderator("ab", "gender"), moderator("abc"), moderator("a", "site_id")]
    effects, _ = effects_of(*many)
    own = effects[effects["contrast"].eq(HEADLINE) & effects["nested_in"].eq("unit")]
    p = own.groupby("moderator")[["joint_p", "joint_p_holm"]].first()
    assert p.loc["site_id"].isna().all()
    smallest = p["joint_p"].idxmin()
    assert p.loc[smallest, "joint_p_holm"] == pytest.approx(min(1, 2 * p.loc[smallest, "joint_p"]))
    assert (p["joint_p_holm"].dropna() >= p["joint_p"].dropna()).all()


def test_cautions_stand_in_the_note():
    few = toy_sessions(patients=250)
    units = few["patient_id"].cat.codes.to_numpy() // 20
    effects, _ = effects_of(moderator(rows=few), rows=few, units=units)
    own = effects[effects["moderator"].eq("population") & effects["converged"]]
    note = own["reason"]
    assert note.str.contains("thin_model").all()
    small = own[list(CELLS)].min(axis=1) < 10
    assert (note.str.contains("few_dropouts") == small).all()
    assert small.any()
    assert (note.str.contains("few_units") == own["nested_in"].eq("unit")).all()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS.assign(dropout=0), "one_cell"),
        (ROWS[ROWS["state"] == "intact"], "one_cell"),
        (ROWS.assign(x_severity=np.nan), ""),
    ],
)
def test_messy_studies_give_marked_rows(rows, reason):
    effects, fits = effects_of(moderator(rows=rows), rows=rows)
    assert len(effects) >= 4
    if reason:
        assert effects["estimate"].isna().all()
        assert fits[0]["reason"].find(reason) >= 0
        assert fits[0]["converged"] is False
    else:
        assert effects["reason"].str.contains("left_out:severity").all()


def test_the_link_of_the_config():
    effects, fits = effects_of(moderator("ab"), settings=replace(SETTINGS, link="cloglog"))
    assert effects["converged"].all()
    assert effects["link"].eq("cloglog").all()
    assert fits[1]["link"] == "cloglog"


@pytest.mark.parametrize("therapist", ["x", None])
def test_without_several_therapists_there_is_no_effect_of_them(therapist):
    rows = ROWS.assign(therapist_id=therapist)
    effects, fits = effects_of(moderator(rows=rows), rows=rows)
    assert effects["converged"].any()
    assert "no_groups:therapist" in fits[0]["reason"]
    assert fits[0]["boundary"] is None
