"""Who could be found by what others may know of a person: k-anonymity and l-diversity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

QUASI = ("age_band", "gender", "population", "site_id", "treatment", "format")
SESSIONS = "number of sessions"
PATIENTS = "number of patients"
BANDS = (0, 1, 5, 10, 20, 40, np.inf)  # of sessions of a patient, or patients of a therapist
FEWEST = 5  # persons of one combination


@dataclass(frozen=True)
class Rarity:
    """How far persons hide behind each other.

    Attributes
    ----------
    rare : float
        Share of persons whose combination fewer than `FEWEST` have (k-anonymity).
    alike : float
        Share of persons in larger groups of which all have the same outcome (l-diversity).
    most : str
        Column without which fewest would be rare.
    """

    rare: float
    alike: float
    most: str


def rarity(persons: pd.DataFrame, known: Sequence[str], outcome: "pd.Series | None") -> Rarity:
    """Measure how far persons hide behind others of the same combination.

    Parameters
    ----------
    persons : DataFrame, one row a person
    known : sequence of str
        Columns that others may know.
    outcome : Series or None
        What must not be learnt of a person; by the index of `persons`.

    Examples
    --------
    >>> persons = pd.DataFrame({"site": ["a"] * 6 + ["b"], "sex": list("fffffmf")})
    >>> rarity(persons, ["site", "sex"], None)
    Rarity(rare=0.2857142857142857, alike=0.0, most='sex')
    """
    size = _group_sizes(persons, known)
    rare = size < FEWEST
    without = {
        column: float((_group_sizes(persons, [c for c in known if c != column]) < FEWEST).mean())
        for column in known
    }
    alike = 0.0
    if outcome is not None:
        kinds = outcome.groupby(_group(persons, known)).transform("nunique")
        alike = float((~rare & kinds.eq(1)).mean())
    most = min(known, key=lambda column: (without[column], -known.index(column)), default="")
    return Rarity(float(rare.mean()), alike, most)


def rare_combinations(
    patients: pd.DataFrame, sessions: pd.DataFrame, endings: pd.DataFrame
) -> Iterator[str]:
    """Warn of patients and of therapists who could be found in the files by what others know.

    Parameters
    ----------
    patients, sessions, endings : DataFrame
        Of the data contract, clean.

    Yields
    ------
    str
        No value, and shares only in tenths.
    """
    if not len(patients):
        return
    held = sessions[sessions["attended"].eq(1).fillna(False)]
    persons = _patients(patients, held)
    known = _telling(persons, (*QUASI, SESSIONS))
    ending = endings.set_index("patient_id")["ending"].reindex(persons.index).fillna("").astype(str)
    found = rarity(persons, known, ending)
    if known and found.rare:
        yield (
            "patients could be found by what others know of them: "
            f"{_share(found.rare)} share their combination of {_listed(known)} with fewer than "
            f"{FEWEST - 1} others, most of all by {found.most}; coarser bands, or leaving a column "
            "out, make files safer to keep"
        )
    if found.alike:
        yield (
            f"{_share(found.alike)} of the patients stand in groups of one combination that all "
            "ended alike: who knows the one knows the other"
        )
    therapists = _therapists(patients, held)
    known = _telling(therapists, ("site_id", PATIENTS))
    if known and rarity(therapists, known, None).rare:
        yield (
            f"therapists could be found by {_listed(known)}: some share these with fewer than "
            f"{FEWEST - 1} others"
        )


def _patients(patients: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    counts = held.groupby("patient_id", observed=True).size()
    frame = patients.set_index("patient_id")[[name for name in QUASI if name in patients]]
    return frame.assign(**{SESSIONS: _banded(counts.reindex(frame.index).fillna(0))})


def _therapists(patients: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    named = held["therapist_id"].notna()
    counts = held[named].groupby("therapist_id", observed=True)["patient_id"].nunique()
    site = patients.dropna(subset=["therapist_id"]).groupby("therapist_id")["site_id"].first()
    frame = pd.DataFrame({"site_id": site.reindex(counts.index)})
    return frame.assign(**{PATIENTS: _banded(counts)})


def _banded(counts: pd.Series) -> pd.Series:
    return pd.cut(counts, BANDS, right=False).astype(str)


def _telling(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns in which not all are alike."""
    return [name for name in columns if name in frame and len(frame[name].unique()) > 1]


def _group(persons: pd.DataFrame, known: Sequence[str]) -> "pd.Series[int]":
    if not known:
        return pd.Series(0, index=persons.index)
    return persons.groupby(list(known), dropna=False, observed=True).ngroup()


def _group_sizes(persons: pd.DataFrame, known: Sequence[str]) -> "pd.Series[int]":
    group = _group(persons, known)
    return group.groupby(group).transform("size")


def _share(share: float) -> str:
    tenths = round(10 * share)
    if tenths == 0:
        return "fewer than one in ten"
    return "nearly all" if tenths == 10 else f"about {tenths} in ten"


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
