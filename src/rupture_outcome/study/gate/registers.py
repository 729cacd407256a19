"""Numbers by which a person is kept in a register: most have check digits, see python-stdnum."""

import importlib
import re
from functools import cache
from types import ModuleType

from rupture_outcome.study.gate.detector import detector

PSEUDONYM = "replace it by pseudonyms (rupture-outcome pseudonymise), or remove it"
LONGEST = 9  # digits; a study has no use for a number this long

# Scheme and how many digits (or letters and digits) it has.
DIGITS = {
    "gb.nhs": "NHS numbers",
    "de.idnr": "German tax numbers",
    "ch.ssn": "Swiss insurance numbers",
    "at.vnr": "Austrian insurance numbers",
    "fr.nir": "French insurance numbers",
    "nl.bsn": "Dutch citizen numbers",
    "be.nn": "Belgian national numbers",
    "pl.pesel": "Polish personal numbers",
    "se.personnummer": "Swedish personal numbers",
    "dk.cpr": "Danish personal numbers",
    "no.fodselsnummer": "Norwegian birth numbers",
    "luhn": "card numbers",
}
LETTERS = {
    "es.dni": r"(?<!\w)\d{8}-?[A-Z](?!\w)",
    "fr.nir": r"(?<!\w)[12]\d{4}2[AB]\d{8}(?!\w)",
    "es.nie": r"(?<!\w)[XYZ]-?\d{7}-?[A-Z](?!\w)",
    "it.codicefiscale": r"(?<!\w)[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z](?!\w)",
    "fi.hetu": r"(?<!\w)\d{6}[-+A]\d{3}[\dA-Z](?!\w)",
    "iban": r"(?<!\w)[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}(?!\w)",
}
_LETTERED = {scheme: re.compile(form) for scheme, form in LETTERS.items()}
_GROUPED = re.compile(r"(?<![\w.,+])\d(?:[ .\-/]?\d){8,18}(?!\w|[.,]\d)")
_UNBROKEN = re.compile(rf"(?<![\w.,+-])\d{{{LONGEST},}}(?!\w|[.,]\d)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d\d[- ](?!0000)\d{4}(?![\w-])")
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d\d ?){3}[A-D](?!\w)"
)
_HEALTH = re.compile(r"(?<!\w)[A-Z]\d{9}(?!\w)")
_PENSION = re.compile(r"(?<!\w)\d{2} ?\d{6} ?[A-Z] ?\d{3}(?!\w)")
_RECORD = re.compile(
    r"(?i)(?<![^\W_])(?:mrn|kvnr|svnr|ahv|nhs|ssn|insurance|medical record|hospital no|"
    r"record|fall(?:nummer|[- ]?nr)|akte(?:nzeichen)?|aufnahme(?:nummer|[- ]?nr)|chart|passport|"
    r"(?:patienten|versicherungs|versicherten|kranken)[- ]?(?:nummer|nr|akte)|vers\.?[- ]?nr)"
    r"[ .:#_-]*(?:no|nr|number|nummer)?[ .:#_-]*[A-Z]{0,3}\d{4,}"
)


@cache
def _scheme(name: str) -> ModuleType:
    return importlib.import_module(f"stdnum.{name}")


def scheme_of(digits: str) -> str | None:
    """Find a register whose numbers have such check digits.

    >>> scheme_of("9434765919"), scheme_of("9434765918")
    ('NHS numbers', None)
    """
    for name, words in DIGITS.items():
        if name == "luhn" and not 15 <= len(digits) <= 16:
            continue
        if _scheme(name).is_valid(digits):
            return words
    return None


@detector(
    "register_number",
    r"\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d[ .\-/]?\d",
    "cells look like numbers of a register, by their length or check digits",
    PSEUDONYM,
)
def long_number(text: str) -> bool:
    """Whether a text holds a long number, or groups of digits with right check digits.

    >>> [long_number(t) for t in ("MRN 0012345678", "943 476 5919", "1 2 3 4 5 1 2 3 4 5")]
    [True, True, False]
    """
    if _UNBROKEN.search(text) or _SSN.search(text):
        return True
    for found in _GROUPED.finditer(text):
        groups = re.split(r"[ .\-/]", found[0])
        digits = "".join(groups)
        if len(digits) / len(groups) >= 2 and scheme_of(digits) is not None:
            return True
    return False


@detector(
    "register_number",
    r"[A-Z].*\d{2}|\d{2}.*[A-Z]",
    "cells look like numbers of an insurance, a register or a bank, with right check digits",
    PSEUDONYM,
)
def lettered_number(text: str) -> bool:
    """Whether a text holds a number with letters and right check digits.

    >>> [lettered_number(t) for t in ("A123456780", "A123456781", "DE89 3704 0044 0532 0130 00")]
    [True, False, True]
    """
    checked = any(
        _scheme(name).is_valid(found[0].strip())
        for name, form in _LETTERED.items()
        for found in form.finditer(text)
    )
    german = any(_is_health(found[0]) for found in _HEALTH.finditer(text)) or any(
        _is_pension(found[0].replace(" ", "")) for found in _PENSION.finditer(text)
    )
    return checked or german or bool(_NINO.search(text))


@detector(
    "register_number", r"\d{4}", "cells look like numbers of records or insurances", PSEUDONYM
)
def record_number(text: str) -> bool:
    """Whether a text names a record and its number.

    >>> record_number("MRN: 004512"), record_number("Fallnummer 20231"), record_number("P0001")
    (True, True, False)
    """
    return bool(_RECORD.search(text))


def _is_health(number: str) -> bool:
    """Check digit of the German health insurance number: letter as two digits, weights 1 2."""
    digits = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    total = sum(_cross(int(d) * (1 + i % 2)) for i, d in enumerate(digits))
    return total % 10 == int(number[9])


def _is_pension(number: str) -> bool:
    """Check digit of the German pension insurance number."""
    digits = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(_cross(int(d) * w) for d, w in zip(digits, weights, strict=True))
    return total % 10 == int(number[11])


def _cross(number: int) -> int:
    return number // 10 + number % 10
