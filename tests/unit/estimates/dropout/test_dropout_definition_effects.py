"""Effects under every definition of dropout, and what is said where there is none."""

import pandas as pd
import pytest

from rupture_outcome.cohort.dropout_rules import DROPOUT_DEFINITIONS, DropoutLimits
from rupture_outcome.cohort.risk_set import person_sessions
from rupture_outcome.estimates.dropout.dropout_definition_effects import (
    dropout_definition_effects,
)
from rupture_outcome.estimates.effect_rows import EFFECT_COLUMNS
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from tests.unit.toy_treatments import INSTRUMENTS, PRIMARY, toy_tables

SETTINGS = HazardSettings()
TABLES = toy_tables()


def effects(tables=TABLES, **options):
    return dropout_definition_effects(tables, PRIMARY, SETTINGS, instruments=INSTRUMENTS, **options)


@pytest.fixture(scope="module")
def found():
    return effects()


def test_four_contrasts_a_definition(found):
    rows, fits = found
    assert list(rows) == list(EFFECT_COLUMNS)
    assert rows["dropout_definition"].drop_duplicates().tolist() == list(DROPOUT_DEFINITIONS)
    assert rows.groupby("dropout_definition").size().eq(4).all()
    assert len(fits) == 12
    assert {fit["dropout_definition"] for fit in fits} == set(DROPOUT_DEFINITIONS)
    assert all({"model", "converged", "reason"} <= set(fit) for fit in fits)


def test_the_studys_definition_gives_the_headline(found):
    risk_set, _ = person_sessions(**TABLES, dropout_definition="recorded_ending")
    own, _ = hazard_effects(risk_set, "recorded_ending", SETTINGS)
    rows = found[0].query("dropout_definition == 'recorded_ending' & analysis == 'hazard'")
    pd.testing.assert_frame_equal(rows.reset_index(drop=True), own)


def test_naive_rows_are_labelled(found):
    naive = found[0].query("analysis == 'naive'")
    assert naive["reason"].str.contains("biased_by_immortal_time").all()


def test_sessions_at_risk_shrink_with_the_span(found):
    sessions = (
        found[0].query("analysis == 'hazard'").groupby("dropout_definition")["sessions"].max()
    )
    assert sessions["first_sessions"] < sessions["fewer_than_planned"]
    assert sessions["fewer_than_planned"] < sessions["recorded_ending"]


def test_definitions_without_a_risk_set_keep_their_rows():
    tables = toy_tables(patients=60, hazard=0.2)
    tables["patients"]["planned_sessions"] = 1
    rows, fits = effects(tables)
    assert rows["estimate"].isna().all()
    assert (rows["patients"] == 0).all()
    assert rows["reason"].str.contains("dropout_impossible:").all()
    assert not any(fit["converged"] for fit in fits)


@pytest.mark.parametrize("therapists", [1, 60])
def test_few_or_single_therapists_do_not_stop(therapists):
    rows, _ = effects(toy_tables(patients=60, therapists=therapists, hazard=0.1))
    missing = rows[rows["estimate"].isna()]
    assert missing["reason"].ne("").all()


def test_no_dropout_at_all():
    rows, _ = effects(toy_tables(patients=30, hazard=0.0), limits=DropoutLimits(1.0, 4))
    assert rows["estimate"].isna().all()
    assert rows["reason"].ne("").all()


def test_a_study_without_endings_has_no_rows():
    tables = {**TABLES, "endings": TABLES["endings"].assign(ending=pd.NA)}
    tables["endings"][["therapist_judged_dropout", "missed_last_appointment"]] = pd.NA
    rows, fits = effects(tables)
    assert rows.empty
    assert fits == []
