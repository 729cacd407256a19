"""Small studies, and what goes wrong with them: cells, headers, encodings, dictionary, config."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st
from rich.console import Console

from rupture_outcome.errors import StudyError
from rupture_outcome.pages import check_page
from rupture_outcome.pipeline.checking import check_study, look_into
from rupture_outcome.pipeline.config import load

Rows = list[list[str]]
# Stands in cells only: no message may repeat it.
PLANTED = "Qx7Jw"
NAME = f"{PLANTED} Meier"

CELLS = (
    "",
    " ",
    "0",
    "1",
    "-1",
    "2",
    "7",
    "99",
    "-99",
    "1e3",
    "1e308",
    "1e400",
    "-0",
    "1,5",
    "1.5",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "NA",
    "null",
    "1000000000",
    "99999999999999999999",
    "٣",
    "½",
    "1 000",
    "0x1F",
    "True",
    "=1+1",
    "2024-01-31",
    "31.1.1978",
    "43000",
    PLANTED,
    NAME,
    f"{PLANTED}@clinic.org",
    "a\u0301",
    "\u200b",
    "\u202e1",
    "😀",
    "\\",
    "'",
    "a;b",
    '"',
    '""',
    "dropout",
    "completed",
    "withdrawal",
    "patient",
    "P01",
    "p01",
    "P01 ",
    "T1",
    "P" * 3000,
)
HEADERS = (
    "",
    " ",
    "patient_id",
    "session",
    "alliance_patient",
    "symptom",
    "severity",
    "day",
    "attended",
    "state",
    "unnamed",
    "name",
    "e_mail",
    "<b>x</b>",
    "a,b",
    "\u200bsession",
    "Session",
    "x" * 500,
    "0",
    "nan",
    "line",
    "finding",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    10**9,
    10**30,
    "",
    " ",
    "0",
    "1",
    "patient_id",
    "session",
    "alliance_patient",
    "symptom",
    "integer",
    "number",
    "string",
    "date",
    "any",
    "csv",
    "utf-8",
    "utf-16",
    "latin-1",
    "no such encoding",
    ";",
    ",",
    ";;",
    "\t",
    '"',
    "../x.csv",
    "patients.csv",
    "/dev/null",
    "http://a.b/c",
    "x" * 3000,
    "<b>",
    "drop_sd",
    "return_to_baseline",
    "observer",
    "recorded_ending",
    "attended",
    "weeks",
    "é",
    [],
    {},
    [[]],
    [None],
    [1, 5],
    [5, 1],
    ["i1"],
    {"x": 1},
    {"type": "integer"},
)
SCRAPS = (
    "\0",
    '"',
    "'",
    "\n",
    "\r\n",
    ";",
    ",",
    "\t",
    "\ufeff",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "#",
    "&a ",
    "*a",
    "é",
    "\ud7ff",
    "|",
    "%",
)
CODECS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "windows-1252", "latin-1", "cp037", "utf-7")
END = ("completed", "dropout", "agreed", "dropout", "ongoing", "completed", "dropout", "referred")


@dataclass
class Study:
    """A study before it is written; the whole of it may be changed."""

    tables: dict[str, Rows]
    package: dict[str, Any]
    config: dict[str, Any]
    bytes_of: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write it, and give the path of its config."""
        for table, rows in self.tables.items():
            text = "".join(";".join(row) + "\n" for row in rows)
            self._file(folder / f"{table}.csv", text)
        self._file(folder / "datapackage.json", json.dumps(self.package))
        self._file(folder / "config.yaml", yaml.safe_dump(self.config, allow_unicode=True))
        return folder / "config.yaml"

    def _file(self, path: Path, text: str) -> None:
        content = text.encode("utf-8", "surrogatepass")
        path.write_bytes(self.bytes_of.get(path.name, bytes)(content))


