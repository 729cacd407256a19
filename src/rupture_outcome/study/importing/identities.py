"""Persons in an imported study: pseudonyms, therapists whom nobody named, and the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.clean import UNKNOWN
from rupture_outcome.study.gate import findings
from rupture_outcome.study.gate.properties import Property, property_findings
from rupture_outcome.study.importing.build import Imported
from rupture_outcome.study.importing.contribution import matching
from rupture_outcome.study.importing.mapping import Plan, Source
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.pseudonyms import pseudonymise

PREFIXES = {"patient_id": "P", "therapist_id": "T", "unit_id": "U"}
# What is not kept as it is: dates become days, ages bands.
CHANGED = ("date", "intake", "age")
ACCEPT = "or let it through with a written reason: --accept COLUMN=REASON"


def with_therapists(study: Imported) -> Imported:
    """Give every patient a therapist: one who is not known is nobody else's.

    Patients of unknown therapists are taken as independent of all others, so that they say nothing
    about differences between therapists.

    Parameters
    ----------
    study : Imported
    """
    patients = study.patients.copy()
    if "therapist_id" not in patients:
        patients["therapist_id"] = pd.Series(pd.NA, patients.index, dtype="str")
    lacking = patients["therapist_id"].isna()
    numbers = lacking.cumsum().astype("str")
    own = patients["therapist_id"].mask(lacking, UNKNOWN + numbers)
    order = ["patient_id", "therapist_id"]
    rest = [name for name in patients if name not in order]
    patients = patients.assign(therapist_id=own)[[*order, *rest]]
    counts = {**study.counts, "unknown_therapists": int(lacking.sum())}
    return replace(study, patients=patients, counts=counts)


def pseudonymised(study: Imported, key: bytes) -> Imported:
    """Replace identifiers by keyed pseudonyms; rows follow in their order, which tells nothing.

    Parameters
    ----------
    study : Imported
    key : bytes
        See `rupture_outcome.study.pseudonyms`.
    """
    return replace(
        study,
        patients=_under_pseudonyms(study.patients, key),
        sessions=_under_pseudonyms(study.sessions, key),
        endings=_under_pseudonyms(study.endings, key),
    )


def _under_pseudonyms(frame: pd.DataFrame, key: bytes) -> pd.DataFrame:
    new = frame.copy()
    for name in [name for name in PREFIXES if name in frame]:
        known = ~frame[name].str.startswith(UNKNOWN).fillna(False).astype(bool)
        made = pseudonymise(frame[name].where(known), key, PREFIXES[name])
        new[name] = made.where(known, frame[name])
    order = [name for name in ("patient_id", "session") if name in new]
    return new.sort_values(order, ignore_index=True)


def stop_at_the_gate(tables: Sequence[RawTable], plan: Plan) -> None:
    """Refuse cells that are kept as they are and identify persons, by their lines in the export.

    So is what a file holds beside its tables: it is not kept, but it goes with the file.

    Parameters
    ----------
    tables : sequence of RawTable
        One for each source of the plan.
    plan : Plan

    Raises
    ------
    StudyError
    """
    problems = _beside_tables(tables, plan)
    problems += [
        table.problem(one.why, _advice(one.advice), one.column, one.rows)
        for table, source in zip(tables, plan.sources, strict=True)
        for one in findings(
            table.frame[_kept(table, source, plan.identifiers)], table.name, plan.accept
        )
        if not one.kind.startswith("name_of_")  # names of the export are not kept
    ]
    if problems:
        raise StudyError(problems)


def _beside_tables(tables: Sequence[RawTable], plan: Plan) -> list[Problem]:
    by_file: dict[str, list[Property]] = {}
    for table, source in zip(tables, plan.sources, strict=True):
        by_file.setdefault(PurePath(source.file).name, []).extend(table.properties)
    return [
        Problem(one.file, one.why, f"{one.advice}, or let it through: --accept '{one.key}=REASON'")
        for file, properties in by_file.items()
        for one in property_findings(properties, file)
        if one.key not in plan.accept
    ]


def _advice(advice: str) -> str:
    return f"{advice}, leave the column out (--leave-out COLUMN), {ACCEPT}"


def _kept(table: RawTable, source: Source, identifiers: str) -> list[str]:
    replaced = [*CHANGED, *(PREFIXES if identifiers == "pseudonyms" else [])]
    plain = [own for role, own in source.columns.items() if role not in replaced]
    items = [] if source.rows == "item" else list(source.items.values())
    wide = [
        own
        for role, pattern in source.wide.items()
        if role not in CHANGED
        for own in matching(table, pattern)
    ]
    return list(dict.fromkeys([*plain, *items, *wide]))


def accepted(plan: Plan) -> dict[str, str]:
    """Give reasons by the names that columns have in the study."""
    named: dict[str, str] = {}
    for source in plan.sources:
        for role, own in {**source.columns, **source.wide, **source.items}.items():
            if own in plan.accept:
                named[role] = plan.accept[own]
    return named


def stop_if_written(study: Imported, accept: Mapping[str, str]) -> None:
    """Refuse what would still identify persons in the tables as they are to be written.

    Parameters
    ----------
    study : Imported
    accept : mapping of str to str
        From `accepted`.

    Raises
    ------
    StudyError
    """
    problems = [
        Problem(one.file, one.why, _advice(one.advice), one.column)
        for table, frame in study.frames().items()
        for one in findings(frame, f"{table}.csv", accept)
    ]
    if problems:
        raise StudyError(problems)
