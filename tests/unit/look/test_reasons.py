"""Coded reasons and their words."""

import ast
import string

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.reasons import joined, parsed, reason, without
from rupture_outcome.look.reasons import HEADS, TEMPLATES, reason_text
from tests.running import ROOT

FAMILIES = {f"{what}_{how}_known" for what in ("kind", "strategy") for how in ("never", "hardly")}


def called() -> dict[str, int]:
    """Codes that the program writes, with the most values that one is given; starred ones are 2."""
    found: dict[str, int] = {}
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reason"):
                continue
            given = sum(2 if isinstance(one, ast.Starred) else 1 for one in node.args[1:])
            chosen = [node.args[0]]
            if isinstance(node.args[0], ast.IfExp):
                chosen = [node.args[0].body, node.args[0].orelse]
            for code in chosen:
                if isinstance(code, ast.Constant):
                    found[code.value] = max(given, found.get(code.value, 0))
    return found


def test_every_code_has_words_and_all_words_are_used():
    assert set(called()) | FAMILIES == set(TEMPLATES)


def test_the_words_of_a_code_need_no_more_values_than_it_is_given():
    for code, values in called().items():
        fields = [name for _, name, _, _ in string.Formatter().parse(TEMPLATES[code]) if name]
        places = [int(name) for name in fields if name.isdigit()]
        assert max(places, default=-1) < values, code
        assert bool(values) == bool(fields), code


@pytest.mark.parametrize("value", ["a; b: c", "100%", "no_event:x", "R 1, R 2", "Ü%3B", "a\nb"])
def test_any_text_can_be_a_value(value):
    note = joined(reason("left_out", value, "x"), reason("too_few_sessions"))
    assert " " not in note.replace("; ", "")
    assert parsed(note) == [("left_out", (value, "x")), ("too_few_sessions", ())]
    assert reason_text(note) == f"left out for want of variation: {value}, x; too few sessions"


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("no_test; nobody_followed:repaired", "no test: nobody followed in state repaired"),
        (
            "no_interval; no_event:event:repaired:unrepaired",
            "no interval: no event in state repaired or unrepaired",
        ),
        (
            "no_interval; selected_replicates:0.14; only_patients_drawn",
            "no interval: no value in 14% of the replicates; fewer than two therapists: only "
            "patients were drawn",
        ),
        ("undefined_in_replicates:0.001", "no value in 0.1% of the replicates"),
        ("no_ending:other_ending", "no other ending"),
        ("sessions_of_raters:5:R3:R4", "sessions of raters R3, R4 of 5"),
        ("present_shares:0.41:0.71", "raters say present in 41% to 71% of their sessions"),
        ("markov_test:0.5", "1 in a Markov model; Wald test p = 0.5"),
        ("no_estimate:repair; never_happened", "no estimate for repair: it never happened"),
        ("not_estimable", "not estimable"),
        ("", ""),
        (None, ""),
        (pd.NA, ""),
        (np.nan, ""),
    ],
)
def test_reasons_in_words(note, text):
    assert reason_text(note) == text


def test_numbers_are_short():
    assert reason("hardly_tested", 1 / 3, np.float64(0.5), 12) == "hardly_tested:0.333333:0.5:12"


def test_reasons_are_left_out_by_code():
    note = joined(*HEADS, reason("thin_model"), reason("left_out", "thin_model"))
    assert without(note, ["thin_model", *HEADS]) == "left_out:thin_model"
