"""Column names that announce direct identifiers; such columns are refused."""

import re

# Words that name a person or a way to reach one, in English and German.
# fmt: off
ALONE = frozenset(
    [
        "surname", "lastname", "firstname", "forename", "vorname", "nachname", "familienname",
        "birthday", "birthdate", "birth", "dob", "geburtstag", "geburtsdatum", "geburtsort",
        "gebdat", "email", "mail", "phone", "telephone", "telefon", "mobile", "handy", "fax",
        "address", "adresse", "anschrift", "street", "strasse", "straße", "ssn", "passport",
        "postcode", "postleitzahl", "zip", "zipcode", "plz", "iban",
    ]
)
PERSONS = frozenset(
    [
        "patient", "client", "klient", "klientin", "patientin", "therapist", "therapeut",
        "therapeutin", "first", "last", "full", "sur", "family", "given", "maiden", "rater",
        "user",
    ]
)
# fmt: on


def is_identifying(name: str) -> bool:
    """Whether a column's name says that it holds a direct identifier.

    The list is cautious: `name` counts only alone or with a word for a person.

    >>> [is_identifying(n) for n in ("client_name", "DateOfBirth", "treatment_name", "site")]
    [True, True, False, False]
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    words = set(re.split(r"[\W_\d]+", spaced)) - {""}
    if words & ALONE:
        return True
    return "name" in words and (words == {"name"} or bool(words & PERSONS))
