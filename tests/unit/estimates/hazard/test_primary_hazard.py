"""The primary hazard is fitted once: who reads it finds what a fit of its own would give."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.errors import StudyError
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from rupture_outcome.estimates.hazard.hazard_models import MAIN, hazard_models, prepared_rows
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard, primary_hazard
from rupture_outcome.estimates.moderators.moderator_effects import moderator_effects
from rupture_outcome.estimates.therapists.therapist_hazards import GIVEN_STATE, therapist_hazards
from rupture_outcome.study.writing import read_json, write_json
from tests.unit.toy_sessions import toy_sessions

SETTINGS = HazardSettings()
PRIMARY = {"definition": "drop_rci", "repair_rule": "psq_resolved"}
ROWS = toy_sessions()
PATIENTS = pd.DataFrame({"patient_id": ROWS["patient_id"].cat.categories})
PATIENTS = PATIENTS.assign(format="individual", unit_id=None)
RUPTURES = pd.DataFrame(columns=["patient_id", "session", "definition", "verdict", "kind"])


@pytest.fixture(scope="module")
def primary(tmp_path_factory):
    made = primary_hazard(ROWS, PRIMARY, "dropout", SETTINGS)
    file = tmp_path_factory.mktemp("models") / "primary_hazard.json"
    write_json(made.as_dict(), file)
    return PrimaryHazard(**read_json(file))


def effects(fit):
    return hazard_effects(ROWS, "dropout", SETTINGS, fit)


def models(fit):
    prepared = prepared_rows(ROWS, RUPTURES, PATIENTS)
    return hazard_models(prepared, SETTINGS, [MAIN], fit)[0], []


def moderators(fit):
    units = ROWS["patient_id"].cat.codes.to_numpy()
    return moderator_effects(ROWS, [], units, tuple(PRIMARY.values()), "dropout", SETTINGS, fit)


def therapists(fit):
    found = therapist_hazards(ROWS, SETTINGS, fit)[GIVEN_STATE]
    return found.fit.group_effects, [found.report]


@pytest.mark.parametrize("reader", [effects, models, moderators, therapists])
def test_results_are_those_of_a_fit_of_ones_own_to_the_last_digit(reader, primary):
    table, fits = reader(primary)
    own_table, own_fits = reader(None)
    pd.testing.assert_frame_equal(table, own_table, check_exact=True)
    assert fits == own_fits


@pytest.mark.parametrize("reader", [effects, models, moderators])
def test_who_reads_the_fit_makes_none(reader, primary, monkeypatch):
    monkeypatch.setattr(MultilevelHazard, "fit", None)
    assert reader(primary)[0]["converged"].any()


def test_a_reader_with_other_rows_is_told(primary):
    with pytest.raises(StudyError, match="not that of these rows"):
        hazard_effects(ROWS.iloc[:-20], "dropout", SETTINGS, primary)


def test_another_definition_is_fitted_as_ever(primary):
    other = ROWS.assign(definition=pd.Categorical(["drop_sd"] * len(ROWS)))
    found, _ = hazard_effects(other, "dropout", SETTINGS, primary)
    own, _ = hazard_effects(other, "dropout", SETTINGS)
    pd.testing.assert_frame_equal(found, own, check_exact=True)


def test_where_nothing_can_be_fitted_who_asks_again_is_told_why():
    nobody = ROWS.assign(testable=np.zeros(len(ROWS), dtype=bool))
    nothing = primary_hazard(nobody, PRIMARY, "dropout", SETTINGS)
    assert nothing.fit is None
    found, _ = hazard_effects(nobody, "dropout", SETTINGS, nothing)
    assert found["reason"].str.contains("hardly_tested").all()
