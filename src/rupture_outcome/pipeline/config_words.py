"""What a breach of the config's schema means, in words."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rupture_outcome.errors import did_you_mean

Words = tuple[str, str]

TYPES = {
    "object": "a section of keys",
    "array": "a list in [square brackets]",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def problem_of(error: Any) -> Iterator[Words]:
    """Translate one `jsonschema.ValidationError`.

    Parameters
    ----------
    error : jsonschema.ValidationError

    Yields
    ------
    tuple of str
        What is wrong, beginning with the path of the key, and what to do.
    """
    path = ".".join(str(step) for step in error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, path)
    elif error.validator == "required":
        yield from _missing_key(error, path)
    else:
        yield _wrong_value(error, path)


def _unknown_keys(error: Any, path: str) -> Iterator[Words]:
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        where = f"{path}.{key}".strip(".")
        if known:
            yield (
                f"{where}: there is no such key{did_you_mean(key, known)}",
                f"valid keys{f' in {path}' if path else ''}: {', '.join(known)}",
            )
        else:
            yield (
                f"{where}: this name cannot be used",
                "begin with a small letter and use only small letters, digits and _",
            )


def _missing_key(error: Any, path: str) -> Iterator[Words]:
    key = next(k for k in error.validator_value if f"'{k}'" in error.message)
    description = error.schema.get("properties", {}).get(key, {}).get("description", "")
    yield f"{path}.{key}".strip(".") + ": this key is missing", f"add it: {description}"


def _wrong_value(error: Any, path: str) -> Words:
    says = EXPECTED.get(error.validator)
    expected = says(error.validator_value) if says else "something else"
    near = ""
    if error.validator == "enum" and isinstance(error.instance, str):
        near = did_you_mean(error.instance, [str(value) for value in error.validator_value])
    found = f"{path or 'the config'}: expected {expected}, found {_shown(error.instance)}{near}"
    description = " ".join(_description(error).split())
    return found, f"correct the value{f': {description}' if description else ''}"


def _description(error: Any) -> str:
    return error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return TYPES["object"] if value else "nothing"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else repr(value)


def _types(value: str | list[str]) -> str:
    return " or ".join(TYPES[one] for one in ([value] if isinstance(value, str) else value))


EXPECTED: dict[str, Callable[[Any], str]] = {
    "type": _types,
    "enum": lambda values: "one of " + ", ".join(str(value) for value in values),
    "minimum": lambda least: f"at least {least}",
    "maximum": lambda most: f"at most {most}",
    "exclusiveMinimum": lambda bound: f"more than {bound}",
    "exclusiveMaximum": lambda bound: f"less than {bound}",
    "minItems": lambda n: f"a list of at least {n}",
    "maxItems": lambda n: f"a list of at most {n}",
    "uniqueItems": lambda _: "each entry once",
    "maxLength": lambda n: f"a text of at most {n} characters",
    "minLength": lambda _: "a text that is not empty",
    "minProperties": lambda n: f"at least {n} entry",
    "pattern": lambda _: "a name of letters, digits, _ and -",
}
