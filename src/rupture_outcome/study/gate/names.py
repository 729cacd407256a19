"""What names of columns announce."""

import re

# Words that name a person or a way to reach one, in English and German.
# fmt: off
ALONE = frozenset(
    [
        "surname", "lastname", "firstname", "forename", "vorname", "nachname",
        "familienname", "birthday", "birthdate", "birth", "birthyear", "yob", "dob", "geb",
        "gebdat", "gebjahr", "jahrgang", "email", "mail", "phone", "telephone", "mobile",
        "handy", "fax", "url", "website", "homepage", "address", "adresse", "street",
        "strasse", "straße", "postcode", "postal", "zip", "zipcode", "plz", "wohnort",
        "hometown", "latitude", "longitude", "gps", "koordinaten", "coordinates", "ssn",
        "nhs", "mrn", "nino", "kvnr", "svnr", "ahv", "passport", "iban", "fallnummer",
        "aktenzeichen",
    ]
)
STEMS = (
    "geburt", "telefon", "anschrift", "postleitz", "versicherungsn", "versichertenn", "vorname",
)
FREE_TEXT = frozenset(["note", "notes", "notiz", "notizen", "remarks", "narrative", "verbatim"])
FREE_STEMS = ("anmerkung", "bemerkung", "kommentar", "freitext", "freetext", "comment", "transcri")
PERSONS = frozenset(
    [
        "patient", "client", "klient", "klientin", "patientin", "therapist", "therapeut",
        "therapeutin", "first", "last", "full", "sur", "family", "given", "maiden", "rater",
        "user",
    ]
)
AGES = frozenset(["age", "alter", "years", "âge", "edad"])
# fmt: on


def is_identifying(name: str) -> bool:
    """Whether a column's name says that it holds what identifies a person.

    The list is cautious: `name` counts only alone or with a word for a person.

    >>> [is_identifying(n) for n in ("client_name", "DateOfBirth", "treatment_name", "site")]
    [True, True, False, False]
    """
    words = _words(name)
    if words & ALONE or any(word.startswith(STEMS) for word in words):
        return True
    return "name" in words and (words == {"name"} or bool(words & PERSONS))


def is_of_free_text(name: str) -> bool:
    """Whether a column's name says that it holds free text.

    >>> is_of_free_text("Bemerkungen"), is_of_free_text("denotes")
    (True, False)
    """
    words = _words(name)
    return bool(words & FREE_TEXT) or any(word.startswith(FREE_STEMS) for word in words)


def is_of_ages(name: str) -> bool:
    """Whether a column's name says that it holds ages.

    >>> is_of_ages("Age"), is_of_ages("stage")
    (True, False)
    """
    return bool(_words(name) & AGES)


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return set(re.split(r"[\W_\d]+", spaced)) - {""}
