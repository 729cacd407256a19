"""Contrasts from landmarks, curves of incidence and checks of the Cox model, as published."""

import html
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.cox.cox_effects import cox_effects
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.landmark.landmark_contrasts import Draws, landmark_contrasts
from rupture_outcome.estimates.landmark.landmark_incidence import landmark_incidence
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import WITHHELD
from rupture_outcome.products import cox_checks, cumulative_incidence, dropout_effects
from rupture_outcome.products import landmark_contrasts as contrasts
from rupture_outcome.products.tables import published
from tests.unit.figure_texts import overlapping, texts
from tests.unit.toy_sessions import toy_sessions

PRIMARY = {"definition": "drop_rci", "repair_rule": "psq_resolved"}
REAL = Look(threshold=10, primary=PRIMARY)
SIMULATED = Look(simulated=True, primary=PRIMARY)
STATES = ["intact", "unrepaired", "repaired"]


@cache
def raw_contrasts(patients: int, landmarks: tuple[int, ...]) -> pd.DataFrame:
    rows = toy_sessions(patients=patients, base=-2.6)
    return landmark_contrasts(rows, landmarks, 11, Draws(replicates=50))


@cache
def raw_incidence(patients: int) -> pd.DataFrame:
    return landmark_incidence(toy_sessions(patients=patients, base=-2.6), (4, 6), Draws(100))


def shown(look, patients=900, landmarks=(4, 6)):
    raw = {"contrasts": raw_contrasts(patients, landmarks)}
    return {"landmark_contrasts": published(contrasts.PRODUCT, raw, look)}


def curves(look, patients=900):
    raw = {"incidence": raw_incidence(patients)}
    return {"cumulative_incidence": published(cumulative_incidence.PRODUCT, raw, look)}


def cells(page: str) -> list[str]:
    return [html.unescape(re.sub("<[^>]+>", "", c)) for c in re.findall("<td.*?</td>", page)]


@pytest.mark.parametrize("look", [REAL, SIMULATED])
@pytest.mark.parametrize("patients", [90, 900])
@pytest.mark.parametrize("landmarks", [(2,), (2, 6), (6, 99)])
def test_texts_do_not_run_into_each_other(look, patients, landmarks):
    drawing = contrasts.draw_contrasts(shown(look, patients, landmarks), look)
    assert overlapping(drawing.figure) == []
    assert ("Simulated data" in texts(drawing.figure)) == look.simulated
    assert "nan" not in drawing.alt
    said = " ".join(texts(drawing.figure)).replace("\n", " ")
    assert (contrasts.ROUNDED_SHARES in said) == bool(look.threshold)


def test_the_figure_shows_the_numbers_of_the_table():
    tables = shown(SIMULATED)
    table = tables["landmark_contrasts"]
    keep = table["measure"].eq("incidence_difference") & table["cause"].eq("dropout")
    number = f"{100 * table.loc[keep, 'estimate'].iloc[0]:.1f}".replace("-", "−")
    drawing = contrasts.draw_contrasts(tables, SIMULATED)
    assert any(text.startswith(f"{number} [") for text in texts(drawing.figure))
    assert f"from session 4, dropout, percentage points: {number} [" in drawing.alt


def test_what_is_withheld_and_what_cannot_be_estimated_is_said():
    few = contrasts.draw_contrasts(shown(REAL, 90), REAL)
    assert WITHHELD in texts(few.figure)
    none = contrasts.draw_contrasts(shown(REAL, 900, (99,)), REAL)
    assert any(text.startswith("not estimable: ") for text in texts(none.figure))


@pytest.mark.parametrize("patients", [90, 400, 900])
def test_nothing_is_shown_where_few_of_a_state_had_the_ending_or_had_it_not(patients):
    raw = raw_contrasts(patients, (4, 6))
    table = shown(REAL, patients)["landmark_contrasts"]
    state = raw["measure"].eq("incidence")
    own = raw[state].pivot_table(
        index=["landmark", "cause"], columns="state_a", values=["patients", "events"]
    )
    for row in table.to_dict("records"):
        cell = own.loc[(row["landmark"], row["cause"])]
        arms = [cell.xs(row[s], level="state_a") for s in ("state_a", "state_b") if row[s]]
        counts = [
            n for a in arms for n in (a["patients"], a["events"], a["patients"] - a["events"])
        ]
        if row["measure"] != "gray" and any(0 < n <= 10 for n in counts):
            assert np.isnan(row["estimate"])


def test_table_of_contrasts():
    weeks = Look(simulated=True, primary=PRIMARY, clock="weeks")
    page = contrasts.contrasts_table(shown(weeks), weeks)
    said = cells(page)
    assert "Weeks lost" in html.unescape(page)
    assert "Simulated data" in page
    assert sum(text.startswith("Gray's test: χ² = ") for text in said) == 4
    assert sum(text == "Difference, repaired − open" for text in said) == 4
    assert f"Gray's test: {WITHHELD}" in cells(contrasts.contrasts_table(shown(REAL, 90), REAL))


