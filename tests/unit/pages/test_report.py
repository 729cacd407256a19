import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from rupture_outcome.pages.report import methods, write_report
from tests.unit import fake_results


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return fake_results.write(tmp_path_factory.mktemp("fake"))


@pytest.fixture(scope="module")
def text(folder):
    return write_report(folder)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_report_opens_with_the_answer_and_the_naive_number_labelled_biased(text):
    body = text[text.index("<main") :]
    answer = body.index("38% lower")
    naive = body.index("0.21 (95% CI 0.15 to 0.30)")
    assert answer < naive < body.index("<figure")
    assert "Biased" in body[answer:naive]


def test_report_needs_no_other_file(page):
    assert page.all("script") == page.all("link") == page.all("iframe") == []
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in page.all("img"))


def test_report_is_accessible(page, text):
    assert page.all("html") == [{"lang": "en"}]
    images = page.all("img")
    assert len(images) == len(fake_results.FIGURES)
    assert all(image["alt"].strip() for image in images)
    assert len(page.all("figcaption")) == len(images)
    assert len(page.all("main")) == len(page.all("h1")) == 1
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [link["href"][1:] for link in page.all("a") if link["href"].startswith("#")]
    assert set(links) <= set(ids)
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_titles_are_escaped(text):
    assert "<of>" not in text
    assert "A study &lt;of&gt; nobody &amp; nothing" in text


def test_what_the_gate_let_through_stands_in_the_report_with_its_reason(tmp_path, text):
    accepted = {"region": "of <our> clinics, *not* of patients"}
    said = write_report(fake_results.write(tmp_path, fake_results.CARD | {"accepted": accepted}))
    looks = "&#39;region&#39; looks like something that identifies persons"
    assert f"{looks}, and was let through: of &lt;our&gt; clinics, *not* of patients" in said
    assert "let through" not in text


def test_same_results_give_the_same_bytes(folder, text):
    assert write_report(folder) == text


def test_simulated_data_are_said_to_be_simulated(text, tmp_path):
    assert "Simulated data" in text
    real = fake_results.write(tmp_path, {**fake_results.CARD, "simulated": False})
    said = write_report(real)
    assert "imulated data" not in said
    assert "Exact counts, not for passing on" in said
    rounded = {**fake_results.CARD, "simulated": False, "threshold": 10}
    said = write_report(fake_results.write(tmp_path, rounded))
    assert "rounded to the nearest 10" in said
    assert "not for passing on" not in said


def test_nothing_estimable_still_gives_a_report(tmp_path):
    effects = fake_results.effects(converged=False, reason="no dropout in this state")
    effects = effects[effects["analysis"] == "hazard"]
    incidence = fake_results.incidence().iloc[:0]
    text = write_report(fake_results.write(tmp_path, None, effects, incidence))
    assert "could not be estimated in this study: no dropout in this state" in text
    assert text.count("not estimable") == 2


def test_the_report_says_how_many_models_could_be_fitted(text):
    assert "2 models were tried; 1 of them could be fitted" in " ".join(text.split())


def test_methods_follow_the_config():
    card = fake_results.CARD
    assert "Laplace" in " ".join(methods(card))
    models = {**card["models"], "quadrature": 7, "link": "cloglog", "covariates": []}
    changed = " ".join(methods({**card, "models": models, "bridge_missed_sessions": True}))
    assert "7 nodes" in changed
    assert "complementary log–log" in changed
    assert "Scores were compared across a missed session" in changed
