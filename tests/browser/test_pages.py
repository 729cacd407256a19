"""The published pages as a reader sees them: opened from disk, without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1280, 800)


@pytest.fixture(scope="module")
def pages(example_results) -> list[Path]:
    found = [example_results / "report.html", *sorted(example_results.glob("notebooks/*.html"))]
    assert len(found) > 1
    return found


@pytest.fixture
def visit(browser) -> Iterator:
    """Open a page; whatever it asked the network for or complained about is collected."""
    contexts = []

    def open_page(path: Path, width: int = 1280):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route(lambda url: url.startswith(("http:", "https:")), lambda route: route.abort())
        page.goto(path.resolve().as_uri(), wait_until="load")
        return page, [url for url in asked if not url.startswith(("file:", "data:"))], complaints

    yield open_page
    for context in contexts:
        context.close()


def test_pages_open_without_network_or_complaint(visit, pages):
    for path in pages:
        _, asked, complaints = visit(path)
        assert asked == [], path.name
        assert complaints == [], path.name


def test_every_image_loads_and_is_described(visit, pages):
    for path in pages:
        page, *_ = visit(path)
        images = page.eval_on_selector_all(
            "img", "all => all.map(i => [i.naturalWidth, i.clientWidth, i.alt.trim().length])"
        )
        assert all(min(sizes) > 0 for sizes in images), path.name
    assert page.title()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_runs_over_the_side(visit, pages, width):
    for path in pages:
        page, *_ = visit(path, width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path.name} is {wide} px wide"


def test_the_answer_is_in_view_when_the_report_opens(visit, example_results):
    page, *_ = visit(example_results / "report.html")
    box = page.locator("#headline").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
    assert page.locator("#headline").inner_text().strip().endswith(".")
    assert "biased" in page.locator("#naive").inner_text().lower()


def test_links_between_pages_lead_somewhere(visit, pages):
    for path in pages:
        page, *_ = visit(path)
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        for link in links:
            if link.startswith("#"):
                assert page.locator(link).count() == 1, f"{path.name}: {link}"
            else:
                assert (path.parent / link).is_file(), f"{path.name}: {link}"


def test_code_is_folded_and_can_be_opened(visit, example_results):
    page, *_ = visit(example_results / "notebooks" / "00_start_here.html")
    code = page.locator("details.code").first
    assert not code.locator("pre").is_visible()
    code.locator("summary").click()
    assert code.locator("pre").is_visible()
