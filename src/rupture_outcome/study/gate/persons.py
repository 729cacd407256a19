"""Names of persons, and initials beside a year or date."""

import re

from rupture_outcome.study.gate.detector import detector
from rupture_outcome.study.gate.known_names import family_names, given_names

PSEUDONYM = "replace it by pseudonyms (rupture-outcome pseudonymise), or remove it"
NAMES = "cells look like names of persons"

_WORD = r"[^\W\d_][^\W\d_'’-]*(?:[-'’][^\W\d_]+)*"
_TOKEN = re.compile(rf"(?<![^\W_]){_WORD}(?![^\W_])")
_TITLE = re.compile(
    r"(?<![^\W_])(?:Dr|Prof|Doktor|Herr|Herrn|Frau|Hr|Fr|Mr|Mrs|Ms|Mme|"
    r"Signora|Señora?|Sra?|Dipl\.-Psych|Schwester|Pfleger|Nurse)"
    rf"\.?(?:[ _]+(?:med|phil|rer|nat|Dr|Prof|Dipl)\.?)*[ _]+(?!{_WORD}-)([A-ZÀ-Þ][^\W\d_]{{2,}})"
)
_COMMA = re.compile(rf"({_WORD}),\s?({_WORD})")
_PAIR = re.compile(rf"({_WORD})\s+({_WORD})")
_INITIAL = re.compile(
    rf"(?<![^\W_])(?:[A-ZÀ-Þ]\.[ -]?(?:[A-ZÀ-Þ]\.[ -]?)?({_WORD})|({_WORD}),\s?[A-ZÀ-Þ]\.)"
)
_ACCOUNT = re.compile(r"[a-zà-þ]{2,}[._-][a-zà-þ]{2,}")
_INITIALS_YEAR = re.compile(
    r"(?<![^\W_])(?:[A-ZÀ-Þ]\.[ -]?[A-ZÀ-Þ]\.|[A-ZÀ-Þ]{2,3})[ ,._*/-]{0,3}(?:19\d\d|20[01]\d)(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d[ ,._*/-]{0,2}(?:[A-ZÀ-Þ]\.[ -]?[A-ZÀ-Þ]\.|[A-ZÀ-Þ]{2,3})(?![^\W_])"
)
_DOTTED_YEAR = re.compile(r"[A-ZÀ-Þ]\. ?[A-ZÀ-Þ]\.[ ,*(]{0,3}(?:19|20)?\d\d(?!\d)")
LONGEST = 4  # words of a cell in which a given name alone counts


@detector("person_name", r"[A-ZÀ-Þ][^0-9_ ]+", NAMES, PSEUDONYM)
def person_name(text: str) -> bool:
    """Whether a text holds the name of a person: with a title, or with a known given name.

    >>> [person_name(t) for t in ("Meier, Anna", "Dr. Müller", "A. Meier", "Mild, Moderate")]
    [True, True, True, False]
    """
    if _TITLE.search(text):
        return True
    listed = given_names()
    for found in (*_COMMA.finditer(text), *_PAIR.finditer(text)):
        comma = "," in found[0]
        given = found[2] if comma else found[1]
        if _is_capital(found[1]) and _is_capital(found[2]) and _is_listed(given, listed):
            return True
    initial = _INITIAL.search(text)
    if initial and _is_capital(name := initial[1] or initial[2]) and name.lower() in family_names():
        return True
    words = _TOKEN.findall(text)
    return len(words) <= LONGEST and any(
        len(word) > 3 and _is_capital(word) and _is_listed(word, listed) for word in words
    )


@detector("person_name", r"^[a-zà-þ]{2,}[._-][a-zà-þ]{2,}$", NAMES, PSEUDONYM)
def account_name(text: str) -> bool:
    """Whether a text is a given and a family name in small letters.

    >>> account_name("anna.meier"), account_name("young_adult")
    (True, False)
    """
    if not _ACCOUNT.fullmatch(text):
        return False
    one, other = re.split(r"[._-]", text)
    given, family = given_names(), family_names()
    return (one in given and other in family) or (one in family and other in given)


@detector(
    "initials",
    r"[A-ZÀ-Þ]",
    "cells look like initials with a year",
    PSEUDONYM,
    by_shape=True,
)
def initials_with_year(text: str) -> bool:
    """Whether a text holds initials beside a year, as of birth.

    >>> [initials_with_year(t) for t in ("A.M. 1978", "KS1978", "S3", "T38")]
    [True, True, False, False]
    """
    return bool(_INITIALS_YEAR.search(text) or _DOTTED_YEAR.search(text))


def is_name_alone(text: str) -> bool:
    """Whether a text is one word that is a given or family name; many words are, too.

    >>> is_name_alone("Schmidt"), is_name_alone("site 3")
    (True, False)
    """
    name = text.strip().lower()
    return bool(_TOKEN.fullmatch(name)) and (name in given_names() or name in family_names())


def is_name_with_comma(text: str) -> bool:
    """Whether a text is two capitalised words with a comma between.

    >>> is_name_with_comma("Örtücü, Zhiyuan"), is_name_with_comma("a, b")
    (True, False)
    """
    found = _COMMA.fullmatch(text.strip())
    return bool(found and _is_capital(found[1]) and _is_capital(found[2]))


def _is_capital(word: str) -> bool:
    return word[:1].isupper() and len(word) > 1


def _is_listed(word: str, listed: frozenset[str]) -> bool:
    name = word.lower()
    return name in listed or any(part in listed for part in name.split("-") if len(part) > 3)
