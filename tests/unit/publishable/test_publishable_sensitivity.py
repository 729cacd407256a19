"""Sensitivity analyses give no small count away."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.sensitivity.weight_diagnostics import diagnostics_table
from rupture_outcome.pipeline.checks import is_count
from rupture_outcome.publishable.sensitivity import publishable_diagnostics, publishable_sensitivity
from tests.unit.toy_sensitivity import toy_sensitivity

T = 10
EFFECTS = toy_sensitivity().effects


def test_published_columns_hold_no_small_count():
    shown = publishable_sensitivity(EFFECTS, T)
    counted = [column for column in shown if is_count(column)]
    assert counted == ["patients", "sessions", "events"]
    for column in counted:
        counts = shown[column].dropna().astype(int).unique()
        assert all(n == 0 or n > T for n in counts)
        assert all(a == b or abs(a - b) > T for a in counts for b in counts)
    assert "least_cell" not in shown


def test_corrected_ratios_are_withheld_where_a_cell_is_small():
    few = EFFECTS.assign(least_cell=EFFECTS["least_cell"].mask(EFFECTS["least_cell"].notna(), 4))
    shown = publishable_sensitivity(few, T)
    own = shown["analysis"].eq("misclassification")
    assert shown.loc[own, ["estimate", "se", "ci_low", "ratio"]].isna().all(axis=None)
    assert shown.loc[own, "withheld"].str.contains("estimate –").all()
    assert shown.loc[~own & shown["setting"].eq("carried"), "ratio"].notna().all()


def test_what_rests_on_few_events_is_withheld_with_its_tipping_point():
    shown = publishable_sensitivity(EFFECTS.assign(events=5), T)
    assert shown[["estimate", "ratio", "e_value"]].isna().all(axis=None)
    assert shown.loc[shown["setting"].str.startswith("tipping"), "value"].isna().all()
    assert shown.loc[shown["setting"].eq("share_open"), "value"].notna().all()


def test_counts_published_elsewhere_are_kept_at_a_distance():
    near = int(EFFECTS["events"].max()) + 3
    shown = publishable_sensitivity(EFFECTS, T, {"events": [near]})
    assert shown.loc[shown["setting"].eq("carried"), "withheld"].str.contains(f"≈{near}").all()


def test_a_threshold_of_zero_publishes_everything():
    shown = publishable_sensitivity(EFFECTS, 0)
    np.testing.assert_array_equal(shown["estimate"], EFFECTS["estimate"])
    assert shown["patients"].notna().all()


@pytest.mark.parametrize(("sessions", "shown"), [(400, False), (2000, True)])
def test_a_share_of_truncated_weights_is_no_small_count(sessions, shown):
    row = dict.fromkeys(["mean", "sd", "smallest", "largest", "effective_size"], 1.0)
    row |= {"weights": "weighted_truncated", "patients": 90, "sessions": sessions}
    frame = diagnostics_table([row | {"share_truncated": 0.02, "least_chance": 0.1, "note": ""}])
    out = publishable_diagnostics(frame, T)
    assert out["share_truncated"].notna().all() == shown
    assert out["mean"].notna().all()


def test_without_weights_there_is_an_empty_table():
    assert publishable_diagnostics(diagnostics_table([]), T).empty
    assert isinstance(publishable_diagnostics(toy_sensitivity().diagnostics, T), pd.DataFrame)
