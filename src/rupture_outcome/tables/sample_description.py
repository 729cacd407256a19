"""Who was in the study: description of the patients, and its table."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import number
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.words import NAMES, name, withheld_note
from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    count_texts,
    hide_categories,
    is_small,
    is_withheld,
)

CATEGORICAL = ["population", "age_band", "gender", "format", "treatment"]
COLUMNS = ["variable", "category", "n", "percent", "mean", "sd", WITHHELD]
MISSING = "not_recorded"


def sample_description(
    patients: pd.DataFrame,
    sessions: pd.DataFrame,
    endings: pd.DataFrame,
    threshold: int,
    published: Iterable[int] = (),
) -> pd.DataFrame:
    """Describe the patients, with small categories withheld so that totals do not give them back.

    Parameters
    ----------
    patients : DataFrame
        Clean patients.
    sessions : DataFrame
        Clean or scored sessions: ``patient_id``, ``attended``.
    endings : DataFrame
        Clean endings: ``patient_id``, ``ending``.
    threshold : int
        Largest count that must not be shown.
    published : iterable of int
        Numbers of patients that are public already, from the flow. If the number of patients here
        differs from one of them by 1..threshold, all counts are withheld and shares are given in
        whole per cent.

    Returns
    -------
    DataFrame
        variable, category, n, percent, mean, sd, withheld; the first row is the number of patients.
    """
    total = len(patients)
    table = patients.merge(endings[["patient_id", "ending"]], on="patient_id", how="left")
    shown = [v for v in [*CATEGORICAL, "ending"] if v in table and table[v].notna().any()]
    rows = [{"variable": "patients", "category": "", **_count(total, total, threshold)}]
    for variable in shown:
        rows += _categories(table[variable], variable, threshold)
    per_patient = sessions.groupby("patient_id")["attended"]
    therapists = patients.groupby("therapist_id").size()
    numeric = {
        "severity": patients["severity"] if "severity" in patients else pd.Series(dtype=float),
        "sessions_attended": per_patient.apply(lambda a: int(a.eq(1).sum())),
        "sessions_missed": per_patient.apply(lambda a: int(a.eq(0).sum())),
    }
    rows += [_numeric(values, v, total, threshold) for v, values in numeric.items() if len(values)]
    rows += [_numeric(therapists, "patients_per_therapist", len(therapists), threshold)]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    near = [n for n in published if is_small(abs(n - total), threshold)]
    frame = _without_counts(frame, near[0]) if near else frame
    return frame.astype({"n": "Int64", "percent": float, "mean": float, "sd": float})


def sample_table(description: pd.DataFrame, *, threshold: int = 10, simulated: bool = False) -> str:
    """Lay out the description of the sample as HTML."""
    first, rest = description.iloc[0], description.iloc[1:]
    cells = pd.DataFrame(index=rest.index)
    cells["group"] = [name("variable", variable) for variable in rest["variable"]]
    cells["category"] = [
        _category_name(v, c)
        for v, c in zip(rest["variable"], rest["category"].astype(str), strict=True)
    ]
    cells["n"] = count_texts(rest, "n")
    cells["percent"] = [number(share) for share in rest["percent"]]
    cells["mean"] = [number(mean) for mean in rest["mean"]]
    cells["sd"] = [number(sd) for sd in rest["sd"]]
    n = count_texts(description.iloc[:1], "n")[0]
    withheld = is_withheld(description, "n").any() or pd.isna(first["n"])
    return html_table(
        cells,
        "sample_description",
        "Patients in the study",
        f"n = {n} patients.",
        labels={"category": "", "n": "n", "percent": "%", "mean": "Mean", "sd": "SD"},
        group="group",
        notes=[
            "Patients per therapist: n is the number of therapists.",
            withheld_note(threshold) if withheld else "",
        ],
        simulated=simulated,
    )


def _count(n: int, total: int, threshold: int) -> dict[str, object]:
    if is_small(n, threshold):
        return {"n": pd.NA, WITHHELD: f"n ≤{threshold}"}
    if is_small(total - n, threshold):
        return {"n": pd.NA, WITHHELD: f"n ≈{total}"}
    return {"n": n, WITHHELD: ""}


def _categories(values: pd.Series, variable: str, threshold: int) -> list[dict[str, object]]:
    counts = values.astype("string").fillna(MISSING).value_counts()
    hidden = dict(zip(counts.index, hide_categories(counts.tolist(), threshold), strict=True))
    order = list(NAMES["ending"]) if variable == "ending" else sorted(counts.index)
    listed = [c for c in order if c in counts.index] + [c for c in counts.index if c not in order]
    rows = []
    for category in sorted(listed, key=lambda c: c == MISSING):
        n, hide = int(counts[category]), hidden[category]
        row: dict[str, object] = {"variable": variable, "category": category}
        row |= {"n": pd.NA if hide else n, "percent": np.nan if hide else 100 * n / len(values)}
        rows.append(row | {WITHHELD: f"n {HIDDEN}" if hide else ""})
    return rows


def _numeric(values: pd.Series, variable: str, total: int, threshold: int) -> dict[str, object]:
    known = values.dropna().astype(float)
    row: dict[str, object] = {"variable": variable, "category": ""}
    row |= _count(len(known), total, threshold)
    if len(known) > max(threshold, 1):
        row |= {"mean": known.mean(), "sd": known.std(ddof=1)}
    return row


def _without_counts(frame: pd.DataFrame, near: int) -> pd.DataFrame:
    marks = ["n " + (f"≈{near}" if i == 0 else HIDDEN) for i in range(len(frame))]
    return frame.assign(n=np.nan, percent=frame["percent"].round(0), **{WITHHELD: marks})


def _category_name(variable: str, category: str) -> str:
    if not category or category == "nan":
        return "Patients" if variable != "patients_per_therapist" else "Therapists"
    return name("ending" if variable == "ending" else "category", category)
