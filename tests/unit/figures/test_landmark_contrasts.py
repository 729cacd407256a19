"""The figure and the tables of contrasts from landmarks say what is shown, and what is not."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.cox.cox_effects import cox_effects
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.landmark.landmark import landmark_incidence
from rupture_outcome.estimates.landmark.landmark_contrasts import Draws, landmark_contrasts
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.figures import dropout_effects
from rupture_outcome.figures.landmark_contrasts import alt_text, contrasts_figure
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.publishable.landmarks import publishable_checks, publishable_contrasts
from rupture_outcome.publishable.suppress import publishable_effects
from rupture_outcome.tables.cox_checks import cox_checks_table
from rupture_outcome.tables.dropout_effects import effects_table
from rupture_outcome.tables.landmark_contrasts import contrasts_table
from tests.unit.figures.figure_texts import overlapping, texts
from tests.unit.toy_sessions import toy_sessions

PRIMARY = {"definition": "drop_rci", "repair_rule": "psq_resolved"}


def published(tmp_path, patients=900, landmarks=(4, 6)) -> pd.DataFrame:
    rows = toy_sessions(patients=patients, base=-2.6)
    raw = landmark_contrasts(rows, landmarks, 11, Draws(replicates=50))
    curves = publishable_incidence(landmark_incidence(rows, landmarks, 0.95), 10, full=True)
    publishable_contrasts(raw, curves, 10, full=True).to_csv(tmp_path / "c.csv", index=False)
    return pd.read_csv(tmp_path / "c.csv")


def cells(page: str) -> list[str]:
    return [html.unescape(re.sub("<[^>]+>", "", c)) for c in re.findall("<td.*?</td>", page)]


@pytest.mark.parametrize("patients", [90, 900])
@pytest.mark.parametrize("landmarks", [(2,), (2, 6), (6, 99)])
def test_texts_do_not_run_into_each_other(tmp_path, patients, landmarks):
    figure = contrasts_figure(published(tmp_path, patients, landmarks), PRIMARY, simulated=True)
    assert overlapping(figure) == []
    assert "Simulated data" in texts(figure)


def test_the_figure_shows_the_numbers_of_the_table(tmp_path):
    table = published(tmp_path)
    keep = table["measure"].eq("incidence_difference") & table["cause"].eq("dropout")
    row = table[keep].iloc[0]
    number = f"{100 * row['estimate']:.1f}".replace("-", "−")
    figure = contrasts_figure(table, PRIMARY)
    assert any(text.startswith(f"{number} [") for text in texts(figure))
    assert f"from session 4, dropout, percentage points: {number} [" in alt_text(table, PRIMARY)


def test_what_is_withheld_and_what_cannot_be_estimated_is_said(tmp_path):
    few = contrasts_figure(published(tmp_path, 90), PRIMARY)
    assert "withheld: few patients or endings" in texts(few)
    none = contrasts_figure(published(tmp_path, 900, (99,)), PRIMARY)
    assert any(text.startswith("not estimable: ") for text in texts(none))


def test_table_of_contrasts(tmp_path):
    page = contrasts_table(published(tmp_path), PRIMARY, unit="week", simulated=True)
    shown = cells(page)
    assert "Weeks lost" in html.unescape(page)
    assert "Simulated data" in page
    assert sum(text.startswith("Gray's test: χ² = ") for text in shown) == 4
    assert "Gray's test: no test: no agreed ending" not in shown
    assert sum(text == "Difference, repaired − unrepaired" for text in shown) == 4
    assert "–" in cells(contrasts_table(published(tmp_path, 90), PRIMARY))


def test_tables_and_forest_hold_the_cox_model():
    rows = toy_sessions(patients=900, base=-2.6)
    effects, checks, _ = cox_effects(rows, "recorded_ending", HazardSettings())
    naive = naive_effects(rows, "recorded_ending", [], 0.95)
    naive = naive[0] if isinstance(naive, tuple) else naive
    shown = publishable_effects(pd.concat([effects, naive], ignore_index=True), 10)
    figure = dropout_effects.forest(shown, PRIMARY)
    assert overlapping(figure) == []
    assert "Cox, start–stop" in texts(figure)
    assert "Cox, start–stop" in cells(effects_table(shown))
    assert "Hazard ratio" in html.unescape(effects_table(shown))
    page = cox_checks_table(publishable_checks(checks, 10), PRIMARY, simulated=True)
    said = cells(page)
    assert said.count("Score test, effect changes with log session") == 3
    assert said.count("Change of the hazard ratio per doubling of sessions") == 4
    p = checks.loc[checks["term"].eq("all terms"), "p_value"].iloc[0]
    assert f"{p:.3f}" in said


def test_checks_of_other_definitions_are_short():
    rows = toy_sessions(patients=900, base=-2.6)
    _, checks, _ = cox_effects(rows, "recorded_ending", HazardSettings())
    both = pd.concat([checks, checks.assign(definition="drop_sd")])
    said = cells(cox_checks_table(publishable_checks(both, 10), PRIMARY))
    assert said.count("Score test, effect changes with log session") == 3 + 1
    assert said.count("Change of the hazard ratio per doubling of sessions") == 4 + 1
    hardly = checks.assign(statistic=np.nan, note="no test: why")
    assert "no test: why" in cells(cox_checks_table(publishable_checks(hardly, 10), PRIMARY))
