"""What a result was made from: digests of code, config and files."""

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

PACKAGE = "rupture_outcome"
SOURCE = Path(__file__).parents[1]
T = TypeVar("T")
LIBRARIES = ("pandas", "numpy", "scipy", "statsmodels", "formulaic", "matplotlib", "snakemake")


def once_per_version(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """Read a file once as long as it does not change: every rule asks for the same modules."""

    @cache
    def known(path: Path, time: int, size: int) -> T:
        return read(path)

    @wraps(read)
    def inner(path: Path) -> T:
        found = path.stat()
        return known(path, found.st_mtime_ns, found.st_size)

    return inner


def code_digest(script: Path | str) -> str:
    """Digest of a script and of every module of this package that it imports, directly or not.

    The syntax trees are digested, so comments and layout don't count. Imports are followed as they
    are written: whatever a module finds at run time has to be named in `extra_sources`.

    Parameters
    ----------
    script : path
        A Python file.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in import_closure(Path(script)):
        digest.update(path.name.encode())
        digest.update(_content(path))
    return digest.hexdigest()[:16]


def import_closure(script: Path) -> list[Path]:
    """List a script, the modules of this package it reaches by imports, and their data files."""
    found: dict[Path, None] = {}
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            if path.suffix == ".py":
                waiting.extend(file for name in _module(path).imported for file in _files(name))
                waiting.extend(extra_sources(path))
    return sorted(found, key=lambda path: (path != script, path))


def extra_sources(module: Path) -> list[Path]:
    """Files a module reads or discovers at run time, which no import statement names.

    They are the data files beside the module that it names in a string, for a module which
    discovers others by `pkgutil.iter_modules` every module of the packages that it names, and for
    one which asks for `entry_points` the modules that other installed packages bring under the
    groups that it names (these modules themselves, not what they import).
    """
    if SOURCE not in module.parents:
        return []
    texts, used = _module(module).texts, _module(module).names
    data = [p for p in module.parent.iterdir() if p.suffix not in {".py", ""} and p.name in texts]
    return [
        *data,
        *(_modules_of(texts) if "iter_modules" in used else []),
        *(_installed(texts) if "entry_points" in used else []),
    ]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def value_digest(value: Any) -> str:
    """SHA-256 of a value that JSON can hold; the order of keys does not count."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def manifest(
    inputs: Mapping[str, str], products: Mapping[str, str], config: Mapping[str, Any]
) -> dict[str, Any]:
    """Checksums of what went in and came out, versions and config digest; no time stamps or paths.

    Parameters
    ----------
    inputs, products : mapping of str to str
        Checksums by name: of the study's files as they were read, and of what was made.
    config : mapping
        The complete config; where the study lies on this machine is left out of its digest.
    """
    study = {key: value for key, value in config["study"].items() if key != "data"}
    versions = {PACKAGE: version("rupture-outcome")} | {lib: version(lib) for lib in LIBRARIES}
    return {
        "study": study["name"],
        "simulated": study["simulated"],
        "versions": versions,
        "config_sha256": value_digest({**config, "study": study}),
        "inputs": dict(inputs),
        "products": dict(products),
    }


class _Module(NamedTuple):
    """What counts of a Python file, read from its syntax tree."""

    content: bytes
    imported: tuple[str, ...]
    texts: frozenset[str]
    names: frozenset[str]  # with attributes


@once_per_version
def _module(path: Path) -> _Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: list[str] = []
    texts, names = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            texts.add(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        else:
            imported += _module_names(node)
    return _Module(
        hashlib.sha256(ast.dump(tree).encode()).digest(),
        tuple(imported),
        frozenset(text for text in texts if isinstance(text, str)),
        frozenset(names),
    )


@once_per_version
def _content(path: Path) -> bytes:
    return _module(path).content if path.suffix == ".py" else path.read_bytes()


def _module_names(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        # `from package import name`: the name may be a module or something in the package
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _files(module: str) -> list[Path]:
    """Files that importing a module runs: its own and the `__init__` of every package above it."""
    parts = module.split(".")
    if parts[0] != PACKAGE:
        return []
    packages = [SOURCE.joinpath(*parts[1:i], "__init__.py") for i in range(1, len(parts) + 1)]
    own = SOURCE.joinpath(*parts[1:]).with_suffix(".py")
    return [path for path in [*packages, own] if path.is_file()]


def _modules_of(names: Iterable[str]) -> list[Path]:
    """All modules of those packages of this project that are among the names."""
    ours = [name.split(".")[1:] for name in names if name.startswith(f"{PACKAGE}.")]
    return [path for parts in ours for path in SOURCE.joinpath(*parts).glob("*.py")]


def _installed(names: Iterable[str]) -> list[Path]:
    """Files of the modules that other packages name as entry points of groups of this project."""
    groups = sorted(name for name in names if name.startswith(f"{PACKAGE}."))
    modules = {name for group in groups for name in _entries(group, tuple(sys.path))}
    found = [find_spec(module) for module in sorted(modules)]
    return [Path(spec.origin) for spec in found if spec and spec.origin]


@cache
def _entries(group: str, _: tuple[str, ...]) -> frozenset[str]:
    """Modules that packages on the path bring under a group; finding them reads all packages."""
    return frozenset(entry.module for entry in entry_points(group=group))
