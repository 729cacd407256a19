"""What variables and their codes are called in files for other programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rupture_outcome.coding.registry import definitions
from rupture_outcome.cohort.analysis_tables import RUPTURE, RUPTURES, STATE, TESTED
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.study.contract import fields

YES_NO = {0: "no", 1: "yes"}
# Codes that other programs hold as numbers, in the order of their numbers.
CODED: Mapping[str, tuple[str, ...]] = {
    "state": ("intact", "unrepaired", "repaired"),
    "event": ("none", "dropout", "agreed_ending", "other_ending"),
    "ending": ("dropout", "completed", "agreed", "referred", "administrative", "ongoing"),
    "format": ("individual", "couple", "family", "group"),
}
WORDS = {
    "attended": "Whether the session took place",
    "time": "Time of the models",
    "event": "What came after this session and before the next",
    "dropout": "Dropout, by the definition of the config",
    "at_risk": "Whether the session counts as at risk of dropout",
    "missed": "Sessions missed",
    "rated_by": "Sessions attended until the second rating of symptoms",
    "symptom_change": "Change in symptoms from first to last rating, positive where better",
    "reliable_improvement": "Reliable improvement in symptoms",
}
OF_PERSON = {"event": "How treatment ended, for the models", "attended": "Sessions attended"}


@dataclass(frozen=True)
class Variable:
    """A variable of a file for other programs.

    Parameters
    ----------
    name : str
        Column of the table.
    label : str
    codes : mapping of str to int
        Number of each code of the table; empty where the column holds values as they are.
    meanings : mapping of int to str
        Of each number.
    """

    name: str
    label: str
    codes: Mapping[str, int] = field(default_factory=dict)
    meanings: Mapping[int, str] = field(default_factory=dict)


def variables(
    table: pd.DataFrame,
    titles: Mapping[str, str],
    instruments: Mapping[str, Mapping[str, Any]],
    *,
    person: bool,
) -> list[Variable]:
    """Describe each column of a table of sessions or persons.

    Parameters
    ----------
    table : DataFrame
        From `rupture_outcome.cohort.analysis_tables`.
    titles : mapping of str to str
        The study's own names of its columns.
    instruments : mapping
        Section `instruments` of the config.
    person : bool
        Whether it has one row a person.

    Examples
    --------
    >>> table = pd.DataFrame({"state_drop_sd": ["intact"], "wai_bond": [12.0], "came": [1]})
    >>> found = variables(table, {"came": "Came"}, {}, person=False)
    >>> [one.label for one in found][1:], found[0].meanings[2]
    (['wai_bond', 'Came'], 'Rupture open')
    """
    labels = _labels(titles, instruments) | WORDS | (OF_PERSON if person else {})
    return [_variable(str(column), table[column], labels, person) for column in table]


def _labels(
    titles: Mapping[str, str], instruments: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    described = {
        column: one["description"].removesuffix(".")
        for table in ("endings", "patients", "sessions")
        for column, one in fields(table).items()
    }
    scores = {
        one["measures"]: f"{described[one['measures']]} ({n})" for n, one in instruments.items()
    }
    subscales = {
        f"{n}_{subscale}": f"Subscale {subscale} of {n}"
        for n, one in instruments.items()
        for subscale in one["subscales"]
    }
    own = {column: title for column, title in titles.items() if column not in scores}
    return described | own | scores | subscales


def _variable(column: str, values: pd.Series, labels: Mapping[str, str], person: bool) -> Variable:
    kind = "state" if column.startswith(STATE) and not person else column
    if kind in CODED:
        codes = {code: number for number, code in enumerate(CODED[kind], 1)}
        words = {number: _word(kind, code) for code, number in codes.items()}
        return Variable(column, _label(column, labels), codes, words)
    yes_no = values.dropna().isin([0, 1]).all() and not column.startswith((RUPTURES, TESTED))
    counted = person and column in ("attended", "missed", "rated_by")
    if yes_no and not counted and pd.api.types.is_numeric_dtype(values):
        return Variable(column, _label(column, labels), {}, YES_NO)
    return Variable(column, _label(column, labels))


def _word(kind: str, code: str) -> str:
    if kind == "event":
        return "None: treatment went on" if code == "none" else name("cause", code)
    return name("category" if kind == "format" else kind, code)


def _label(column: str, labels: Mapping[str, str]) -> str:
    for prefix, words in (
        (RUPTURE, "Rupture, missing where not testable"),
        (STATE, "State"),
        (TESTED, "Sessions tested"),
        (RUPTURES, "Ruptures"),
    ):
        if column.startswith(prefix):
            definition = column.removeprefix(prefix)
            known = definitions().get(definition)
            ahead = known is not None and known.kind_class == "retrospective"
            note = "; looks ahead, not for models of dropout" if ahead else ""
            return f"{words}: {lower_first(name('definition', definition))}{note}"
    return labels.get(column, column)