def small_study() -> Study:
    """Make eight simulated patients with every table of the contract."""
    rng = np.random.default_rng(5)
    patients: Rows = [["patient_id", "therapist_id", "gender", "severity", "planned_sessions"]]
    head = ["patient_id", "session", "day", "attended", "i1", "i2", "i3", "symptom"]
    sessions: Rows = [[*head, "psq_patient_rupture", "psq_patient_resolution"]]
    endings: Rows = [["patient_id", "last_session", "ending"]]
    ratings: Rows = [["patient_id", "session", "rater_id", "withdrawal", "confrontation"]]
    markers: Rows = [["patient_id", "session", "segment", "rater_id", "kind", "salience"]]
    for i in range(8):
        who, last = f"P{i + 1:02d}", int(rng.integers(4, 8))
        patients.append([who, f"T{i % 3 + 1}", "fm"[i % 2], str(rng.integers(5, 20)), "8"])
        endings.append([who, str(last), END[i]])
        for s in range(1, last + 1):
            held = s in (1, last) or rng.random() < 0.9
            scores = [str(one) for one in rng.integers(1, 6, 3)] if held else [""] * 3
            rupture = str(int(rng.random() < 0.3)) if held else ""
            symptom = str(rng.integers(0, 28)) if held else ""
            solved = str(int(rng.integers(1, 6))) if rupture == "1" else ""
            day = str(7 * (s - 1) + int(rng.integers(0, 3)))
            told = [*scores, symptom, rupture, solved]
            sessions.append([who, str(s), day, str(int(held)), *told])
            for rater in ("R1", "R2") if i < 4 and held else ():
                seen = [str(one) for one in rng.integers(1, 6, 2)]
                ratings.append([who, str(s), rater, *seen])
        markers.append([who, "1", "1", "R1", "withdrawal", "3"])
    tables = {
        "patients": patients,
        "sessions": sessions,
        "endings": endings,
        "ratings": ratings,
        "markers": markers,
    }
    return Study(tables, _package(tables), copy.deepcopy(CONFIG))


TEXTS = ("patient_id", "therapist_id", "gender", "ending", "rater_id", "kind")
CONFIG: dict[str, Any] = {
    "study": {"name": "small", "title": "A small study", "data": "."},
    "instruments": {
        "short": {
            "measures": "alliance_patient",
            "items": ["i1", "i2", "i3"],
            "range": [1, 5],
            "direction": 1,
            "reliability": 0.9,
        },
        "complaints": {"measures": "symptom", "range": [0, 27], "direction": -1, "cutoff": 10},
    },
    "coding": {
        "definitions": {
            "drop_sd": {"k": 1},
            "drop_rci": {},
            "psq_patient": {},
            "observer": {"threshold": 3},
            "v_shape": {},
            "sudden_loss": {},
        },
        "repair_rules": {"return_to_baseline": {"within": 3}, "psq_resolved": {}},
        "primary": {"definition": "drop_sd", "repair_rule": "return_to_baseline"},
    },
    "dropout": {"definition": "recorded_ending"},
    "models": {"covariates": ["severity"], "landmarks": [2]},
}


def _package(tables: dict[str, Rows]) -> dict[str, Any]:
    def field_of(name: str) -> dict[str, Any]:
        return {"name": name, "type": "string" if name in TEXTS else "integer"}

    return {
        "name": "small",
        "resources": [
            {
                "name": table,
                "path": f"{table}.csv",
                "dialect": {"delimiter": ";"},
                "schema": {"fields": [field_of(name) for name in rows[0]], "missingValues": [""]},
            }
            for table, rows in tables.items()
        ],
    }


def _a_row(draw: st.DrawFn, study: Study) -> tuple[Rows, int]:
    rows = study.tables[draw(st.sampled_from(sorted(study.tables)))]
    return rows, draw(st.integers(1, max(1, len(rows) - 1)))


def _cell(draw: st.DrawFn, study: Study) -> None:
    rows, at = _a_row(draw, study)
    if at < len(rows) and rows[at]:
        rows[at][draw(st.integers(0, len(rows[at]) - 1))] = draw(st.sampled_from(CELLS))


def _mild(draw: st.DrawFn, study: Study) -> None:
    """What could be so: another small number or none, a row less, a setting that is allowed."""
    rows, at = _a_row(draw, study)
    what = draw(st.sampled_from(["cell", "cell", "row", "coding"]))
    if what == "coding":
        study.config["coding"] = copy.deepcopy(CONFIG["coding"])
        study.config["coding"]["primary"] = {
            "definition": draw(st.sampled_from(sorted(CONFIG["coding"]["definitions"]))),
            "repair_rule": draw(st.sampled_from(sorted(CONFIG["coding"]["repair_rules"]))),
        }
    elif at < len(rows) and what == "row":
        del rows[at]
    elif at < len(rows) and len(rows[at]) > 3:
        rows[at][draw(st.integers(3, len(rows[at]) - 1))] = draw(st.sampled_from(["", "1", "2"]))


def _column(draw: st.DrawFn, study: Study) -> None:
    """One text in a whole column, or in every second cell."""
    rows, _ = _a_row(draw, study)
    column = draw(st.integers(0, len(rows[0]) - 1))
    text, step = draw(st.sampled_from(CELLS)), draw(st.sampled_from([1, 2]))
    for row in rows[1::step]:
        if column < len(row):
            row[column] = text


