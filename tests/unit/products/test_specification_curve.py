"""The curve of all choices, also where the main one has no estimate."""

import numpy as np

from rupture_outcome.look.look import Look
from rupture_outcome.products.specification_curve import NOTHING, draw_specifications
from tests.unit import fake_results

LOOK = Look(primary=fake_results.CARD["primary"])


def drawn(**headline):
    effects = fake_results.effects(**headline).assign(landmark=None)
    return draw_specifications({"dropout_effects": effects}, LOOK)


def test_the_main_choice_is_told_by_its_place():
    assert "The main one, 0.62" in drawn().alt
    assert "is number 2." in drawn().alt


def test_a_main_choice_without_an_estimate_is_not_in_the_curve():
    nothing = dict.fromkeys(("estimate", "se", "ci_low", "ci_high", "ratio"), np.nan)
    drawing = drawn(**nothing, converged=False, reason="no_event:dropout:repaired")
    assert "The main one" not in drawing.alt
    assert "1 of them drawn" in drawing.alt


def test_no_estimate_at_all_says_so():
    effects = fake_results.effects().assign(landmark=None, ratio=np.nan)
    assert draw_specifications({"dropout_effects": effects}, LOOK).alt == NOTHING