@pytest.mark.parametrize("patients", [90, 900])
@pytest.mark.parametrize("look", [REAL, SIMULATED])
def test_curves_are_drawn_without_overlap(patients, look):
    drawing = cumulative_incidence.draw_incidence(curves(look, patients), look)
    assert overlapping(drawing.figure) == []
    assert "nan" not in drawing.alt
    assert ("withheld" in drawing.alt) == (look is REAL and patients == 90)


@pytest.mark.parametrize("patients", [90, 900])
def test_curves_are_multiples_of_the_threshold_over_the_number_at_the_start(patients):
    table = curves(REAL, patients)["cumulative_incidence"]
    raw = raw_incidence(patients)
    n = raw.groupby(cumulative_incidence.CURVE)["at_risk"].transform("max").to_numpy()
    rounded = np.floor(n / 10 + 0.5) * 10
    known = table["estimate"].notna().to_numpy()
    steps = table["estimate"].to_numpy()[known] * rounded[known] / 10
    assert known.any()
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    assert not known[n <= 10].any()
    exact = raw["estimate"].to_numpy() * n
    assert not known[(exact > 0.5) & (exact <= 10)].any()


def test_landmarks_are_named_in_the_unit_of_the_clock():
    weeks = Look(simulated=True, primary=PRIMARY, clock="weeks")
    drawing = cumulative_incidence.draw_incidence(curves(weeks), weeks)
    assert any(text.startswith("In treatment at week") for text in texts(drawing.figure))
    assert "from week" in drawing.alt
    page = cumulative_incidence.incidence_table(curves(weeks), weeks)
    assert "By week 12" in html.unescape(page)


def test_the_table_of_curves_gives_estimates_and_marks_what_is_withheld():
    frame = pd.DataFrame(
        {
            "landmark": 4, "state": "repaired", "cause": "dropout", "session": [4, 5, 6],
            "estimate": [0.0, np.nan, 0.25], "ci_low": [np.nan, np.nan, 0.2],
            "ci_high": [np.nan, np.nan, 0.3], "at_risk": [100, 90, 80], **PRIMARY,
        }
    )  # fmt: skip
    page = cumulative_incidence.incidence_table({"cumulative_incidence": frame}, REAL)
    assert cells(page)[4:6] == ["–", "25.0 [20.0 to 30.0]"]
    assert cumulative_incidence.shown_sessions(frame) == [5, 6]


def test_no_landmark_passed_is_said():
    empty = {"cumulative_incidence": curves(REAL)["cumulative_incidence"].iloc[:0]}
    drawing = cumulative_incidence.draw_incidence(empty, REAL)
    assert cumulative_incidence.NOTHING in texts(drawing.figure)
    assert "landmark sessions" in cumulative_incidence.incidence_table(empty, REAL)


@cache
def cox():
    rows = toy_sessions(patients=900, base=-2.6)
    effects, checks, _ = cox_effects(rows, "recorded_ending", HazardSettings())
    naive, _ = naive_effects(rows, "recorded_ending", [], 0.95)
    return pd.concat([effects, naive], ignore_index=True), checks


def checks_page(checks, look):
    tables = {"cox_checks": published(cox_checks.PRODUCT, {"checks": checks}, look)}
    return cells(cox_checks.cox_checks_table(tables, look))


def test_tables_and_forest_hold_the_cox_model():
    effects, checks = cox()
    own = {"dropout_effects": published(dropout_effects.PRODUCT, {"effects": effects}, REAL)}
    figure = dropout_effects.draw_effects(own, REAL).figure
    assert overlapping(figure) == []
    assert "Cox, start–stop" in texts(figure)
    page = dropout_effects.effects_table(own, REAL)
    assert "Cox, start–stop" in cells(page)
    assert "Hazard ratio" in html.unescape(page)
    said = checks_page(checks, SIMULATED)
    assert said.count("Score test, effect changes with log session") == 3
    assert said.count("Change of the hazard ratio per doubling of sessions") == 4
    p = checks.loc[checks["term"].eq("all_terms"), "p_value"].iloc[0]
    assert f"{p:.3f}" in said


def test_checks_of_other_definitions_are_short():
    checks = cox()[1]
    said = checks_page(pd.concat([checks, checks.assign(definition="drop_sd")]), REAL)
    assert said.count("Score test, effect changes with log session") == 3 + 1
    assert said.count("Change of the hazard ratio per doubling of sessions") == 4 + 1
    hardly = checks.assign(statistic=np.nan, reason="no test: why")
    assert "no test: why" in checks_page(hardly, REAL)


def test_checks_that_rest_on_few_are_withheld():
    checks = cox()[1].assign(fewest_events=3)
    shown = published(cox_checks.PRODUCT, {"checks": checks}, REAL)
    assert shown[["estimate", "statistic", "p_value"]].isna().all(axis=None)
    assert WITHHELD in checks_page(checks, REAL)
