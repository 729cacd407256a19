"""Sensitivity analyses and their weights: what is drawn, laid out, said and withheld."""

import html

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import HEADLINE, RUPTURE, compares
from rupture_outcome.estimates.sensitivity.weight_diagnostics import diagnostics_table
from rupture_outcome.look.look import Look
from rupture_outcome.products.coding_errors import draw_errors
from rupture_outcome.products.sensitivity import (
    EMPTY,
    NOTHING,
    PRODUCT,
    alt_text,
    draw_sensitivity,
    sensitivity_figure,
    sensitivity_table,
    setting_name,
)
from rupture_outcome.products.tables import published
from rupture_outcome.products.untested_sessions import draw_untested
from rupture_outcome.products.weight_diagnostics import EMPTY as NO_WEIGHTS
from rupture_outcome.products.weight_diagnostics import PRODUCT as WEIGHTS
from rupture_outcome.products.weight_diagnostics import diagnostics_page
from tests.unit.figure_texts import overlapping, texts
from tests.unit.toy_sensitivity import failed, toy_hidden, toy_sensitivity

LINK = {"models": {"link": "logit"}}
EXACT, REAL = Look(simulated=True, settings=LINK), Look(threshold=10, settings=LINK)
RAW, HIDDEN = toy_sensitivity().effects, toy_hidden()
SHOWN = published(PRODUCT, {"frame": RAW, "hidden": HIDDEN}, EXACT)


def page(effects, look=EXACT):
    return html.unescape(sensitivity_table({"sensitivity": effects}, look))


def test_texts_do_not_overlap_and_name_what_is_shown():
    figure = sensitivity_figure(SHOWN, EXACT)
    assert overlapping(figure) == []
    shown = texts(figure)
    assert {"Main analysis", "Untested sessions left out", "Simulated data"} <= set(shown)
    assert any("E-value" in text for text in shown)
    assert "Corrected for errors of coding" in shown


def test_untested_sessions_have_a_panel_for_each_direction():
    drawing = draw_untested({"sensitivity": SHOWN}, EXACT)
    assert overlapping(drawing.figure) == []
    own = SHOWN[SHOWN["setting"].eq("share_open") & compares(SHOWN, HEADLINE)]
    line = next(line for line in drawing.figure.axes[1].lines if line.get_marker() == "o")
    np.testing.assert_allclose(line.get_xdata(), own["value"])
    np.testing.assert_allclose(line.get_ydata(), own["ratio"])
    assert "as untested sessions are taken otherwise" in drawing.alt


def test_errors_of_coding_have_a_line_a_specificity_and_intervals_where_they_are_known():
    drawing = draw_errors({"sensitivity": SHOWN}, EXACT)
    shown = texts(drawing.figure)
    assert overlapping(drawing.figure) == []
    assert {"specificity 100%", "specificity 80%"} <= set(shown)
    exact = SHOWN[SHOWN["setting"].eq("grid") & SHOWN["sensitivity"].eq(1)]
    exact = exact[exact["specificity"].eq(1)].iloc[0]
    assert f"As coded: {exact['ratio']:.2f}" in drawing.alt
    (star,) = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "*"]
    own = SHOWN[SHOWN["setting"].eq("own")].iloc[0]
    np.testing.assert_allclose(star.get_ydata(), own["ratio"])


def test_alt_text_gives_the_ratios_and_the_tipping_points():
    text = alt_text(SHOWN, EXACT)
    assert "Main analysis: 0." in text
    assert "with weights truncated" in text
    assert "Corrected for errors of coding, accuracy of the main definition: 0." in text


@pytest.mark.parametrize(
    "analysis", ["marginal_structural", "missing_ratings", "misclassification"]
)
def test_a_failed_part_is_shown_as_such(analysis):
    part = SHOWN["analysis"].eq(analysis)
    broken = pd.concat([SHOWN[~part], failed(SHOWN[part], "too little to go on")])
    figure = sensitivity_figure(broken, EXACT)
    assert overlapping(figure) == []
    assert any("not estimable" in text for text in texts(figure))
    for draw in (draw_untested, draw_errors):
        drawing = draw({"sensitivity": broken}, EXACT)
        assert overlapping(drawing.figure) == []


