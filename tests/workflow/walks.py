"""The walks of docs/your-own-study.md: exports to walk with, and a page that is run.

``python -m tests.workflow.walks`` writes what the commands say into the page.
"""

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import pandas as pd
import pyreadstat
from typer.testing import CliRunner

from rupture_outcome.pipeline import cli
from rupture_outcome.simulation.simulate import Study, Truth, simulate

PAGE = Path(__file__).parents[2] / "docs" / "your-own-study.md"
ITEMS = [f"wai_{i:02d}" for i in range(1, 13)]
DAY_ONE = pd.Timestamp("2021-01-04")


@cache
def clinic() -> Study:
    return simulate(replace(Truth(), patients=150, therapists=12), np.random.default_rng(4))


def write_exports(folder: Path) -> None:
    """Write the files that the page begins with."""
    spreadsheet(folder / "scores.xlsx")
    spss(folder / "ambulanz.sav")
    redcap(folder / "redcap.csv", folder / "redcap_dictionary.csv")


def _scored() -> pd.DataFrame:
    sessions = clinic().sessions
    return sessions.assign(wai=sessions[ITEMS].sum(axis=1, min_count=12)).drop(columns=ITEMS)


def spreadsheet(path: Path) -> None:
    """One row a patient; alliance on a scale of the practice's own, and a remark."""
    held = _scored()[_scored()["attended"].eq(1)].copy()
    held["alliance"] = (held["wai"].astype(float) / 6).round(1)
    table = held.pivot_table(index="patient_id", columns="session", values=["alliance", "symptom"])
    names = {"alliance": "alliance", "symptom": "phq9"}
    table.columns = pd.Index([f"{names[name]}_s{session}" for name, session in table.columns])
    people = clinic().patients.merge(clinic().endings, on="patient_id")
    kept = people[["patient_id", "therapist_id", "gender", "severity", "ending"]]
    ending = kept["ending"].replace({"administrative": "funding ran out"})
    remark = "seen again in spring, " + kept["patient_id"]
    out = kept.assign(ending=ending, remark=remark).rename(columns={"patient_id": "client"})
    out.merge(table.reset_index(), left_on="client", right_on="patient_id").drop(
        columns="patient_id"
    ).to_excel(path, index=False)


def spss(path: Path) -> None:
    """One row a visit, German, with dates, labels and a code for missing answers."""
    sessions = _scored().merge(clinic().patients[["patient_id", "gender", "severity"]])
    sessions = sessions.merge(clinic().endings[["patient_id", "ending"]])
    numbers = sessions["patient_id"].str.slice(1).astype(float)
    days = pd.to_timedelta(sessions["day"].astype(float) + 3 * numbers, unit="D")
    kinds = {"dropout": 1, "completed": 2, "agreed": 3, "referred": 4, "administrative": 5}
    frame = pd.DataFrame(
        {
            "Fall": numbers,
            "Ther": sessions["therapist_id"].str.slice(1).astype(float),
            "Datum": DAY_ONE + days,
            "da": sessions["attended"].astype(float),
            "buend": sessions["wai"].astype("float64").fillna(-9),
            "phq": sessions["symptom"].astype("float64"),
            "sex": sessions["gender"].map({"female": 1.0, "male": 2.0}),
            "ende": sessions["ending"].map(kinds).astype("float64"),
        }
    )
    labels = {
        "Fall": "Fall-Nr",
        "Ther": "Therapeut",
        "Datum": "Datum der Sitzung",
        "da": "Anwesend",
        "buend": "WAI-SR, Summe",
        "phq": "PHQ-9, Summe",
        "sex": "Geschlecht",
        "ende": "Abschlussart",
    }
    ends = ["Abbruch", "regulär", "einvernehmlich", "überwiesen", "sonstiges"]
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=labels,
        variable_value_labels={
            "ende": dict(enumerate(ends, 1)),
            "sex": {1: "weiblich", 2: "männlich"},
            "da": {0: "nein", 1: "ja"},
        },
        missing_ranges={"buend": [-9]},
    )


