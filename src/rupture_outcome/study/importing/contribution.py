"""What one table of an export adds to patients, sessions and endings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from rupture_outcome.errors import Problem, did_you_mean
from rupture_outcome.study import contract
from rupture_outcome.study.frames import lengthened
from rupture_outcome.study.gate.look import shown_names
from rupture_outcome.study.importing.cells import dates, numbers, texts
from rupture_outcome.study.importing.mapping import (
    ENDING_ROLES,
    PATIENT_ROLES,
    SESSION_ROLES,
    Source,
)
from rupture_outcome.study.importing.raw import RawTable

DATES = ("date", "intake")
WORDS = ("attended", "ending")  # codes that values translate
FLAGS = ("no_show", "dropout")
# What a cell may hold that a flag takes for yes and no.
YES = frozenset(["1", "yes", "ja", "true", "wahr", "y", "j", "x", "checked"])
NO = frozenset(["0", "no", "nein", "false", "falsch", "n", "unchecked"])


@dataclass(frozen=True)
class Contribution:
    """Rows of one table by what they are about.

    Parameters
    ----------
    table : RawTable
    people : DataFrame
        `patient_id` and what is said about patients and endings, a row for each that says it.
    sessions : DataFrame
        `patient_id`, `session` (missing where it is to be numbered) and what belongs to a session.
    problems : list of Problem
    """

    table: RawTable
    people: pd.DataFrame
    sessions: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)


def contribution(table: RawTable, source: Source) -> Contribution:
    """Take a table apart as its source says.

    Problems are collected; where there are any, the frames are not to be used.
    """
    problems = list(_absent(table, source))
    if problems:
        return Contribution(table, pd.DataFrame(), pd.DataFrame(), problems)
    frame, problems = _converted(table, source)
    lacking = frame["patient_id"].isna()
    if lacking.any() and not problems:
        filled = frame.drop(columns="patient_id").notna().any(axis=1)
        if (lacking & filled).any():
            problems.append(
                table.problem(
                    "the patient's identifier is missing",
                    "fill it in, or take these rows out (a line of totals below the table?)",
                    source.columns["patient_id"],
                    list(frame.index[lacking & filled]),
                )
            )
        frame = frame[~lacking]
    if problems:
        return Contribution(table, pd.DataFrame(), pd.DataFrame(), problems)
    about = [name for name in (*PATIENT_ROLES, *ENDING_ROLES) if name in frame]
    sessions = _sessions(frame, source)
    people = frame[about].assign(_line=frame.index, _order=_order(frame))
    return Contribution(table, people, sessions, [])


def _order(frame: pd.DataFrame) -> pd.Series:
    """Order rows by date, by session where no number comes twice, or leave them as they are."""
    if "date" in frame and frame["date"].notna().any():
        return frame["date"].astype("int64").where(frame["date"].notna()).astype("float64")
    if "session" in frame and not frame.duplicated(["patient_id", "session"]).any():
        return frame["session"].astype("float64")
    return pd.Series(0.0, frame.index)


def _sessions(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    if source.rows == "patient":
        if not source.wide:
            return pd.DataFrame({"patient_id": pd.Series(dtype="str")})
        columns = [name for name in frame if name not in (*PATIENT_ROLES, *ENDING_ROLES)]
        long = lengthened(frame[["patient_id", *columns]], source.wide, "patient_id")
        return long.assign(_line=float("nan"))
    names = [*SESSION_ROLES, *source.items]
    about = ["patient_id", *[name for name in names if name in frame]]
    out = frame[about]
    if source.rows == "item":
        return _answers(frame, source).assign(_line=float("nan"))
    told = [name for name in about if name not in ("patient_id", "session", "therapist_id")]
    if "session" in out:  # rows about the patient, as the intake form of a long export
        out = out[out["session"].notna() | out[told].notna().any(axis=1)]
    return out.assign(_line=out.index)


def _answers(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """One row an answer becomes one row a session."""
    items = {text: item for item, text in source.items.items()}
    asked = frame.assign(_item=frame["item"].map(items)).dropna(subset=["_item", "answer"])
    when = [name for name in ("session", "date") if name in frame]
    key = ["patient_id", *when]
    wide = asked.pivot_table(index=key, columns="_item", values="answer", aggfunc="first")
    rest = [n for n in SESSION_ROLES if n in frame and n not in when]
    others = frame[[*key, *rest]].groupby(key, sort=False).first().reset_index()
    return others.merge(wide.reset_index(), how="left", on=key)


def _absent(table: RawTable, source: Source) -> Iterator[Problem]:
    for role, own in source.columns.items():
        if own not in table.frame:
            yield table.problem(
                f"the column is missing; it was looked for as '{role}'"
                f"{did_you_mean(own, table.columns)}",
                "name the export's own column in import.yaml",
                own,
            )


def _converted(table: RawTable, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """Cells by what each column is, under the names of roles and items."""
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    items = {} if source.rows == "item" else dict(source.items)
    for name, own in {**source.columns, **items}.items():
        columns[name], found = _one(table, source, name, own)
        problems += found
    for name, pattern in source.wide.items():
        for own in matching(table, pattern):
            columns[own], found = _one(table, source, name, own)
            problems += found
    frame = pd.DataFrame(columns, index=table.frame.index)
    if source.rows == "item" and not problems:
        problems += _answered_twice(table, frame)
    return frame, problems


def matching(table: RawTable, pattern: str) -> list[str]:
    """List the columns that a wide pattern means."""
    head, _, tail = pattern.partition("{session}")
    return [
        name
        for name in table.columns
        if name.startswith(head)
        and name.endswith(tail)
        and name[len(head) : len(name) - len(tail)].isdigit()
    ]


def unknown_columns(table: RawTable, source: Source) -> list[str]:
    """List columns that a plan does not know, as they may be shown.

    Parameters
    ----------
    table : RawTable
    source : Source
    """
    patterns = [own for own in (*source.wide.values(), *source.left_out) if "{session}" in own]
    known = {*source.columns.values(), *source.items.values(), *source.left_out}
    known |= {own for pattern in patterns for own in matching(table, pattern)}
    shown = zip(table.columns, shown_names(table.columns), strict=True)
    return [name for own, name in shown if own not in known and name not in known]


def _one(table: RawTable, source: Source, name: str, own: str) -> tuple[pd.Series, list[Problem]]:
    cells = table.frame[own]
    missing = [*source.missing.get("all", []), *source.missing.get(own, [])]
    if name in DATES:
        found, wrong = dates(cells, source.date_format)
        expected, remedy = "expected dates of one form", "correct them, or set date_format"
    elif name in WORDS or (name in FLAGS or _type(name) == "boolean"):
        return _coded(table, source, name, own, missing)
    elif _type(name) == "string":
        return texts(cells, missing), []
    else:
        found, wrong = numbers(cells, table.decimal, missing)
        expected = "expected numbers, found something else"
        remedy = "correct the cells, or list codes for missing answers (--missing, import.yaml)"
        if _type(name) == "integer":
            wrong = wrong | (found.notna() & (found % 1 != 0))
            expected = "expected whole numbers, found something else"
    if not wrong.any():
        return found, []
    return found, [table.problem(expected, remedy, own, list(cells.index[wrong]))]


def _coded(
    table: RawTable, source: Source, name: str, own: str, missing: list[str]
) -> tuple[pd.Series, list[Problem]]:
    """Texts, translated where the plan says so; flags become 1 and 0."""
    shown = texts(table.frame[own], missing)
    given = source.codes.get(own, {})
    labels = table.codes.get(own, {})
    if name in WORDS:
        return shown.map(lambda text: given.get(text, text), na_action="ignore").astype("str"), []
    meanings = {**labels, **given}
    low = shown.map(lambda text: meanings.get(text, text), na_action="ignore").astype("str")
    low = low.str.lower()
    out = low.map({**dict.fromkeys(YES, 1.0), **dict.fromkeys(NO, 0.0)}).astype("float64")
    wrong = shown.notna() & out.isna()
    if not wrong.any():
        return out, []
    remedy = f"say under codes.{own} in import.yaml which code is yes and which is no"
    rows = list(shown.index[wrong])
    return out, [table.problem("expected yes and no, found other codes", remedy, own, rows)]


def _answered_twice(table: RawTable, frame: pd.DataFrame) -> Iterator[Problem]:
    key = [name for name in ("patient_id", "session", "date", "item") if name in frame]
    answered = frame.dropna(subset=["patient_id", "item", "answer"])
    groups = answered.groupby(key, dropna=False)["answer"]
    other = answered.index[groups.transform("nunique") > 1]
    if len(other):
        found = "the same item of the same session has different answers"
        yield table.problem(found, "correct the wrong one", None, list(other))


def _type(name: str) -> str:
    for table in ("patients", "sessions", "endings"):
        found = contract.fields(table).get(name)
        if found is not None:
            return str(found["type"])
    return "string" if name in ("item",) else "number"
