"""Tables of the definitions of dropout: what a reader finds in them."""

from html import unescape

import pytest

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.tables.dropout_definition_effects import definition_effects_table
from rupture_outcome.tables.dropout_definitions import (
    definitions_table,
    overlap_table,
    patterns_table,
)
from tests.unit.dropout_products import products


def test_the_rules_stand_with_their_limits():
    html = unescape(definitions_table(products()["rates"], limits=DropoutLimits(0.6, 3)))
    assert "fewer than 60% of the planned sessions" in html
    assert "before 3 attended sessions" in html
    assert "through symptoms as well as through leaving" in html


def test_the_benchmark_stands_below_the_sets():
    assert "2,977 patients" in unescape(patterns_table(products()["patterns"]))


def test_the_studys_definition_is_marked_and_the_naive_one_is_called_biased():
    html = unescape(definition_effects_table(products()["effects"], "fewer_than_planned"))
    assert "Fewer sessions than planned (the study's definition)" in html
    assert "biased by immortal time" in html


@pytest.mark.parametrize("patients", [12, 400])
def test_simulated_data_are_marked_whatever_there_is(patients):
    own = products(patients)
    tables = [
        definitions_table(own["rates"], simulated=True),
        overlap_table(own["pairs"], simulated=True),
        patterns_table(own["patterns"], simulated=True),
        definition_effects_table(own["effects"], "recorded_ending", simulated=True),
    ]
    assert all("Simulated data" in html for html in tables)


def test_nothing_to_lay_out():
    own = {name: frame.iloc[:0] for name, frame in products().items()}
    assert "n = 0 patients" in definitions_table(own["rates"])
    assert "No definition" in definition_effects_table(own["effects"], "recorded_ending")
    overlap_table(own["pairs"])
    patterns_table(own["patterns"])
