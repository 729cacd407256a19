import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from rupture_outcome.look.words import NAMES
from rupture_outcome.pages.threshold_widget import threshold_label, widget_html
from tests.unit.toy_sweep import SWEEP, cases

SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)


class Shown(HTMLParser):
    """Rows of cells of all tables in a fragment."""

    def __init__(self):
        super().__init__()
        self.rows, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def page():
    return widget_html(SWEEP, cases(), simulated=True)


def steps_of(page):
    found = re.search(r'class="steps">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_where_scripts_are_stripped_tables_of_all_thresholds_remain(page):
    shown = Shown()
    shown.feed(SCRIPT.sub("", page))
    rows = {row[0]: row[1:] for row in shown.rows if row[0] != "Threshold"}
    assert len(rows) == len(SWEEP)
    assert rows["fall of at least 6.9 points (in use)"] == [
        *("70 of 1,000", "7.0%", "11.0%", "3.0%", "60.0%", "4.0%", "2, 5", "none")
    ]
    assert rows["fall of at least 9 points"][:2] == ["≤10 of 1,000", "–"]
    assert rows["rupture reported, whatever the tension (in use)"][2:4] == ["–", "–"]
    assert "slider" not in SCRIPT.sub("", page)


def test_no_withheld_count_is_in_the_page(page):
    few = [step for step in steps_of(page)[0] if step["short"] == "9"]
    assert few[0]["numbers"][0] == "–"
    assert "≤10 of 1,000 testable sessions" in few[0]["said"]


def test_steps_hold_one_letter_a_session_and_the_sentence(page):
    falls, reports = steps_of(page)
    assert [step["codes"] for step in falls] == [
        ["tdndt", "tnndn"],
        ["tdndt", "tnnnn"],
        ["tnnnt", "tnnnn"],
    ]
    assert falls[0]["ruptures"] == ["2, 5", "5"]
    assert "70 of 1,000 testable sessions have a rupture (7.0%)" in falls[1]["said"]
    assert "finds 11.0% when each patient's scores" in falls[1]["said"]
    assert "no rate expected by chance" in reports[0]["said"]
    assert [step["in_use"] for step in reports] == [False, True]


def test_one_value_is_nothing_to_move(page):
    assert len(steps_of(page)) == 2
    assert page.count("<option") == 2
    assert NAMES["definition"]["observer"] in page


def test_lines_are_broken_at_missed_and_unrated_sessions(page):
    first, second = re.findall(r'class="course" d="([^"]*)"', page)
    assert first.count("M") == 2
    assert first.count("L") == 2
    assert second.count("L") == 3
    assert "without a rating" in page


def test_same_bytes_and_nothing_from_elsewhere(page):
    assert widget_html(SWEEP, cases(), simulated=True) == page
    assert "http" not in page
    assert "src=" not in page
    assert not re.search(r"\bnan\b", page)


def test_controls_are_labelled(page):
    assert re.search(r"<label>Definition<select", page)
    assert re.search(r"<label>Threshold:[^<]*<input [^>]*type=\"range\"", page)
    assert page.count('role="img" aria-label="') == 4


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_are_said_to_be(simulated):
    assert ("imulated data" in widget_html(SWEEP, cases(), simulated=simulated)) is simulated


def test_another_study_without_cases_truth_or_thresholds():
    plain = SWEEP.assign(sensitivity=np.nan, specificity=np.nan)
    page = widget_html(plain, cases().iloc[:0])
    assert "Case" not in page
    assert "True ruptures" not in page
    assert "imulation" not in page
    assert len(steps_of(page)) == 2
    still = widget_html(plain.iloc[[5]], cases().iloc[:0])
    assert "<script" not in still
    assert "mean salience of 3 or more (in use)" in still
    assert "no definition with a threshold" in widget_html(plain.iloc[:0], cases().iloc[:0])


def test_names_cannot_end_the_script():
    named = SWEEP.assign(definition="</script><b>x")
    page = widget_html(named, cases())
    assert "</script><b>" not in page
    assert len(SCRIPT.findall(page)) == 3


def test_every_threshold_has_words():
    assert threshold_label("k", 1.0) == "fall of at least 1 SD"
    assert threshold_label("sigmas", 2.5) == "more than 2.5 sigma below the earlier sessions"
    assert threshold_label("other", 2.0) == "other 2"
