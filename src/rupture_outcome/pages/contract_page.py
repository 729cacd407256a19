"""The data contract as a page: `docs/data-contract.md`, written from `study/contract.json`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rupture_outcome.study.contract import TABLES, about, fields, is_required, key, starred

HEAD = """# The data contract

A study is a folder of tables with a dictionary, `datapackage.json` (Frictionless Data Package),
which says the type, the codes for missing values and the separators of every file; nothing is
guessed when a study is read. These are the tables and columns that the pipeline understands.
`config.yaml` maps other names (`columns`) and codes (`values`) to them, and names the items of
questionnaires, which are columns of `sessions` under names of their own.

`rupture-outcome new` writes a study in this form from an export of any shape: see
[your-own-study.md](your-own-study.md).

Columns marked * must be there and have no missing value. A study needs the required tables and at
least one rating of the alliance or report of ruptures. Calendar dates, names and other
identifiers are refused wherever they stand.

This page is written from `src/rupture_outcome/study/contract.json` by `python -m
rupture_outcome.pages.contract_page`."""

KINDS = {"string": "text", "integer": "whole number", "boolean": "0 or 1", "number": "number"}


def page() -> str:
    """Give the page as Markdown.

    Examples
    --------
    >>> [line for line in page().splitlines() if line.startswith("| `attended`")]
    ['| `attended` | 0 or 1 | Whether the session took place; 1 unless stated. |']
    """
    return "\n\n".join([HEAD, *map(_table, TABLES)]) + "\n"


def _table(table: str) -> str:
    needed = "Required." if is_required(table) else "Optional."
    identify = ", ".join(f"`{name}`" for name in key(table))
    lines = [f"## {table}", "", f"{about(table)} {needed} Rows are told apart by {identify}.", ""]
    lines += ["| column | kind | what it is |", "|---|---|---|"]
    for name, field in fields(table).items():
        star = "*" if name in starred(table) else ""
        lines.append(f"| `{name}`{star} | {_kind(field)} | {field['description']} |")
    return "\n".join(lines)


def _kind(field: Mapping[str, Any]) -> str:
    limits = field.get("constraints", {})
    if "enum" in limits:
        return ", ".join(f"`{code}`" for code in limits["enum"])
    low, high = limits.get("minimum"), limits.get("maximum")
    kind = KINDS[field["type"]]
    if low is not None and high is not None:
        return f"{kind}, {low:g} to {high:g}"
    return kind


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
