"""Pages of definitions and repair rules: up to date, complete, and true to the rules."""

from pathlib import Path

import numpy as np
import pytest

from rupture_outcome.coding.inputs import ChosenRepairRule
from rupture_outcome.coding.registry import get_repair_rule
from rupture_outcome.coding.rules import Definition
from rupture_outcome.coding.verdicts import NONE, Verdicts
from rupture_outcome.pages.definitions import toy
from rupture_outcome.pages.definitions.docstring import described
from rupture_outcome.pages.definitions.markdown import COMMAND, pages, rules
from tests.unit.coding.toy_series import chosen

# Drawing takes seconds, so all tests of these pages share one worker.
pytestmark = pytest.mark.xdist_group("pages")

FOLDER = Path(__file__).parents[4] / "docs" / "definitions"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    pytest.importorskip("ruptures", reason="change points cannot be drawn without the library")
    return pages(*rules())


@pytest.mark.slow
def test_the_pages_are_up_to_date(made) -> None:
    written = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.iterdir()}
    stale = sorted(n for n in {*written, *made} if written.get(n) != made.get(n))
    assert not stale, (
        f"docs/definitions is out of date ({', '.join(stale)}): run `{COMMAND}`, and remove the "
        "pages of rules that are gone"
    )


@pytest.mark.parametrize("rule", [r for some in rules() for r in some], ids=lambda r: r.id)
def test_every_rule_has_a_page_with_a_figure_and_all_its_parameters(rule, made) -> None:
    page = made[f"{rule.id}.md"]
    assert f"]({rule.id}.svg)" in page
    assert "<svg" in made[f"{rule.id}.svg"]
    assert rule.source in page
    assert f"]({rule.id}.md)" in made["README.md"]
    for name in rule.parameters:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert len(row.split("|")[4].strip()) > 3, f"{rule.id} does not say what {name} is"


def test_what_is_recalled_is_said_so(made) -> None:
    for rule in (r for some in rules() for r in some):
        assert ("formula is recalled" in made[f"{rule.id}.md"]) == (rule.provenance == "recalled")


def test_formulas_stand_in_fences(made) -> None:
    assert "```math\nx_{s-1} - x_s \\ge k \\cdot SD\n```" in made["drop_sd.md"]
    assert not any(".. math::" in text for text in made.values())


def test_limits_found_by_trying_are_those_of_the_formula() -> None:
    rule = chosen("drop_rci")
    panel = toy.toy_panel(["alliance_patient"])
    given = toy.toy_constants(panel, rule)
    one = toy.one_patient(panel, 0)
    score, grid = one["alliance_patient"], np.arange(12, 60.01, 0.01)
    limit = toy.limits(one, rule, given, "alliance_patient", grid, falls=True)
    expected = one.previous(score) - given["threshold"] + 0 * score
    np.testing.assert_allclose(limit, expected, atol=0.011)


def test_repairs_found_by_trying_are_those_of_the_formula() -> None:
    panel = toy.toy_panel(["alliance_patient"])
    one = toy.one_patient(panel, 0)
    onset = one.session == 6
    verdicts = Verdicts.of(onset, np.full(len(one), NONE, np.int8))
    for name, expected in (("return_to_baseline", 49), ("half_recovery", (38 + 49) / 2)):
        rule = get_repair_rule(name)
        complete = ChosenRepairRule(rule, rule.resolve({})).for_definition(chosen("drop_rci"))
        grid = np.arange(12, 60.01, 0.25)
        found = toy.targets(one, verdicts, rule, complete, "alliance_patient", grid)
        # open at session 7 and repaired at session 8
        np.testing.assert_allclose(found[one.session == 7], expected, atol=0.25)
        assert set(one.session[~np.isnan(found)]) == {7, 8}


def test_a_rule_that_the_toy_study_cannot_show_has_a_page_without_a_figure() -> None:
    def heart(panel, constants, *, below=50):
        """Heart rate."""

    rule = Definition(
        id="heart",
        function=heart,
        provenance="project",
        source="ours",
        needs=("heart_rate",),
        parameters={"below": 50},
    )
    made = pages([rule], [])
    assert set(made) == {"README.md", "heart.md"}
    assert "| `below` |  | `50` |  |" in made["heart.md"]


def test_a_docstring_is_read_in_its_parts() -> None:
    def rule(panel, *, k=1, n=2):
        r"""Fall of k.

        .. math:: x \ge k,
                  \quad n

        over n sessions.

        Parameters
        ----------
        panel : Panel
        k : float
            How far,
            at least.
        n : int

        Notes
        -----
        Two
        lines.
        """

    said = described(rule)
    assert said.summary == "Fall of k."
    assert said.body == "```math\nx \\ge k,\n\\quad n\n```\n\nover n sessions."
    assert said.parameters == {
        "panel": ("Panel", ""),
        "k": ("float", "How far, at least."),
        "n": ("int", ""),
    }
    assert said.notes == "Two\nlines."
