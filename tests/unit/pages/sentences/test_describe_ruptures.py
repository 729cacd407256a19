import pandas as pd
import pytest

from rupture_outcome.coding.registry import definitions
from rupture_outcome.pages.sentences.ruptures import (
    SEES,
    accuracy_sentence,
    agreement_sentence,
    chance_sentence,
    definition_notes,
    onset_table,
    rater_sentence,
    rater_table,
    strategies_sentence,
)
from tests.unit.fake_results import CARD
from tests.unit.fake_ruptures import ACCURACY, AGREEMENT, ONSETS, RATERS, STRATEGIES

NAN = float("nan")
PREVALENCE = pd.DataFrame(
    {
        "definition": ["drop_rci", "drop_sd", "psq_patient", "mine"],
        "class": "prospective",
        "provenance": ["verified", "verified", "recalled", "project"],
        "sessions_detected": [384, 236, 1613, 60],
        "expected_by_chance": [617.4, 200.0, NAN, NAN],
        "expected_without_change": [117.8, 300.0, NAN, NAN],
    }
)


@pytest.mark.parametrize("id", definitions())
def test_every_definition_of_the_package_says_what_it_sees(id):
    assert id in SEES


def test_notes_say_what_is_recalled_and_where_the_others_come_from():
    card = {**CARD, "definitions": {"mine": {"definition": "drop_sd", "k": 2}}}
    falls, _, reports, mine = definition_notes(PREVALENCE, card).splitlines()
    assert "Jacobson" in falls
    assert "ecalled" not in falls
    assert "**Recalled:** check" in reports
    assert "Source:" not in reports
    assert SEES["drop_sd"][0] in mine


def test_an_unknown_definition_is_named_all_the_same():
    assert "no words have been written" in definition_notes(PREVALENCE.iloc[3:], CARD)


def test_chance_counts_definitions_that_read_scores():
    said = chance_sentence(PREVALENCE)
    assert "Of 2 definitions that read scores, 1 found fewer" in said
    assert "were found by 1 of them" in said
    some = PREVALENCE.assign(sessions_detected=[384, NAN, 1613, 60])
    assert "Of 2 definitions that read scores, 1 can be compared" in chance_sentence(some)
    assert "No definition" in chance_sentence(PREVALENCE.iloc[2:])
    assert "errors" not in chance_sentence(PREVALENCE.drop(columns="expected_without_change"))


def test_most_and_least_alike():
    said = agreement_sentence(AGREEMENT)
    assert said.index("kappa 0.34, interval 0.20 to 0.45") < said.index("kappa 0.12")
    assert agreement_sentence(AGREEMENT.iloc[:1]).startswith("The two definitions are")
    assert "no two definitions" in agreement_sentence(AGREEMENT.iloc[:0])


def test_onsets_are_read_from_the_side_of_the_main_definition():
    line = onset_table(ONSETS, CARD).splitlines()[2]
    assert line == "| Rupture reported by patient | 67% | 29% |"
    primary = {**CARD["primary"], "definition": "psq_patient"}
    lines = onset_table(ONSETS, {**CARD, "primary": primary}).splitlines()[2:]
    assert lines[0] == "| Fall in alliance beyond reliable change | 29% | 67% |"
    assert "no other definition" in onset_table(ONSETS.iloc[:0], CARD)


def test_accuracy_only_where_the_truth_is_known():
    said = accuracy_sentence(ACCURACY, CARD)
    assert "found 46% of the ruptures" in said
    assert "2% of the sessions without one" in said
    assert "“rupture reported by patient” (87%)" in said
    assert "not known" in accuracy_sentence(ACCURACY.iloc[:0], CARD)


def test_strategies_in_words():
    said = strategies_sentence(STRATEGIES)
    assert said.startswith("Withdrawal was marked in 382 sessions. In 67% of them")
    assert "1.7 on average (1 to 5), against 2.4 to 2.8" in said
    assert "In 74% of them nobody saw a strategy follow (mean resolution 1.8 of 5)." in said
    one = strategies_sentence(STRATEGIES.iloc[:2])
    assert "2.8 with the one strategy seen often enough" in one
    withheld = STRATEGIES.iloc[[0]].assign(resolution_mean=NAN, n=NAN)
    assert "in withheld sessions" not in strategies_sentence(withheld)


def test_raters_in_plain_words_from_single_ratings_of_the_whole_study():
    assert "(74%) and smallest for resolution" in rater_sentence(RATERS)
    lines = rater_table(RATERS).splitlines()
    assert len(lines) == 4
    assert lines[2].endswith("| 0.74 (0.68 to 0.79) | 633 | 5 |")
    none = RATERS.assign(estimate=NAN)
    assert "cannot be given" in rater_sentence(none)
    assert "not given" in rater_table(none)
