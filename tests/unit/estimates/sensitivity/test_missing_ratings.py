"""Untested sessions under other suppositions, and the share at which the conclusion changes."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.rubin import pool
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings, fit_exposure
from rupture_outcome.estimates.sensitivity.imputation import ImputedHazard
from rupture_outcome.estimates.sensitivity.missing_ratings import SHARES, missing_ratings
from rupture_outcome.estimates.sensitivity.rows import CONTRASTS
from rupture_outcome.estimates.sensitivity.tipping import tipping_point
from tests.unit.toy_sessions import STATES, toy_sessions

SETTINGS = HazardSettings(covariates=())
HEADLINE = "repaired vs unrepaired"


def untested(seed=3, patients=250):
    rows = toy_sessions(patients=patients)
    chance = np.random.default_rng(seed).random(len(rows))
    return rows.assign(testable=chance < np.where(rows["dropout"].eq(1), 0.6, 0.95))


def main_of(rows):
    return fit_exposure(rows, "state", STATES, CONTRASTS, SETTINGS)


def analysed(rows, imputations=2, seed=1):
    rng = np.random.default_rng(seed)
    found, fits = missing_ratings(rows, main_of(rows), SETTINGS, rng, imputations)
    return pd.DataFrame(found), fits


ROWS = untested()


@pytest.fixture(scope="module")
def found():
    return analysed(ROWS)


def at(table, setting, share=None, contrast=HEADLINE):
    rows = table[table["setting"].eq(setting) & table["contrast"].eq(contrast)]
    return rows.iloc[0] if share is None else rows[rows["value"].eq(share)].iloc[0]


def test_series_begin_with_the_main_analysis_and_end_with_all(found):
    table, _ = found
    main = main_of(ROWS).estimates[HEADLINE].value
    for series in ("share_open", "share_repaired", "share_open_before_dropout"):
        assert at(table, series, 0.0)["estimate"] == pytest.approx(main)
        own = table[table["setting"].eq(series) & table["contrast"].eq(HEADLINE)]
        assert own["value"].tolist() == list(SHARES)
    assert at(table, "share_open", 1.0)["estimate"] == at(table, "open")["estimate"]
    both = at(table, "share_repaired", 1.0), at(table, "repaired_if_open")
    assert both[0]["estimate"] == both[1]["estimate"]


def test_sessions_left_out_are_those_that_could_not_be_tested(found):
    kept = ROWS[ROWS["testable"]]
    row = at(found[0], "left_out")
    assert row["sessions"] == int(kept["at_risk"].sum())
    assert row["estimate"] == pytest.approx(main_of(kept).estimates[HEADLINE].value)


def test_open_ruptures_before_dropout_make_open_ruptures_look_worse(found):
    table, _ = found
    series = table[table["setting"].eq("share_open_before_dropout")]
    ratio = series[series["contrast"].eq("unrepaired vs intact")]["ratio"]
    assert ratio.is_monotonic_increasing
    repaired = table[table["setting"].eq("share_repaired_before_dropout")]
    assert repaired[repaired["contrast"].eq(HEADLINE)]["ratio"].is_monotonic_increasing


def test_an_imputed_fit_is_the_fit_of_the_imputed_states():
    imputed = ImputedHazard.of(ROWS, main_of(ROWS), SETTINGS)
    which = ~imputed.rows["testable"].to_numpy()
    changed = np.random.default_rng(5).random((2, which.sum())) < 0.5
    fits = imputed.fits(which, changed, "unrepaired")
    rows = imputed.rows.copy()
    state = rows["state"].astype(str).to_numpy()
    state[np.flatnonzero(which)[changed[1]]] = "unrepaired"
    other = main_of(rows.assign(state=pd.Categorical(state, STATES))).estimates
    for contrast, estimate in other.items():
        assert fits.estimates[contrast][1] == pytest.approx(estimate.value, abs=1e-6)
        assert fits.errors[contrast][1] == pytest.approx(estimate.se, rel=1e-5)
    assert fits.complete


@pytest.mark.parametrize("state", ["intact", "repaired"])
def test_a_state_that_the_main_hazard_leaves_out_has_no_imputed_contrast(state):
    rows = untested(patients=120)
    rows["dropout"] = rows["dropout"].where(rows["state"].ne(state), 0)
    main = main_of(rows)
    imputed = ImputedHazard.of(rows, main, SETTINGS)
    which = ~rows["testable"].to_numpy() & rows["state"].ne("unrepaired").to_numpy()
    fits = imputed.fits(which, np.zeros((1, which.sum()), dtype=bool), "unrepaired")
    for contrast, estimate in main.estimates.items():
        assert fits.estimates[contrast][0] == pytest.approx(estimate.value, nan_ok=True)
        assert np.isnan(fits.estimates[contrast][0]) == (state in contrast.split())


def test_the_same_seed_gives_the_same_rows():
    rows = untested(patients=100)
    pd.testing.assert_frame_equal(analysed(rows)[0], analysed(rows)[0])


def test_every_fit_stands_in_the_audit(found):
    models = [fit["model"] for fit in found[1]]
    assert len(models) == len(set(models)) == 9  # 3 scenarios, 4 series, 2 ends of their own
    assert all(fit["converged"] for fit in found[1])


def test_without_untested_sessions_nothing_moves():
    table, fits = analysed(ROWS.assign(testable=True))
    series = table[table["setting"].str.startswith("share") & table["contrast"].eq(HEADLINE)]
    assert len(series["estimate"].unique()) == 1
    assert series["reason"].str.contains("no_such_session").all()
    assert [fit["model"] for fit in fits if "imputed" in fit["model"]] == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS.assign(dropout=0), "no_event:dropout"),
        (ROWS.iloc[:0], "nobody_at_risk"),
    ],
)
def test_what_cannot_be_fitted_is_a_row_with_the_reason(rows, reason):
    table, _ = analysed(rows)
    assert table["estimate"].isna().all()
    assert reason in at(table, "carried")["reason"]
    assert at(table, "tipping_share_open")["reason"].startswith("tipping_not_known")


def test_rubin_without_difference_between_data_sets_is_the_fit():
    pooled = pool([0.5, 0.5, 0.5], [0.2, 0.2, 0.2], 0.95)
    assert (pooled.value, pooled.se) == pytest.approx((0.5, 0.2))
    assert pooled.high - 0.5 == pytest.approx(1.959964 * 0.2, rel=1e-5)


def test_rubin_against_numbers_worked_out_by_hand():
    # W = .0433, B = .01, T = .0433 + 4/3 · .01 = .05667, df = 2 (1 + .0433/.01333)² = 36.13
    pooled = pool([0.4, 0.5, 0.6], [0.2, 0.2, np.sqrt(0.05)], 0.95)
    assert pooled.se**2 == pytest.approx(0.0433333 + 0.0133333, rel=1e-5)
    assert pooled.high - pooled.value == pytest.approx(2.02783 * pooled.se, rel=1e-4)


@pytest.mark.parametrize(
    ("low", "high", "share", "words"),
    [
        ([-1.0, -0.5, -0.2], [-0.2, 0.2, 0.6], 0.25, "tips:includes"),
        ([-0.5, -0.5, 0.5], [0.5, 0.5, 1.5], 0.75, "tips:excludes"),
        ([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], np.nan, "never_tips:includes"),
        ([-2.0, -2.0, -2.0], [-1.0, -1.0, -1.0], np.nan, "never_tips:excludes"),
        ([-1.0, np.nan, -1.0], [1.0, 1.0, 1.0], np.nan, "tipping_not_known"),
    ],
)
def test_tipping_points(low, high, share, words):
    found, note = tipping_point(np.array([0.0, 0.5, 1.0]), np.array(low), np.array(high))
    assert found == pytest.approx(share, nan_ok=True)
    assert note == words


def test_one_therapist_is_no_obstacle():
    table, _ = analysed(ROWS.assign(therapist_id="x"))
    assert np.isfinite(at(table, "carried")["estimate"])
    assert np.isfinite(table.loc[table["setting"].eq("share_open"), "estimate"]).all()
