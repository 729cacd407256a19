"""Columns of numbers: dates as spreadsheets and databases keep them, years, ages, long numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rupture_outcome.study.gate.dates import BIRTH, DAYS, compact_date, short_date
from rupture_outcome.study.gate.places import REMOVE
from rupture_outcome.study.gate.registers import LONGEST, PSEUDONYM, scheme_of

YEARS = (1900, 2030)
SERIALS = (7_000, 60_000)  # 1919 to 2064 in days since 1900, or since 1970 from 1989 on
SECONDS = (100_000_000, 2_200_000_000)
MOST = 0.9
FILLED = 0.9  # of a running number; a clinic's days leave out weekends
FEW = 2
SMALL = 120  # scores and session numbers, beside which a year stands out


@dataclass(frozen=True)
class Numbers:
    """Distinct numbers of a column.

    Parameters
    ----------
    texts : array of str, shape (n,)
        As they are written.
    values : array of float, shape (n,)
    digits : array of int, shape (n,)
        How many digits a whole number is written with; 0 where it is none.
    alone : bool
        Whether they stand among texts that are no numbers.
    is_age : bool
        Whether the column says by its name that it holds ages.
    """

    texts: np.ndarray
    values: np.ndarray
    digits: np.ndarray
    alone: bool
    is_age: bool


# Which of the distinct numbers, kind, why, advice.
Found = tuple[np.ndarray, str, str, str]


def suspects(values: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Which numbers any of the rules could be about, so that other columns need not be looked at.

    Parameters
    ----------
    values : array of float, shape (n,)
    digits : array of int, shape (n,)
    """
    size = np.abs(values)
    return (
        (digits >= 5)
        | ((digits == 4) & (size >= YEARS[0]) & (size <= YEARS[1]))
        | ((digits == 0) & (size >= SERIALS[0]) & (size <= SERIALS[1]))
    )


def look(numbers: Numbers) -> Iterator[Found]:
    """Say what numbers of a column look like.

    Parameters
    ----------
    numbers : Numbers
    """
    for rule in (_long, _dates, _five_digits, _years, _ages):
        yield from rule(numbers)


def _long(numbers: Numbers) -> Iterator[Found]:
    which = numbers.digits >= LONGEST
    if not which.any():
        return
    values = numbers.values[which]
    seconds = np.where(values > 100 * SECONDS[1], values / 1000, values)
    texts = numbers.texts[which]
    if _most(np.array([scheme_of(text) is not None for text in texts[:1000].tolist()])):
        why = (
            "cells hold numbers of a register (NHS, tax, insurance …): their check digits are right"
        )
        yield which, "register_number", why, PSEUDONYM
    elif ((seconds >= SECONDS[0]) & (seconds <= SECONDS[1])).all():
        why = (
            "cells hold long numbers, as moments counted in seconds from 1970, telephone or record "
        )
        yield which, "moment", why + "numbers are", f"{DAYS}; or {PSEUDONYM}"
    else:
        why = f"cells hold numbers of {LONGEST} digits or more, as records and telephones have"
        yield which, "register_number", why, PSEUDONYM


def _dates(numbers: Numbers) -> Iterator[Found]:
    for length, test in ((8, compact_date), (6, short_date)):
        which = numbers.digits == length
        if which.any() and not (length == 6 and _is_running(numbers.values[which])):
            held = np.array([test(text) for text in numbers.texts[which].tolist()])
            if _most(held) and (length == 8 or len(held) > FEW or numbers.alone):
                why = f"cells hold numbers of {length} digits that are dates"
                yield _narrowed(which, held), "date", why, DAYS


def _five_digits(numbers: Numbers) -> Iterator[Found]:
    five = numbers.digits == 5
    fraction = (numbers.digits == 0) & (numbers.values > 20_000) & (numbers.values < SERIALS[1])
    which = five | fraction
    if not which.any():
        return
    near = (numbers.values[which] >= SERIALS[0]) & (numbers.values[which] <= SERIALS[1])
    padded = np.array([text.startswith("0") for text in numbers.texts[which].tolist()])
    if not _stands_out(numbers, which, 1000) or not _most(near | padded):
        return
    if _is_running(numbers.values[which]) or _is_round(numbers.values[which]):
        return
    why = "cells hold numbers of five digits, as dates counted in days and postcodes are"
    yield which, "day_number", why, f"{DAYS}; if these are postcodes, {REMOVE}"


def _years(numbers: Numbers) -> Iterator[Found]:
    which = numbers.digits == 4
    if not which.any() or not _stands_out(numbers, which, SMALL):
        return
    held = (numbers.values[which] >= YEARS[0]) & (numbers.values[which] <= YEARS[1])
    if _most(held):
        yield _narrowed(which, held), "birth_year", "cells hold years, as of birth", BIRTH


def _ages(numbers: Numbers) -> Iterator[Found]:
    which = (numbers.values >= 90) & (numbers.values < 130)
    if numbers.is_age and which.any():
        why = "cells hold ages over 89, of which there are few"
        yield which, "age_over_89", why, "put them together as '90+', best in bands"


def _most(held: np.ndarray) -> bool:
    return bool(len(held)) and held.mean() >= MOST


def _narrowed(which: np.ndarray, held: np.ndarray) -> np.ndarray:
    out = which.copy()
    out[which] = held
    return out


def _stands_out(numbers: Numbers, which: np.ndarray, largest: float) -> bool:
    """Whether these are most numbers of a column, or a few far from its others."""
    if numbers.alone or which.mean() >= MOST:
        return True
    others = np.abs(numbers.values[~which])
    few = which.sum() <= max(FEW, 0.01 * len(which))
    return bool(few and others.max() <= largest)


def _is_running(values: np.ndarray) -> bool:
    """Whether numbers follow one another, as those of a list of patients."""
    return len(values) > FEW and len(values) >= FILLED * (np.ptp(values) + 1)


def _is_round(values: np.ndarray) -> bool:
    return bool(len(values) > FEW and (values % 10 == 0).mean() > 0.5)
