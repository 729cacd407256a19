"""Well-known questionnaires by name: their structure, and where each number of it comes from.

Wordings are under copyright and not here. Items are counted in the questionnaire's own order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

PATIENT, SYMPTOM = "alliance_patient", "symptom"
LEAST_ANSWERED = 0.75

Provenance = Literal["verified", "recalled", "project"]


@dataclass(frozen=True)
class Fact:
    """One thing that is known of a questionnaire.

    Parameters
    ----------
    value : object
    provenance : {"verified", "recalled", "project"}
        Read in the source, known but not read, or a choice of this project.
    source : str
    """

    value: Any
    provenance: Provenance
    source: str


@dataclass(frozen=True)
class Questionnaire:
    """The structure of a questionnaire.

    Parameters
    ----------
    name, title : str
    measures : str
        Column of the data contract that it usually measures.
    items : Fact of int
    range : Fact of (number, number)
        Of an item.
    direction : Fact of {1, -1}
    reversed : Fact of tuple of int
        Items keyed the other way, as the patient answers them.
    subscales : Fact of dict of str to tuple of int
    answered : Fact of float
        Least share of items answered for a prorated score.
    cutoff : Fact of number or None
        Clinical cut-off, of the sum.
    """

    name: str
    title: str
    measures: str
    items: Fact
    range: Fact
    direction: Fact
    reversed: Fact
    subscales: Fact
    answered: Fact
    cutoff: Fact

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Give each fact with its name."""
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Fact):
                yield one.name, value


_HATCHER = "Hatcher & Gillaspy 2006, as given by scoring guides"
_DUNCAN = "Duncan et al. 2003"
_MILLER = "Miller, Duncan et al. 2003, as given by a scoring guide"
_KROENKE = "Kroenke, Spitzer & Williams 2001, as given by later papers"
_SPITZER = "Spitzer et al. 2006, as given by later papers"
_BARKHAM = "Barkham et al. 2013, as given by scoring guides"
_TRUST = "CORE System Trust, on scoring CORE measures"
_OQ = "a guide to scoring the OQ-45"
_LAMBERT = "Lambert et al. 2004, manual"
_PROJECT = Fact(LEAST_ANSWERED, "project", "no rule of the questionnaire's own is known to us")

CATALOGUE: dict[str, Questionnaire] = {
    one.name: one
    for one in (
        Questionnaire(
            "WAI-SR",
            "Working Alliance Inventory, short revised",
            PATIENT,
            items=Fact(12, "verified", _HATCHER),
            range=Fact((1, 5), "verified", _HATCHER),
            direction=Fact(1, "verified", _HATCHER),
            reversed=Fact((), "recalled", _HATCHER),
            subscales=Fact(
                {"task": (1, 2, 10, 12), "bond": (3, 5, 7, 9), "goal": (4, 6, 8, 11)},
                "verified",
                _HATCHER,
            ),
            answered=Fact(0.75, "recalled", "common; no authoritative rule"),
            cutoff=Fact(None, "recalled", "none is in common use"),
        ),
        Questionnaire(
            "SRS",
            "Session Rating Scale",
            PATIENT,
            items=Fact(4, "verified", _DUNCAN),
            range=Fact((0, 10), "verified", _DUNCAN),
            direction=Fact(1, "verified", _DUNCAN),
            reversed=Fact((), "recalled", _DUNCAN),
            subscales=Fact({}, "recalled", _DUNCAN),
            answered=_PROJECT,
            cutoff=Fact(36, "verified", f"{_DUNCAN}; whether 36 itself is low differs by source"),
        ),
        Questionnaire(
            "ORS",
            "Outcome Rating Scale",
            SYMPTOM,
            items=Fact(4, "verified", _MILLER),
            range=Fact((0, 10), "verified", _MILLER),
            direction=Fact(1, "verified", _MILLER),
            reversed=Fact((), "recalled", _MILLER),
            subscales=Fact({}, "recalled", _MILLER),
            answered=_PROJECT,
            cutoff=Fact(25, "verified", f"{_MILLER}; adults; whether 25 is clinical differs"),
        ),
        Questionnaire(
            "PHQ-9",
            "Patient Health Questionnaire, depression",
            SYMPTOM,
            items=Fact(9, "verified", _KROENKE),
            range=Fact((0, 3), "verified", _KROENKE),
            direction=Fact(-1, "verified", _KROENKE),
            reversed=Fact((), "recalled", _KROENKE),
            subscales=Fact({}, "recalled", _KROENKE),
            answered=Fact(7 / 9, "recalled", "up to two missing items, common; not read"),
            cutoff=Fact(10, "verified", _KROENKE),
        ),
        Questionnaire(
            "GAD-7",
            "Generalized Anxiety Disorder scale",
            SYMPTOM,
            items=Fact(7, "verified", _SPITZER),
            range=Fact((0, 3), "verified", _SPITZER),
            direction=Fact(-1, "verified", _SPITZER),
            reversed=Fact((), "recalled", _SPITZER),
            subscales=Fact({}, "recalled", _SPITZER),
            answered=_PROJECT,
            cutoff=Fact(10, "verified", f"{_SPITZER}; some use 8"),
        ),
        Questionnaire(
            "CORE-10",
            "Clinical Outcomes in Routine Evaluation, short form",
            SYMPTOM,
            items=Fact(10, "verified", _BARKHAM),
            range=Fact((0, 4), "verified", _BARKHAM),
            direction=Fact(-1, "verified", _BARKHAM),
            reversed=Fact((2, 3), "recalled", "one guide that we read has 3 and 4 instead"),
            subscales=Fact({}, "verified", f"{_BARKHAM}: none is scored"),
            answered=Fact(0.9, "verified", f"{_TRUST}: one missing item at most"),
            cutoff=Fact(11, "verified", _BARKHAM),
        ),
        Questionnaire(
            "OQ-45",
            "Outcome Questionnaire 45.2",
            SYMPTOM,
            items=Fact(45, "verified", _OQ),
            range=Fact((0, 4), "verified", _OQ),
            direction=Fact(-1, "verified", _OQ),
            reversed=Fact(
                (1, 12, 13, 20, 21, 24, 31, 37, 43),
                "verified",
                f"{_OQ}; printed forms often hold these numbers turned round already",
            ),
            subscales=Fact(
                {
                    "symptom_distress": (
                        *(2, 3, 5, 6, 8, 9, 10, 11, 13, 15, 22, 23, 24, 25, 27, 29, 31, 33, 34),
                        *(35, 36, 40, 41, 42, 45),
                    ),
                    "interpersonal_relations": (1, 7, 16, 17, 18, 19, 20, 26, 30, 37, 43),
                    "social_role": (4, 12, 14, 21, 28, 32, 38, 39, 44),
                },
                "recalled",
                f"{_LAMBERT}; the numbers of items, 25, 11 and 9, were read",
            ),
            answered=_PROJECT,
            cutoff=Fact(63, "recalled", _LAMBERT),
        ),
    )
}

