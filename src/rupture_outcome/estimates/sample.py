"""Who was in the study: description of the patients."""

import numpy as np
import pandas as pd

CATEGORICAL = ["population", "age_band", "gender", "format", "treatment"]
ENDINGS = ("dropout", "completed", "agreed", "referred", "administrative", "ongoing")
COLUMNS = ["variable", "category", "n", "percent", "mean", "sd", "whole"]
MISSING = "not_recorded"


def sample_description(
    patients: pd.DataFrame, sessions: pd.DataFrame, endings: pd.DataFrame
) -> pd.DataFrame:
    """Describe the patients.

    Parameters
    ----------
    patients : DataFrame
        Clean patients.
    sessions : DataFrame
        Clean or scored sessions: ``patient_id``, ``attended``.
    endings : DataFrame
        Clean endings: ``patient_id``, ``ending``.

    Returns
    -------
    DataFrame
        variable, category, n, percent, mean, sd, whole (patients that the categories of a variable
        divide); the first row is the number of patients.
    """
    table = patients.merge(endings[["patient_id", "ending"]], on="patient_id", how="left")
    shown = [v for v in [*CATEGORICAL, "ending"] if v in table and table[v].notna().any()]
    rows: list[dict[str, object]] = [{"variable": "patients", "category": "", "n": len(patients)}]
    for variable in shown:
        rows += _categories(table[variable], variable)
    per_patient = sessions.groupby("patient_id")["attended"]
    numeric = {
        "severity": patients["severity"] if "severity" in patients else pd.Series(dtype=float),
        "sessions_attended": per_patient.apply(lambda a: int(a.eq(1).sum())),
        "sessions_missed": per_patient.apply(lambda a: int(a.eq(0).sum())),
    }
    rows += [_numeric(values, variable) for variable, values in numeric.items() if len(values)]
    rows += [_numeric(patients.groupby("therapist_id").size(), "patients_per_therapist")]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS).astype({"n": "Int64", "whole": "Int64"})
    return frame.astype({"percent": float, "mean": float, "sd": float})


def _categories(values: pd.Series, variable: str) -> list[dict[str, object]]:
    counts = values.astype("string").fillna(MISSING).value_counts()
    order = list(ENDINGS) if variable == "ending" else sorted(counts.index)
    listed = [c for c in order if c in counts.index] + [c for c in counts.index if c not in order]
    return [
        {
            "variable": variable,
            "category": category,
            "n": int(counts[category]),
            "percent": 100 * int(counts[category]) / len(values),
            "whole": len(values),
        }
        for category in sorted(listed, key=lambda c: c == MISSING)
    ]


def _numeric(values: pd.Series, variable: str) -> dict[str, object]:
    known = values.dropna().astype(float)
    several = len(known) > 1
    return {
        "variable": variable,
        "category": "",
        "n": len(known),
        "mean": known.mean() if several else np.nan,
        "sd": known.std(ddof=1) if several else np.nan,
    }