def _rows(draw: st.DrawFn, study: Study) -> None:
    rows, at = _a_row(draw, study)
    what = draw(st.sampled_from(["copy", "drop", "none", "swap", "short", "long", "one"]))
    if what == "none":
        del rows[1:]
    elif what == "one":
        del rows[2:]
    elif at < len(rows):
        if what == "copy":
            rows.append(list(rows[at]))
        elif what == "drop":
            del rows[at]
        elif what == "swap":
            rows[at] = rows[at][::-1]
        elif what == "short":
            rows[at] = rows[at][:-1]
        else:
            rows[at] = [*rows[at], draw(st.sampled_from(CELLS))]


def _header(draw: st.DrawFn, study: Study) -> None:
    """Rename a column in the file, and perhaps in the dictionary; or take it out of one."""
    table = draw(st.sampled_from(sorted(study.tables)))
    rows, name = study.tables[table], draw(st.sampled_from(HEADERS))
    at = draw(st.integers(0, len(rows[0]) - 1))
    what = draw(st.sampled_from(["file", "both", "gone", "gone from both", "undeclared"]))
    resources = study.package["resources"]
    fields = next(one for one in resources if one["name"] == table)["schema"]["fields"]
    if what in ("file", "both"):
        rows[0][at] = name
    if what == "both" and at < len(fields):
        fields[at]["name"] = name
    if what.startswith("gone"):
        for row in rows:
            del row[at : at + 1]
    if what in ("gone from both", "undeclared") and at < len(fields):
        del fields[at]


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += _places(value, (*path, key))
    return found


def _setting(draw: st.DrawFn, tree: dict[str, Any]) -> None:
    """Set, remove or add one thing anywhere in nested settings."""
    *above, key = draw(st.sampled_from(_places(tree)))
    inside: Any = tree
    for step in above:
        inside = inside[step]
    what = draw(st.sampled_from(["set", "set", "set", "remove", "add", "copy"]))
    value = copy.deepcopy(draw(st.sampled_from(VALUES)))
    if what == "remove":
        del inside[key]
    elif what == "copy" and isinstance(inside, list):
        inside.append(copy.deepcopy(inside[key]))
    elif what == "add" and isinstance(inside, dict):
        inside[draw(st.sampled_from(HEADERS))] = value
    else:
        inside[key] = value


def _dictionary(draw: st.DrawFn, study: Study) -> None:
    if _places(study.package):
        _setting(draw, study.package)


def _config(draw: st.DrawFn, study: Study) -> None:
    if _places(study.config):
        _setting(draw, study.config)


def _bytes(draw: st.DrawFn, study: Study) -> None:
    """Break a file as it is written: other encoding or delimiter, a scrap in it, cut short."""
    names = [f"{table}.csv" for table in sorted(study.tables)] + ["datapackage.json", "config.yaml"]
    file = draw(st.sampled_from(names))
    what = draw(st.sampled_from(["codec", "scrap", "cut", "delimiter", "lines", "bits"]))
    share = draw(st.floats(0, 1))
    codec, scrap = draw(st.sampled_from(CODECS)), draw(st.sampled_from(SCRAPS))

    def broken(content: bytes) -> bytes:
        at = int(share * len(content))
        if what == "codec":
            return content.decode("utf-8", "replace").encode(codec, "replace")
        if what == "scrap":
            return content[:at] + scrap.encode() + content[at:]
        if what == "cut":
            return content[:at]
        if what == "delimiter":
            return content.replace(b";", b",")
        if what == "lines":
            return content.replace(b"\n", b"\r")
        return content[:at] + bytes([200 + int(share * 55)]) + content[at + 1 :]

    study.bytes_of[file] = broken


WAYS = (
    _mild,
    _mild,
    _mild,
    _cell,
    _cell,
    _column,
    _rows,
    _header,
    _dictionary,
    _config,
    _config,
    _bytes,
)


@st.composite
def broken_studies(draw: st.DrawFn) -> Study:
    """Draw a small study of which one to three things were changed."""
    study = small_study()
    for way in draw(st.lists(st.sampled_from(WAYS), min_size=1, max_size=3)):
        if all(rows and rows[0] for rows in study.tables.values()):
            way(draw, study)
    return study


def checked(config: Path) -> str | None:
    """Do all that `check` does; give what it refuses a study with, or nothing."""
    try:
        settings = load(config)
        found = look_into(check_study(settings), settings)
    except StudyError as error:
        return str(error)
    shown = Console(file=StringIO(), width=200)
    check_page.show(found, shown)
    check_page.page(found)
    return None
