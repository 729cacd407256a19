"""A whole export understood: sources, decisions, questionnaires, and what stays open."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from rupture_outcome.study.gate.look import shown_names
from rupture_outcome.study.importing.cells import date_formats, numbers, texts
from rupture_outcome.study.importing.mapping import Source
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.assign import SCORES, Column
from rupture_outcome.study.importing.recognise.codes import WORDS, levels, meanings
from rupture_outcome.study.importing.recognise.decision import Decision, Hints, Open, Understood
from rupture_outcome.study.importing.recognise.instruments import Instrument, instrument
from rupture_outcome.study.importing.recognise.names import measure_by_name, plain
from rupture_outcome.study.importing.recognise.table import Columns, understand_columns
from rupture_outcome.study.importing.recognise.wide import NUMBER, base_name, item_sets

LABELLED = ("population", "gender", "treatment", "age_band")
CODED_IN = {"attended": "sessions", "ending": "endings", "format": "patients"}
# What is written for a missing number; sought where it lies far off all others.
POSITIVE_CODES, NEGATIVE_CODES = (77, 88, 99, 777, 888, 999, 9999), (-1, -7, -8, -9)
FAR = 2


def understand(table: RawTable, file: str, hints: Hints) -> Understood:
    """Understand one table of an export.

    Parameters
    ----------
    table : RawTable
    file : str
        Its path, as the plan keeps it.
    hints : Hints

    Raises
    ------
    StudyError
        What cannot be seen and must be told, with what to add to the command.
    """
    columns = understand_columns(table, hints)
    missing = {**({"all": list(hints.missing)} if hints.missing else {}), **_codes(table, columns)}
    every = list(hints.missing)
    values, undecided = _values(table, columns, every)
    found, items, dropped = _instruments(table, columns, missing)
    roles = {role: column for role, column in columns.roles.items() if role not in dropped}
    plain_roles = {role: c.own for role, c in roles.items() if NUMBER not in c.own}
    wide = {role: c.own for role, c in roles.items() if NUMBER in c.own}
    wide |= {item: own for item, own in items.items() if NUMBER in own}
    decisions = [
        replace(one, became="", why="made_from_items") if one.became in dropped else one
        for one in columns.decisions
    ]
    decisions += _item_decisions(table, columns, items)
    shown = dict(zip(table.columns, shown_names(table.columns), strict=True))
    decisions = [replace(one, column=shown.get(one.column, one.column)) for one in decisions]
    left = {one.column: one.why for one in decisions if one.left_out}
    source = Source(
        file=file,
        rows=columns.rows,
        columns=plain_roles,
        wide=wide,
        items={item: own for item, own in items.items() if NUMBER not in own},
        codes=values,
        missing=missing,
        date_format=_date_format(table, roles),
        options=dict(table.options),
        left_out=left,
    )
    shape = _shape(source)
    return Understood(source, tuple(decisions), tuple(found), tuple(undecided), shape)


def _shape(source: Source) -> str:
    if source.rows == "patient":
        return "one_row_a_patient_wide" if source.wide else "one_row_a_patient"
    if source.rows == "item":
        return "one_row_an_answer"
    by_dates = "session" not in source.columns and "date" in source.columns
    return "one_row_a_visit" if by_dates else "one_row_a_session"


def _date_format(table: RawTable, roles: Mapping[str, Column]) -> str | None:
    """Find the format that fits the dates; day before month where both fit."""
    found = [date_formats(roles[role].cells) for role in ("date", "intake") if role in roles]
    common = [one for one in (found[0] if found else []) if all(one in other for other in found)]
    return common[0] if common else None


def _values(
    table: RawTable, columns: Columns, missing: list[str]
) -> tuple[dict[str, dict[str, str]], list[Open]]:
    """Meanings of codes by own column, and codes without one."""
    values: dict[str, dict[str, str]] = {}
    undecided: list[Open] = []
    for role, column in columns.roles.items():
        first = _one_of(table, column.own)
        labels = table.codes.get(first, {})
        if role in WORDS:
            found = levels(column.cells, missing)
            if found is None:
                undecided.append(Open(f"values.{CODED_IN[role]}.{role}", "too_many_codes"))
                continue
            known, open_codes = meanings(role, found, labels)
            places = _columns(table, column.own)
            values |= {own: known for own in places if known}
            undecided += [Open(f"values.{CODED_IN[role]}.{role}", code) for code in open_codes]
        elif role in LABELLED and labels:
            values[column.own] = dict(labels)
    return values, undecided


def _columns(table: RawTable, own: str) -> list[str]:
    if NUMBER not in own:
        return [own]
    head, tail = own.split(NUMBER)
    regular = re.compile(re.escape(head) + r"[0-9]+" + re.escape(tail))
    return [name for name in table.columns if regular.fullmatch(name)]


def _one_of(table: RawTable, own: str) -> str:
    return _columns(table, own)[0]


def _codes(table: RawTable, columns: Columns) -> dict[str, list[str]]:
    """Numbers that stand for "not answered" in scores and items: far off all others."""
    measured = [c for role, c in columns.roles.items() if role in SCORES or role == "severity"]
    measured += [column for found in columns.items.values() for column in found]
    out: dict[str, list[str]] = {}
    for column in measured:
        read = numbers(column.cells, table.decimal)[0].dropna()
        codes = missing_codes(read)
        if codes:
            out |= dict.fromkeys(_columns(table, column.own), codes)
    return out


def missing_codes(read: pd.Series) -> list[str]:
    """Codes among numbers.

    >>> missing_codes(pd.Series([1.0, 5, 99])), missing_codes(pd.Series([50.0, 99]))
    (['99'], [])
    """
    seen = set(read.unique())
    suspects = {v for v in seen if v in POSITIVE_CODES or -v in POSITIVE_CODES}
    suspects |= {v for v in seen if v in NEGATIVE_CODES}
    rest = [v for v in seen if v not in suspects]
    if not rest:
        return []
    low, high = min(rest), max(rest)
    found = [v for v in suspects if (v < 0 <= low) or v > max(FAR * high, high + 20)]
    return [f"{v:g}" for v in sorted(found)]


def _instruments(
    table: RawTable, columns: Columns, missing: Mapping[str, list[str]]
) -> tuple[list[Instrument], dict[str, str], set[str]]:
    """Questionnaires of a table, columns of the items that are kept, and scores that are not."""
    found: dict[str, Instrument] = {}
    items: dict[str, str] = {}
    for stem, set_of in _sets(table, columns, missing).items():
        measures = _measure(stem)
        if measures is None or measures not in SCORES:
            continue
        answers = pd.concat([_numbers(table, column, missing) for column in set_of])
        names = {_item_name(column): column.own for column in set_of}
        span = _labelled(table, set_of[0].own)
        one = instrument(measures, stem, answers, tuple(names), span)
        delivered = measures in columns.roles
        if measures not in found and (one.use or not delivered):
            found[measures] = one
            items |= names
    dropped = {role for role in columns.roles if role in found}
    for role in SCORES:
        if role in columns.roles and role not in found:
            column = columns.roles[role]
            span = _labelled(table, _one_of(table, column.own))
            values = _numbers(table, column, missing)
            label = table.labels.get(_one_of(table, column.own), "")
            found[role] = instrument(role, column.name, values, (), span, label)
    return list(found.values()), items, dropped


def _sets(
    table: RawTable, columns: Columns, missing: Mapping[str, list[str]]
) -> dict[str, list[Column]]:
    if columns.rows != "item":
        return {base_name(stem) if NUMBER in stem else stem: c for stem, c in columns.items.items()}
    asked = texts(columns.roles["item"].cells)
    answers = columns.roles["answer"].cells
    return {
        stem: [Column(name, name, answers[asked == name]) for name in names]
        for stem, names in item_sets(sorted(asked.dropna().unique())).items()
    }


def _measure(stem: str) -> str | None:
    words = re.sub(r"\b(item|items|q|i|nr|frage)\b", " ", plain(stem))
    return measure_by_name(" ".join(words.split()))


def _item_name(column: Column) -> str:
    name = plain(column.name).replace(" ", "_")
    return name if name[0].isalpha() else f"item_{name}"


def _numbers(table: RawTable, column: Column, missing: Mapping[str, list[str]]) -> pd.Series:
    codes = [*missing.get("all", []), *missing.get(_any(table, column.own), [])]
    return numbers(column.cells, table.decimal, codes)[0]


def _any(table: RawTable, own: str) -> str:
    return _one_of(table, own) if _columns(table, own) else own


def _labelled(table: RawTable, own: str) -> tuple[float, float] | None:
    labels = table.codes.get(_any(table, own), {})
    read = numbers(pd.Series(list(labels), dtype="str"))[0].dropna()
    return (float(read.min()), float(read.max())) if len(read) > 1 else None


def _item_decisions(table: RawTable, columns: Columns, items: Mapping[str, str]) -> list[Decision]:
    if columns.rows == "item":
        asked = texts(columns.roles["item"].cells).dropna().unique()
        left = sorted(set(asked) - set(items.values()))
        return [
            *(Decision(table.name, own, item, "items") for item, own in items.items()),
            *(Decision(table.name, own, "", "items_of_nothing") for own in left),
        ]
    kept = {own: item for item, own in items.items()}
    every = [column.own for found in columns.items.values() for column in found]
    return [
        Decision(table.name, own, kept.get(own, ""), "items" if own in kept else "items_of_nothing")
        for own in every
    ]


def all_instruments(found: Sequence[Understood]) -> list[Instrument]:
    """Questionnaires of a whole export, one for each measurement and name."""
    by_measure: dict[str, Instrument] = {}
    for table in found:
        for scale in table.instruments:
            by_measure.setdefault(scale.measures, scale)
    taken: dict[str, Instrument] = {}
    for one in by_measure.values():
        name = one.name if one.name not in taken else f"{one.name}_{one.measures}"
        taken[name] = replace(one, name=name)
    return list(taken.values())
