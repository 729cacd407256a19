"""The folder of an imported study: written whole or not at all."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rupture_outcome.study.importing.build import Imported
from rupture_outcome.study.importing.mapping import Plan, to_dict
from rupture_outcome.study.writing import write_json, write_text

CONFIG, PACKAGE = "config.yaml", "datapackage.json"


def write_new(
    folder: Path, study: Imported, package: Mapping[str, Any], texts: Mapping[str, str]
) -> None:
    """Write a study into a folder that does not exist yet.

    Parameters
    ----------
    folder : Path
    study : Imported
    package : mapping
        Its dictionary.
    texts : mapping of str to str
        Other files by name: config and decisions.
    """
    part = folder.with_name(f".{folder.name}.part")
    _emptied(part)
    try:
        _write_tables(part, study, package)
        for name, text in texts.items():
            write_text(text, part / name)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_again(folder: Path, study: Imported, package: Mapping[str, Any]) -> None:
    """Replace the tables and the dictionary of a study, and nothing else.

    Parameters
    ----------
    folder : Path
    study : Imported
    package : mapping
    """
    part = folder / ".import.part"
    _emptied(part)
    try:
        _write_tables(part, study, package)
        for file in sorted(part.iterdir()):
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _emptied(part: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)


def _write_tables(folder: Path, study: Imported, package: Mapping[str, Any]) -> None:
    for table, frame in study.frames().items():
        frame.to_csv(folder / f"{table}.csv", index=False, lineterminator="\n")
    write_json(package, folder / PACKAGE)


def plan_text(plan: Plan) -> str:
    """Write a plan as the text of `import.yaml`."""
    return yaml.safe_dump(to_dict(plan), allow_unicode=True, sort_keys=False, width=100)
