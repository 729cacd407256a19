"""Covariates that say nothing about patients, or that only name them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from rupture_outcome.errors import Problem
from rupture_outcome.study.tables import Source

# What the models use in another way already: whose row it is, and who shares a random intercept.
IDENTIFIERS = ("patient_id", "therapist_id", "unit_id")
WHERE = "models.covariates in the config names this column"


def check_covariates(
    patients: pd.DataFrame, source: Source, covariates: Sequence[str]
) -> list[Problem]:
    """Find covariates that no model can use: empty, the same for all, or a level for each patient.

    Parameters
    ----------
    patients : DataFrame
        One row a patient; a covariate of the contract that the study does not deliver is left out
        of the models, which the flow of persons says.
    source : Source
    covariates : sequence of str
        `models.covariates` of the config.
    """
    used = [name for name in covariates if source.has(name)]
    problems = [
        source.problem(f"{WHERE}, but {found}", remedy, name)
        for name in used
        for found, remedy in _unusable(patients[name])
    ]
    return problems or list(_repeated(patients[used], source))


def _unusable(values: "pd.Series[Any]") -> Iterator[tuple[str, str]]:
    known = values.dropna()
    levels = known.drop_duplicates()
    remove = "remove it from models.covariates, or correct the column"
    if known.empty:
        yield "every value is missing", remove
    elif len(levels) == 1:
        yield "all patients have the same value", remove
    elif not pd.api.types.is_numeric_dtype(values):
        if len(levels) * 2 > len(known):
            yield (
                f"it holds {len(levels)} different texts for {len(known)} patients",
                "choose a column with a few categories; if it holds numbers, declare its type as "
                "number in the dictionary",
            )
        tidy = levels.astype("str").str.split().str.join(" ").str.casefold()
        if tidy.duplicated().any():
            yield "some categories differ in spaces or capitals only", "write each in one way"


def _repeated(patients: pd.DataFrame, source: Source) -> Iterator[Problem]:
    codes: dict[tuple[int, ...], str] = {}
    for name in patients:
        other = codes.setdefault(tuple(pd.factorize(patients[name])[0]), str(name))
        if other != name:
            yield source.problem(
                f"{WHERE}, and it tells patients apart just as '{source.own[other]}' does",
                "name one of the two",
                str(name),
            )
