"""Settings of definitions and repair rules have bounds, and a config has to keep them."""

import math

import pytest

from rupture_outcome.coding.registry import definitions, get_definition, repair_rules
from rupture_outcome.coding.settings import (
    NotNegative,
    Positive,
    PositiveShare,
    Probability,
    Sessions,
    misfit,
)
from rupture_outcome.errors import StudyError

RULES = [*definitions().values(), *repair_rules().values()]
SETTINGS = [
    pytest.param(rule, name, id=f"{rule.id}-{name}") for rule in RULES for name in rule.parameters
]


@pytest.mark.parametrize(("rule", "name"), SETTINGS)
def test_a_default_keeps_the_bounds_of_its_setting(rule, name) -> None:
    assert misfit(rule.parameters[name], rule.types[name]) == ""
    assert rule.resolve({name: rule.parameters[name]}) == rule.parameters


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, -math.inf, True, "", [1], {"a": 1}])
@pytest.mark.parametrize(("rule", "name"), SETTINGS)
def test_what_no_setting_can_be_is_told(rule, name, value) -> None:
    if value is True and rule.types[name] is bool:
        value = "yes"
    with pytest.raises(StudyError, match=rf"coding\.{rule.section}\.{rule.id}: '{name}' should be"):
        rule.resolve({name: value})


@pytest.mark.parametrize("value", [0, -3, 1001, 10**9, 2.5])
@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if "within" in rule.parameters], ids=lambda rule: rule.id
)
def test_a_window_is_a_number_of_sessions(rule, value) -> None:
    with pytest.raises(StudyError, match="'within' should be"):
        rule.resolve({"within": value})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(StudyError) as told:
        get_definition("drop_sd").resolve({"k": -1, "sd": "both", "kk": 1})
    assert [problem.expected for problem in told.value.problems] == [
        "'k' should be greater than 0, and is -1",
        "'sd' should be 'stricter', 'within' or 'sample', and is 'both'",
        "there is no parameter 'kk'",
    ]
    assert "it is 1.0 then" in told.value.problems[0].remedy


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (Positive, [1, 0.1, 1e6], [0, -0.1, math.nan, math.inf]),
        (NotNegative, [0, 3], [-1e-9]),
        (PositiveShare, [0.01, 1], [0, 1.01]),
        (Probability, [0.05], [0, 1]),
        (Sessions, [1, 1000], [0, 1001, 1.5, True]),
        (Positive | None, [None, 2], [0, "2"]),
    ],
)
def test_bounds(kind, inside, outside) -> None:
    assert [value for value in inside if misfit(value, kind)] == []
    assert [value for value in outside if not misfit(value, kind)] == []
