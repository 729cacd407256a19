"""The examples in the docstrings of the package run and show what they say."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import rupture_outcome

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
WITHIN = pkgutil.walk_packages(rupture_outcome.__path__, "rupture_outcome.")
MODULES = ["rupture_outcome", *sorted(module.name for module in WITHIN)]


def run(module: ModuleType) -> tuple[str, int]:
    """What the examples that fail have to say, and how many examples ran."""
    runner = doctest.DocTestRunner(verbose=False, optionflags=FLAGS)
    said: list[str] = []
    for example in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(example, out=said.append)
    return "".join(said), runner.tries


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_show_what_they_say(name: str) -> None:
    said, _ = run(importlib.import_module(name))
    assert not said, said


def test_an_example_that_is_wrong_is_noticed() -> None:
    wrong = ModuleType("wrong", ">>> 1 + 1\n3\n>>> 1 + 2\n3\n")
    said, tried = run(wrong)
    assert tried == 2
    assert "Expected:\n    3\nGot:\n    2\n" in said
