"""What a workbook holds beside the cells of its sheets."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from rupture_outcome.study.gate.properties import Property

MAKERS = ("creator", "lastModifiedBy", "Company", "Manager")
TEXTS = ("title", "subject", "description", "keywords", "category", "identifier", "contentStatus")
WORDS = {"lastModifiedBy": "last author", "description": "comment", "contentStatus": "status"}
LARGEST = 1 << 24  # bytes of one part


def properties(path: Path) -> tuple[Property, ...]:
    """Read properties, names of sheets and ranges, and comments of a workbook."""
    with zipfile.ZipFile(path) as book:
        parts = sorted(book.namelist())
        found = [*_document(book), *_custom(book), *_names(book)]
        for number, text in enumerate(_comments(book, parts), 1):
            found.append(Property(f"comment {number} of a cell", text))
        persons = [part for part in parts if part.startswith("xl/persons/")]
        writers = [one.get("displayName", "") for part in persons for one in _all(book, part)]
        authors = [one for part in parts if _holds_comments(part) for one in _authors(book, part)]
        found += [Property("authors of comments", one, True) for one in (*writers, *authors)]
    return tuple(one for one in found if one.text.strip())


def _document(book: zipfile.ZipFile) -> Iterator[Property]:
    for part in ("docProps/core.xml", "docProps/app.xml"):
        for one in _all(book, part):
            name = _local(one)
            if name in MAKERS or name in TEXTS:
                where = WORDS.get(name, name.lower())
                yield Property(where, _text(one), name in MAKERS)


def _custom(book: zipfile.ZipFile) -> Iterator[Property]:
    given = [one for one in _all(book, "docProps/custom.xml") if _local(one) == "property"]
    for number, one in enumerate(given, 1):
        yield Property(f"custom property {number}", f"{one.get('name', '')}: {_text(one)}")


def _names(book: zipfile.ZipFile) -> Iterator[Property]:
    numbers = {"sheet": 0, "definedName": 0}
    words = {"sheet": "name of sheet", "definedName": "defined name"}
    for one in _all(book, "xl/workbook.xml"):
        kind, name = _local(one), one.get("name", "")
        if kind in numbers and not name.startswith("_xl"):
            numbers[kind] += 1
            yield Property(f"{words[kind]} {numbers[kind]}", name.replace("_", " "))


def _comments(book: zipfile.ZipFile, parts: list[str]) -> Iterator[str]:
    for part in parts:
        if _holds_comments(part) or part.startswith("xl/threadedComments/"):
            for one in _all(book, part):
                if _local(one) in ("comment", "threadedComment"):
                    yield _text(one)


def _authors(book: zipfile.ZipFile, part: str) -> Iterator[str]:
    return (_text(one) for one in _all(book, part) if _local(one) == "author")


def _holds_comments(part: str) -> bool:
    return part.startswith("xl/comments") and part.endswith(".xml")


def _all(book: zipfile.ZipFile, part: str) -> list[ElementTree.Element]:
    try:
        with book.open(part) as stream:
            return list(ElementTree.fromstring(stream.read(LARGEST)).iter())
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return []


def _local(one: ElementTree.Element) -> str:
    return one.tag.rpartition("}")[2]


def _text(one: ElementTree.Element) -> str:
    return " ".join(" ".join(one.itertext()).split())
