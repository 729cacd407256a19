"""Sentences of the notebooks on repair and on time, with an answer and without one."""

import numpy as np
import pytest

from rupture_outcome.pages.sentences import repair as say
from rupture_outcome.pages.sentences.time import (
    harm_sentence,
    misplaced_sentence,
    null_world_sentence,
)
from tests.unit import fake_dropout, fake_results
from tests.unit.toy_worlds import EFFECTS, SESSIONS

CARD = fake_results.CARD


def sentences(answer: bool) -> dict[str, str]:
    t = fake_dropout.tables(answer)
    return {
        "margins": say.margins_sentence(t["hazard_margins"], CARD),
        "landmark": " ".join(say.landmark_sentences(t["landmark_contrasts"], CARD)),
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
        ("margins", "open rupture, 2.5 (1.8 to 3.3) were followed by dropout"),
        ("margins", "Repaired minus open: −1.2 (−2.1 to −0.2)."),
        ("landmark", "From session 4 to session 16, repaired minus open: −4 (−17 to 10) dropouts"),
        ("time", "a patient spent 4.0 (3.6 to 4.5) sessions"),
        ("time", "78% (73 to 82) had a rupture at some time. Of these, 64% (58 to 70)"),
        ("what_if", "it would be 19.0 (15.0 to 24.0): a difference of −2.0 (−4.0 to 1.0)"),
        ("therapists", "10% (2 to 20) in repair of an open rupture"),
        ("therapists", "is −0.49, with an interval from −0.90 to 0.20"),
        ("moderators", "For 2 moderators tested, there is no clear sign"),
        ("moderators", "smallest p = 0.40"),
        ("definitions", "from 20% (dropout recorded as the ending) to 29%"),
        ("e_value", "risk ratio of 3.25 each; 1.43 would do"),
    ],
)
def test_sentences_hold_the_numbers_of_the_tables(what, text):
    assert text in sentences(True)[what]


def test_without_estimates_each_says_so():
    for text in sentences(False).values():
        assert any(word in text for word in ("withheld", "could not", "not estimable"))
        assert "nan" not in text.split()


def test_without_an_interval_there_is_no_bracket():
    margins = fake_dropout.tables()["hazard_margins"].assign(ci_low=np.nan, ci_high=np.nan)
    assert "open rupture, 2.5 were" in say.margins_sentence(margins, CARD)


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
