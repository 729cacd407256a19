"""Docstrings name what a function is given, and half of the lower rooms show what they do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import rupture_outcome

SOURCE = Path(rupture_outcome.__file__).parent
DOCUMENTED = ("engine", "coding", "cohort", "study", "estimates")
SHOWN = ("engine", "coding", "cohort")
MANY, SHARE = 3, 0.5

PARAMETERS = re.compile(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n---|\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^\*{0,2}(\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", re.MULTILINE)
SHAPELESS = re.compile(r"^\S.* : (?!.*shape).*array.*$", re.MULTILINE)


class Public(NamedTuple):
    """A function or method that others may call."""

    name: str
    parameters: list[str]
    docstring: str
    method: bool


def public(tree: ast.Module) -> Iterator[Public]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield Public(node.name, names(node.args), ast.get_docstring(node) or "", False)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from methods(node)


def methods(owner: ast.ClassDef) -> Iterator[Public]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = names(node.args)[1:]  # without self or cls
            yield Public(f"{owner.name}.{node.name}", given, ast.get_docstring(node) or "", True)


def names(arguments: ast.arguments) -> list[str]:
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [one.arg for one in (*plain, arguments.vararg, arguments.kwarg) if one]


def documented(docstring: str) -> set[str]:
    section = PARAMETERS.search(docstring)
    entries = ENTRY.findall(section[1]) if section else []
    return {name.strip(" *") for entry in entries for name in entry.split(",")}


def undocumented(function: Public) -> list[str]:
    if len(function.parameters) < MANY:
        return []
    return [name for name in function.parameters if name not in documented(function.docstring)]


def shapeless(docstring: str) -> list[str]:
    section = PARAMETERS.search(docstring)
    return SHAPELESS.findall(section[1]) if section else []


def modules(room: str) -> list[Path]:
    return sorted((SOURCE / room).rglob("*.py"))


def read(path: Path) -> list[Public]:
    return list(public(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("room", DOCUMENTED)
def test_a_function_of_many_parameters_says_what_each_of_them_is(room: str) -> None:
    silent = [
        f"{path.relative_to(SOURCE)}, {function.name}: {', '.join(undocumented(function))}"
        for path in modules(room)
        for function in read(path)
        if undocumented(function)
    ]
    assert not silent, "not in the docstring's Parameters section:\n" + "\n".join(silent)


@pytest.mark.parametrize("room", DOCUMENTED)
def test_an_array_that_is_given_has_a_shape(room: str) -> None:
    found = [
        f"{path.relative_to(SOURCE)}, {function.name}: {entry}"
        for path in modules(room)
        for function in read(path)
        for entry in shapeless(function.docstring)
    ]
    assert not found, "without 'shape':\n" + "\n".join(found)


def test_half_of_the_public_functions_of_the_lower_rooms_have_an_example() -> None:
    shown = {
        f"{path.relative_to(SOURCE)}, {function.name}": ">>>" in function.docstring
        for room in SHOWN
        for path in modules(room)
        for function in read(path)
        if not function.method
    }
    without = [name for name, example in shown.items() if not example]
    share = 1 - len(without) / len(shown)
    assert share >= SHARE, f"{share:.0%} have an example; these have none:\n" + "\n".join(without)


TOY = '''
def told(a, b, *c, d, **e):
    """One.

    Parameters
    ----------
    a, b : array of int
        Of c : no entry; an array.
    *c
    d : array, shape (n,)

    Returns
    -------
    e : array
    """

def few(a, b): ...

def _own(a, b, c): ...

class Kept:
    """Three."""

    def silent(self, a, b, c): ...

    def _hidden(self, a, b, c): ...
'''


def test_what_counts_as_documented() -> None:
    functions = list(public(ast.parse(TOY)))
    found = {function.name: undocumented(function) for function in functions}
    assert found == {"told": ["e"], "few": [], "Kept.silent": ["a", "b", "c"]}
    assert [shapeless(function.docstring) for function in functions] == [
        ["a, b : array of int"],
        [],
        [],
    ]
