"""Exports of REDCap: which session a row is of, and what the data dictionary says."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from rupture_outcome.study.gate.properties import Property
from rupture_outcome.study.importing.cells import REDCAP_NOTHING, numbers, texts
from rupture_outcome.study.importing.raw import RawTable

FIELD, LABEL, KIND = "Variable / Field Name", "Field Label", "Field Type"
DESCRIBING = (LABEL, "Section Header", "Field Note", "Field Annotation", "Form Name")
CHOICES, IDENTIFIER = "Choices, Calculations, OR Slider Labels", "Identifier?"
EVENT, INSTANCE = "redcap_event_name", "redcap_repeat_instance"
SESSION = "redcap_session"
_ARM = re.compile(r"(_arm_[0-9]+|\s*\(arm .*\))$", re.IGNORECASE)


def is_export(names: list[str]) -> bool:
    """Whether columns are those of an export, not of any table."""
    forms = any(name.endswith("_complete") for name in names)
    return bool({EVENT, INSTANCE} & set(names)) or (names[:1] == ["record_id"] and forms)


def is_dictionary(table: RawTable) -> bool:
    """Whether a table is a data dictionary, which describes another one."""
    return {FIELD, KIND, LABEL} <= set(table.columns)


def as_export(table: RawTable) -> RawTable:
    """Blank the codes for missing data that REDCap proposes, and number the sessions of rows.

    A row's session is the number in the name of its event, or else its repeat instance; a row that
    has neither, such as that of an intake form, is about the patient.

    Parameters
    ----------
    table : RawTable
    """
    frame = table.frame.mask(
        table.frame.apply(lambda column: column.astype("str").str.lower().isin(REDCAP_NOTHING))
    )
    session = pd.Series(float("nan"), frame.index)
    if EVENT in frame:
        session = _event_numbers(frame[EVENT])
    if INSTANCE in frame:
        session = session.fillna(numbers(frame[INSTANCE])[0])
    if session.notna().any():
        frame.insert(0, SESSION, session)
    return replace(table, frame=frame, form="redcap")


def _event_numbers(events: pd.Series) -> pd.Series:
    """Numbers in the names of events, where several names differ by their number only."""
    found = texts(events).dropna().unique()
    names = {event: _ARM.sub("", event) for event in found}
    parts = {event: re.fullmatch(r"(\D*?)0*([0-9]+)(\D*)", name) for event, name in names.items()}
    read = {event: match for event, match in parts.items() if match}
    stems = [(match[1], match[3]) for match in read.values()]
    several = {stem for stem in stems if stems.count(stem) > 1}
    told = {e: float(m[2]) for e, m in read.items() if (m[1], m[3]) in several}
    return texts(events).map(told).astype("float64")


def described(table: RawTable, dictionary: RawTable) -> RawTable:
    """Add what a data dictionary says: labels of fields, and of their codes.

    Parameters
    ----------
    table : RawTable
        An export.
    dictionary : RawTable
    """
    fields = dictionary.frame.set_index(FIELD)
    labels = texts(fields[LABEL]).dropna().to_dict()
    codes: dict[str, Mapping[str, str]] = {}
    for name, row in fields.iterrows():
        own = _choices(row.get(CHOICES)) if row[KIND] in ("radio", "dropdown", "checkbox") else {}
        if row[KIND] == "checkbox":
            for code, label in own.items():
                labels[f"{name}___{code.lower()}"] = f"{labels.get(str(name), name)}: {label}"
        elif row[KIND] in ("yesno", "truefalse"):
            codes[str(name)] = {"1": "yes", "0": "no"}
        elif own:
            codes[str(name)] = own
    said = {str(name): str(label) for name, label in labels.items()}
    beside = (*table.properties, *_descriptions(dictionary))
    return replace(table, labels=said, codes=codes, properties=beside)


def _descriptions(dictionary: RawTable) -> list[Property]:
    columns = [name for name in dictionary.columns if name in DESCRIBING]
    return [
        Property(f"dictionary's {name}, line {line}", cell, described=True)
        for name in columns
        for line, cell in texts(dictionary.frame[name]).dropna().items()
    ]


def identifiers(dictionary: RawTable) -> list[str]:
    """List the fields that a dictionary marks as identifying persons."""
    frame = dictionary.frame
    if IDENTIFIER not in frame:
        return []
    marked = texts(frame[IDENTIFIER]).str.lower().eq("y")
    return texts(frame.loc[marked, FIELD]).tolist()


def _choices(cell: object) -> dict[str, str]:
    """Read ``1, Completed | 2, Dropped out``."""
    if not isinstance(cell, str):
        return {}
    pairs = (choice.partition(",") for choice in cell.split("|"))
    return {code.strip(): label.strip() for code, comma, label in pairs if comma}
