"""What is registered once is known everywhere else: in words, in the config, in the rules."""

import pytest

from rupture_outcome.coding.registry import definitions, repair_rules
from rupture_outcome.cohort.dropout_rules import DROPOUT_DEFINITIONS
from rupture_outcome.look.words import NAMES
from rupture_outcome.pipeline.config import read_schema
from rupture_outcome.study.contract import names
from rupture_outcome.study.dropout_data import DROPOUT_DATA

REGISTERED = {
    "definition": definitions(),
    "repair_rule": repair_rules(),
    "dropout_definition": DROPOUT_DATA,
}


@pytest.mark.parametrize("kind", REGISTERED)
def test_everything_registered_has_words(kind):
    assert set(REGISTERED[kind]) <= set(NAMES[kind])


def test_every_definition_of_dropout_has_a_rule_and_stands_in_the_config():
    assert list(DROPOUT_DATA) == list(DROPOUT_DEFINITIONS)
    schema = read_schema()["properties"]["dropout"]["properties"]["definition"]
    assert schema["enum"] == list(DROPOUT_DATA)
    assert schema["default"] in DROPOUT_DATA


def test_definitions_of_dropout_read_columns_of_the_contract():
    read = {pair for each in DROPOUT_DATA.values() for pair in each}
    assert all(column in names(table) for table, column in read)


def test_a_threshold_is_a_parameter_or_a_constant_and_has_words():
    moved = {name: one.threshold for name, one in definitions().items() if one.threshold}
    assert {one.code for one in moved.values()} <= set(NAMES["parameter"])
    for name, one in moved.items():
        assert one.grid is None or one.parameter in definitions()[name].parameters


def test_every_prospective_definition_has_a_threshold_and_a_line():
    for one in definitions().values():
        if one.kind_class == "prospective":
            assert one.threshold is not None, one.id
            assert one.limit is not None, one.id
