"""The widget of the true effect as a reader uses it, in a page from disk and in JupyterLab."""

from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rupture_outcome.pages.notebook_page import to_html
from rupture_outcome.pages.time_widget import widget_html
from tests.browser.test_threshold_widget import LIKE_JUPYTERLAB
from tests.unit.toy_worlds import EFFECTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The widget in a notebook's page."""
    data = {"text/html": widget_html(EFFECTS), "text/plain": "a widget"}
    cells = [
        new_markdown_cell("# A page"),
        new_code_cell("widget()", outputs=[new_output("display_data", data=data)]),
    ]
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


def values(page) -> list[str]:
    return page.locator(".time-widget .value").all_text_contents()


def test_it_opens_where_repair_does_nothing(page):
    assert page.locator("output").inner_text() == "True odds ratio 1: repair does nothing"
    assert values(page) == ["0.18", "1.01", "1.00"]
    assert "repair does nothing" in page.locator(".said").inner_text()


def test_moving_the_truth_by_keyboard_moves_points_and_sentence(page):
    slider = page.get_by_role("slider", name="The truth")
    line, point = page.locator("line.truth"), page.locator(".naive .point")
    before = float(line.get_attribute("x1")), point.bounding_box()["x"]
    slider.focus()
    page.keyboard.press("End")
    assert values(page) == ["0.32", "1.10", "2.03"]
    assert "turns the harm into a benefit" in page.locator(".said").inner_text()
    assert slider.get_attribute("aria-valuetext").startswith("True odds ratio 2")
    assert float(line.get_attribute("x1")) > before[0]
    assert point.bounding_box()["x"] > before[1]
    page.keyboard.press("Home")
    assert values(page)[2] == "0.50"


def test_points_lie_on_their_ranges(page):
    for row in page.locator(".time-widget .row").all():
        line, point = (row.locator(each).bounding_box() for each in (".range", ".point"))
        middle = point["x"] + point["width"] / 2
        assert line["x"] < middle < line["x"] + line["width"]
        assert point["y"] < line["y"] + line["height"] / 2 < point["y"] + point["height"]


def test_all_worlds_are_there_as_a_table(page):
    table = page.locator(".time-widget details table")
    assert not table.is_visible()
    page.locator(".time-widget summary").click()
    assert table.is_visible()
    assert table.locator("tbody tr").count() == 3


def test_it_works_as_jupyterlab_inserts_it(browser):
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>x</title>")
    for _ in range(2):
        page.evaluate(LIKE_JUPYTERLAB, widget_html(EFFECTS))
    assert page.get_by_role("slider").count() == 2
    page.get_by_role("slider").last.focus()
    page.keyboard.press("Home")
    assert [text[:19] for text in page.locator("output").all_inner_texts()] == [
        "True odds ratio 1: ",
        "True odds ratio 0.5",
    ]
    page.close()


def test_without_scripts_the_table_is_in_view(browser, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator(".time-widget table:visible").count() == 1
    assert page.get_by_role("slider").count() == 0
    context.close()
