"""What the tables of a study hold: a Frictionless Data Package, made from the declarations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rupture_outcome.disclosure import KINDS, SMALL, Column
from rupture_outcome.products.product import Product
from rupture_outcome.products.registry import tables

INTEGERS, TEXTS = ("count", "difference"), ("code", "text")


def package(card: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every published table with its fields, units, types and missing codes.

    Parameters
    ----------
    card : mapping
        `study.json`: ``name``, ``title``, ``threshold``.

    Returns
    -------
    dict
        The descriptor, as it stands in ``datapackage.json``.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": str(card["name"]).lower(),
        "title": card["title"],
        "resources": [_resource(product, card["threshold"]) for product in tables().values()],
    }


def problems(folder: Path, descriptor: Mapping[str, Any]) -> list[str]:
    """Say where the tables of a folder are not as described; empty if all are.

    Parameters
    ----------
    folder : Path
        ``results/<study>``.
    descriptor : mapping
        From `package`.
    """
    from frictionless import Package, system  # slow to import

    with system.use_context(trusted=True):
        report = Package.from_descriptor(dict(descriptor), basepath=str(folder)).validate()
    return [
        f"{path}: {kind} in {field or 'the table'}"
        for path, kind, field in report.flatten(["path", "type", "fieldName"])
    ]


def _resource(product: Product, threshold: int) -> dict[str, Any]:
    leaving = [column for column in product.columns if column.kind != "basis"]
    small = [f"{SMALL}{threshold}"] if threshold else []
    return {
        "name": product.name.replace("_", "-"),
        "path": f"{product.csv}.csv",
        "description": product.about,
        "schema": {
            "fields": [_field(column) for column in leaving],
            "missingValues": ["", *small],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    about = {"title": column.label, "unit": column.unit, "description": KINDS[column.kind]}
    return {"name": column.name, "type": _type(column), **{k: v for k, v in about.items() if v}}


def _type(column: Column) -> str:
    if column.kind in INTEGERS:
        return "integer"
    if column.kind in TEXTS:
        return "string"
    return "boolean" if column.kind == "flag" else "number"
