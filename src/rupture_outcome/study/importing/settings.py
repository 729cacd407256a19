"""The config of an imported study: what can be said, and what the user must complete."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from rupture_outcome.study.contract import fields
from rupture_outcome.study.importing.build import Imported
from rupture_outcome.study.importing.recognise.decision import Open
from rupture_outcome.study.importing.recognise.instruments import Instrument

TODO = "TODO"
# Of patients, how many must have a baseline score for it to be a covariate.
MOST = 0.5


def settings(
    name: str, study: Imported, instruments: Sequence[Instrument], undecided: Iterable[Open]
) -> tuple[dict[str, Any], list[Open]]:
    """Write the config of a study as plain values, ``TODO`` where the user must decide.

    Parameters
    ----------
    name : str
    study : Imported
    instruments : sequence of Instrument
    undecided : iterable of Open
        Codes without a meaning.

    Returns
    -------
    config : dict
    todo : list of Open
        Every key that holds ``TODO``, in the order of the config.
    """
    todo: list[Open] = []
    config: dict[str, Any] = {"study": {"name": name, "title": name, "data": "."}}
    values = _values(study, undecided, todo)
    if values:
        config["values"] = values
    scales = {one.name: _instrument(one, todo) for one in instruments if _has(study, one)}
    if scales:
        config["instruments"] = scales
    config["coding"] = _coding(study, todo, [one for one in instruments if _has(study, one)])
    config["dropout"] = {"definition": _dropout(study, todo)}
    severity = study.patients.get("severity", pd.Series(dtype=float))
    enough = len(severity) and severity.notna().mean() > MOST and severity.std() > 0
    config["models"] = {"covariates": ["severity"] if enough else []}
    return config, todo


def _values(study: Imported, undecided: Iterable[Open], todo: list[Open]) -> dict[str, Any]:
    """Codes that are in the tables as they were; those of the contract stand beside them."""
    out: dict[str, Any] = {}
    frames = study.frames()
    for one in undecided:
        _, table, column = one.key.split(".")
        if column not in frames[table]:
            continue
        left = frames[table][column].astype("str").dropna()
        if one.what == "too_many_codes" or one.what not in set(left):
            continue
        out.setdefault(table, {}).setdefault(column, {})[one.what] = TODO
        todo.append(one)
    return out


def _has(study: Imported, one: Instrument) -> bool:
    columns = one.items or (one.measures,)
    return all(column in study.sessions for column in columns)


def _instrument(one: Instrument, todo: list[Open]) -> dict[str, Any]:
    out: dict[str, Any] = {"measures": one.measures}
    if one.items:
        out["items"] = list(one.items)
    if one.use:  # its structure is known, with sources
        return {"use": one.use, **out, **({} if one.items else {"score": _score(one)})}
    out["range"] = [_plain(value) for value in one.range] if one.range else TODO
    out["direction"] = one.direction if one.direction else TODO
    left = [key for key in ("range", "direction") if out[key] == TODO]
    todo += [Open(f"instruments.{one.name}.{key}", key) for key in left]
    return out


def _score(one: Instrument) -> str:
    return "mean" if one.mean else "sum"


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _coding(study: Imported, todo: list[Open], instruments: Sequence[Instrument]) -> dict[str, Any]:
    sessions = study.sessions
    scored = {one.measures for one in instruments} | set(sessions)
    definitions: dict[str, Any] = {}
    if "alliance_patient" in scored:
        definitions["drop_sd"] = {}
    elif "alliance_therapist" in scored:
        definitions["drop_sd"] = {"source": "alliance_therapist"}
    for who in ("patient", "therapist"):
        if f"psq_{who}_rupture" in sessions:
            definitions[f"psq_{who}"] = {}
    repair: dict[str, Any] = {"return_to_baseline": {}} if "drop_sd" in definitions else {}
    if "psq_patient_resolution" in sessions:
        repair["psq_resolved"] = {}
    primary = next(iter(definitions), TODO)
    rule = next(iter(repair), TODO)
    if primary == TODO:
        todo.append(Open("coding.primary.definition", "no_source"))
    if rule == TODO:
        todo.append(Open("coding.primary.repair_rule", "no_repair"))
    out: dict[str, Any] = {"definitions": definitions, "repair_rules": repair}
    out = {key: part for key, part in out.items() if part}
    return out | {"primary": {"definition": primary, "repair_rule": rule}}


def _dropout(study: Imported, todo: list[Open]) -> str:
    endings = study.endings
    if "ending" in endings and endings["ending"].notna().any():
        return "recorded_ending"
    for column, definition in (
        ("missed_last_appointment", "missed_last_appointment"),
        ("therapist_judged_dropout", "therapist_judgement"),
    ):
        if column in endings and endings[column].notna().any():
            return definition
    todo.append(Open("dropout.definition", "no_ending"))
    return TODO


def dictionary(name: str, study: Imported) -> dict[str, Any]:
    """Describe the tables as a Frictionless data package.

    Parameters
    ----------
    name : str
    study : Imported
    """
    resources = [
        {
            "name": table,
            "type": "table",
            "path": f"{table}.csv",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": {
                "fields": [_field(table, str(name), column) for name, column in frame.items()],
                "missingValues": [""],
            },
        }
        for table, frame in study.frames().items()
    ]
    schema = "https://datapackage.org/profiles/2.0/datapackage.json"
    return {"$schema": schema, "name": name.lower(), "resources": resources}


def _field(table: str, column: str, cells: pd.Series) -> dict[str, Any]:
    known = fields(table).get(column, {})
    kinds = {"Int64": "integer", "int64": "integer", "float64": "number"}
    kind = kinds.get(str(cells.dtype), "string")
    out = {"name": column, "type": kind}
    if known.get("description"):
        out["description"] = known["description"]
    return out
