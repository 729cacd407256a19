"""Sentences of the notebooks on repair and on time, with an answer and without one."""

import math

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.pages.sentences import repair as say
from rupture_outcome.pages.sentences.time import (
    harm_sentence,
    misplaced_sentence,
    null_world_sentence,
)
from tests.unit import fake_dropout, fake_results
from tests.unit.toy_worlds import EFFECTS, SESSIONS

CARD = fake_results.CARD
SEVERAL = [(0.44, 0.22, 0.88), (0.9, 0.5, 1.6), (1.2, 0.7, 2.1)]


def sentences(answer: bool) -> dict[str, str]:
    t = fake_dropout.tables(answer)
    return {
        "margins": say.margins_sentence(t["hazard_margins"], t["state_sessions"], CARD),
        "time": say.time_sentence(t["time_in_state"], CARD),
        "what_if": say.what_if_sentence(t["repair_what_if"], CARD),
        "therapists": say.therapists_sentence(
            t["therapist_variances"], t["therapist_relation"], CARD
        ),
        "moderators": say.moderators_sentence(t["moderator_effects"]),
        "definitions": say.definitions_sentence(t["dropout_definitions"]),
        "e_value": say.e_value_sentence(t["sensitivity"]),
    }


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("margins", "open rupture, 2.5 (1.8 to 3.3) would be followed by dropout"),
        ("margins", "Observed were 2.2, 1.1 and 2.1"),
        ("margins", "Repaired minus open: −1.2 (−2.1 to −0.2)."),
        ("time", "a patient spent 4.0 (3.6 to 4.5) sessions"),
        ("time", "78% (73 to 82) had a rupture at some time. Of these, 64% (58 to 70)"),
        ("what_if", "it would be 19.0 (15.0 to 24.0): a difference of −2.0 (−4.0 to 1.0)"),
        ("therapists", "10% (2 to 20) in repair of an open rupture"),
        ("therapists", "is −0.49, with an interval from −0.90 to 0.20"),
        ("moderators", "For 2 moderators tested, there is no clear sign"),
        ("moderators", "smallest p = 0.40"),
        ("definitions", "from 20% (dropout recorded as the ending) to 29%"),
        ("e_value", "risk ratio of 2.51 each; 1.34 would do"),
    ],
)
def test_sentences_hold_the_numbers_of_the_tables(what, text):
    assert text in sentences(True)[what]


def test_without_estimates_each_says_so():
    for text in sentences(False).values():
        assert any(word in text for word in ("withheld", "could not", "not estimable"))
        assert "nan" not in text.split()


def test_without_an_interval_there_is_no_bracket():
    t = fake_dropout.tables()
    margins = t["hazard_margins"].assign(ci_low=np.nan, ci_high=np.nan)
    said = say.margins_sentence(margins, t["state_sessions"], CARD)
    assert "open rupture, 2.5 would" in said


def test_the_difference_is_that_of_the_numbers_shown():
    t = fake_dropout.tables()
    margins = t["hazard_margins"].copy()
    margins.loc[margins["quantity"].eq("hazard"), "estimate"] = [0.02, 0.02454, 0.01346]
    margins.loc[margins["quantity"].eq("difference"), "estimate"] = 0.01346 - 0.02454
    said = say.margins_sentence(margins, t["state_sessions"], CARD)
    assert "2.5 (" in said
    assert "1.3 (" in said
    assert "Repaired minus open: −1.2" in said


def test_what_speaks_against_the_headline_stands_beside_it():
    t = fake_dropout.tables()
    tested, tipping, hidden = say.robustness_sentences(t["sensitivity"], t["state_sessions"], CARD)
    assert "the odds ratio is 0.60 (95% CI 0.31 to 1.15), from 76 dropouts" in tested
    assert "17 of the 50 dropouts from an open rupture followed one of 134 sessions" in tipping
    assert "would include 1 if more than 6.4% of these sessions were repaired" in tipping
    assert "2.51" in hidden


