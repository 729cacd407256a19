"""Addresses, postcodes and coordinates."""

import re

from rupture_outcome.study.gate.detector import detector

REMOVE = "remove it; where a region matters, give the first two digits of the postcode"

_W = r"[^\W\d_]"
_STREET = re.compile(
    rf"(?i)({_W}[ -]?(straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm|chaussee|laan|"
    rf"straat|gatan)"
    rf"|\b(straße|strasse|str\.|weg|gasse|allee|platz|ring|an der)\s{_W}+"
    rf"|{_W}{{3,}}ring|{_W}{{4,}}str)\s+\d{{1,4}}\s?[a-z]?\b"
)
_ENGLISH = re.compile(
    r"\b\d{1,5}[a-zA-Z]?,?\s+([A-Z][\w'.-]*\s+){1,3}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|"
    r"court|ct|square|sq|way|boulevard|blvd|close|terrace|place|pl|crescent|hill|gardens)\b"
)
_ROMANCE = re.compile(
    r"(?i)\b\d{1,4},?\s+(rue|avenue|boulevard|chemin|quai|impasse)\s+\w"
    r"|\b(via|viale|piazza|corso|calle|avenida|rua|plaza)\s+[^\d,]{3,},?\s+\d{1,4}\b"
)
_BOX = re.compile(r"(?i)\b(postfach|p\.?\s?o\.?\s?box|boîte postale)\s*\d")

_UNITED_KINGDOM = re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}|GIR 0AA)\b")
_UNSPACED = re.compile(r"(?:[A-Z]{2}\d[A-Z]|[A-Z]{1,2}\d{1,2})\d[ABD-HJLNP-UW-Z]{2}")
_NETHERLANDS = re.compile(r"(?<!\w)[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}(?!\w)")
_CANADA = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b")
_AMERICA = re.compile(r"(?<![\w.,-])\d{5}-\d{4}(?![\w-])")
_COUNTRY = re.compile(r"(?<!\w)(?:(?:D|DE)-\d{5}|(?:CH|AT)-[1-9]\d{3})(?![\w.\-])")
_TOWN = re.compile(rf"(?<![\w.,-])\d{{4,5}}\s+[A-ZÄÖÜ]{_W}{{2,}}")
_FIVE = re.compile(r"(?<![\w.,-])\d{5}(?![\w.,-])")

_PAIR = re.compile(
    r"(?<![\d.])-?(\d{1,3}\.\d{3,})°?\s?[NS]?\s*[,;/ ]\s*-?(\d{1,3}\.\d{3,})(?![\d.])"
)
_DEGREES = re.compile(
    r"\d{1,3}(\.\d+)?\s?°\s?(\d{1,2}\s?['′]\s?(\d{1,2}(\.\d+)?\s?([\"″]|'')\s?)?)?[NSEWO]"
)


@detector(
    "address",
    r"\d\s?[A-Za-z]?\b|[Bb][Oo][Xx]",
    "cells look like streets with a number",
    "remove it",
)
def address(text: str) -> bool:
    """Whether a text holds a street and number.

    >>> [address(t) for t in ("Lange Straße 12", "12 High Street", "5 Day Treatment")]
    [True, True, False]
    """
    return any(form.search(text) for form in (_STREET, _ENGLISH, _ROMANCE, _BOX))


@detector(
    "postcode", r"\d[A-Z]|\d{4} ?[A-Z]|[A-Z]-\d|\d{5}-\d", "cells look like postcodes", REMOVE
)
def postcode(text: str) -> bool:
    """Whether a text holds a postcode that is more than a number.

    >>> [postcode(t) for t in ("SW1A 1AA", "D-10115", "10001-1234", "S3", "T38")]
    [True, True, True, False, False]
    """
    forms = (_UNITED_KINGDOM, _CANADA, _AMERICA, _COUNTRY, _TOWN)
    return any(form.search(text) for form in forms)


@detector(
    "postcode",
    r"[A-Z]\d+[A-Z]{2}|[1-9]\d{3} ?[A-Z]{2}",
    "cells look like postcodes",
    REMOVE,
    by_shape=True,
)
def short_postcode(text: str) -> bool:
    """Whether a text is a British or Dutch postcode, which some identifiers look like, too."""
    return bool(_UNSPACED.fullmatch(text) or _NETHERLANDS.search(text))


@detector(
    "postcode",
    r"\d{5}",
    "cells hold numbers of five digits, as postcodes and the dates of spreadsheets are",
    REMOVE,
    by_shape=True,
)
def five_digits(text: str) -> bool:
    """Whether a text that is no number holds one of five digits."""
    return bool(_FIVE.search(text))


@detector("coordinates", r"\d\.\d{3,}|°", "cells look like coordinates of places", "remove it")
def coordinates(text: str) -> bool:
    r"""Whether a text holds latitude and longitude.

    >>> coordinates("52.5200, 13.4050"), coordinates("52°31'12''N"), coordinates("1.5, 2.5")
    (True, True, False)
    """
    pair = _PAIR.search(text)
    near = bool(pair and float(pair[1]) <= 180 and float(pair[2]) <= 180)
    return near or bool(_DEGREES.search(text))
