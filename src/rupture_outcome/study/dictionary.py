"""The data dictionary of a study: its own datapackage.json, validated by frictionless."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rupture_outcome.errors import Problem, StudyError, did_you_mean
from rupture_outcome.study.contract import TABLES, is_required
from rupture_outcome.study.text import MOST_COLUMNS

FILE = "datapackage.json"
GUIDE = "see https://datapackage.org, and data/example/datapackage.json for an example"

# Types whose values are calendar dates or moments; these would identify persons.
DATES = ("date", "datetime", "time", "yearmonth")

NUMERIC = ("integer", "number")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True)
class Dictionary:
    """What `datapackage.json` says about the tables of the data contract.

    Parameters
    ----------
    folder : Path
        Where the study lies.
    descriptor : mapping
        The content of the file.
    """

    folder: Path
    descriptor: Mapping[str, Any]

    def resource(self, table: str) -> dict[str, Any] | None:
        """Describe a table, None where the study has no such table."""
        found = (one for one in self.descriptor["resources"] if one["name"] == table)
        return next(found, None)

    def fields(self, table: str) -> dict[str, dict[str, Any]]:
        """List the declared columns of a table by their own names."""
        schema = (self.resource(table) or {}).get("schema", {})
        return {field["name"]: field for field in schema.get("fields", [])}

    def missing_values(self, table: str, field: Mapping[str, Any]) -> frozenset[str]:
        """Texts that mean "missing" in a column; an empty cell always does."""
        schema = (self.resource(table) or {}).get("schema", {})
        for level in (field, schema):
            if "missingValues" in level:
                return frozenset({""} | {_code(value) for value in level["missingValues"]})
        return frozenset({""})


def read_dictionary(folder: Path | str) -> Dictionary:
    """Read and validate a study's `datapackage.json`.

    Parameters
    ----------
    folder : path
        The study's folder.

    Raises
    ------
    StudyError
        The folder or file is missing, is no JSON, is not a valid data package, or lacks a table
        that every study must have.
    """
    folder = Path(folder)
    descriptor = _parse(folder)
    problems = _invalid(descriptor) or _tables(descriptor)
    if problems:
        raise StudyError(problems)
    return Dictionary(folder, descriptor)


def study_files(folder: Path | str) -> list[Path]:
    """Files of a study that exist: its dictionary and all that it names.

    Nothing is checked here: a workflow needs the list before it can run the checks.
    """
    folder = Path(folder)
    try:
        resources = _parse(folder)["resources"]
        given = [one.get("path") for one in resources]
        paths = [one for path in given for one in (path if isinstance(path, list) else [path])]
    except (StudyError, KeyError, TypeError, AttributeError):
        paths = []
    named = [folder / path for path in [FILE, *paths] if isinstance(path, str)]
    return [path for path in named if path.is_file()]


def _parse(folder: Path) -> Any:
    path = folder / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text, object_pairs_hook=_each_key_once)
    except OSError:
        found = "the study's folder holds no data dictionary of this name"
        remedy = f"check study.data, which is relative to the config file; {GUIDE}"
    except UnicodeDecodeError:
        found, remedy = "the file is not UTF-8 text", "save it as UTF-8"
    except json.JSONDecodeError as error:
        found = f"the file is not valid JSON: {error.msg} at line {error.lineno}"
        remedy = "look there and just before for a missing comma, quote or bracket"
    except RecursionError:
        found, remedy = "the file is nested too deeply to be a data dictionary", GUIDE
    raise StudyError([Problem(FILE, found, remedy)])


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if twice:
        found = f"these keys are given more than once in one object: {', '.join(twice)}"
        raise StudyError([Problem(FILE, found, "keep one of them, with all that belongs to it")])
    return dict(pairs)


def _invalid(descriptor: Any) -> list[Problem]:
    if not isinstance(descriptor, Mapping):
        return [Problem(FILE, "the file does not describe a data package", GUIDE)]
    misshapen = [
        Problem(FILE, f"{where} is not {KINDS[kind]}", GUIDE)
        for where, value, kind in _parts(descriptor)
        if not isinstance(value, kind)
    ]
    if misshapen:
        return misshapen
    for number, one in enumerate(descriptor.get("resources", []), 1):
        described = len(one.get("schema", {}).get("fields", []))
        if described > MOST_COLUMNS:
            found = f"resource {number} describes {described:,} columns; more than {MOST_COLUMNS:,}"
            remedy = "export the columns that the study needs, and describe those"
            return [Problem(FILE, f"{found} are not read", remedy)]
    from frictionless import Package  # slow to import, and only needed here

    report = Package.validate_descriptor(_plain(descriptor))
    errors = [*report.errors, *(error for task in report.tasks for error in task.errors)]
    return [
        Problem(FILE, f"this is not a valid data package: {error.note}", GUIDE) for error in errors
    ]


KINDS: dict[type, str] = {list: "a list", dict: "an object", str: "a text"}
Part = tuple[str, Any, type]


def _parts(descriptor: Mapping[str, Any]) -> Iterator[Part]:
    """Name the parts of a dictionary, with what they hold and the kind they must be."""
    resources = descriptor.get("resources", [])
    yield "resources", resources, list
    for number, one in enumerate(resources if isinstance(resources, list) else [], 1):
        where = f"resource {number}"
        yield where, one, dict
        if isinstance(one, dict):
            yield f"the name of {where}", one.get("name", ""), str
            yield f"the dialect of {where}", one.get("dialect", {}), dict
            yield f"the encoding of {where}", one.get("encoding", ""), str
            yield f"the schema of {where}", one.get("schema", {}), dict
            yield from _parts_of_schema(one.get("schema"), where)


def _parts_of_schema(schema: Any, where: str) -> Iterator[Part]:
    if not isinstance(schema, dict):
        return
    fields = schema.get("fields", [])
    yield f"missingValues of {where}", schema.get("missingValues", []), list
    yield f"the list of fields of {where}", fields, list
    for number, one in enumerate(fields if isinstance(fields, list) else [], 1):
        field = f"field {number} of {where}"
        yield field, one, dict
        if isinstance(one, dict):
            yield f"the name of {field}", one.get("name", ""), str
            yield f"constraints of {field}", one.get("constraints", {}), dict
            for key in ("missingValues", "trueValues", "falseValues"):
                yield f"{key} of {field}", one.get(key, []), list


def _plain(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Copy in which labelled missing values, new in version 2, are as frictionless knows them."""
    copy = json.loads(json.dumps(descriptor))
    for resource in copy.get("resources") or []:
        schema = resource.get("schema") if isinstance(resource, dict) else None
        if isinstance(schema, dict) and isinstance(schema.get("missingValues"), list):
            schema["missingValues"] = [_code(value) for value in schema["missingValues"]]
    return copy


