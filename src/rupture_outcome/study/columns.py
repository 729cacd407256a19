"""Which columns of a file stand for which of the data contract, and whether the file fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rupture_outcome.errors import Problem, did_you_mean
from rupture_outcome.study import contract
from rupture_outcome.study.dictionary import FILE, NUMERIC, Dictionary
from rupture_outcome.study.dropout_data import dropout_columns
from rupture_outcome.study.parse import Codes
from rupture_outcome.study.tables import Source
from rupture_outcome.study.values import ColumnRules


@dataclass(frozen=True)
class Layout:
    """How a file is read.

    Parameters
    ----------
    table : str
    source : Source
        File and own column names.
    rules : dict of str to ColumnRules
        For each column of the contract, item or covariate that the file has.
    """

    table: str
    source: Source
    rules: dict[str, ColumnRules]


def plan_table(
    dictionary: Dictionary,
    table: str,
    header: Sequence[str],
    config: Mapping[str, Any],
    source: Source,
) -> tuple[Layout, list[Problem]]:
    """Match a file's header with dictionary, config and contract.

    Parameters
    ----------
    dictionary : Dictionary
    table : str
        Table of the contract.
    header : sequence of str
        Column names of the file.
    config : mapping
        A complete config.
    source : Source
        The file; its own names are not known yet.

    Returns
    -------
    Layout, list of Problem
    """
    mapping = config["columns"][table]
    wanted = {name: mapping.get(name, name) for name in contract.names(table)}
    wanted |= {name: name for name in extra_columns(table, config)}
    taken = {name: own for name, own in wanted.items() if own in header}
    declared = dictionary.fields(table)
    needed = _needed(table, config)
    problems = [
        *_missing(wanted, header, needed, mapping, source),
        *_dictionary_and_file(declared, header, set(wanted.values()), needed, source),
    ]
    rules = {name: _rules(dictionary, table, name, own, config) for name, own in taken.items()}
    if table == "sessions":
        problems += _delivered_twice(taken, config, source)
        problems += _items_in_words(taken, declared, config, source)
    return Layout(table, Source(source.file, taken), rules), problems


def _rules(
    dictionary: Dictionary, table: str, name: str, own: str, config: Mapping[str, Any]
) -> ColumnRules:
    declared = dictionary.fields(table).get(own, {})
    field = contract.fields(table).get(name) or _free(table, declared)
    limits = score_bounds(config).get(name) if table == "sessions" else None
    if limits:
        low, high = limits
        bounds = {"minimum": low, "maximum": high}
        field = {**field, "constraints": {**field.get("constraints", {}), **bounds}}
    given = config["values"][table].get(name, {})
    missing = dict.fromkeys(dictionary.missing_values(table, declared))
    numeric = field["type"] != "string" or declared.get("type") in NUMERIC
    return ColumnRules(
        name,
        _repeatable(declared) if contract.key(table) == [name] else declared,
        field,
        Codes(missing, declared, numeric=numeric),
        Codes({str(code): value for code, value in given.items()}, declared, numeric=numeric),
    )


def extra_columns(table: str, config: Mapping[str, Any]) -> list[str]:
    """Columns outside the contract that the config asks for: items, and own covariates."""
    if table == "sessions":
        items = [item for one in config["instruments"].values() for item in one["items"]]
    elif table == "patients":
        items = config["models"]["covariates"]
    else:
        items = []
    return [name for name in dict.fromkeys(items) if name not in contract.names(table)]


def scored_from_items(config: Mapping[str, Any]) -> set[str]:
    """Scores that the pipeline makes of items, so that no column delivers them."""
    return {one["measures"] for one in config["instruments"].values() if one["items"]}


def score_bounds(config: Mapping[str, Any]) -> dict[str, list[float]]:
    """Range of each item and of each score that is delivered as such."""
    bounds = {}
    for one in config["instruments"].values():
        for name in one["items"] or [one["measures"]]:
            bounds[name] = one["range"]
    return bounds


def _free(table: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """Field of a column that the contract does not know: its type is the dictionary's."""
    kind = own.get("type")
    otherwise = "number" if table == "sessions" else "string"  # items, and covariates
    return {"type": kind if kind in (*NUMERIC, "boolean") else otherwise}


def _repeatable(field: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out `unique` of a key, which is checked for every table anyway."""
    constraints = dict(field.get("constraints", {}))
    constraints.pop("unique", None)
    return {**field, "constraints": constraints}


def _needed(table: str, config: Mapping[str, Any]) -> dict[str, str]:
    """Columns that this study must have, and why."""
    needed = dict.fromkeys(contract.starred(table), "every study needs it")
    needed |= dict.fromkeys(extra_columns(table, config), "the config names it")
    chosen = config["dropout"]["definition"]
    for read in set(dropout_columns(chosen, table)) - scored_from_items(config):
        needed[read] = f"dropout.definition in the config is {chosen}"
    if table == "sessions" and config["clock"] == "weeks":
        needed["day"] = "clock in the config is weeks"
    return needed


def _missing(
    wanted: Mapping[str, str],
    header: Sequence[str],
    needed: Mapping[str, str],
    mapping: Mapping[str, str],
    source: Source,
) -> Iterator[Problem]:
    for name, own in wanted.items():
        if own in header or (name not in needed and name not in mapping):
            continue
        why = needed.get(name, "the config names it")
        as_name = f" for '{name}'" if own != name else ""
        near = did_you_mean(own, header)
        yield Problem(
            source.file,
            f"the column is missing; it was looked for{as_name} because {why}{near}",
            f"add it, or give the study's own name under columns in the config ('{name}: …')",
            column=own,
        )


def _dictionary_and_file(
    declared: Mapping[str, Any],
    header: Sequence[str],
    looked_for: set[str],
    needed: Mapping[str, str],
    source: Source,
) -> Iterator[Problem]:
    for own in declared:
        reported = own in looked_for and own in needed
        if own not in header and not reported:
            yield Problem(
                source.file,
                f"{FILE} declares this column, but the file has none of this name"
                f"{did_you_mean(own, set(header) - set(declared))}",
                "add the column to the file, or remove it from the dictionary",
                column=own,
            )
    for own in header:
        if own not in declared:
            yield Problem(
                source.file,
                f"the file has this column, but {FILE} does not declare it",
                "declare it in the dictionary with its type, or remove it from the file",
                column=own,
            )


def _items_in_words(
    taken: Mapping[str, str],
    declared: Mapping[str, Any],
    config: Mapping[str, Any],
    source: Source,
) -> Iterator[Problem]:
    for name, one in config["instruments"].items():
        for item in [item for item in one["items"] if item in taken]:
            kind = declared.get(item, {}).get("type", "any")
            if item in declared and kind not in NUMERIC:
                yield Problem(
                    source.file,
                    f"it is an item of instruments.{name}, which are added up, and {FILE} declares "
                    f"it as '{kind}'",
                    "declare its type as integer or number; give codes for missing answers under "
                    "missingValues",
                    column=item,
                )


def _delivered_twice(
    taken: Mapping[str, str], config: Mapping[str, Any], source: Source
) -> Iterator[Problem]:
    for name, one in config["instruments"].items():
        if one["items"] and one["measures"] in taken:
            yield Problem(
                source.file,
                f"the score is delivered in this column, and instruments.{name} makes it of items",
                f"remove the items of instruments.{name} from the config, or the column",
                column=taken[one["measures"]],
            )
