"""A study at the gate: its tables, the files that nothing reads, and what its dictionary says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.contract import TABLES
from rupture_outcome.study.dictionary import FILE, Dictionary
from rupture_outcome.study.gate.detector import IN_DESCRIPTIONS, in_order
from rupture_outcome.study.gate.finding import Finding
from rupture_outcome.study.gate.look import text_findings
from rupture_outcome.study.text import TextTable, read_text

DESCRIBED = ("title", "description")


def table_findings(text: TextTable, file: str) -> list[Finding]:
    """Say what identifies persons in a file, accepted or not.

    Parameters
    ----------
    text : TextTable
    file : str
    """
    return text_findings(text.columns, text.lines, file)


def other_findings(dictionary: Dictionary) -> tuple[list[Finding], list[Problem]]:
    """Look at files that the dictionary names and no table of the contract is made of.

    Parameters
    ----------
    dictionary : Dictionary

    Returns
    -------
    list of Finding, list of Problem
        The latter of files that cannot be looked at.
    """
    found: list[Finding] = []
    problems: list[Problem] = []
    for resource in dictionary.descriptor["resources"]:
        given = resource.get("path")
        for path in given if isinstance(given, list) else [given]:
            if resource["name"] in TABLES or not isinstance(path, str):
                continue
            file = dictionary.folder / path
            if file.is_file():
                try:
                    found += table_findings(read_text(file, resource), file.name)
                except StudyError as error:
                    problems += error.problems
    return found, problems


def dictionary_findings(dictionary: Dictionary) -> list[Finding]:
    """Say which titles and descriptions of a dictionary hold what identifies persons.

    Parameters
    ----------
    dictionary : Dictionary
    """
    detectors = [one for one in in_order() if one.kind in IN_DESCRIPTIONS]
    out = []
    for where, text in _descriptions(dictionary.descriptor):
        for one in detectors:
            if one.confirm(text):
                why = f"{where}: {one.why.replace('cells look', 'it looks')}"
                out.append(Finding(FILE, None, [], one.kind, why, "rewrite it", FILE))
                break
    return out


def _descriptions(descriptor: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    places: list[tuple[str, Mapping[str, Any]]] = [("of the study", descriptor)]
    for number, resource in enumerate(descriptor["resources"], 1):
        places.append((f"of resource {number}", resource))
        fields = (resource.get("schema") or {}).get("fields") or []
        places += [(f"of field {i} of resource {number}", f) for i, f in enumerate(fields, 1)]
    for where, described in places:
        for key in DESCRIBED:
            if isinstance(described.get(key), str):
                yield f"the {key} {where}", described[key]


def refused(found: Sequence[Finding], accept: Mapping[str, str]) -> list[Finding]:
    """Keep what no reason is given for.

    Parameters
    ----------
    found : sequence of Finding
    accept : mapping of str to str
        `study.accept` of the config.
    """
    return [one for one in found if one.key not in accept]


def accepted_notes(found: Sequence[Finding], accept: Mapping[str, str]) -> list[str]:
    """Say what was let through, and which reasons nothing needs.

    Parameters
    ----------
    found : sequence of Finding
    accept : mapping of str to str
        `study.accept` of the config.
    """
    notes = []
    for number, (key, reason) in enumerate(accept.items(), 1):
        own = [one for one in found if one.key == key]
        for one in own:
            what = f"column '{one.column}'" if one.column else f"entry {number} of study.accept"
            notes.append(f"{one.file}, {what} was let through: {one.why}. The reason: {reason}")
        if not own:
            said = f"entry {number} of study.accept lets through what the gate does not stop"
            notes.append(f"{said}: remove it")
    return notes
