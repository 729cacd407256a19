"""Reading a study by its dictionary, checked before anything is written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.check import check_relations, duplicate_keys
from rupture_outcome.study.columns import Layout, plan_table
from rupture_outcome.study.contract import TABLES
from rupture_outcome.study.covariates import check_covariates
from rupture_outcome.study.dictionary import FILE, Dictionary, read_dictionary
from rupture_outcome.study.flow import flow_frame, flow_row
from rupture_outcome.study.gate.admission import (
    dictionary_findings,
    other_findings,
    refused,
    table_findings,
)
from rupture_outcome.study.gate.finding import Finding
from rupture_outcome.study.tables import Source, StudyTables, empty_table
from rupture_outcome.study.text import TextTable, read_text
from rupture_outcome.study.values import convert_column

# Reading says of a column that should hold something else what is wrong with such cells.
NUMERIC_KINDS = ("date", "day_number", "moment", "register_number")


def read_study(config: Mapping[str, Any]) -> StudyTables:
    """Read a study's tables and check them.

    Parameters
    ----------
    config : mapping
        A complete config, see `rupture_outcome.pipeline.config.load`.

    Returns
    -------
    StudyTables
        Under the names and codes of the data contract, as delivered: not cleaned yet.

    Raises
    ------
    StudyError
        Everything that is wrong with the study, each with file, column and lines.

    Examples
    --------
    >>> study = read_study(load("config/config.yaml"))                   # doctest: +SKIP
    >>> len(study.patients)                                              # doctest: +SKIP
    600
    """
    dictionary = read_dictionary(config["study"]["data"])
    frames: dict[str, pd.DataFrame] = {}
    sources: dict[str, Source] = {}
    gate = dictionary_findings(dictionary)
    others, problems = other_findings(dictionary)
    gate += others
    for table in TABLES:
        frames[table], sources[table], found = _read_table(dictionary, table, config, gate)
        problems += found
    problems = _with_refused(problems, refused(gate, config["study"]["accept"]))
    whole = {table for table in TABLES if not _unusable(problems, sources[table])}
    for table in TABLES:
        if table in whole:
            problems += duplicate_keys(table, frames[table], sources[table], config["cleaning"])
    problems += check_relations(frames, sources, whole)
    source = sources["patients"]
    if not any(problem.file == source.file for problem in problems):
        covariates = config["models"]["covariates"]
        problems += check_covariates(frames["patients"], source, covariates)
    if problems:
        raise StudyError(problems)
    tables = {table: frame.reset_index(drop=True) for table, frame in frames.items()}
    lines = pd.DataFrame({"line": frames["sessions"].index})
    flow = _flow(tables["patients"], tables["sessions"])
    return StudyTables(**tables, flow=flow, lines=lines, gate=pd.DataFrame({"finding": gate}))


def _with_refused(problems: list[Problem], found: list[Finding]) -> list[Problem]:
    """Put what the gate refuses first, but for numbers and dates that reading names already.

    Where a name itself identifies, nothing else is said, as that would repeat it.
    """
    if any(one.column is None for one in found):
        raise StudyError([one.problem() for one in found])
    told: dict[tuple[str, str | None], set[int]] = {}
    for one in problems:
        told.setdefault((one.file, one.column), set()).update(one.rows)
    new = [
        one.problem()
        for one in found
        if one.kind not in NUMERIC_KINDS
        or not set(one.rows) <= told.get((one.file, one.column), set())
    ]
    return new + problems


def _read_table(
    dictionary: Dictionary, table: str, config: Mapping[str, Any], gate: list[Finding]
) -> tuple[pd.DataFrame, Source, list[Problem]]:
    """Read one table; its frame is indexed by line numbers, and empty where it cannot be read.

    What the gate finds in it is added to `gate`.
    """
    resource = dictionary.resource(table)
    if resource is None:
        return empty_table(table), Source(table), []
    path = dictionary.folder / resource["path"]
    source = Source(path.name)
    try:
        text = _read_text(path, resource)
    except StudyError as error:
        return empty_table(table), source, list(error.problems)
    gate += table_findings(text, source.file)
    layout, problems = plan_table(dictionary, table, list(text.columns), config, source)
    if not len(text.lines):
        remedy = "export the table again, with its rows, or leave an optional table out"
        problems.append(source.problem("the table has no rows", remedy))
    frame, found = _convert(text, layout)
    return frame, layout.source, problems + found


def _read_text(path: Path, resource: Mapping[str, Any]) -> TextTable:
    if not path.is_file():
        found = f"the file {resource['path']} of the resource '{resource['name']}' does not exist"
        raise StudyError([Problem(FILE, found, "put the file there, or correct its path")])
    return read_text(path, resource)


def _convert(text: TextTable, layout: Layout) -> tuple[pd.DataFrame, list[Problem]]:
    columns, problems = {}, []
    for name, rules in layout.rules.items():
        own = layout.source.own[name]
        series, found = convert_column(text.columns[own], text.lines, rules, layout.source)
        columns[name] = series
        problems += found
    rows = empty_table(layout.table).reindex(text.lines)
    columns = {name: columns.get(name, rows.get(name)) for name in [*rows, *columns]}
    return pd.DataFrame(columns, index=text.lines), problems


def _unusable(problems: list[Problem], source: Source) -> bool:
    """Whether a table could not be read as a whole, so that comparing it would mislead."""
    return any(one.file == source.file and not len(one.rows) for one in problems) or (
        not source.own
    )


def _flow(patients: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    n, m = len(patients), len(sessions)
    return flow_frame([flow_row("read", "in_tables", m, m, n, n)])
