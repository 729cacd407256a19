"""Questionnaires known by name, with the source of each number: `docs/instruments.md`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.look.words import name
from rupture_outcome.study.instruments import CATALOGUE, PSQ, Fact, Questionnaire, expanded

KEYS = {
    "items": "Items",
    "range": "Range of an item",
    "direction": "Higher is",
    "reversed": "Reversed items",
    "subscales": "Subscales",
    "answered": "Answered at least",
    "cutoff": "Clinical cut-off of the sum",
}

PAGE = Path(__file__).with_name("questionnaires.md")


def page() -> str:
    """Give the page as Markdown.

    Examples
    --------
    >>> [line for line in page().splitlines() if line.startswith("| Reversed")][-1][:44]
    '| Reversed items | 1, 12, 13, 20, 21, 24, 31'
    """
    head = PAGE.read_text(encoding="utf-8").rstrip()
    parts = [head, *(_questionnaire(one) for one in CATALOGUE.values()), _psq()]
    return "\n\n".join(parts) + "\n"


def _questionnaire(one: Questionnaire) -> str:
    rows = [
        _row(KEYS[key], value_text(key, fact.value), fact)
        for key, fact in one.facts()
        if fact.value != {} or fact.provenance == "verified"
    ]
    what = f"`{one.name}`: {one.title}. Measures `{one.measures}` unless the config says otherwise."
    return "\n".join([f"## {one.name}", "", what, "", *_HEADER, *rows])


def _psq() -> str:
    rows = [_row(f"`{column}`", _range(fact.value), fact) for column, fact in PSQ.items()]
    what = (
        "The Post-Session Questionnaire is not added up, so it has no `use`: its answers are "
        "columns of the data contract, named under `columns.sessions`; the therapist's are "
        "`psq_therapist_…`."
    )
    return "\n".join(["## PSQ", "", what, "", *_HEADER, *rows])


_HEADER = ["| what | value | known from |", "|---|---|---|"]


def _row(what: str, value: str, fact: Fact) -> str:
    read = "" if fact.provenance == "verified" else f"*{fact.provenance}*: "
    return f"| {what} | {value} | {read}{fact.source} |"


def value_text(key: str, value: Any) -> str:
    """Put the value of a fact in words.

    Examples
    --------
    >>> value_text("reversed", (2, 3)), value_text("direction", -1), value_text("answered", 7 / 9)
    ('2, 3', 'worse', '78%')
    """
    if key == "direction":
        return "better" if value > 0 else "worse"
    if key == "answered":
        return f"{value:.0%}"
    if key == "subscales":
        return "; ".join(f"{s}: {_list(at)}" for s, at in value.items()) or "none"
    if key == "range":
        return _range(value)
    if key == "reversed":
        return _list(value) or "none"
    return "none" if value is None else str(value)


def _list(values: Any) -> str:
    return ", ".join(str(value) for value in values)


def _range(value: Any) -> str:
    return value if isinstance(value, str) else f"{value[0]}–{value[1]}"


def taken(instruments: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """List what a config took from questionnaires by name, and from where it is known.

    Parameters
    ----------
    instruments : mapping
        Section `instruments` of a complete config.

    Returns
    -------
    DataFrame
        ``instrument``, ``what``, ``value``, ``known``; what the config says itself is left out.

    Examples
    --------
    >>> found = taken({"phq": expanded({"use": "PHQ-9", "direction": 1})})
    >>> found["what"].tolist()
    ['Items', 'Range of an item', 'Answered at least', 'Clinical cut-off of the sum']
    """
    rows = []
    for instrument, given in instruments.items():
        known = CATALOGUE.get(given.get("use") or "")
        if known is None:
            continue
        own = expanded({key: given.get(key) for key in ("use", "items", "score") if given.get(key)})
        for key, fact in known.facts():
            if key == "items" or (key in own and own[key] == given.get(key)):
                source = f"{name('provenance', fact.provenance)}: {fact.source}"
                rows.append((instrument, KEYS[key], value_text(key, fact.value), source))
    return pd.DataFrame(rows, columns=["instrument", "what", "value", "known"])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
