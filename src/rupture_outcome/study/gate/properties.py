"""What a file holds beside its tables: titles, authors, comments, notes, names of ranges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rupture_outcome.study.gate.detector import IN_DESCRIPTIONS, Detector, in_order
from rupture_outcome.study.gate.finding import Finding

# Dates and web addresses of the data stand here for good reasons.
KINDS = (*IN_DESCRIPTIONS, "person_name")
# Programs that write themselves where the author belongs.
PROGRAMS = ("openpyxl", "xlsxwriter", "apache poi", "unknown", "microsoft", "libreoffice", "r")
TAKE_OUT = "take it out of the file (spreadsheets: inspect the document; SPSS, Stata: drop it)"


@dataclass(frozen=True)
class Property:
    """One thing that a file holds beside its tables.

    Parameters
    ----------
    where : str
        What it is, in words that hold nothing of the file: ``title``, ``defined name 2``.
    text : str
    maker : bool
        Whether it says who made the file.
    described : bool
        Whether it describes the data, and words in it that are names, too, are no sign.
    """

    where: str
    text: str
    maker: bool = False
    described: bool = False


def property_findings(properties: Iterable[Property], file: str) -> list[Finding]:
    """Say which properties of a file look like what identifies persons.

    Who made the file is not told here, see `makers`.

    Parameters
    ----------
    properties : iterable of Property
    file : str

    Examples
    --------
    >>> [one] = property_findings([Property("title", "Meier, Anna"), Property("note 1", "x")], "a")
    >>> one.file, one.column, one.key
    ('a', None, 'a:title')
    >>> one.why
    'its title looks like what identifies a person (person_name)'
    """
    detectors = [one for one in in_order() if one.kind in KINDS]
    out: dict[str, Finding] = {}
    for one in properties:
        kind = None if one.maker else _kind(one, detectors)
        if kind:
            why = f"its {one.where} looks like what identifies a person ({kind})"
            key = f"{file}:{one.where}"
            out.setdefault(key, Finding(file, None, [], kind, why, TAKE_OUT, key))
    return list(out.values())


def _kind(one: Property, detectors: Sequence[Detector]) -> str | None:
    kinds = IN_DESCRIPTIONS if one.described else KINDS
    found = (d.kind for d in detectors if d.kind in kinds and d.confirm(one.text))
    return next(found, None)


def makers(properties: Sequence[Property]) -> list[str]:
    """Name the properties that say who made a file, unless a program did.

    >>> makers([Property("creator", "openpyxl", True), Property("company", "A clinic", True)])
    ['company']
    """
    said = (one for one in properties if one.maker and one.text.strip())
    return list(dict.fromkeys(one.where for one in said if not _is_program(one.text)))


def _is_program(text: str) -> bool:
    name = text.strip().lower()
    return any(name == one or name.startswith(f"{one} ") for one in PROGRAMS)
