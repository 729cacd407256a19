"""Which questionnaire a score or a set of items is, told by name, number of items and values."""

import re
from dataclasses import dataclass

import pandas as pd

from rupture_outcome.study.importing.recognise.names import plain
from rupture_outcome.study.instruments import CATALOGUE, Questionnaire

# What columns of a questionnaire are called.
CALLED = {
    "WAI-SR": r"wai( ?sr)?",
    "SRS": r"srs|session rating",
    "ORS": r"ors|outcome rating",
    "PHQ-9": r"phq( ?9)?",
    "GAD-7": r"gad( ?7)?",
    "CORE-10": r"core ?10",
    "OQ-45": r"oq( ?45)?",
}
BETTER = r"\b(wellbeing|well being|wohlbefinden|functioning)\b"
WORSE = r"\b(symptom\w*|distress|depress\w*|belastung|beschwerden|bdi|bsi|scl|hscl)\b"

Span = tuple[float, float]


@dataclass(frozen=True)
class Instrument:
    """An entry of the section `instruments` of a config.

    Parameters
    ----------
    name, measures : str
    items : tuple of str
        Empty where the score is delivered.
    range : tuple of float or None
        None where it cannot be told.
    direction : int or None
    use : str or None
        The well-known questionnaire that name, number of items and values fit.
    mean : bool
        Whether delivered scores are means of items.
    """

    name: str
    measures: str
    items: tuple[str, ...]
    range: Span | None
    direction: int | None
    use: str | None = None
    mean: bool = False


def instrument(
    measures: str,
    column: str,
    values: pd.Series,
    items: tuple[str, ...] = (),
    labelled: Span | None = None,
    label: str = "",
) -> Instrument:
    """Tell the instrument of a score or of items.

    Parameters
    ----------
    measures : str
        Column of the contract.
    column : str
        The export's own name, of items their stem.
    values : Series of float
        The score, or all answers to all items.
    items : tuple of str
    labelled : tuple of float, optional
        Lowest and highest value with a label in the file.
    label : str
        What the file says about the column.

    Examples
    --------
    >>> instrument("symptom", "PHQ9_total", pd.Series([0.0, 27.0])).use
    'PHQ-9'
    >>> instrument("alliance_patient", "alliance", pd.Series([1.0, 6.5])).range is None
    True
    """
    words = plain(column)
    named = _apart(f"{words} | {plain(label)}")
    seen = (float(values.min()), float(values.max()))
    for use, called in CALLED.items():
        known = CATALOGUE[use]
        if not re.search(rf"\b({called})\b", named):
            continue
        if items and (len(items) != known.items.value or not _within(seen, _answers(known))):
            continue
        fits = [span for span in _spans(known, seen, bool(items)) if _within(seen, span)]
        if len(fits) == 1:
            name = _key(use) + ("_therapist" if measures.endswith("therapist") else "")
            mean = not items and fits[0] == _answers(known)
            return Instrument(name, measures, items, fits[0], known.direction.value, use, mean)
    span = labelled if labelled and _within(seen, labelled) else None
    return Instrument(_key(words) or measures, measures, items, span, _direction(measures, named))


def _direction(measures: str, words: str) -> int | None:
    if measures.startswith("alliance") or re.search(BETTER, words):
        return 1
    return -1 if re.search(WORSE, words) else None


def _answers(known: Questionnaire) -> Span:
    low, high = known.range.value
    return (float(low), float(high))


def _spans(known: Questionnaire, seen: Span, of_items: bool) -> list[Span]:
    """Ranges that scores may have: the sum's, or where they fit an item, the mean's.

    A sum of items that begin at 1 is never as small; one of items that begin at 0 may be.
    """
    low, high = _answers(known)
    sums = (low * known.items.value, high * known.items.value)
    if of_items or (low and _within(seen, (low, high))):
        return [(low, high)]
    return [(low, high), sums] if _within(seen, (low, high)) else [sums]


def _within(seen: Span, span: Span) -> bool:
    return span[0] <= seen[0] and seen[1] <= span[1]


def _key(words: str) -> str:
    """Write words as a key of the config."""
    key = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return key if not key or key[0].isalpha() else f"scale_{key}"


def _apart(words: str) -> str:
    return f"{words} | " + re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", words)
