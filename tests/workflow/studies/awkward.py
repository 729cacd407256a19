"""Awkward studies, cut from the example: what a pipeline meets that was built on a tidy one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tests.running import EXAMPLE

Tables = dict[str, pd.DataFrame]
Config = dict[str, Any]
REQUIRED = ("patients", "sessions", "endings")
CODE = "I(__import__('pathlib').Path('run_as_code').touch())"


def nobody_left(tables: Tables, config: Config) -> None:
    """Twelve patients of one therapist, all still in treatment, under names that need quoting."""
    _first(tables, 12)
    tables["endings"]["ending"] = "ongoing"
    names = {p: f"Fall/{i} 'ä\"€, {p}" for i, p in enumerate(tables["patients"]["patient_id"])}
    for table in tables.values():
        table["patient_id"] = table["patient_id"].map(names)
    tables["patients"]["therapist_id"] = tables["sessions"]["therapist_id"] = "T"
    _without_observers(tables, config)


def only_observed(tables: Tables, config: Config) -> None:
    """Observers' codes alone: no rating of alliance, ruptures or symptoms, no therapist; weeks."""
    _first(tables, 150)
    del tables["patients"]["therapist_id"]
    tables["sessions"] = tables["sessions"][["patient_id", "session", "day", "attended"]]
    config |= {"clock": "weeks", "instruments": {}}
    config["coding"]["definitions"] = {"observer": {}}
    config["coding"]["repair_rules"] = {"observer_resolved": {"within": 5}}
    config["coding"]["primary"] = {"definition": "observer", "repair_rule": "observer_resolved"}
    config["dropout"] = {"definition": "missed_last_appointment"}


def other_choices(tables: Tables, config: Config) -> None:
    """Every choice differs from the example's; a landmark that nobody reaches; gaps in all.

    Covariates have names that read like code, or like columns of the pipeline's own.
    """
    _first(tables, 120)
    tables["patients"][CODE] = [str(20 + k % 7) for k in range(120)]
    tables["patients"]["state"] = ["town" if k % 3 else "country" for k in range(120)]
    tables["patients"].loc[::3, ["severity", "planned_sessions", "unit_id"]] = ""
    tables["endings"].loc[::5, "ending"] = ""
    _without_observers(tables, config)
    config["clock"] = "scheduled"
    config["coding"] |= {"bridge_missed_sessions": True, "bridge_unrated_sessions": False}
    config["coding"]["primary"] = {"definition": "drop_rci", "repair_rule": "half_recovery"}
    config["dropout"] = {"definition": "no_reliable_improvement"}
    config["models"] |= {
        "link": "cloglog",
        "quadrature": 5,
        "covariates": ["population", "gender", CODE, "state"],
        "landmarks": [2, 60],
        "confidence": 0.9,
        "resampled": "therapists",
    }
    config["disclosure"] = {"threshold": 3}


def small_clinic(tables: Tables, config: Config) -> None:
    """Sixty patients of six therapists, all that the example has; stands for a real study."""
    _first(tables, 60)
    held = tables["sessions"]["therapist_id"].unique()
    six = {therapist: f"T{i % 6}" for i, therapist in enumerate(sorted(held))}
    for name in ("patients", "sessions"):
        tables[name]["therapist_id"] = tables[name]["therapist_id"].map(six)
    config["study"]["simulated"] = False
    config["models"] |= {"landmarks": [4], "covariates": []}


AWKWARD: dict[str, Callable[[Tables, Config], None]] = {
    change.__name__: change for change in (nobody_left, only_observed, other_choices, small_clinic)
}


def write_study(name: str, folder: Path) -> Path:
    """Write an awkward study into a folder and give the path of its config."""
    source = EXAMPLE.parents[1] / "data" / "example"
    package = json.loads((source / "datapackage.json").read_text(encoding="utf-8"))
    read = {"dtype": str, "keep_default_na": False}
    tables = {
        one["name"]: pd.read_csv(source / one["path"], **read) for one in package["resources"]
    }
    config = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    AWKWARD[name](tables, config)
    config["study"] |= {"name": name, "data": ".", "simulated_because": "cut from the example"}
    config["models"]["replicates"] = 100  # whether an interval comes out, not where its ends lie
    kept = [one for one in package["resources"] if one["name"] in tables]
    package["resources"] = [_written(one, tables[one["name"]], folder) for one in kept]
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder / "config.yaml"


def _written(resource: dict[str, Any], table: pd.DataFrame, folder: Path) -> dict[str, Any]:
    table.to_csv(folder / resource["path"], index=False)
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    own = {CODE: {"name": CODE, "type": "integer"}, "state": {"name": "state", "type": "string"}}
    schema = resource["schema"] | {"fields": [(own | fields)[column] for column in table]}
    return resource | {"schema": schema}


def _first(tables: Tables, patients: int) -> None:
    """Keep so many patients, with the index of each table from 0."""
    kept = tables["patients"]["patient_id"].head(patients)
    for name, table in tables.items():
        tables[name] = table[table["patient_id"].isin(kept)].reset_index(drop=True)


def _without_observers(tables: Tables, config: Config) -> None:
    for name in set(tables) - set(REQUIRED):
        del tables[name]
    del config["coding"]["definitions"]["observer"]
    del config["coding"]["repair_rules"]["observer_resolved"]
