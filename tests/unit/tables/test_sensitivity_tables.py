"""Tables of the sensitivity analyses in words."""

import html

from rupture_outcome.estimates.sensitivity.weight_diagnostics import diagnostics_table
from rupture_outcome.publishable.sensitivity import publishable_diagnostics, publishable_sensitivity
from rupture_outcome.tables.sensitivity import EMPTY, sensitivity_table, setting_name
from rupture_outcome.tables.weight_diagnostics import EMPTY as NO_WEIGHTS
from rupture_outcome.tables.weight_diagnostics import diagnostics_page
from tests.unit.toy_sensitivity import failed, toy_sensitivity

SHOWN = publishable_sensitivity(toy_sensitivity().effects, 10)


def page(effects):
    return html.unescape(sensitivity_table(effects, simulated=True))


def test_every_analysis_is_a_section_and_the_grid_is_thinned():
    text = page(SHOWN)
    assert "Simulated data" in text
    for section in ("E-values", "symptoms that change", "could not be tested", "coded wrongly"):
        assert section in text
    assert "Sensitivity 90%, specificity 100%" in text
    assert "Sensitivity 95%" not in text
    assert "of the sessions at risk" in text
    assert "Odds ratio" in text


def test_suppositions_are_named_with_their_number():
    row = {"setting": "tipping_share_open", "value": 0.19}
    assert setting_name(row) == "A share of untested sessions was open: 19%"
    assert setting_name(row | {"value": None}).endswith("no share tips")


def test_a_failed_analysis_says_why_and_a_withheld_one_that():
    assert "not estimable: no dropout in state repaired" in page(
        failed(SHOWN, "no dropout in state repaired")
    )
    few = publishable_sensitivity(toy_sensitivity().effects.assign(events=3), 10)
    assert "withheld: too few patients or events" in page(few)


def test_empty_tables_say_so():
    assert EMPTY in page(SHOWN.iloc[:0])
    none = publishable_diagnostics(diagnostics_table([]), 10)
    assert NO_WEIGHTS in html.unescape(diagnostics_page(none))


def test_weights_are_described():
    shown = publishable_diagnostics(toy_sensitivity().diagnostics, 10)
    text = html.unescape(diagnostics_page(shown))
    assert "Weighted, weights truncated" in text
    assert "Effective number of sessions" in text