def test_beside_a_simulated_answer_stands_the_truth_and_why_estimates_miss_it():
    card = {**CARD, "truth": {"repaired vs unrepaired": math.log(0.41)}}
    own = {"setting": "own", "state_a": "repaired", "state_b": "unrepaired"}
    errors = pd.DataFrame([{**own, "sensitivity": 0.92, "specificity": 0.56}])
    (said,) = say.truth_sentences(fake_results.effects(), errors, card)
    assert "made with an odds ratio of 0.41" in said
    assert "The estimate, 0.62, lies nearer to 1" in said
    assert "92% of those truly open were coded open, and 56% of the others repaired" in said
    near = fake_results.effects().replace({"ratio": {0.21: 0.40}})
    near.loc[near["analysis"].eq("naive"), "estimate"] = math.log(0.40)
    assert "by accident" in say.truth_sentences(near, errors, card)[1]
    assert say.truth_sentences(fake_results.effects(), errors, CARD) == []


def test_repairs_in_the_session_of_the_rupture_are_counted():
    outcomes = fake_dropout.tables()["repair_outcomes"]
    when = {"model": "time_of_repair", "state_a": "repaired_later", "state_b": "unrepaired"}
    found = {"estimate": -0.51, "ci_low": -1.2, "ci_high": 0.1823, "reason": "few_events"}
    models = pd.DataFrame([{**when, **found, "events_a": -10, "events_b": 50}])
    said = say.own_session_sentence(outcomes, models, CARD)
    assert (
        "Later repairs alone, against open ruptures: odds ratio 0.60 (95% CI 0.30 to 1.20), from "
        "≤10 dropouts after such a repair and 50 from an open rupture: too few to trust" in said
    )
    many = models.assign(events_a=30, reason="")
    assert "too few" not in say.own_session_sentence(outcomes, many, CARD)
    assert "Of 424 repairs" in said
    assert "204 (48%) happened in the session of the rupture itself" in said
    few = outcomes.assign(ruptures=[-10, 220])
    assert say.own_session_sentence(few, models, CARD) == ""


def test_the_main_effect_is_one_of_several():
    effects = fake_results.effects()
    more = [fake_results.effect_row("hazard", HEADLINE, *row) for row in SEVERAL]
    rules = ("a", "b", "c")
    several = pd.DataFrame([{**row, "repair_rule": r} for row, r in zip(more, rules, strict=True)])
    said = say.multiplicity_sentence(pd.concat([effects, several]), CARD)
    assert "one of 5 effects" in said
    assert "1 could not be estimated" in said
    assert "Of the 4, 2 have an interval below 1 and none one above" in said
    assert "from 0.44 to 1.20" in said
    assert "config names the main one" in said
    assert say.multiplicity_sentence(effects.iloc[:2], CARD) == ""


def test_a_moderator_that_matters_is_named():
    table = fake_dropout.tables()["moderator_effects"].assign(joint_p_holm=0.01)
    assert "is the one by which the effect" in say.moderators_sentence(table)


def test_an_unbounded_correlation_is_said_to_be():
    t = fake_dropout.tables()
    relation = t["therapist_relation"].assign(ci_low=-1.0, ci_high=1.0)
    said = say.therapists_sentence(t["therapist_variances"], relation, CARD)
    assert "any correlation from −1 to 1" in said


def test_naive_stands_beside_the_hazard():
    said = say.beside_sentence(fake_results.effects(), CARD)
    assert "**odds ratio 0.21, 95% CI 0.15 to 0.30** (biased)" in said
    assert "**odds ratio 0.62, 95% CI 0.44 to 0.86**" in said
    assert "not estimable" in say.beside_sentence(fake_results.effects(converged=False), CARD)


def test_the_simulated_world_in_words():
    said = null_world_sentence(EFFECTS)
    assert "**0.18** on average (0.13 to 0.25 in 95% of studies)" in said
    assert "in 100% of them; comparing sessions finds **1.00**" in said
    assert "do not include" in null_world_sentence(EFFECTS[EFFECTS["true_ratio"] > 1])
    assert "6.4 of these (44%) came before" in misplaced_sentence(SESSIONS)
    assert "2 times as high, the naive comparison finds 0.32" in harm_sentence(EFFECTS)
    assert harm_sentence(EFFECTS[EFFECTS["true_ratio"] < 1]) == ""
