"""The plan of the house: a room uses only rooms below it."""

import ast
from pathlib import Path

import pytest

import rupture_outcome
from rupture_outcome.pipeline.provenance import import_closure

SOURCE = Path(rupture_outcome.__file__).parent
ROOMS = (
    *("api", "pipeline", "pages", "products", "look"),
    *("disclosure", "estimates"),
    *("cohort", "coding", "study", "engine", "simulation", "errors", "imports"),
)
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE) + sorted(
    SOURCE / f"{room}.py" for room in ROOMS if (SOURCE / f"{room}.py").is_file()
)


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def rooms_used(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("rupture_outcome.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_uses_only_rooms_below_its_own(path: Path) -> None:
    height = {room: -i for i, room in enumerate(ROOMS)}
    above = {room for room in rooms_used(path) if height[room] > height[room_of(path)]}
    assert not above, f"{path.relative_to(SOURCE)} uses {above}, which lie above it"


def test_every_room_of_the_plan_is_there_and_no_other() -> None:
    found = {room_of(path) for path in SOURCE.rglob("*.py")} - {"__init__"}
    assert found == set(ROOMS)


SCRIPTS = sorted((SOURCE.parents[1] / "workflow" / "scripts").glob("*.py"))
SHOWN = {"publish", "lay_out", "draw", "results_package", "study_card", "check_results"} | {
    *("run_notebook", "write_report"),
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_a_renamed_label_makes_no_model_anew(script: Path) -> None:
    """A rule reruns when a module changes that its script reaches: no model reaches the words."""
    reached = {room_of(path) for path in import_closure(script) if SOURCE in path.parents}
    assert bool(reached & {"look", "products", "pages"}) is (script.stem in SHOWN)
