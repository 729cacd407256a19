import math

import pytest

from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.pages.answer import (
    effect,
    headline,
    incidence_sentences,
    naive_sentence,
    number,
)
from tests.unit import fake_dropout, fake_results


def logs(ratio, low, high):
    return {"estimate": math.log(ratio), "ci_low": math.log(low), "ci_high": math.log(high)}


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ((0.62, 0.44, 0.86), "were 38% lower when the last rupture was repaired than when"),
        ((1.5, 1.2, 1.9), "were 50% higher when the last rupture was repaired than when"),
        ((2.5, 1.2, 4.9), "were 2.50 times as high when the last rupture was repaired as when"),
        ((0.9, 0.6, 1.3), "cannot tell"),
    ],
)
def test_headline_says_only_what_the_interval_allows(ratios, words):
    said = headline(fake_results.effects(**logs(*ratios)), fake_results.CARD)
    assert words in said
    ratio, low, high = map(number, ratios)
    assert f"(odds ratio {ratio}, 95% CI {low} to {high})" in said


def test_hazard_ratios_are_called_so():
    said = headline(fake_results.effects(link="cloglog"), fake_results.CARD)
    assert "the hazard of dropping out" in said
    assert "(hazard ratio 0.62" in said


def test_failed_fit_gives_no_number_even_if_the_table_holds_one():
    effects = fake_results.effects(converged=False, reason="separation in state")
    said = headline(effects, fake_results.CARD)
    assert said.endswith("could not be estimated in this study: separation in state.")
    assert not any(character.isdigit() for character in said)


def test_withheld_estimate_is_said_to_be_withheld():
    nothing = {"estimate": None, "ci_low": None, "ci_high": None}
    assert "withheld" in headline(fake_results.effects(**nothing), fake_results.CARD)


def test_missing_row_is_not_estimable():
    other = {**fake_results.CARD["primary"], "definition": "observer"}
    found = effect(fake_results.effects(), "hazard", HEADLINE, other)
    assert not found.estimable
    said = headline(fake_results.effects(), {**fake_results.CARD, "primary": other})
    assert said == "Whether repair goes with less dropout could not be estimated in this study."


def test_naive_comparison_is_called_biased():
    assert "biased" in naive_sentence(fake_results.effects(), fake_results.CARD)


def test_incidence_and_its_difference_are_told_at_one_horizon_and_subtract():
    contrasts = fake_dropout.tables()["landmark_contrasts"]
    (said,) = incidence_sentences(contrasts, fake_results.CARD)
    assert "who came back after it, about 16.5 (8.9 to 25.2) dropped out by session 16" in said
    assert "with a repaired rupture at session 4 who came back, about 12.4 (4.3 to 24.8)" in said
    assert "a difference of −4.1 (−17.0 to 10.0)" in said


def test_incidence_of_one_state_only_says_nothing():
    contrasts = fake_dropout.tables()["landmark_contrasts"].query("state_a == 'repaired'")
    assert incidence_sentences(contrasts, fake_results.CARD) == []
