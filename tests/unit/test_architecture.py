"""The page on the architecture names rules, modules and results that there are."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import rupture_outcome
from rupture_outcome.study.contract import TABLES

ROOT = Path(__file__).parents[2]
SOURCE = Path(rupture_outcome.__file__).parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
RULES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow").rglob("*.smk"))
MOST_LINES, WIDTH = 100, 120

MARKED = re.compile(r"`([^`\n]+)`")
RULE = re.compile(r"^rule (\w+):\n((?:(?: .*)?\n)+)", re.MULTILINE)
OUTPUT = re.compile(r"^    output:\n((?: {8}.*\n)+)", re.MULTILINE)
GIVEN = re.compile(r'"<results>/([^"]+)"')
STUDY_TABLES = re.compile(r'study_tables\("<results>/([^"]+)"\)')
FIGURE = re.compile(r'figure\("([^"]+)"\)')


class Step(NamedTuple):
    """A line of a way: its rules, as far as they have a name, and what they write."""

    rules: list[str]
    results: list[str]


def steps() -> list[Step]:
    """Lines of the tables with a result, which is the last of four columns."""
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")]
    found = [Step(MARKED.findall(row[0]), MARKED.findall(row[3])) for row in rows if len(row) == 4]
    return [step for step in found if step.results]


def outputs() -> dict[str, list[str]]:
    """What each rule writes, below the folder of the study; may hold wildcards."""
    found = {}
    for rule, body in RULE.findall(RULES):
        output = "".join(OUTPUT.findall(body))
        tables = [
            f"{folder}/{t}.parquet" for folder in STUDY_TABLES.findall(output) for t in TABLES
        ]
        figures = [f"figures/{name}.svg" for name in FIGURE.findall(output)]
        found[rule] = [*GIVEN.findall(output), *tables, *figures]
    return found


def written(result: str, by: list[str]) -> bool:
    """Whether a result is an output, or a product under an output with a wildcard."""
    product = (SOURCE / "products" / f"{Path(result).stem}.py").is_file()
    patterns = [re.sub(r"\\{\w+\\}", ".+", re.escape(output)) for output in by if "{" in output]
    return result in by or (product and any(re.fullmatch(p, result) for p in patterns))


def paths() -> list[str]:
    """Rooms of the drawing and paths in the text; <name> stands for any."""
    drawn = re.findall(r"^([a-z_]+(?:/|\.py))  ", PAGE, re.MULTILINE)
    results = {result for step in steps() for result in step.results}
    named = {m for m in MARKED.findall(PAGE) if "/" in m and " " not in m and "results/" not in m}
    return [*drawn, *sorted(named - results)]


@pytest.mark.parametrize("path", paths())
def test_a_path_on_the_page_leads_somewhere(path: str) -> None:
    wanted = path.replace("<name>", "*")
    assert [*SOURCE.glob(wanted), *ROOT.glob(wanted)], f"docs/architecture.md names {path}"


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.results[0])
def test_what_a_step_leads_to_is_written(step: Step) -> None:
    rules = outputs()
    assert set(step.rules) <= set(rules), "docs/architecture.md names a rule that there is not"
    own = [output for rule in step.rules or rules for output in rules[rule]]
    missing = [result for result in step.results if not written(result, own)]
    assert not missing, f"docs/architecture.md: no rule, or another one, writes {missing}"


def test_a_score_and_an_ending_come_from_the_study_and_end_in_a_figure() -> None:
    results = [result for step in steps() for result in step.results]
    for first, last in (
        ("study/read/sessions.parquet", "figures/dropout_effects.svg"),
        ("study/read/endings.parquet", "figures/cumulative_incidence.svg"),
    ):
        assert results.index(first) < results.index(last)


def test_the_page_keeps_to_two_screens() -> None:
    lines = PAGE.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(len(line) for line in lines if not line.startswith("|")) <= WIDTH