def redcap(path: Path, dictionary: Path) -> None:
    """An intake form, a repeating form of every session, and a data dictionary."""
    ends = ["dropout", "completed", "agreed", "referred", "administrative", "ongoing"]
    people = clinic().patients.merge(clinic().endings, on="patient_id")
    intake = pd.DataFrame(
        {
            "record_id": people["patient_id"],
            "therapist_id": people["therapist_id"],
            "gender": people["gender"],
            "phq9": people["severity"],
            "reason_1___1": (people.index % 2),
            "ended": people["ending"].map({end: code for code, end in enumerate(ends, 1)}),
            "planned_sessions": people["planned_sessions"],
            "intake_complete": 2,
        }
    )
    sessions = _scored()
    forms = pd.DataFrame(
        {
            "record_id": sessions["patient_id"],
            "redcap_repeat_instrument": "session",
            "redcap_repeat_instance": sessions["session"],
            "attended": sessions["attended"],
            "phq9": sessions["symptom"],
            "wai_total": sessions["wai"],
            "psq_rupture": sessions["psq_patient_rupture"],
            "psq_resolution": sessions["psq_patient_resolution"],
            "session_complete": 2,
        }
    )
    order = [*dict.fromkeys([*forms.columns[:3], *intake, *forms])]
    pd.concat([intake, forms]).sort_values("record_id", kind="stable")[order].to_csv(
        path, index=False
    )
    rows = [
        ("record_id", "intake", "text", "Record", ""),
        (
            "ended",
            "intake",
            "radio",
            "Ending",
            " | ".join(f"{i}, {e}" for i, e in enumerate(ends, 1)),
        ),
        ("reason_1", "intake", "checkbox", "Reasons for coming", "1, Panic | 2, Low mood"),
        ("psq_rupture", "session", "yesno", "Was there a tension or problem?", ""),
    ]
    head = ["Variable / Field Name", "Form Name", "Field Type", "Field Label"]
    head.append("Choices, Calculations, OR Slider Labels")
    pd.DataFrame(rows, columns=head).to_csv(dictionary, index=False)


@dataclass(frozen=True)
class Block:
    """A fenced block of the page: commands with what they say, or lines to edit."""

    kind: str
    text: str


def walks(page: str) -> dict[str, list[Block]]:
    """Blocks of the page by the heading that they stand under."""
    found: dict[str, list[Block]] = {}
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"^```(console|diff)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        if blocks:
            found[part.partition("\n")[0]] = [Block(*one) for one in blocks]
    return found


def walked(blocks: list[Block], folder: Path, *, to_the_end: bool = False) -> Iterator[str]:
    """Do what blocks say in a folder with the exports; give each as it should read."""
    with _at_home(folder):
        for block in blocks:
            if block.kind == "diff":
                _edit(block.text)
                yield block.text
            else:
                commands = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
                yield "".join(_said(command, folder, to_the_end) for command in commands)


def _said(command: str, folder: Path, to_the_end: bool) -> str:
    line, _, shown = command.partition("\n")
    words = shlex.split(line)[1:]
    if words[0] == "run":
        if not to_the_end:
            return f"$ {command}"
        ran = CliRunner().invoke(cli.app, [*words, "--cores", "2", "--directory", str(folder)])
        assert ran.exit_code == 0, ran.output
        assert (folder / "results" / Path(words[1]).parent / "report.html").is_file()
        return f"$ {line}\n{shown}"
    ran = CliRunner().invoke(cli.app, words)
    assert ran.exit_code == 0, ran.output
    said = ran.output
    if words[0] == "check":
        said = said.partition("\n")[0] + "\n…\n"
    return f"$ {line}\n{said}"


def _edit(text: str) -> None:
    """Replace lines of the file that is named first."""
    file, *lines = text.splitlines()
    content = Path(file).read_text(encoding="utf-8")
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+")
        assert content.count(old[1:]) == 1, old
        content = re.sub(re.escape(old[1:]) + r".*", new[1:], content)
    Path(file).write_text(content, encoding="utf-8")


@contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    with chdir(folder), mock.patch.dict(os.environ, {"HOME": str(home), "XDG_CONFIG_HOME": ""}):
        yield


def rewritten(page: str, folder: Path) -> str:
    """Give the page with what its commands say now."""
    for blocks in walks(page).values():
        for block, text in zip(blocks, walked(blocks, folder), strict=True):
            page = page.replace(f"```{block.kind}\n{block.text}", f"```{block.kind}\n{text}", 1)
    return page


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        write_exports(Path(scratch))
        PAGE.write_text(
            rewritten(PAGE.read_text(encoding="utf-8"), Path(scratch)), encoding="utf-8"
        )
