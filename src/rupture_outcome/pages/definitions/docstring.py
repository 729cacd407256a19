"""What a numpy-style docstring says, as Markdown."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

MATH = re.compile(r"^\.\. math:: *((?:.*\n?)(?:(?:[ \t]+.*)?\n)*?)(?=\S|\Z)", re.MULTILINE)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
PARAMETER = re.compile(r"^(\w+)(?: : (.*))?$")


@dataclass(frozen=True)
class Described:
    """Parts of a docstring.

    Parameters
    ----------
    summary : str
        First line.
    body : str
        What stands before the first section: formulas in `math` fences, then words.
    parameters : mapping of str to (str, str)
        Type and text of each.
    notes : str
    """

    summary: str
    body: str
    parameters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: str = ""


def described(function: Callable[..., Any]) -> Described:
    """Read a function's docstring."""
    text = inspect.getdoc(function) or ""
    head, *rest = SECTION.split(text)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    summary, _, body = head.partition("\n")
    return Described(
        summary=summary.strip(),
        body=markdown(body),
        parameters=_parameters(sections.get("Parameters", "")),
        notes=markdown(sections.get("Notes", "")),
    )


def markdown(text: str) -> str:
    """Formulas in fences; lines of a paragraph stay as they are."""
    return MATH.sub(_fence, text.strip() + "\n").strip()


def _fence(found: re.Match[str]) -> str:
    lines = [line.strip() for line in found[1].strip().splitlines()]
    return "\n".join(["```math", *lines, "```", "", ""])


def _parameters(text: str) -> dict[str, tuple[str, str]]:
    entries: dict[str, tuple[str, str]] = {}
    name = ""
    for line in text.strip().splitlines():
        start = PARAMETER.match(line)
        if start:
            name = start[1]
            entries[name] = (start[2] or "", "")
        elif name:
            kind, said = entries[name]
            entries[name] = (kind, f"{said} {dedent(line).strip()}".strip())
    return entries
