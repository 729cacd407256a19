"""Files that a run reads and writes, known by their checksums: what changed, what is damaged."""

import json
import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.provenance import file_digest
from rupture_outcome.study.writing import write_json, write_text

RECORDS = ".checksums"
OWNER = ".study"
INPUTS = "study/read/inputs.json"


def checksums(files: Iterable[Path | str], folder: Path | str) -> dict[str, str]:
    """SHA-256 of files, by their path within a folder."""
    names = {Path(os.path.relpath(file, folder)).as_posix(): Path(file) for file in files}
    return {name: file_digest(names[name]) for name in sorted(names)}


def differing(known: Mapping[str, str], folder: Path | str) -> list[str]:
    """Names of those files in a folder that are missing, or not what their checksum says."""
    found = {name: Path(folder) / name for name in sorted(known)}
    return [
        name
        for name, path in found.items()
        if not path.is_file() or file_digest(path) != known[name]
    ]


def stop_if_anothers(results: Path | str, data: Path | str) -> None:
    """Stop where a results folder belongs to another study of the same name.

    Parameters
    ----------
    results : path
        The study's folder of results.
    data : path
        The study's own folder.

    Raises
    ------
    StudyError
        The results are of data in another folder.
    """
    file = Path(results) / OWNER
    if file.is_file() and file.read_text(encoding="utf-8").strip() != _way(results, data):
        found = (
            f"it holds the results of another study called '{Path(results).name}', whose data lie "
            "in another folder"
        )
        remedy = (
            "give this study another study.name in its config, or another --directory; if it is "
            f"the same study and has moved, delete {OWNER} in that folder"
        )
        raise StudyError([Problem(f"results/{Path(results).name}", found, remedy)])


def claim(results: Path | str, data: Path | str) -> None:
    """Note whose results a folder holds; see `stop_if_anothers`."""
    write_text(_way(results, data) + "\n", Path(results) / OWNER)


def _way(results: Path | str, data: Path | str) -> str:
    """Digest of the way from results to data: it stays where both move together."""
    way = os.path.relpath(Path(data).resolve(), Path(results).resolve())
    return sha256(Path(way).as_posix().encode()).hexdigest()


def stop_if_changed(read: Mapping[str, str], folder: Path | str) -> None:
    """Stop where the files of a study are no longer those that were read.

    Parameters
    ----------
    read : mapping of str to str
        Checksum of each file as it was read, by its path within the folder.
    folder : path
        The study's folder.

    Raises
    ------
    StudyError
        Names each file that is missing or changed.
    """
    found = "the file changed while the run went on: the results are not made from what is there"
    remedy = "leave the study's files alone during a run, and run again"
    changed = differing(read, folder)
    if changed:
        raise StudyError([Problem(name, found, remedy) for name in changed])


def record(outputs: Iterable[Path | str], log: Path | str) -> None:
    """Note the checksums of what a job wrote, in a file of the results named like the job's log.

    Parameters
    ----------
    outputs : iterable of path
    log : path
        The job's log, in the folder `logs` of the results.
    """
    results = _results_of(Path(log))
    if results is None:
        return
    name = Path(log).relative_to(results / "logs").with_suffix(".json")
    (results / RECORDS / name).parent.mkdir(parents=True, exist_ok=True)
    write_json(checksums(outputs, results), results / RECORDS / name)


def damaged(results: Path | str) -> list[str]:
    """Names of result files that are missing, or not as the job that made them left them.

    Raises
    ------
    StudyError
        The record of checksums itself cannot be read.
    """
    known: dict[str, str] = {}
    for file in sorted((Path(results) / RECORDS).rglob("*.json")):
        known |= _read(file)
    return differing(known, results)


def damaged_among(files: Iterable[Path | str], log: Path | str) -> list[str]:
    """Give the names of those result files among some that are damaged."""
    results = _results_of(Path(log))
    if results is None:
        return []
    names = {Path(os.path.relpath(file, results)).as_posix() for file in files}
    return [name for name in damaged(results) if name in names]


def inputs_read(results: Path | str) -> dict[str, str]:
    """Checksums of the study's files as they were read; none where nothing was read yet."""
    file = Path(results) / INPUTS
    return _read(file) if file.is_file() else {}


def _read(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    except ValueError:
        pass
    name = "/".join(file.parts[-2:])
    remedy = "delete the folder with the results of this study and run again"
    raise StudyError([Problem(name, "this record of checksums cannot be read", remedy)])


def _results_of(log: Path) -> Path | None:
    return next((folder.parent for folder in log.parents if folder.name == "logs"), None)