# Its answers are columns of the data contract and are not added up.
PSQ: dict[str, Fact] = {
    "psq_patient_rupture": Fact("0 or 1", "recalled", "Muran, Safran, Samstag & Winston 1992"),
    "psq_patient_tension": Fact((1, 5), "recalled", "Muran, Safran, Samstag & Winston 1992"),
    "psq_patient_resolution": Fact(
        (1, 5), "recalled", "Muran, Safran, Samstag & Winston 1992; asked after a rupture only"
    ),
}


def expanded(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what a questionnaire's name says of an instrument in the config; what is given stays.

    Parameters
    ----------
    given : mapping
        One entry of `instruments`.

    Returns
    -------
    dict
        The same where `use` names no questionnaire. Without `items` the study delivers the score:
        its range is that of the sum, or of an item where `score` is mean.

    Examples
    --------
    >>> made = expanded({"use": "CORE-10", "items": [f"c{i}" for i in range(1, 11)]})
    >>> made["range"], made["reversed"], made["answered"], made["cutoff"]
    ([0, 4], ['c2', 'c3'], 0.9, 11)
    >>> expanded({"use": "WAI-SR", "score": "mean"})["range"]
    [1, 5]
    """
    known = CATALOGUE.get(given.get("use") or "")
    if known is None:
        return dict(given)
    items = list(given.get("items") or [])
    low, high = known.range.value
    one_item = bool(items) or given.get("score") == "mean"
    n = 1 if one_item else known.items.value
    own: dict[str, Any] = {
        "measures": known.measures,
        "range": [n * low, n * high],
        "direction": known.direction.value,
        "answered": known.answered.value,
        "cutoff": known.cutoff.value if items or given.get("score") != "mean" else None,
    }
    if len(items) == known.items.value:
        own["reversed"] = _named(items, known.reversed.value)
        own["subscales"] = {s: _named(items, at) for s, at in known.subscales.value.items()}
    return {**own, **given}


def misuse(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what does not fit the questionnaire that an instrument names, and what to do.

    Parameters
    ----------
    given : mapping
        One entry of `instruments`, complete or not.

    Examples
    --------
    >>> list(misuse({"use": "SRS", "items": ["a", "b"]}))
    [('SRS has 4 items, and 2 are listed', "list all of them in the questionnaire's own order")]
    """
    known = CATALOGUE.get(given.get("use") or "")
    items = given.get("items") or []
    if known is not None and items and len(items) != known.items.value:
        yield (
            f"{known.name} has {known.items.value} items, and {len(items)} are listed",
            "list all of them in the questionnaire's own order",
        )


def _named(items: Sequence[str], positions: Sequence[int]) -> list[str]:
    return [items[position - 1] for position in positions]
