"""Coded sessions and persons as files for R, SPSS, Stata, Mplus and others, with their labels."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.cohort.analysis_tables import person_table, session_table
from rupture_outcome.cohort.dropout import ending_event
from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.look.variable_labels import Variable, variables
from rupture_outcome.pipeline.coded_study import CodedStudy, code_study
from rupture_outcome.pipeline.mplus import LONGEST_NAME as LONGEST_IN_MPLUS
from rupture_outcome.pipeline.mplus import data_text, input_text, without_texts
from rupture_outcome.study.dictionary import read_dictionary
from rupture_outcome.study.writing import complete_file, write_csv, write_parquet, write_text

NOTICE = "person-level data: for analysis where these data may be, not for passing on"
NUMBERS = "numbers.csv"
NOTICE_FILE = "NOT_FOR_PASSING_ON.txt"
LONGEST_NAME = 32  # in Stata; SPSS takes 64
RESERVED = frozenset(  # words of SPSS, Stata and Mplus
    ("all", "and", "at", "by", "byte", "double", "eq", "float", "ge", "gt", "if", "in", "int")
).union(("le", "long", "lt", "ne", "not", "on", "or", "str", "to", "using", "with"))

Table = tuple[pd.DataFrame, list[Variable]]


def export_tables(config: Mapping[str, Any]) -> dict[str, Table]:
    """Code a study and lay it out in two tables, each with its variables.

    Parameters
    ----------
    config : mapping
        A complete config.

    Returns
    -------
    dict
        ``sessions`` and ``persons``: the table under names that all programs take, and what its
        variables are called. Coded anew, so that no result that is older than the config is read.
    """
    coded = code_study(config)
    frames = {"sessions": _sessions(coded, config), "persons": _persons(coded, config)}
    titles = _titles(config)
    out = {}
    for name, frame in frames.items():
        person = name == "persons"
        described = variables(
            frame,
            titles["patients" if person else "sessions"],
            config["instruments"],
            person=person,
        )
        names = unique_names([one.name for one in described])
        out[name] = (frame.set_axis(names, axis=1), described)
    return out


def write_export(tables: Mapping[str, Table], folder: Path, kind: str, force: bool) -> list[Path]:
    """Write the tables and, where the kind of file holds no labels, a codebook.

    Parameters
    ----------
    tables : mapping
        From `export_tables`.
    folder : Path
    kind : {"csv", "sav", "dta", "parquet", "mplus"}
    force : bool
        Whether files that are there are overwritten.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    StudyError
        A file is there already.
    """
    files = {name: folder / f"{name}.{ENDINGS.get(kind, kind)}" for name in tables}
    labelled = kind in ("sav", "dta")
    extra = [folder / NOTICE_FILE] + ([] if labelled else [folder / "codebook.csv"])
    if kind == "mplus":
        extra += [folder / NUMBERS, *(path.with_suffix(".inp") for path in files.values())]
    wanted = [*files.values(), *extra]
    there = [path.name for path in wanted if path.exists() and path.name != NOTICE_FILE]
    if there and not force:
        found = f"{', '.join(there)} already there"
        raise StudyError(
            [Problem(str(folder), found, "give --force to overwrite, or another --out")]
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_text(f"This folder holds {NOTICE}.\n", folder / NOTICE_FILE)
    if kind == "mplus":
        tables = _for_mplus(tables, folder)
    for name, (frame, described) in tables.items():
        WRITERS[kind](frame, described, files[name])
    if not labelled:
        write_csv(codebook(tables), folder / "codebook.csv")
    return wanted


def codebook(tables: Mapping[str, Table]) -> pd.DataFrame:
    """List the variables: table, variable, label, code, meaning; one row a code or variable."""
    rows = [
        (table, str(column), one.label, code, meaning)
        for table, (frame, described) in tables.items()
        for column, one in zip(frame, described, strict=True)
        for code, meaning in _code_rows(one)
    ]
    return pd.DataFrame(rows, columns=["table", "variable", "label", "code", "meaning"])


def _code_rows(one: Variable) -> Iterator[tuple[str, str]]:
    by_number = {number: code for code, number in one.codes.items()}
    for number, meaning in one.meanings.items():
        yield by_number.get(number, str(number)), meaning
    if not one.meanings:
        yield "", ""


def unique_names(names: Sequence[str], longest: int = LONGEST_NAME) -> list[str]:
    """Names that SPSS and Stata take: letters, digits and _, unlike each other also in capitals.

    Parameters
    ----------
    names : sequence of str
    longest : int
        Letters of a name.

    Examples
    --------
    >>> unique_names(["WAI 1", "wai_1", "1st", "by", "ä"])
    ['WAI_1', 'wai_1_2', 'v_1st', 'by_', 'v__']
    """
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)[:longest]
        if not re.match(r"[A-Za-z]", plain):
            plain = f"v_{plain}"[:longest]
        if plain.lower() in RESERVED:
            plain += "_"
        number, candidate = 1, plain
        while candidate.lower() in taken:
            number += 1
            end = f"_{number}"
            candidate = plain[: longest - len(end)] + end
        taken.add(candidate.lower())
        out.append(candidate)
    return out


def _sessions(coded: CodedStudy, config: Mapping[str, Any]) -> pd.DataFrame:
    rows = coded.person_sessions
    prospective = coded.states["definition"].isin(rows["definition"].drop_duplicates())
    return session_table(
        coded.sessions,
        coded.ruptures,
        coded.states[prospective],
        rows,
        config["coding"]["primary"],
    )


def _persons(coded: CodedStudy, config: Mapping[str, Any]) -> pd.DataFrame:
    study, dropout = coded.study, config["dropout"]
    treatments = treatment_endings(
        coded.sessions, study.patients, study.endings, config["instruments"]
    )
    limits = DropoutLimits.from_config(dropout)
    event = ending_event(treatments, dropout["definition"], limits)
    return person_table(study.patients, treatments, coded.sessions, coded.ruptures, event)


def _titles(config: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Titles that the study's dictionary gives its columns, under the contract's names."""
    dictionary = read_dictionary(config["study"]["data"])
    out: dict[str, dict[str, str]] = {}
    for table in ("patients", "sessions", "endings"):
        contract = {own: name for name, own in config["columns"][table].items()}
        out[table] = {
            contract.get(own, own): str(field["title"])
            for own, field in dictionary.fields(table).items()
            if field.get("title")
        }
    out["patients"] = out["endings"] | out["patients"]
    return out


