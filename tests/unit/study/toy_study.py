"""A small valid study, written to a folder so that tests can break it."""

import json
from pathlib import Path
from typing import Any

import yaml

Rows = list[list[str]]

PEOPLE = ["Q71", "Q72", "Q73"]
THERAPISTS = ["HH1", "HH2"]
IDS = [*PEOPLE, *THERAPISTS, "ZZ9"]

TABLES: dict[str, Rows] = {
    "patients": [
        ["code", "therapist_id", "severity"],
        ["Q71", "HH1", "12,5"],
        ["Q72", "HH2", ""],
        ["Q73", "HH1", "8"],
    ],
    "sessions": [
        ["code", "nr", "day", "attended", "i1", "i2", "i3", "i4", "symptom"],
        ["Q71", "1", "0", "1", "3", "4", "5", "4", "10"],
        ["Q71", "2", "7", "0", "", "", "", "", ""],
        ["Q71", "3", "14", "1", "3", "", "5", "4", "-99"],
        ["Q72", "1", "3", "1", "1", "1", "", "", "12"],
        ["Q72", "2", "10", "", "2", "3", "2", "4", "11"],
        ["Q73", "1", "2", "1", "5", "5", "5", "5", "9"],
    ],
    "ratings": [
        ["code", "session", "rater_id", "withdrawal"],
        ["Q71", "1", "R1", "2"],
        ["Q71", "1", "R2", "3"],
    ],
    "endings": [
        ["code", "last_session", "ending"],
        ["Q71", "3", "done"],
        ["Q72", "2", "dropout"],
        ["Q73", "", "ongoing"],
    ],
}

TYPES = {
    "code": "string",
    "therapist_id": "string",
    "severity": "number",
    "rater_id": "string",
    "ending": "string",
}

CONFIG: dict[str, Any] = {
    "study": {"name": "toy", "data": "data"},
    "columns": {
        "patients": {"patient_id": "code"},
        "sessions": {"patient_id": "code", "session": "nr"},
        "ratings": {"patient_id": "code"},
        "endings": {"patient_id": "code"},
    },
    "values": {"endings": {"ending": {"done": "completed"}}},
    "instruments": {
        "short": {
            "measures": "alliance_patient",
            "items": ["i1", "i2", "i3", "i4"],
            "range": [1, 5],
            "direction": 1,
        },
        "symptoms": {"measures": "symptom", "range": [0, 27], "direction": -1},
    },
}


class ToyStudy:
    """Tables, dictionary and config that a test may change before they are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = json.loads(json.dumps(TABLES))
        self.config = json.loads(json.dumps(CONFIG))
        self.package = {
            "name": "toy",
            "resources": [self._resource(table) for table in TABLES],
        }

    def _resource(self, table: str) -> dict[str, Any]:
        return {
            "name": table,
            "path": f"{table}.csv",
            "dialect": {"delimiter": ";"},
            "schema": {
                "fields": [self._field(name) for name in TABLES[table][0]],
                "missingValues": ["", "-99"],
            },
        }

    @staticmethod
    def _field(name: str) -> dict[str, Any]:
        kind = TYPES.get(name, "integer")
        return {"name": name, "type": kind} | ({"decimalChar": ","} if kind == "number" else {})

    def field(self, table: str, name: str) -> dict[str, Any]:
        fields = self.resource(table)["schema"]["fields"]
        return next(field for field in fields if field["name"] == name)

    def resource(self, table: str) -> dict[str, Any]:
        return next(one for one in self.package["resources"] if one["name"] == table)

    def set(self, table: str, row: int, column: str, value: str) -> None:
        """Change a cell; `row` is the line in the file."""
        self.tables[table][row - 1][self.tables[table][0].index(column)] = value

    def rename(self, table: str, column: str, name: str) -> None:
        """Rename a column in file and dictionary."""
        self.field(table, column)["name"] = name
        self.tables[table][0][self.tables[table][0].index(column)] = name

    def drop(self, table: str, column: str, *, from_dictionary: bool = True) -> None:
        at = self.tables[table][0].index(column)
        for row in self.tables[table]:
            del row[at]
        if from_dictionary:
            fields = self.resource(table)["schema"]["fields"]
            fields.remove(self.field(table, column))

    def write(self) -> Path:
        """Write all and give the path of the config."""
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        for table, rows in self.tables.items():
            text = "".join(";".join(row) + "\n" for row in rows)
            (data / f"{table}.csv").write_text(text, encoding="utf-8")
        (data / "datapackage.json").write_text(json.dumps(self.package), encoding="utf-8")
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(self.config), encoding="utf-8")
        return config