def test_a_study_without_any_estimate_has_nothing_to_show():
    broken = failed(SHOWN, "no dropout")
    assert draw_sensitivity({"sensitivity": broken}, EXACT).alt == NOTHING
    for draw in (draw_untested, draw_errors):
        drawing = draw({"sensitivity": broken}, EXACT)
        assert drawing.alt in texts(drawing.figure)


def test_what_rests_on_few_in_one_state_is_withheld_with_all_that_follows():
    few = RAW.assign(least_cell=RAW["least_cell"].mask(~compares(RAW, RUPTURE), 4))
    shown = published(PRODUCT, {"frame": few, "hidden": HIDDEN.iloc[:0]}, REAL)
    repair = ~compares(few, RUPTURE)
    numbers = ["estimate", "se", "ci_low", "ci_high", "ratio", "e_value", "e_value_limit"]
    assert RAW.loc[repair, "estimate"].notna().any()
    assert shown.loc[repair, numbers].isna().all().all()
    assert shown.loc[~repair, "estimate"].notna().any()
    tipping = few["setting"].str.startswith("tipping_")
    assert shown.loc[repair & tipping, "value"].isna().all()
    supposed = few["setting"].eq("share_open")
    np.testing.assert_array_equal(shown.loc[supposed, "value"], few.loc[supposed, "value"])
    assert "withheld: too few persons or events in one arm" in page(shown, REAL)
    assert "no share tips" not in page(shown[repair & tipping], REAL)
    assert draw_sensitivity({"sensitivity": shown}, REAL).alt == NOTHING


def test_a_real_study_gives_no_more_digits_than_its_errors_support():
    shown = published(PRODUCT, {"frame": RAW, "hidden": HIDDEN}, REAL)
    known = shown["estimate"].notna() & shown["se"].ge(0.1) & shown["se"].lt(1)
    assert known.any()
    hundredths = shown.loc[known, "estimate"] * 100
    np.testing.assert_allclose(hundredths, hundredths.round(), atol=1e-9)
    assert (shown["patients"] % 10 == 0).all()


def test_every_analysis_is_a_section_and_the_grid_is_thinned():
    text = page(SHOWN)
    assert "Simulated data" in text
    for section in ("E-values", "symptoms that change", "could not be tested", "coded wrongly"):
        assert section in text
    assert "Sensitivity 90%, specificity 100%" in text
    assert "Sensitivity 95%" not in text
    assert "of the sessions at risk" in text
    assert "not estimable: none: the interval" not in text
    assert "not estimable: from this share" not in text
    assert "Odds ratio" in text


def test_suppositions_are_named_with_their_number():
    row = {"setting": "tipping_share_open", "value": 0.19, "reason": "never_tips:includes"}
    assert setting_name(row) == "A share of untested sessions was open: 19%"
    assert setting_name(row | {"value": None}).endswith("no share tips")


def test_a_failed_analysis_says_why():
    text = page(failed(SHOWN, "no dropout in state repaired"))
    assert "not estimable: no dropout in state repaired" in text


def test_empty_tables_say_so():
    assert EMPTY in page(SHOWN.iloc[:0])
    none = published(WEIGHTS, {"frame": diagnostics_table([])}, REAL)
    text = diagnostics_page({"weight_diagnostics": none}, REAL)
    assert NO_WEIGHTS in html.unescape(text)


def test_weights_are_described():
    shown = published(WEIGHTS, {"frame": toy_sensitivity().diagnostics}, EXACT)
    text = html.unescape(diagnostics_page({"weight_diagnostics": shown}, EXACT))
    assert "Weighted, weights truncated" in text
    assert "Effective number of sessions" in text
