"""A small simulated clinic, and what its export would look like in several shapes."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from rupture_outcome.simulation.simulate import Study, Truth, simulate
from rupture_outcome.study.importing.build import Imported, build
from rupture_outcome.study.importing.propose import Proposal, propose
from rupture_outcome.study.importing.recognise.decision import Hints

ITEMS = [f"wai_{i:02d}" for i in range(1, 13)]


@cache
def clinic() -> Study:
    return simulate(replace(Truth(), patients=40, therapists=5), np.random.default_rng(7))


def scored() -> pd.DataFrame:
    """Sessions with the alliance as a sum of complete forms, symptoms as PHQ-9."""
    sessions = clinic().sessions
    total = sessions[ITEMS].sum(axis=1, min_count=12).astype("Int64")
    out = sessions.drop(columns=[*ITEMS, "alliance_therapist"]).assign(wai_sr=total)
    return out.rename(columns={"symptom": "phq9"})


def facts() -> pd.DataFrame:
    """One row a patient: who they are and how treatment ended."""
    return clinic().patients.merge(clinic().endings, on="patient_id")


def one_file() -> pd.DataFrame:
    return scored().merge(facts().drop(columns="therapist_id"), on="patient_id")


def wide() -> pd.DataFrame:
    held = scored()[scored()["attended"].eq(1)]
    table = held.pivot_table(index="patient_id", columns="session", values=["wai_sr", "phq9"])
    table.columns = pd.Index([f"{name}_s{session}" for name, session in table.columns])
    return facts().merge(table.reset_index(), on="patient_id")


def read(*files: Path, hints: Hints | None = None) -> Proposal:
    return propose("clinic", files, files[0].parent / "clinic", hints or Hints(), "as_they_are")


def imported(*files: Path, hints: Hints | None = None) -> Imported:
    proposal = read(*files, hints=hints)
    return build(proposal.tables, proposal.plan)


def german(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, sep=";", decimal=",", encoding="windows-1252")


def spss(frame: pd.DataFrame, path: Path) -> None:
    """With numbers as floats, as SPSS keeps them, and the codes of endings labelled."""
    table, labels = numbered(frame)
    pyreadstat.write_sav(
        table, str(path), variable_value_labels=labels, compress=path.suffix == ".zsav"
    )


def stata(frame: pd.DataFrame, path: Path) -> None:
    table, labels = numbered(frame)
    pyreadstat.write_dta(table, str(path), variable_value_labels=labels)


def numbered(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, dict[int, str]]]:
    """Write texts but identifiers as numbers with labels."""
    out, labels = frame.copy(), {}
    for name in ("ending", "gender", "format", "treatment", "population"):
        kinds = out[name].astype("category")
        out[name] = kinds.cat.codes.where(kinds.notna()).astype("float64")
        labels[name] = dict(enumerate(kinds.cat.categories))
    for name in out:
        if pd.api.types.is_numeric_dtype(out[name]):
            out[name] = out[name].astype("Float64").astype("float64")
        else:
            out[name] = out[name].astype("object").where(out[name].notna(), "")
    return out, labels


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "plain.csv": lambda frame, path: frame.to_csv(path, index=False),
    "packed.csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    "mark.csv": lambda frame, path: frame.to_csv(path, index=False, encoding="utf-8-sig"),
    "tabs.tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    "wide_letters.csv": lambda frame, path: frame.to_csv(path, index=False, encoding="utf-16"),
    "german.csv": german,
    "table.parquet": lambda frame, path: frame.to_parquet(path),
    "spss.sav": spss,
    "packed.zsav": spss,
    "stata.dta": stata,
    "book.xlsx": lambda frame, path: frame.to_excel(path, index=False),
}
