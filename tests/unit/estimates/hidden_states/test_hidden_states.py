"""The hazard with hidden states on simulated studies, and what it says when it cannot be fitted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.covariates import model_column
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hidden_states.hidden_states import REPORT_COLUMNS, hidden_states
from rupture_outcome.estimates.hidden_states.reports import (
    PHASES,
    SOURCES,
    StudyReports,
    study_reports,
    true_phases,
)
from rupture_outcome.simulation.questionnaires import ITEMS
from rupture_outcome.simulation.simulate import Truth, simulate
from rupture_outcome.study.score import prorated_sum

INSTRUMENTS = {
    "wai": {"measures": "alliance_patient", "range": [12, 60], "reliability": 0.92},
    "wai_t": {"measures": "alliance_therapist", "range": [12, 60], "reliability": 0.9},
}
SETTINGS = HazardSettings(covariates=())


def study(seed, truth):
    """Risk set and reports of a simulated study."""
    made = simulate(truth, np.random.default_rng(seed))
    held = made.sessions[made.sessions["attended"].eq(1)]
    items = held[ITEMS].to_numpy(float, na_value=np.nan)
    held = held.assign(alliance_patient=prorated_sum(items, 0.75))
    rows = held.merge(made.latent, on=["patient_id", "session"])
    rows = rows.merge(made.endings[["patient_id", "ending"]], on="patient_id")
    planned = made.patients[["patient_id", "planned_sessions"]]
    rows = rows.merge(planned, on="patient_id").sort_values(
        ["patient_id", "session"], ignore_index=True
    )
    last = ~rows["patient_id"].duplicated(keep="last")
    rows = rows.assign(
        time=rows["attended_session"],
        state=rows["latent_state"],
        definition="toy",
        repair_rule="toy",
        dropout=(last & rows["ending"].eq("dropout")).astype(int),
        at_risk=rows["attended_session"] < rows["planned_sessions"],
    )
    reports = study_reports(rows, held, made.ratings, INSTRUMENTS, {})
    return rows, reports, true_phases(rows, made.latent)


@pytest.fixture(scope="module")
def large():
    rows, reports, phases = study(3, replace(Truth(), patients=1500, therapists=75))
    return rows, reports, phases, hidden_states(rows, reports, SETTINGS, phases)


def test_the_effect_of_repair_is_recovered_though_no_report_is_right(large):
    """−0.9 and 0.8 in truth; within three standard errors, which are about a quarter."""
    _, _, _, found = large
    effects = found.effects.set_index("contrast")
    assert effects["converged"].all()
    assert found.fits[0]["converged"]
    for contrast, true in {"repaired vs unrepaired": -0.9, "unrepaired vs intact": 0.8}.items():
        row = effects.loc[contrast]
        assert abs(row["estimate"] - true) < 3 * row["se"] < 0.9


def test_error_rates_are_near_the_truth(large):
    """Within six points: ruptures differ in depth, of which the model knows nothing."""
    _, reports, _, found = large
    rates = found.reports.set_index("report")
    assert list(rates.index) == [source.name for source in SOURCES]
    asked = rates[~rates.index.str.endswith("_alliance")]
    for rate in ("sensitivity", "specificity"):
        assert (asked[rate] - asked[f"true_{rate}"]).abs().max() < 0.06
        assert rates[f"{rate}_low"].lt(rates[rate]).all()
        assert rates[f"{rate}_high"].gt(rates[rate]).all()
    assert reports.codes.shape == (len(large[0]), len(SOURCES))


def test_phases_are_those_of_the_simulation(large):
    rows, _, phases, _ = large
    state = np.array(["intact", "unrepaired", "unrepaired", "repaired", "repaired"])[phases]
    assert (state == rows["latent_state"]).all()
    assert np.bincount(phases, minlength=len(PHASES)).min() > 100


def test_the_order_of_sessions_elsewhere_does_not_matter(large):
    rows, reports, _, _ = large
    held = rows.sample(frac=1, random_state=1)
    again = study_reports(rows, held, None, INSTRUMENTS, {})
    kept = [k for k, source in enumerate(reports.sources) if "observer" not in source.name]
    assert np.array_equal(again.codes, reports.codes[:, kept])


@pytest.mark.parametrize(
    ("sources", "change", "reason"),
    [
        ([0, 1], {}, "few_sources:2"),
        ([], {}, "few_sources:2"),
        ([0, 2], {"dropout": 0}, "no_events"),
    ],
)
def test_what_cannot_be_fitted_is_marked(sources, change, reason):
    rows, reports, phases = study(5, replace(Truth(), patients=150, therapists=8))
    fewer = StudyReports(tuple(reports.sources[k] for k in sources), reports.codes[:, sources])
    found = hidden_states(rows.assign(**change), fewer, SETTINGS, phases)
    assert found.effects["reason"].tolist() == [reason] * 2
    assert found.effects["estimate"].isna().all()
    assert not found.effects["converged"].any()
    assert found.fits == [
        {
            "model": "hidden_states",
            "definition": "toy",
            "repair_rule": "toy",
            "converged": False,
            "reason": reason,
        }
    ]
    assert list(found.reports.columns) == list(REPORT_COLUMNS)
    assert found.reports["reason"].tolist() == [reason] * len(sources)


def test_reports_without_any_tie_to_the_state_are_not_taken_for_one():
    """Answers at random: either no maximum, or no number that could be believed."""
    rows, reports, _ = study(6, replace(Truth(), patients=200, therapists=10))
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 2, (len(rows), 2)).astype(np.int8)
    chosen = StudyReports((reports.sources[0], reports.sources[2]), noise)
    found = hidden_states(rows, chosen, SETTINGS)
    for row in found.effects.to_dict("records"):
        assert row["reason"] != "" or row["se"] > 0.4


def test_covariates_of_the_main_hazard_enter():
    rows, reports, _ = study(7, replace(Truth(), patients=150, therapists=25))
    x = pd.factorize(rows["patient_id"])[0] % 5 - 2.0
    column = model_column("x")
    found = hidden_states(
        rows.assign(**{column: x}), reports, replace(SETTINGS, covariates=(column,))
    )
    plain = hidden_states(rows, reports, SETTINGS)
    assert found.effects["converged"].tolist() == plain.effects["converged"].tolist()
    assert found.fits != plain.fits
