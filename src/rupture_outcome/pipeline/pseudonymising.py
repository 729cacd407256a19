"""Files in which persons have pseudonyms, for use outside of `new` and `import`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rupture_outcome.errors import Problem, StudyError, did_you_mean
from rupture_outcome.study.gate import findings
from rupture_outcome.study.importing.formats import read_file
from rupture_outcome.study.importing.identities import PREFIXES
from rupture_outcome.study.pseudonyms import (
    age_bands,
    postcode_regions,
    pseudonymise,
    read_or_make_key,
)
from rupture_outcome.study.writing import write_csv

FOLDER = "pseudonymised"
GENERALISED = {"age": age_bands, "postcode": postcode_regions}


@dataclass(frozen=True)
class Written:
    """What was written, and what still identifies persons in it.

    Attributes
    ----------
    files : tuple of Path
    problems : tuple of Problem
        Findings of the gate, with the lines of the new files.
    """

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def pseudonymise_files(
    files: Sequence[Path],
    columns: Mapping[str, Sequence[str]],
    key: Path,
    out: Path | None = None,
) -> Written:
    """Write copies of files as CSV in which persons have pseudonyms; nothing is overwritten.

    Rows follow in the order of the pseudonyms, since that of names would tell them.

    Parameters
    ----------
    files : sequence of Path
        Of any format that can be imported.
    columns : mapping of str to sequence of str
        The files' own columns by what they hold: ``patient_id``, ``therapist_id``, ``unit_id``,
        ``age`` (put in bands) and ``postcode`` (cut to two characters). The names of the data
        contract are known without.
    key : Path
        See `read_or_make_key`.
    out : Path, optional
        Folder to write to; ``pseudonymised`` beside the first file if not given.

    Raises
    ------
    StudyError
        A file cannot be read, no column or not this one is in it, or a file of the name is there.
    """
    out = out or files[0].parent / FOLDER
    tables = [(path, table) for path in files for table in read_file(path)]
    roles = {own: role for role, names in columns.items() for own in names}
    roles = {name: name for name in PREFIXES} | roles
    asked = [own for names in columns.values() for own in names]
    headers = [name for _, table in tables for name in table.columns]
    problems = [*_unknown(asked, headers), *_nobody(tables, roles)]
    targets = [_target(out, table.name) for _, table in tables]
    problems += [
        Problem(str(path), "this file is there already", "move it, or give another folder by --out")
        for path in dict.fromkeys(targets)
        if path.exists() or targets.count(path) > 1
    ]
    if problems:
        raise StudyError(problems)
    secret = read_or_make_key(key, out)
    made = [_replaced(table.frame, roles, secret) for _, table in tables]
    out.mkdir(parents=True, exist_ok=True)
    for path, frame in zip(targets, made, strict=True):
        write_csv(frame, path)
    left = [
        Problem(one.file, one.why, one.advice, one.column, [int(row) + 2 for row in one.rows])
        for path, frame in zip(targets, made, strict=True)
        for one in findings(frame, path.name, {})
    ]
    return Written(tuple(targets), tuple(left))


def _replaced(frame: pd.DataFrame, roles: Mapping[str, str], key: bytes) -> pd.DataFrame:
    new = frame.apply(_whole)
    names = [str(name) for name in frame]
    for own in [name for name in names if name in roles]:
        role = roles[own]
        if role in PREFIXES:
            new[own] = pseudonymise(frame[own], key, PREFIXES[role])
        else:
            new[own] = GENERALISED[role](frame[own])
    patients = [own for own in names if roles.get(own) == "patient_id"]
    order = patients or [own for own in names if roles.get(own) in PREFIXES]
    return new.sort_values(order[0], kind="stable", ignore_index=True)


def _whole(column: pd.Series) -> pd.Series:
    """Write whole numbers without decimals."""
    if not pd.api.types.is_float_dtype(column) or not column.dropna().mod(1).eq(0).all():
        return column
    return column.astype("Int64")


def _target(out: Path, name: str) -> Path:
    file, _, sheet = name.partition("#")
    stem = file.removesuffix(".gz").rpartition(".")[0]
    return out / f"{stem}{'-' if sheet else ''}{sheet}.csv"


def _unknown(asked: Sequence[str], headers: Sequence[str]) -> Iterator[Problem]:
    for own in dict.fromkeys(asked):
        if own not in headers:
            found = f"no file has this column{did_you_mean(own, headers)}"
            yield Problem("the files", found, "name a column as its header does", own)


def _nobody(tables: Sequence, roles: Mapping[str, str]) -> Iterator[Problem]:
    for _, table in tables:
        if not any(roles.get(name) in PREFIXES for name in table.columns):
            found = "no column is known to hold identifiers of persons"
            remedy = "name it: --patient COLUMN, --therapist COLUMN or --unit COLUMN"
            yield Problem(table.name, found, remedy)
