"""Calendar dates in all common forms, and years."""

import re

from rupture_outcome.study.gate.detector import detector
from rupture_outcome.study.parse import DATE_FORM

DAYS = "give days since intake as whole numbers, or remove it"
BIRTH = "give an age band (18-29, 30-44 …) in its place, or remove it"
MONTHS = (
    "jan(uar|uary)?|jänner|jaenner|feb(ruar|ruary)?|mär(z)?|maerz|mar(ch)?|apr(il)?|mai|may|"
    "jun[ei]?|jul[iy]?|aug(ust)?|sep(t|tember)?|o[ck]t(ober)?|nov(ember)?|de[cz](ember)?|"
    "janvier|f[ée]vrier|mars|avril|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre|"
    "enero|febrero|marzo|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|"
    "gennaio|febbraio|maggio|giugno|luglio|settembre|ottobre|dicembre"
)
_YEAR = r"(?:19|20)\d\d"
_D, _M, _Y = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19\d\d|20[0-3]\d)"

_NUMERIC = re.compile(rf"(?<![\d.,/-])(?:{DATE_FORM})(?!\d|[./-]\d)")
_MONTH = re.compile(rf"(?<![\d.,/-])(?:(?:0?[1-9]|1[0-2])[/.-]{_YEAR}|{_YEAR}[/-]{_M})(?![\d/.-])")
_WORDS = re.compile(
    rf"(?i)(?<![^\W_])(?:\d{{1,2}}(?:st|nd|rd|th|\.|er)?[ .-]*(?:of |de )?(?:{MONTHS})(?![^\W\d_])"
    rf"|(?:{MONTHS})\.?[ -]*\d{{1,2}}(?:st|nd|rd|th)?(?!\d)|(?:{MONTHS})\.?[ ,'-]*(?:de )?{_YEAR})"
)
_COMPACT = re.compile(rf"(?<!\d)(?:{_Y}{_M}{_D}|{_D}{_M}{_Y}|{_M}{_D}{_Y})(?!\d)")
_SHORT = re.compile(rf"(?<!\d)(?:{_D}{_M}\d\d|\d\d{_M}{_D})(?!\d)")
_BIRTH = re.compile(r"(?<![\w.,])(?:19\d\d|200\d|201[0-2])(?!\w|[.,]\d)")
_AGE = re.compile(
    r"(?i)(?<![\w.,-])(?:9\d|1[01]\d)[ -]?(?:years?|yrs?|y\.?o\.?|jahre?|j\.|j|ans|y)(?!\w)"
    r"|\b(?:age|aged|alter|alt)[ :=]*(?:9\d|1[01]\d)(?!\w|\+)"
)


@detector(
    "date",
    r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4}|\d\d?[-/.]\d{4}|\d{4}[-/]\d\d",
    "cells look like calendar dates",
    DAYS,
)
def date(text: str) -> bool:
    """Whether a text holds a date in digits, or a month of a year.

    >>> [date(t) for t in ("P1978-03-12", "12.3.78", "03/1978", "1-2-3", "18-29")]
    [True, True, True, False, False]
    """
    return bool(_NUMERIC.search(text) or _MONTH.search(text))


@detector("date", r"(?i)\d.*[a-zäû]{3}|[a-zäû]{3}.*\d", "cells look like dates in words", DAYS)
def date_in_words(text: str) -> bool:
    """Whether a text holds a date in English, German, French, Spanish or Italian.

    >>> [date_in_words(t) for t in ("12. März 1978", "March 12th", "may 3 times", "day 12")]
    [True, True, True, False]
    """
    return bool(_WORDS.search(text))


@detector("date", r"\d{8}", "cells hold eight digits that are a date", DAYS, by_shape=True)
def compact_date(text: str) -> bool:
    """Whether a text holds eight digits that are a date.

    >>> compact_date("P19780312"), compact_date("P12345678")
    (True, False)
    """
    return bool(_COMPACT.search(text))


@detector("date", r"\d{6}", "cells hold six digits that are a date", DAYS, by_shape=True)
def short_date(text: str) -> bool:
    """Whether a text holds six digits that are a date.

    >>> short_date("KS120378"), short_date("P000999")
    (True, False)
    """
    return bool(_SHORT.search(text))


@detector("birth_year", r"(19|20)\d\d", "cells hold years, as of birth", BIRTH, by_shape=True)
def birth_year(text: str) -> bool:
    """Whether a text holds a year in which a patient may have been born.

    >>> birth_year("born 1978"), birth_year("cohort 2020"), birth_year("PHQ 1978.5")
    (True, False, False)
    """
    return bool(_BIRTH.search(text))


@detector(
    "age_over_89",
    r"9\d|1[01]\d",
    "cells hold ages over 89, of which there are few",
    "put them together as '90+'",
)
def high_age(text: str) -> bool:
    """Whether a text holds an age over 89.

    >>> high_age("93 years"), high_age("90+"), high_age("score 93")
    (True, False, False)
    """
    return bool(_AGE.search(text))
