"""A config as YAML, refused where it says one thing twice or holds far more than it shows."""

from collections.abc import Iterator
from typing import Any

import yaml

from rupture_outcome.errors import Problem, StudyError

LARGEST = 20_000
_Node = yaml.Node


def read_yaml(text: str, file: str) -> Any:
    """Read YAML, each key of a section given once.

    Parameters
    ----------
    text : str
    file : str
        Name of the file, for messages.

    Returns
    -------
    Any
        What the file holds; None where it is empty.

    Raises
    ------
    StudyError
        A key is given twice in one section, aliases (`*name`) hold themselves, or with all aliases
        written out there would be more than `LARGEST` values.
    yaml.YAMLError
        It is not YAML.

    Examples
    --------
    >>> read_yaml("seed: 1", "config.yaml")
    {'seed': 1}
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > LARGEST:
            raise _refused(file, f"written out, it would hold more than {LARGEST:,} values")
        twice = [Problem(file, *words) for words in _twice(node, "")]
        if twice:
            raise StudyError(twice)
        return loader.construct_document(node)
    except RecursionError:
        raise _refused(file, "it is nested too deeply, or holds itself") from None
    finally:
        loader.dispose()


def _refused(file: str, found: str) -> StudyError:
    remedy = "write out what the aliases (*name) stand for; config/README.md explains every key"
    return StudyError([Problem(file, f"this cannot be a config: {found}", remedy)])


def _size(node: _Node, known: dict[int, int | None]) -> int:
    """Count the values in a node, with every alias written out."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise RecursionError
        return size
    known[id(node)] = None
    total = 1 + sum(_size(part, known) for _, part in _parts(node))
    known[id(node)] = total
    return total


def _parts(node: _Node) -> list[tuple[_Node | None, _Node]]:
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    return [(None, part) for part in node.value] if isinstance(node, yaml.SequenceNode) else []


def _twice(node: _Node, path: str) -> Iterator[tuple[str, str]]:
    lines: dict[str, list[int]] = {}
    for key, part in _parts(node):
        where = path
        if isinstance(key, yaml.ScalarNode):
            where = f"{path}.{key.value}".strip(".")
            lines.setdefault(where, []).append(key.start_mark.line + 1)
        yield from _twice(part, where)
    for where, found in lines.items():
        if len(found) > 1:
            yield (
                f"{where}: this key is given {len(found)} times, in lines "
                f"{', '.join(map(str, found))}",
                "keep one of them, with all that belongs to it",
            )
