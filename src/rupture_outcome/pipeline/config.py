"""The config of a study: read, checked against its schema, completed with defaults, explained."""

import copy
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.imports import without
from rupture_outcome.pipeline.config_checks import cross_checks
from rupture_outcome.pipeline.config_words import problem_of
from rupture_outcome.pipeline.config_yaml import read_yaml
from rupture_outcome.study.dropout_data import DROPOUT_DATA
from rupture_outcome.study.instruments import expanded

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def load(path: Path | str) -> dict[str, Any]:
    """Read a config file, check it and fill in what it leaves out.

    Parameters
    ----------
    path : path
        The study's config file (YAML).

    Returns
    -------
    dict
        Every key of the schema, `study.data` as an absolute path.

    Raises
    ------
    StudyError
        The file is missing, is not YAML, or says something that the schema does not know; all
        problems are listed.

    Examples
    --------
    >>> load("config/config.yaml")["study"]["name"]                      # doctest: +SKIP
    'example'
    """
    path = Path(path)
    return complete(read_config(path), path)


def complete(config: Mapping[str, Any] | None, file: Path | str) -> dict[str, Any]:
    """Check a config that was read elsewhere and fill in what it leaves out.

    Parameters
    ----------
    config : mapping
        The content of the file; it is not changed.
    file : path
        Where it was read from: messages name it, and `study.data` is relative to its folder.

    Returns
    -------
    dict
        As `load`. Completing a complete config changes nothing.
    """
    file = Path(file)
    if not config:
        raise StudyError([Problem(file.name, "the config is empty", _SEE_REFERENCE)])
    schema = read_schema()
    tidy = _with_questionnaires(_tidy(config, schema))
    _stop_if(_schema_problems(tidy, schema, file.name))
    full = _fill(tidy, schema)
    full["study"]["title"] = full["study"]["title"] or full["study"]["name"]
    full["study"]["data"] = str((file.resolve().parent / full["study"]["data"]).resolve())
    _stop_if([Problem(file.name, *words) for words in cross_checks(full)])
    return full


@cache
def read_schema() -> dict[str, Any]:
    """JSON schema of the config, as a dict that is not to be changed."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    dropout = schema["properties"]["dropout"]["properties"]
    dropout["definition"]["enum"] = list(DROPOUT_DATA)  # stated once, with what each of them reads
    return schema


_SEE_REFERENCE = "start from config/config.yaml; config/README.md explains every key"


def read_config(path: Path) -> Any:
    """Read a config file as it stands, unchecked but for what YAML itself leaves open."""
    try:
        return read_yaml(path.read_text(encoding="utf-8-sig"), path.name)
    except FileNotFoundError:
        found, remedy = "there is no such file", "check the path to the config file"
    except OSError:
        found, remedy = "the file cannot be read", "check that it is a file and may be read"
    except UnicodeDecodeError:
        found, remedy = "the file is not UTF-8 text", "save it as UTF-8"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" near line {mark.line + 1}" if mark else ""
        found = f"this is not readable YAML: {error.problem}{line}"
        remedy = "check indentation, colons and quotes there"
    except yaml.YAMLError:
        found, remedy = "this is not readable YAML", "look for characters that cannot be seen"
    raise StudyError([Problem(path.name, found, remedy)])


def _stop_if(problems: list[Problem]) -> None:
    if problems:
        raise StudyError(problems)


def _with_questionnaires(config: dict[str, Any]) -> dict[str, Any]:
    """Fill in instruments that name a questionnaire, as far as they are readable at all."""
    given = config.get("instruments") if isinstance(config, Mapping) else None
    if not isinstance(given, Mapping):
        return config
    made = {
        name: expanded(one) if isinstance(one, Mapping) and _usable(one) else one
        for name, one in given.items()
    }
    return {**config, "instruments": made}


def _usable(instrument: Mapping[str, Any]) -> bool:
    """Whether the keys that a questionnaire's name reads are of their types."""
    use, items = instrument.get("use"), instrument.get("items")
    return isinstance(use, str) and isinstance(items, list | None)


