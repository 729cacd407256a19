"""docs/your-own-study.md shows what happens, from three exports to a report."""

from pathlib import Path

import pytest

from tests.workflow.walks import PAGE, Block, walked, walks, write_exports

WALKS = walks(PAGE.read_text(encoding="utf-8"))
MOST_EDITS = 5


@pytest.mark.parametrize("heading", WALKS)
def test_a_walk_says_what_the_page_shows(heading: str, tmp_path: Path) -> None:
    write_exports(tmp_path)
    said = list(walked(WALKS[heading], tmp_path))
    shown = [block.text for block in WALKS[heading]]
    assert said == shown, "the page is written by: python -m tests.workflow.walks"


@pytest.mark.parametrize("heading", WALKS)
def test_a_walk_is_three_commands_and_at_most_five_lines(heading: str) -> None:
    lines = [line for block in WALKS[heading] for line in block.text.splitlines()]
    assert sum(line.startswith("$ ") for line in lines) == 3
    assert sum(line.startswith("+") for line in lines) <= MOST_EDITS


@pytest.mark.slow
def test_a_walk_ends_with_a_report(tmp_path: Path) -> None:
    write_exports(tmp_path)
    blocks: list[Block] = WALKS["An export of REDCap"]
    assert list(walked(blocks, tmp_path, to_the_end=True)) == [block.text for block in blocks]
