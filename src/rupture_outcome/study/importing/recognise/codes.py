"""What the codes of attendance, endings and formats mean, told by their words."""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from rupture_outcome.study.importing.cells import texts
from rupture_outcome.study.importing.recognise.names import plain

_CLINIC = r"(clinic|klinik|therap\w*|provider|staff|praxis|ambulanz|behandler\w*)"
_CANCEL = r"(cancel\w*|abgesagt|absage|ausgefallen|ausfall|verschoben|rescheduled)"
# The first pattern that is found in a code's words counts.
ATTENDANCE = {
    "cancelled_by_clinic": rf"{_CANCEL}.*{_CLINIC}|{_CLINIC}.*{_CANCEL}",
    "no_show": r"no ?show|not (shown|show|attend\w*)|did not (attend|come|show)|dna|fta"
    r"|failed to attend|nicht (erschienen|gekommen|anwesend|wahrgenommen)|unentschuldigt|absent",
    "cancelled": rf"{_CANCEL}|entschuldigt",
    "missed": r"missed|versaeumt|verpasst|gefehlt|nicht stattgefunden|not held"
    r"|^(no|nein|0|false|n)$",
    "attended": r"attended|attend|present|kept|held|showed( up)?|came|done"
    r"|^(yes|ja|1|true|y|j)$|complet\w*|erschienen|anwesend|wahrgenommen|stattgefunden|teilgenommen",
}
ENDINGS = {
    "dropout": r"drop(ped)? ?outs?|dropped|(therapie)?abbruch\w*|abgebrochen|discontinu\w*"
    r"|unilateral\w*|non ?complet\w*|not complet\w*|incomplet\w*|premature\w*|einseitig\w*"
    r"|unplanned|nicht (regulaer|abgeschlossen|beendet)\w*|lost|vorzeitig\w*",
    "ongoing": r"ongoing|laufend\w*|laeuft|in (treatment|therapy|behandlung|therapie)|active|aktiv"
    r"|current\w*|still \w+",
    "agreed": r"agreed|agreement|einvernehmlich\w*|mutual\w*|gemeinsam\w*|by consent",
    "referred": r"refer\w*|ueberwiesen|ueberweisung|verlegt|verlegung|transfer\w*"
    r"|weitervermittelt",
    "completed": r"complet\w*|regulaer\w*|planmaessig\w*|planned|abgeschlossen|finished|beendet"
    r"|regular\w*",
    "administrative": r"admin\w*|sonstig\w*|other|organi[sz]at\w*|moved|umzug|insurance|deceased"
    r"|verstorben|therapist left",
}
FORMATS = {
    "individual": r"individual\w*|einzel\w*",
    "couple": r"couples?|paar\w*",
    "family": r"famil\w*",
    "group": r"groups?|grupp\w*",
}
WORDS = {"attended": ATTENDANCE, "ending": ENDINGS, "format": FORMATS}
# A column of more levels, or longer ones, is text that somebody wrote.
MOST_LEVELS, LONGEST = 25, 60


def meanings(
    role: str, codes: Iterable[str], labels: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Translate the codes of a column as far as their words, or labels, tell.

    Parameters
    ----------
    role : str
        ``attended``, ``ending`` or ``format``.
    codes : iterable of str
    labels : mapping of str to str

    Returns
    -------
    known : dict of str to str
    undecided : list of str

    Examples
    --------
    >>> meanings("ending", ["Abbruch", "regulär", "3"], {})
    ({'Abbruch': 'dropout', 'regulär': 'completed'}, ['3'])
    """
    known, undecided = {}, []
    for code in codes:
        words = plain(labels.get(code, code))
        found = (m for m, pattern in WORDS[role].items() if re.search(rf"\b({pattern})\b", words))
        meaning = next(found, None)
        if meaning is None:
            undecided.append(code)
        elif meaning != code:
            known[code] = meaning
    return known, undecided


def levels(cells: pd.Series, missing: Iterable[str]) -> list[str] | None:
    """Codes of a column in order, None where it is text that somebody wrote."""
    found = sorted(texts(cells, missing).dropna().unique())
    if len(found) > MOST_LEVELS or any(len(one) > LONGEST for one in found):
        return None
    return found
