"""Texts, types, codes and constraints of single values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rupture_outcome.study.constraints import breaches
from rupture_outcome.study.parse import DATE, UNREADABLE, cast, parse


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("007", {"type": "string"}, "007"),
        ("+7", {"type": "integer"}, 7),
        ("7.0", {"type": "integer"}, 7),
        ("7.5", {"type": "integer"}, UNREADABLE),
        ("7,00", {"type": "integer", "decimalChar": ","}, 7),
        ("9" * 30, {"type": "integer"}, UNREADABLE),
        ("\u0667", {"type": "integer"}, UNREADABLE),
        ("\u0667.5", {"type": "number"}, UNREADABLE),
        ("1e999", {"type": "number"}, UNREADABLE),
        ("1.0", {"type": "boolean"}, True),
        ("1 000", {"type": "integer", "groupChar": " "}, 1000),
        ("2,5", {"type": "number", "decimalChar": ","}, 2.5),
        ("2.5", {"type": "number", "decimalChar": ","}, UNREADABLE),
        ("1e-3", {"type": "number"}, 0.001),
        ("nan", {"type": "number"}, UNREADABLE),
        ("inf", {"type": "number"}, UNREADABLE),
        ("1", {"type": "boolean"}, True),
        ("ja", {"type": "boolean", "trueValues": ["ja"]}, True),
        ("yes", {"type": "boolean"}, UNREADABLE),
    ],
)
def test_parse(text: str, field: dict, value: object) -> None:
    assert parse(text, field) == value


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".", ","]))
def test_numbers_survive_being_written(value: float, decimal: str) -> None:
    text = repr(value).replace(".", decimal)
    assert parse(text, {"type": "number", "decimalChar": decimal}) == value


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (3.0, "integer", 3),
        (3.5, "integer", UNREADABLE),
        (True, "boolean", 1),
        (2, "boolean", UNREADABLE),
        ("2.5", "number", 2.5),
        ("often", "number", UNREADABLE),
        (7, "string", "7"),
    ],
)
def test_cast(value: object, kind: str, expected: object) -> None:
    assert cast(value, kind) == expected


@pytest.mark.parametrize("text", ["2024-03-05", "5.3.24", "03/25/2024", "2024-03-05T10:00"])
def test_dates_are_known(text: str) -> None:
    assert DATE.fullmatch(text)


@pytest.mark.parametrize("text", ["2024-12-0034", "12-17", "1.2.3", "44927", "A-2024-03-05"])
def test_codes_are_no_dates(text: str) -> None:
    assert not DATE.fullmatch(text)


@pytest.mark.parametrize(
    ("values", "constraints", "positions"),
    [
        ([1, 3, 5], {"minimum": 1, "maximum": 5}, []),
        ([0, 3, 6], {"minimum": 1, "maximum": 5}, [0, 2]),
        ([0.5, 7.5], {"exclusiveMinimum": 0.5}, [0]),
        (["a", "b"], {"enum": ["a"]}, [1]),
        ([1, 2], {"enum": ["1"]}, [1]),
        (["P1", "1P"], {"pattern": "P\\d"}, [1]),
        (["a", "abc"], {"maxLength": 2}, [1]),
        (["a", "abc"], {"required": True, "unique": True}, []),
        ([], {"minimum": 1}, []),
    ],
)
def test_breaches(values: list, constraints: dict, positions: list[int]) -> None:
    found = breaches(values, constraints)
    assert [at for _, _, places in found for at in places] == positions


def test_texts_that_break_a_constraint_are_not_shown() -> None:
    [(expected, remedy, _)] = breaches(["secret"], {"pattern": "P\\d"})
    assert "secret" not in expected + remedy