def _numbered(frame: pd.DataFrame, described: Sequence[Variable]) -> pd.DataFrame:
    """Codes as numbers, as SPSS and Stata hold them; texts stay."""
    columns: dict[Any, Any] = {}
    for column, one in zip(frame, described, strict=True):
        values = frame[column]
        if one.codes:
            columns[column] = values.astype("str").map(one.codes).astype("float64")
        elif pd.api.types.is_numeric_dtype(values):
            columns[column] = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        else:
            columns[column] = values.astype("object").where(values.notna(), "").astype("str")
    return pd.DataFrame(columns, index=frame.index)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers without a decimal point, also where some are missing; yes and no as 1, 0."""
    whole = [
        name
        for name, values in frame.items()
        if pd.api.types.is_numeric_dtype(values)
        and (values.dropna().astype("float64") % 1 == 0).all()
    ]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _labels(frame: pd.DataFrame, described: Sequence[Variable]) -> dict[str, Any]:
    pairs = list(zip([str(column) for column in frame], described, strict=True))
    return {
        "column_labels": {column: one.label for column, one in pairs},
        "variable_value_labels": {
            column: {float(k): v for k, v in one.meanings.items()}
            for column, one in pairs
            if one.meanings
        },
    }


def _write_sav(frame: pd.DataFrame, described: Sequence[Variable], path: Path) -> None:
    import pyreadstat

    measures = {
        str(column): "nominal"
        if one.meanings or not pd.api.types.is_numeric_dtype(frame[column])
        else "scale"
        for column, one in zip(frame, described, strict=True)
    }
    with complete_file(path) as part:
        pyreadstat.write_sav(
            _numbered(frame, described),
            part,
            file_label=NOTICE[:64],
            variable_measure=measures,
            **_labels(frame, described),
        )


def _write_dta(frame: pd.DataFrame, described: Sequence[Variable], path: Path) -> None:
    import pyreadstat

    labels = _labels(frame, described)
    labels["column_labels"] = {k: v[:80] for k, v in labels["column_labels"].items()}
    with complete_file(path) as part:
        pyreadstat.write_dta(
            _numbered(frame, described), part, file_label=NOTICE[:80], version=14, **labels
        )


def _for_mplus(tables: Mapping[str, Table], folder: Path) -> dict[str, Table]:
    """Texts as numbers, which a file of their own explains, under short names."""
    coded = {name: _numbered(*table).replace("", None) for name, table in tables.items()}
    frames, numbers = without_texts(coded)
    long = list(dict.fromkeys(str(column) for frame in frames.values() for column in frame))
    names = dict(zip(long, unique_names(long, LONGEST_IN_MPLUS), strict=True))
    write_csv(numbers.assign(variable=numbers["variable"].map(names)), folder / NUMBERS)
    return {name: (frames[name].rename(columns=names), one) for name, (_, one) in tables.items()}


def _write_mplus(frame: pd.DataFrame, described: Sequence[Variable], path: Path) -> None:
    write_text(data_text(_plain(frame)), path)
    names = [str(column) for column in frame]
    write_text(input_text(path.stem, names, described), path.with_suffix(".inp"))


Writer = Callable[[pd.DataFrame, Sequence[Variable], Path], None]
WRITERS: dict[str, Writer] = {
    "csv": lambda frame, described, path: write_csv(_plain(frame), path),
    "parquet": lambda frame, described, path: write_parquet(_plain(frame), path),
    "sav": _write_sav,
    "dta": _write_dta,
    "mplus": _write_mplus,
}
ENDINGS = {"mplus": "dat"}
