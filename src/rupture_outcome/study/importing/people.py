"""What an export says about patients and endings becomes one row a patient."""

from collections.abc import Sequence

import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.contract import DTYPES, fields, names
from rupture_outcome.study.importing.contribution import Contribution
from rupture_outcome.study.pseudonyms import age_bands

# Facts that two rows of one patient may not tell differently; of others the first counts.
FIXED = ("site_id", "population", "gender", "format", "unit_id", "treatment", "severity", "intake")


def patients_and_endings(
    parts: Sequence[Contribution], sessions: pd.DataFrame, counts: dict[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Collect what all tables say about each patient.

    Parameters
    ----------
    parts : sequence of Contribution
    sessions : DataFrame
        One row a session; every patient in it gets a row. `_person` is the patient of a course.
    counts : dict
        Is told about patients without facts of their own.

    Returns
    -------
    patients, endings : DataFrame
        `intake` stays in `patients` until days are counted from it.
    """
    said = pd.concat([part.people.assign(_file=part.table.name) for part in parts])
    _stop_if_changing(said)
    first = said.groupby("patient_id", sort=False).first()
    own = [name for name in names("patients") if name in first]
    everybody = pd.Index(
        dict.fromkeys([*first.index, *sessions.get("_person", sessions["patient_id"])])
    )
    counts["patients_only_in_sessions"] = int((~everybody.isin(first.index)).sum())
    first = first.reindex(everybody)
    if "age" in first and "age_band" not in first:
        first["age_band"] = age_bands(first["age"])
        own = [name for name in names("patients") if name in first]
    patients = first[[*own, *(name for name in ("intake",) if name in first)]]
    ordered = said.sort_values("_order", kind="stable", na_position="first")
    last = ordered.groupby("patient_id", sort=False).last().reindex(everybody)
    endings = last[[name for name in names("endings") if name in last]].copy()
    if "dropout" in last:
        counts["endings_from_flag"] = int(last["dropout"].notna().sum())
        flag = last["dropout"].map({1.0: "dropout", 0.0: "completed"}).astype("str")
        given = endings["ending"] if "ending" in endings else pd.Series(pd.NA, endings.index)
        endings["ending"] = given.astype("str").where(given.notna(), flag.where(flag != "nan"))
    return _kept(patients, "patients"), _kept(endings, "endings")


def _kept(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Bring columns to the contract's kinds, `patient_id` first."""
    frame = frame.rename_axis("patient_id").reset_index()
    kinds = {name: DTYPES[field["type"]] for name, field in fields(table).items()}
    for name in frame:
        if name in kinds and not (kinds[name] != "str" and frame[name].dtype == "str"):
            frame[name] = frame[name].astype(pd.api.types.pandas_dtype(kinds[name]))
    return frame


def _stop_if_changing(said: pd.DataFrame) -> None:
    problems = []
    for name in [name for name in FIXED if name in said]:
        groups = said.groupby("patient_id")[name]
        rows = said[groups.transform("nunique") > 1]
        for file, own in rows.groupby("_file", sort=False):
            found = f"rows of one patient say different things (read as '{name}')"
            remedy = "correct them, or leave the column out (--leave-out COLUMN)"
            lines = [int(line) for line in own["_line"]]
            problems.append(Problem(str(file), found, remedy, None, lines))
    if problems:
        raise StudyError(problems)
