"""The widget as a reader uses it: in a page from disk and as JupyterLab puts it into a notebook."""

from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rupture_outcome.pages.notebook_page import to_html
from rupture_outcome.pages.threshold_widget import widget_html
from tests.unit.toy_sweep import SWEEP, cases

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


# How JupyterLab shows HTML: put in as text, then each script replaced by a copy that runs.
LIKE_JUPYTERLAB = """(html) => {
  const host = document.createElement("div");
  host.innerHTML = html;
  for (const script of host.querySelectorAll("script")) {
    const copy = document.createElement("script");
    for (const attribute of script.attributes) copy.setAttribute(attribute.name, attribute.value);
    copy.textContent = script.textContent;
    script.replaceWith(copy);
  }
  document.body.append(host);
}"""


@pytest.fixture(scope="module")
def widget() -> str:
    return widget_html(SWEEP, cases(), simulated=True)


@pytest.fixture(scope="module")
def path(widget, tmp_path_factory):
    """The widget in a notebook's page."""
    output = new_output("display_data", data={"text/html": widget, "text/plain": "a widget"})
    cells = [new_markdown_cell("# A page"), new_code_cell("widget()", outputs=[output])]
    file = tmp_path_factory.mktemp("widget") / "page.html"
    file.write_text(to_html(nbformat.from_dict(new_notebook(cells=cells))), encoding="utf-8")
    return file


@pytest.fixture
def page(browser, path) -> Iterator:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri(), wait_until="load")
    yield page
    assert asked == [path.as_uri()]
    assert complaints == []
    page.close()


def numbers(page) -> list[str]:
    return page.locator(".threshold-widget .number").all_inner_texts()


def verdicts(page, case: int) -> str:
    marks = page.locator(".threshold-widget .case").nth(case).locator(".mark")
    return "".join(marks.evaluate_all("all => all.map(mark => mark.dataset.verdict)"))


def test_it_opens_with_the_threshold_in_use(page):
    assert page.locator("output").inner_text() == "fall of at least 6.9 points (in use)"
    assert numbers(page)[:3] == ["7.0%", "11.0%", "3.0%"]
    assert (verdicts(page, 0), verdicts(page, 1)) == ("tdndt", "tnnnn")


def test_moving_the_threshold_by_keyboard_moves_codes_and_rates(page):
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert numbers(page)[:3] == ["15.0%", "20.0%", "9.0%"]
    assert (verdicts(page, 0), verdicts(page, 1)) == ("tdndt", "tnndn")
    assert "150 of 1,000" in page.locator(".said").inner_text()
    assert page.locator(".ruptures").all_inner_texts()[1] == "Ruptures in sessions: 5"
    assert slider.get_attribute("aria-valuetext") == "fall of at least 5 points"
    page.keyboard.press("End")
    assert numbers(page)[0] == "–"
    assert "d" not in verdicts(page, 0)


def test_the_line_follows_the_threshold(page):
    line = page.locator(".plot:visible .now")
    before = float(line.get_attribute("x1"))
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert float(line.get_attribute("x1")) > before


def test_another_definition_brings_its_own_thresholds(page):
    page.get_by_label("Definition").select_option(label="Rupture reported by patient")
    assert page.locator("output").inner_text() == "rupture reported, whatever the tension (in use)"
    assert numbers(page)[:2] == ["25.2%", "–"]
    assert verdicts(page, 1) == "nnnnd"
    assert page.locator(".plot:visible").count() == 1


def test_all_thresholds_are_there_as_tables(page):
    tables = page.locator(".threshold-widget details")
    assert not tables.locator("table").first.is_visible()
    tables.locator("summary").click()
    assert tables.locator("table").count() == 3
    assert tables.locator("table").first.is_visible()


def test_it_works_as_jupyterlab_inserts_it(browser, widget):
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>x</title>")
    page.evaluate(LIKE_JUPYTERLAB, widget)
    page.evaluate(LIKE_JUPYTERLAB, widget)
    assert page.get_by_role("slider").count() == 2
    page.get_by_role("slider").last.focus()
    page.keyboard.press("Home")
    assert page.locator("output").all_inner_texts() == [
        "fall of at least 6.9 points (in use)",
        "fall of at least 5 points",
    ]
    page.close()


def test_without_scripts_the_tables_are_in_view(browser, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator(".threshold-widget table:visible").count() == 3
    assert page.get_by_role("slider").count() == 0
    context.close()