def _code(value: Any) -> Any:
    return value["value"] if isinstance(value, Mapping) and "value" in value else value


def _tables(descriptor: Mapping[str, Any]) -> list[Problem]:
    problems = []
    named = [resource["name"] for resource in descriptor["resources"]]
    for table in TABLES:
        if table in named:
            resource = descriptor["resources"][named.index(table)]
            problems += _described(table, resource)
        elif is_required(table) or did_you_mean(table, set(named) - set(TABLES)):
            near = did_you_mean(table, set(named) - set(TABLES))
            found = f"no resource is named '{table}'{near}"
            problems.append(Problem(FILE, found, f"describe the table '{table}'; {GUIDE}"))
    return problems


def _described(table: str, resource: Mapping[str, Any]) -> list[Problem]:
    where = f"the resource '{table}'"
    if not isinstance(resource.get("path"), str):
        remedy = "give one path, relative to the folder of the dictionary"
        return [Problem(FILE, f"{where} does not name one file", remedy)]
    declared = resource.get("schema")
    if not isinstance(declared, Mapping) or not declared.get("fields"):
        remedy = "list its columns under schema.fields, with name and type"
        return [Problem(FILE, f"{where} does not say which columns it has", remedy)]
    problems = [
        Problem(FILE, f"{where} {found}", remedy, column=field["name"])
        for field in declared["fields"]
        for found, remedy in _unfit(field)
    ]
    return problems + [Problem(FILE, f"{where} {found}", GUIDE) for found in _dialect(resource)]


def _unfit(field: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find what a field says that cannot be true of its type."""
    kind, constraints = field.get("type", "any"), field.get("constraints", {})
    if kind in DATES:
        yield (
            f"declares a column of type '{kind}': calendar dates and times identify persons and "
            "are not read",
            "replace the column by days since intake, or remove it",
        )
    for name in BOUNDS:
        if name in constraints and not _is_finite(constraints[name]):
            yield f"gives a column a {name} that is no number", "write it as a number"
    both = {*field.get("trueValues", ())} & {*field.get("falseValues", ())}
    if both:
        yield "lists the same text under trueValues and falseValues", "list it under one of them"
    try:
        re.compile(str(constraints.get("pattern", "")))
    except re.error:
        yield "gives a column a pattern that is no regular expression", "correct or remove it"


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _dialect(resource: Mapping[str, Any]) -> Iterator[str]:
    given = dict(resource.get("dialect") or {})
    given |= given.get("csv") or {}
    for name in ("delimiter", "quoteChar", "escapeChar"):
        if given.get(name) is not None and (
            not isinstance(given[name], str) or len(given[name]) != 1
        ):
            yield f"has a {name} in its dialect that is not one character"
