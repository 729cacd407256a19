"""Detectors of identifiers in a text; each kind registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

Confirm = Callable[[str], bool]


@dataclass(frozen=True)
class Detector:
    """How one kind of identifier is found in a text.

    Parameters
    ----------
    kind : str
        Its code.
    pattern : str
        An RE2 expression that every such text matches; it is tried on all distinct texts.
    why, advice : str
        What is said of a column that holds one.
    confirm : callable
        Whether a text that matches holds one.
    by_shape : bool
        Whether it counts only where most texts of the same shape (letters and digits in the same
        places) hold one: a running number is sometimes a date by chance, a column of dates always.
    """

    kind: str
    pattern: str
    why: str
    advice: str
    confirm: Confirm
    by_shape: bool = False


DETECTORS: list[Detector] = []

# The surest first: what has been found is not named a second time.
ORDER = (
    "e_mail",
    "url",
    "ip_address",
    "register_number",
    "date",
    "address",
    "person_name",
    "initials",
    "coordinates",
    "postcode",
    "telephone",
    "age_over_89",
    "birth_year",
)
# Where descriptions stand, authors and dates of the data are named for good reasons.
IN_DESCRIPTIONS = ("e_mail", "telephone", "register_number", "address")


def in_order() -> list[Detector]:
    """Give all detectors, those that depend on the shape of a column last."""
    return sorted(DETECTORS, key=lambda one: (one.by_shape, ORDER.index(one.kind)))


def detector(
    kind: str, pattern: str, why: str, advice: str, *, by_shape: bool = False
) -> Callable[[Confirm], Confirm]:
    """Register a function that says whether a text holds an identifier.

    Parameters
    ----------
    kind, pattern, why, advice, by_shape
        See `Detector`.
    """

    def register(confirm: Confirm) -> Confirm:
        DETECTORS.append(Detector(kind, pattern, why, advice, confirm, by_shape))
        return confirm

    return register
