import json
import re

import pytest

from rupture_outcome.pages.time_widget import effect_words, widget_html
from tests.unit.pages.test_threshold_widget import SCRIPT, Shown
from tests.unit.toy_worlds import EFFECTS


@pytest.fixture(scope="module")
def page():
    return widget_html(EFFECTS)


def steps_of(page):
    return json.loads(re.search(r'class="steps">(.*?)</script>', page, re.DOTALL)[1])


def test_where_scripts_are_stripped_a_table_of_all_worlds_remains(page):
    shown = Shown()
    shown.feed(SCRIPT.sub("", page))
    rows = {row[0]: row[1:] for row in shown.rows}
    assert len(rows) == 4
    assert rows["True odds ratio 1: repair does nothing"] == [
        *("0.18 (0.13 to 0.25)", "1.01 (0.71 to 1.41)", "1.00 (0.70 to 1.40)")
    ]
    assert "slider" not in SCRIPT.sub("", page)


def test_it_opens_where_repair_does_nothing(page):
    assert re.search(r'<input [^>]*max="2" step="1" value="1"', page)


def test_the_sentence_says_what_a_reader_would_conclude(page):
    helps, null, harms = [step["said"] for step in steps_of(page)]
    assert "repair lowers the odds of leaving by 50%" in helps
    assert "0.11 on average: too low by a factor of 4.5." in helps
    assert "100% of studies would report that repair keeps patients" in null
    assert "the average is 1.00, and the 95% interval holds the truth in 95%" in null
    assert "turns the harm into a benefit" in harms


def test_where_the_naive_comparison_finds_harm_it_is_not_said_to_find_a_benefit():
    harm = EFFECTS.assign(ratio=EFFECTS["ratio"].where(EFFECTS["analysis"].ne("naive"), 1.2))
    assert "benefit" not in steps_of(widget_html(harm))[2]["said"]


def test_larger_ratios_lie_further_to_the_right(page):
    for step in steps_of(page):
        assert all(low < at < high for low, at, high in step["at"])
        assert step["at"][0][1] < step["x"]
    assert [s["x"] for s in steps_of(page)] == sorted(s["x"] for s in steps_of(page))


def test_same_bytes_and_nothing_from_elsewhere(page):
    assert widget_html(EFFECTS) == page
    assert "http" not in page
    assert "src=" not in page
    assert not re.search(r"\bnan\b", page)


def test_it_is_labelled_and_said_to_be_simulated(page):
    assert re.search(r"<label>The truth:[^<]*<input [^>]*type=\"range\"", page)
    assert 'role="img" aria-label="Simulated world' in page
    assert "<caption>Simulated world" in page


def test_without_worlds_there_is_a_sentence():
    assert widget_html(EFFECTS.iloc[:0]) == "<p>No world was simulated.</p>\n"


@pytest.mark.parametrize(
    ("truth", "words"),
    [
        (1.5, "repair raises the odds of leaving by 50%"),
        (2.0, "repair makes the odds of leaving 2 times as high"),
    ],
)
def test_effects_have_words(truth, words):
    assert effect_words(truth) == words