def _part(schema: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Give the schema of one key of an object, empty where the key is unknown."""
    if key in schema.get("properties", {}):
        return schema["properties"][key]
    for pattern, part in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return part
    rest = schema.get("additionalProperties")
    return rest if isinstance(rest, dict) else {}


def _tidy(value: Any, schema: Mapping[str, Any]) -> Any:
    """Copy with whole-number keys as text and sections left blank as empty ones."""
    if value is None and schema.get("type") == "object":
        return {}
    if not isinstance(value, Mapping):
        return copy.deepcopy(value)
    keys = {str(key) if type(key) is int else key: part for key, part in value.items()}
    return {key: _tidy(part, _part(schema, str(key))) for key, part in keys.items()}


def _fill(value: Any, schema: Mapping[str, Any]) -> Any:
    """Copy with the schema's defaults for every key that is left out."""
    if not isinstance(value, Mapping):
        return value
    known = schema.get("properties", {})
    defaults = {key: part["default"] for key, part in known.items() if "default" in part}
    given = {**copy.deepcopy(defaults), **value}
    return {key: _fill(part, _part(schema, key)) for key, part in given.items()}


def _schema_problems(config: Any, schema: Mapping[str, Any], file: str) -> list[Problem]:
    unusable = [*_keys_to_quote(config), *_not_finite(config)]
    if unusable:
        return [Problem(file, *words) for words in unusable]
    with without("rfc3987_syntax"):
        import jsonschema  # slow to import, and only needed here

    errors = jsonschema.Draft202012Validator(schema).iter_errors(config)
    found = sorted(errors, key=lambda error: [str(step) for step in error.absolute_path])
    return [Problem(file, *words) for error in found for words in problem_of(error)]


def _keys_to_quote(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return
    for key, part in value.items():
        if not isinstance(key, str):
            yield (
                f"{path or 'top level'}: a key was read by YAML as {key!r}, which is not text",
                'put the key in quotes, for example "no"',
            )
        yield from _keys_to_quote(part, f"{path}.{key}".strip("."))


def _not_finite(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _not_finite(part, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for part in value:
            yield from _not_finite(part, path)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: expected a finite number, found {value}", "write a number, or null for none"


def reference() -> str:
    """Every key of the config with its description, values and default, as Markdown."""
    rows = [f"| `{path}` | {_explained(part)} |" for path, part in _keys(read_schema())]
    return "\n".join([_HEAD, *rows, ""])


_HEAD = """# Config of a study

One file describes a study and the choices made for it; [config.yaml](config.yaml) is that of the
example. The smallest config names the study and the folder that holds its `datapackage.json`:

```yaml
study: {name: mystudy, data: path/to/folder}
```

A key that is not listed here stops the run. `<name>` stands for a name of your choice, an id, or a
column of the data contract. Rupture definitions, repair rules and their parameters are explained
in [docs/definitions](../docs/definitions/README.md).

This page is written from `workflow/schemas/config.schema.yaml` by
`python -m rupture_outcome.pipeline.config`.

| key | what it says |
|---|---|"""


def _keys(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    named = list(schema.get("properties", {}).items())
    free = [("<name>", part) for part in schema.get("patternProperties", {}).values()]
    for key, part in named + free:
        full = f"{path}.{key}".strip(".")
        yield full, part | {"required": key in schema.get("required", [])}
        yield from _keys(part, full)
        yield from _keys(part.get("items", {}), f"{full}[]")


def _explained(part: Mapping[str, Any]) -> str:
    text = " ".join(part["description"].split())
    if "enum" in part:
        text += f" One of {', '.join(f'`{value}`' for value in part['enum'])}."
    text += limits(part)
    if part["required"]:
        text += " Required."
    if part.get("default") not in (None, {}, []):
        text += f" Default: `{_in_yaml(part['default'])}`."
    return text.replace("|", "\\|")


def limits(part: Mapping[str, Any]) -> str:
    """Say what values a key may have, beyond its type; empty where any will do.

    Examples
    --------
    >>> limits({"type": "number", "minimum": 0, "exclusiveMaximum": 1})
    ' At least 0, below 1.'
    >>> limits({"type": "array", "minItems": 2, "maxItems": 2}), limits({"type": "string"})
    (' 2 entries.', '')
    """
    bounds = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    said = [f"{words} {part[key]:g}" for key, words in bounds.items() if key in part]
    fewest, most = part.get("minItems", 0), part.get("maxItems")
    if fewest:
        of = "" if fewest == most else "at least "
        said.append(f"{of}{fewest} entr{'y' if fewest == 1 else 'ies'}")
    text = ", ".join(said)
    return f" {text[0].upper()}{text[1:]}." if text else ""


def _in_yaml(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
    return text.removesuffix("...\n").strip()


if __name__ == "__main__":
    (ROOT / "config" / "README.md").write_text(reference(), encoding="utf-8")
