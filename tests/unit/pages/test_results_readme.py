from pathlib import Path

from rupture_outcome.pages.results_readme import readme

ROOT = Path(__file__).parents[3]


def test_the_page_about_results_is_up_to_date():
    committed = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    assert committed == readme(), "results/README.md is out of date: run `make docs`"
